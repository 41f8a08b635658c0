// Seven parts of one document; each saves itself a moment after the last key.
import { kept } from "./outbox.js";

const MOMENT = 1_500;

export class Paper {
  constructor(root, words, session, line, outbox) {
    Object.assign(this, { words, line, outbox, prefix: `sevenstep/${session}/doc/` });
    this.parts = new Map();
    this.mine = new Set();
    for (const box of root.querySelectorAll("textarea[data-section]")) this.add(box);
    this.show();
  }

  add(box) {
    const part = { box, base: Number(box.dataset.base), saved: box.value };
    this.parts.set(box.dataset.section, part);
    box.addEventListener("input", () => {
      kept.set(this.prefix + box.dataset.section, box.value);
      clearTimeout(part.timer);
      part.timer = setTimeout(() => this.save(part), MOMENT);
      this.show();
    });
    box.addEventListener("blur", () => this.save(part));
    const unsaved = kept.get(this.prefix + box.dataset.section);
    if (unsaved !== null) box.value = unsaved;
  }

  open(open) {
    for (const { box } of this.parts.values()) box.readOnly = !open;
  }

  /** Also what an earlier visit could not save. */
  save_all() {
    for (const part of this.parts.values()) this.save(part);
  }

  save(part) {
    clearTimeout(part.timer);
    const { section } = part.box.dataset;
    const text = part.box.value;
    const waiting = this.outbox.list("document").filter((item) => item.body.section === section);
    if (text === (waiting.at(-1)?.body.text ?? part.saved)) return;
    for (const item of waiting) if (!item.tried) this.outbox.drop(item.cmd);
    this.problem = "";
    this.mine.add(this.outbox.put("document", { section, text, base: part.base }).cmd);
    this.line().flush();
    this.show();
  }

  answered({ cmd, body }, answer) {
    if (answer.t === "nack") this.problem = answer.message;
    else this.event({ cmd, seq: answer.seq, body });
    this.show();
  }

  /** A save as told by its answer or by the line, whichever is first; another tab may have made it. */
  event({ cmd, seq, body }) {
    const part = this.parts.get(body.section);
    if (!part || seq <= part.base) return;
    if (!this.mine.delete(cmd) && part.box.value === part.saved) part.box.value = body.text;
    part.base = Math.max(part.base, seq ?? 0);
    part.saved = body.text;
    if (part.box.value === body.text) kept.drop(this.prefix + body.section);
    this.show();
  }

  show() {
    const dirty = [...this.parts.values()].some((part) => part.box.value !== part.saved);
    const saving = this.line()?.live ? "Saving" : "Kept here until connected";
    const words = this.problem || (dirty ? saving : "Saved");
    if (this.words.textContent !== words) this.words.textContent = words;
    this.words.dataset.saved = dirty ? "no" : "yes";
  }
}
