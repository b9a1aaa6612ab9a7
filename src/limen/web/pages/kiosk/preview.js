// The camera: a preview in which everybody is blurred but those the door says take part, and small pictures for the door.

const WIDTH = 960;
const COARSE = 20;
const FRESH_MS = 1000;
const SHARE = 0.8; // of the face's box, in each direction from its middle
const AGAIN_MS = 5000;

export class Preview {
  constructor(video, canvas) {
    this.video = video;
    this.canvas = canvas;
    this.boxes = [];
    this.told_at = -Infinity;
    this.works = false;
    this.broken = false;
    this.coarse = document.createElement("canvas");
    this.sent = document.createElement("canvas");
  }

  show(boxes) {
    this.boxes = boxes;
    this.told_at = performance.now();
  }

  start(send, pace) {
    this.begin();
    const draw = () => {
      this.draw();
      requestAnimationFrame(draw);
    };
    draw();
    const next = () => {
      this.take(send);
      setTimeout(next, pace());
    };
    next();
  }

  async begin() {
    try {
      const wanted = { video: { width: { ideal: 1280 }, height: { ideal: 720 }, facingMode: "user" }, audio: false };
      const stream = await navigator.mediaDevices.getUserMedia(wanted);
      stream.getVideoTracks()[0].addEventListener("ended", () => this.failed());
      this.video.srcObject = stream;
      await this.video.play();
      this.works = true;
      this.broken = false;
    } catch {
      this.failed();
    }
  }

  failed() {
    this.works = false;
    this.broken = true;
    setTimeout(() => this.begin(), AGAIN_MS);
  }

  draw() {
    const { video, canvas, coarse } = this;
    const out = canvas.getContext("2d");
    if (!this.works || video.videoWidth === 0) {
      out.clearRect(0, 0, canvas.width, canvas.height);
      return;
    }
    const ratio = video.videoHeight / video.videoWidth;
    const [width, height] = [canvas.width, Math.round(canvas.width * ratio)];
    if (canvas.height !== height) canvas.height = height;
    coarse.width = COARSE;
    coarse.height = Math.max(1, Math.round(COARSE * ratio));
    coarse.getContext("2d").drawImage(video, 0, 0, coarse.width, coarse.height);
    out.save();
    out.translate(width, 0);
    out.scale(-1, 1); // as in a mirror
    out.imageSmoothingEnabled = true;
    out.drawImage(coarse, 0, 0, width, height);
    if (performance.now() - this.told_at < FRESH_MS) {
      out.beginPath();
      for (const [left, top, wide, high] of this.boxes) {
        const [x, y] = [(left + wide / 2) * width, (top + high / 2) * height];
        out.moveTo(x + wide * SHARE * width, y);
        out.ellipse(x, y, wide * SHARE * width, high * SHARE * height, 0, 0, 2 * Math.PI);
      }
      out.clip();
      out.drawImage(video, 0, 0, width, height);
    }
    out.restore();
  }

  take(send) {
    if (!this.works || this.video.videoWidth === 0) return;
    const scale = Math.min(1, WIDTH / this.video.videoWidth);
    this.sent.width = Math.round(this.video.videoWidth * scale);
    this.sent.height = Math.round(this.video.videoHeight * scale);
    this.sent.getContext("2d").drawImage(this.video, 0, 0, this.sent.width, this.sent.height);
    this.sent.toBlob((picture) => { if (picture !== null) send(picture); }, "image/jpeg", 0.85);
  }
}
