// The connection to the door. It comes back by itself, and sends fewer pictures when the service sheds them.

const FAST_MS = 200;
const SLOW_MS = 500;
const MOST_WAITING = 300_000;
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 8000;
const SILENT_MS = 5000;
const SHED_SHARE = 0.5;
const LEAST_FRAMES = 10;
const REVOKED = 4401;
const REPLACED = 4409;

export class Line {
  constructor(address, { told, lost }) {
    this.address = new URL(address, window.location.href);
    this.address.protocol = this.address.protocol.replace("http", "ws");
    this.told = told;
    this.lost = lost;
    this.wait_ms = FIRST_WAIT_MS;
    this.pace = FAST_MS;
    this.version = null;
    this.counted = { frames: 0, shed: 0 };
    this.busy = false;
    window.addEventListener("online", () => this.open());
  }

  open() {
    if (this.socket !== undefined && this.socket.readyState <= WebSocket.OPEN) return;
    const socket = new WebSocket(this.address);
    this.socket = socket;
    this.heard_at = performance.now();
    this.counted = { frames: 0, shed: 0 };
    socket.addEventListener("message", (event) => this.heard(JSON.parse(event.data)));
    socket.addEventListener("close", (event) => this.closed(socket, event.code));
    clearInterval(this.watch);
    this.watch = setInterval(() => this.listen(socket), 1000);
  }

  send(picture) {
    if (this.socket?.readyState === WebSocket.OPEN && this.socket.bufferedAmount < MOST_WAITING) this.socket.send(picture);
  }

  say(message) {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message));
  }

  heard(message) {
    this.heard_at = performance.now();
    if (message.type === "hello") {
      this.wait_ms = FIRST_WAIT_MS;
      if (this.version !== null && this.version !== message.version) window.location.reload(); // a newer page is there
      this.version = message.version;
    } else if (message.type === "now") {
      this.adapt(message);
      this.told({ ...message, busy: this.busy });
    }
  }

  adapt({ frames, shed }) {
    const came = frames - this.counted.frames;
    if (came < LEAST_FRAMES) return;
    this.busy = (shed - this.counted.shed) / came > SHED_SHARE;
    this.pace = this.busy ? SLOW_MS : FAST_MS;
    this.counted = { frames, shed };
  }

  listen(socket) {
    // A network that is gone does not close the connection; silence does.
    if (performance.now() - this.heard_at > SILENT_MS) {
      this.closed(socket, 0);
      socket.close();
    }
  }

  closed(socket, code) {
    if (socket !== this.socket) return;
    this.socket = undefined;
    clearInterval(this.watch);
    if (code === REPLACED) {
      this.lost("replaced"); // the other device has the door; a touch brings it back here
      window.addEventListener("pointerdown", () => this.open(), { once: true });
      return;
    }
    if (code === REVOKED) {
      this.lost("unpaired");
      setTimeout(() => window.location.reload(), LONGEST_WAIT_MS);
      return;
    }
    this.lost("offline");
    setTimeout(() => this.open(), this.wait_ms * (0.75 + Math.random() / 2));
    this.wait_ms = Math.min(LONGEST_WAIT_MS, 2 * this.wait_ms);
  }
}
