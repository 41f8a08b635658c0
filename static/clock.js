// The server's time, drawn; the machine's own date is never asked.
import { kept } from "./outbox.js";

const MARKS = [10, 5, 1];
const HIDDEN = "sevenstep/clock-hidden";

export function shown(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const two = (n) => String(n).padStart(2, "0");
  return `${two(Math.floor(seconds / 60))}:${two(seconds % 60)}`;
}

export class Clock {
  constructor(face, button, { left, spent, state }, announce) {
    Object.assign(this, { face, button, announce, state, due: null });
    this.samples = [];
    this.from = { left, spent, at: performance.now() };
    this.last = left;
    this.hide(kept.get(HIDDEN) === "yes");
    button.onclick = () => {
      this.hide(!this.hidden);
      kept.set(HIDDEN, this.hidden ? "yes" : "no");
    };
    setInterval(() => this.draw(), 250);
  }

  hide(hidden) {
    this.hidden = hidden;
    this.button.setAttribute("aria-pressed", String(hidden));
    this.draw();
  }

  /** How far the server's clock is ahead of this page's; the quickest answer of eight is believed. */
  sample(now, rtt) {
    this.samples = [...this.samples.slice(-7), { rtt, ahead: now + rtt / 2 - performance.now() }];
    this.ahead = this.samples.reduce((a, b) => (b.rtt < a.rtt ? b : a)).ahead;
  }

  take(frame) {
    if (frame.t === "pong") return this.sample(frame.now, performance.now() - frame.t0);
    if (frame.now !== undefined && this.ahead === undefined) this.sample(frame.now, 1_000);
    if (!frame.state) return;
    const { left, spent, state } = this;
    const at = performance.now();
    this.from = { left: frame.left === undefined ? left : frame.left, spent: frame.spent ?? spent, at };
    if (frame.due_at !== undefined) this.due = frame.due_at;
    else if (frame.state !== state) this.due = null;
    this.state = frame.state;
    this.draw();
  }

  get gone() {
    return this.state === "running" ? performance.now() - this.from.at : 0;
  }

  get left() {
    if (this.state === "running" && this.due !== null && this.ahead !== undefined) {
      return this.due - performance.now() - this.ahead;
    }
    return this.from.left === null ? null : this.from.left - this.gone;
  }

  get spent() {
    return this.from.spent + this.gone;
  }

  draw() {
    const left = this.left;
    const words = { paused: "Paused", ended: "Over" }[this.state];
    const text = words ?? (this.hidden ? "Hidden" : shown(left ?? this.spent));
    if (this.face.textContent !== text) this.face.textContent = text;
    this.face.toggleAttribute("data-short", !words && left !== null && left < 300_000);
    if (this.state === "running" && left !== null) this.mark(left);
  }

  mark(left) {
    const passed = MARKS.filter((m) => this.last > m * 60_000 && left <= m * 60_000).at(-1);
    if (passed) this.announce(`${passed} ${passed === 1 ? "minute" : "minutes"} left.`);
    this.last = left;
  }
}
