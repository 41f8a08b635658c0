// The line to the server: comes back by itself, sends what waits.
const DEAD_AFTER = 35_000;
const ANSWER_WITHIN = 10_000;
const STEADY_AFTER = 60_000;
const LONGEST_WAIT = 5_000; // every page is back soon after the service is
const FINAL = {
  4400: "This page and the server do not understand each other. Reload the page.",
  4401: "You are not signed in any more. Reload the page.",
  4403: "This session is not yours to join.",
  4404: "This session does not exist any more.",
  4410: "The session has ended.",
};

const pause = (ms) => new Promise((done) => setTimeout(done, ms));
const locked = (name, work) =>
  navigator.locks ? navigator.locks.request(name, work) : work();

/** `cursors`: { seq, eid } by stream; `on` live(words|null, final, code), reset(), frame(f), event(f), answered(item, f). */
export class Line {
  constructor(url, cursors, outbox, on) {
    Object.assign(this, { url, cursors, outbox, on });
    this.live = false;
    this.over = false;
    this.tries = 0;
    this.waiting = new Map();
    addEventListener("online", () => this.hurry());
    document.addEventListener("visibilitychange", () => document.hidden || this.hurry());
    addEventListener("storage", (e) => e.key?.startsWith(outbox.prefix) && this.flush());
    setInterval(() => this.check(), 5_000);
    this.connect();
  }

  connect() {
    clearTimeout(this.retry);
    if (this.over || this.socket) return;
    const socket = (this.socket = new WebSocket(this.url));
    this.heard = performance.now();
    this.wait = null;
    socket.onopen = () => this.send({ t: "hello", proto: 1, cursors: this.cursors });
    socket.onmessage = (message) => {
      this.heard = performance.now();
      this.take(JSON.parse(message.data));
    };
    socket.onclose = (event) => this.lost(event.code);
  }

  lost(code) {
    if (!this.socket) return;
    this.socket.onmessage = this.socket.onclose = null;
    this.socket.close();
    this.socket = null;
    this.live = false;
    clearTimeout(this.steady);
    for (const done of this.waiting.values()) done(null);
    this.over = code in FINAL;
    this.on.live(FINAL[code] ?? "Not live: trying again", this.over, code);
    if (this.over) return;
    const longest = Math.min(LONGEST_WAIT, 500 * 2 ** this.tries++);
    this.retry = setTimeout(() => this.connect(), this.wait ?? Math.random() * longest);
  }

  /** The browser throttles timers of hidden tabs, so this also runs when one comes back. */
  check() {
    const silent = performance.now() - (this.heard ?? 0);
    if (this.socket && silent > (this.live ? DEAD_AFTER : ANSWER_WITHIN)) this.lost(0);
  }

  hurry() {
    this.check();
    if (this.live) this.ping();
    else if (!this.socket) this.connect();
  }

  send(frame) {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(frame));
  }

  ping() {
    this.send({ t: "ping", t0: performance.now() });
  }

  take(frame) {
    if (frame.t === "welcome") this.welcome(frame);
    else if (frame.t === "ev") this.event(frame);
    else if (frame.t === "ack" || frame.t === "nack") this.waiting.get(frame.cmd)?.(frame);
    else if (frame.t === "bye") this.wait = frame.retry_after_ms;
    else this.on.frame(frame);
    if (frame.t === "hb" && this.behind(frame)) setTimeout(() => this.behind(frame) && this.resume(), 2_000);
  }

  behind({ heads }) {
    return Object.entries(this.cursors).some(([stream, { seq }]) => heads?.[stream] > seq);
  }

  welcome(frame) {
    if (!frame.resumed) {
      for (const stream in this.cursors) this.cursors[stream] = { seq: 0, eid: "" };
      this.on.reset();
    }
    this.live = true;
    this.resuming = false;
    clearTimeout(this.steady);
    this.steady = setTimeout(() => (this.tries = 0), STEADY_AFTER);
    this.on.live(null, false);
    this.on.frame(frame);
    this.ping();
    this.flush();
  }

  event(frame) {
    const known = this.cursors[frame.st];
    if (!known || frame.seq <= known.seq) return;
    if (frame.seq > known.seq + 1) return this.resume();
    this.resuming = false;
    this.cursors[frame.st] = { seq: frame.seq, eid: frame.eid };
    this.on.event(frame);
  }

  resume() {
    if (this.resuming) return;
    this.resuming = true;
    setTimeout(() => (this.resuming = false), 3_000);
    this.send({ t: "resume", cursors: this.cursors });
  }

  /** In order, one at a time, by one tab at a time. */
  async flush() {
    if (this.flushing || !this.live) return;
    this.flushing = true;
    await locked(this.outbox.prefix, async () => {
      for (let item; this.live && (item = this.outbox.list()[0]); ) {
        const answer = await this.ask(item);
        if (!answer) break;
        if (answer.t === "nack" && answer.retry) {
          await pause(answer.retry_after_ms ?? 1_000);
        } else {
          this.outbox.drop(item.cmd);
          this.on.answered(item, answer);
        }
      }
    });
    this.flushing = false;
    if (this.outbox.list().length) this.flush();
  }

  ask(item) {
    this.outbox.tried(item);
    const { cmd, type, body } = item;
    return new Promise((done) => {
      const late = setTimeout(() => this.lost(0), ANSWER_WITHIN);
      this.waiting.set(cmd, (answer) => {
        clearTimeout(late);
        this.waiting.delete(cmd);
        done(answer);
      });
      this.send({ t: "cmd", cmd, type, body });
    });
  }
}
