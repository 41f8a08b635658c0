// Holds every word until the server has acknowledged it.
import { kept } from "./outbox.js";

const AGAIN = 5_000;
const QUIET = 20_000;

export class Composer {
  constructor(form, session, line, outbox, type = "say") {
    Object.assign(this, { form, line, outbox, type, more: {}, key: `sevenstep/${session}/draft` });
    this.box = form.querySelector("textarea");
    this.words = form.querySelector("#sending");
    this.waiting = new Set();
    this.box.value = kept.get(this.key) ?? "";
    this.box.addEventListener("input", () => this.changed());
    this.box.addEventListener("keydown", (event) => this.key_down(event));
    this.box.addEventListener("blur", () => (this.quiet = setTimeout(() => this.typing(false), QUIET)));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit();
    });
    addEventListener("storage", (event) => this.elsewhere(event));
    this.show();
  }

  key_down(event) {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    this.submit();
  }

  /** What no waiting command holds yet. An edited text that never left is taken back. */
  get rest() {
    let rest = this.box.value.trim();
    for (const item of this.outbox.list(this.type)) {
      if (item.aside) continue;
      this.waiting.add(item.cmd);
      if (rest.startsWith(item.body.text)) rest = rest.slice(item.body.text.length).trimStart();
      else if (!item.tried) this.outbox.drop(item.cmd);
    }
    return rest;
  }

  changed() {
    kept.set(this.key, this.box.value);
    this.problem = "";
    this.typing(this.rest !== "");
    this.show();
  }

  submit() {
    const text = this.rest;
    if (!text || !this.open) return;
    this.outbox.put(this.type, { text, ...this.more });
    this.sent?.();
    this.typing(false);
    this.line().flush();
    this.show();
  }

  typing(on) {
    clearTimeout(this.quiet);
    const now = performance.now();
    if (on === Boolean(this.said_typing) && (!on || now - this.said_typing < AGAIN)) return;
    this.said_typing = on ? now : 0;
    this.line().send({ t: "typing", on });
  }

  answered(item, answer) {
    if (answer.t === "nack") this.problem = answer.message;
    else this.arrived(item.cmd, item.body.text);
    this.show();
  }

  /** Told by the answer, or by the turn itself where another tab had sent it: once. */
  arrived(cmd, text) {
    const { value, selectionStart: caret } = this.box;
    const whole = value.trimStart();
    if (!this.waiting.delete(cmd) || !whole.startsWith(text)) return;
    this.box.value = whole.slice(text.length).trimStart();
    const cut = value.length - this.box.value.length;
    this.box.setSelectionRange(Math.max(caret - cut, 0), Math.max(caret - cut, 0));
    if (kept.get(this.key) === value) kept.set(this.key, this.box.value);
    this.show();
  }

  /** Another tab has written. What is kept now counts: the event may be older than our own last key. */
  elsewhere(event) {
    const now = kept.get(this.key) ?? "";
    if (event.key !== this.key || now === this.box.value) return;
    this.box.value = now;
    this.show();
  }

  show() {
    const waits = this.rest !== this.box.value.trim();
    clearTimeout(this.slow);
    if (waits && this.line()?.live) {
      this.slow = setTimeout(() => (this.words.textContent = "Sending"), 1_000);
    }
    if (waits && !this.line()?.live) this.say("Kept here; it goes out by itself once the line is back.");
    else this.say(this.problem ?? "");
    this.form.toggleAttribute("data-waits", waits);
  }

  say(words) {
    if (this.words.textContent !== words) this.words.textContent = words;
  }
}
