/* Takes a few good pictures of one person. Frames go to the server one at a time, to be judged and dropped there; those
   it calls good are kept here, in memory, until they are used or thrown away. */

const PAUSE_MS = 250;
const APART_MS = 700;
const WIDTH = 640;
const WANTED = 3;

const wait = (ms) => new Promise((done) => setTimeout(done, ms));

export function base64(blob) {
  return new Promise((done, failed) => {
    const reader = new FileReader();
    reader.onload = () => done(reader.result.split(",", 2)[1]);
    reader.onerror = () => failed(reader.error);
    reader.readAsDataURL(blob);
  });
}

async function frameOf(video) {
  const canvas = document.createElement("canvas");
  canvas.width = Math.min(WIDTH, video.videoWidth);
  canvas.height = Math.round(canvas.width * video.videoHeight / video.videoWidth);
  canvas.getContext("2d").drawImage(video, 0, 0, canvas.width, canvas.height);
  return new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.92));
}

/* root: the element of capture.html. look: Base64 of a frame -> {hint, good}. use: Base64 of the pictures -> nothing. */
export class Capture {
  constructor(root, { look, use, failed }) {
    this.root = root;
    this.look = look;
    this.use = use;
    this.failed = failed;
    this.words = JSON.parse(root.dataset.words);
    this.video = root.querySelector("video");
    this.stage = root.querySelector(".stage");
    this.guide = root.querySelector(".guide");
    this.bar = root.querySelector(".taken");
    this.strip = root.querySelector(".strip");
    this.buttons = Object.fromEntries(["begin", "again", "use"].map((name) => [name, root.querySelector(`.${name}`)]));
    this.buttons.begin.addEventListener("click", () => this.begin());
    this.buttons.again.addEventListener("click", () => this.begin());
    this.buttons.use.addEventListener("click", () => this.finish());
    this.taken = [];
    this.running = false;
  }

  async begin() {
    this.drop();
    this.say("starting");
    this.show({ begin: false, again: false, use: false });
    try {
      const wanted = { facingMode: "user", width: { ideal: 1280 }, height: { ideal: 720 } };
      this.stream = await navigator.mediaDevices.getUserMedia({ video: wanted, audio: false });
    } catch {
      this.say("no_camera");
      this.show({ begin: true, again: false, use: false });
      return;
    }
    this.video.srcObject = this.stream;
    this.stage.hidden = false;
    this.bar.hidden = false;
    await this.video.play();
    this.running = true;
    try {
      await this.watch();
    } catch (problem) {
      this.stop();
      this.say("starting_again");
      this.show({ begin: true, again: false, use: false });
      this.failed(problem);
    }
  }

  async watch() {
    let last = 0;
    while (this.running && this.taken.length < WANTED) {
      const picture = await base64(await frameOf(this.video));
      const seen = await this.look(picture);
      if (!this.running) return;
      this.stage.classList.toggle("good", seen.good);
      this.say(seen.hint);
      if (seen.good && performance.now() - last >= APART_MS) {
        last = performance.now();
        this.keep(picture);
      }
      await wait(PAUSE_MS);
    }
    this.stop();
    this.say("taken");
    this.show({ begin: false, again: true, use: true });
    this.buttons.use.focus();
  }

  keep(picture) {
    this.taken.push(picture);
    this.bar.value = this.taken.length;
    const shown = document.createElement("img");
    shown.src = `data:image/jpeg;base64,${picture}`;
    shown.alt = "";
    this.strip.append(shown);
  }

  async finish() {
    this.show({ begin: false, again: false, use: false });
    this.say("making");
    try {
      await this.use([...this.taken]);
      this.drop();
      this.say("nothing");
    } catch (problem) {
      this.say("starting_again");
      this.show({ begin: false, again: true, use: false });
      this.failed(problem);
    }
  }

  stop() {
    this.running = false;
    this.stage.hidden = true;
    this.stream?.getTracks().forEach((track) => track.stop());
    this.stream = null;
    this.video.srcObject = null;
  }

  drop() {
    this.taken = [];
    this.bar.value = 0;
    this.strip.replaceChildren();
  }

  say(hint) {
    const words = this.words[hint] ?? "";
    if (this.guide.textContent !== words) this.guide.textContent = words;
  }

  show(which) {
    for (const [name, shown] of Object.entries(which)) this.buttons[name].hidden = !shown;
  }
}
