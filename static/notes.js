// Private notes: kept under the moment at which they were begun, and on this page until the server has them.
import { kept, uuid } from "./outbox.js";

const LONGEST_QUOTE = 90;

export class Notes {
  constructor(form, session, clock, send) {
    Object.assign(this, { form, clock, send, key: `sevenstep/${session}/note` });
    this.box = form.querySelector("textarea");
    this.words = form.querySelector("[role=status]");
    this.leave = document.getElementById("note-leave");
    this.box.value = kept.get(this.key) ?? "";
    this.box.oninput = () => {
      this.at ??= this.clock.spent;
      kept.set(this.key, this.box.value);
    };
    this.box.onkeydown = (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.keep();
    };
    form.onsubmit = (event) => {
      event.preventDefault();
      this.keep();
    };
    this.leave.onclick = () => this.clear();
  }

  keep() {
    const text = this.box.value.trim();
    if (!text && !this.editing) return;
    const at_ms = Math.max(0, Math.round(this.at ?? this.clock.spent));
    this.send("note", { note: this.editing ?? uuid(), text, at_ms });
    this.clear();
  }

  /** An empty text takes the note back. */
  edit({ dataset }) {
    if (this.editing === dataset.note) return this.box.focus();
    const text = this.box.value.trim();
    if (text && text !== this.before) this.keep(); // what was begun is not lost
    this.editing = dataset.note;
    this.before = dataset.text.trim();
    this.box.value = dataset.text;
    this.leave.hidden = false;
    this.words.textContent = "Empty it to take the note back.";
    this.box.focus();
  }

  clear() {
    this.editing = this.before = this.at = undefined;
    this.box.value = "";
    kept.drop(this.key);
    this.leave.hidden = true;
    this.words.textContent = "";
  }

  /** This moment, by what was said last. */
  bookmark() {
    const said = [...document.querySelectorAll("#log .turn:not(.draft) .words")].at(-1);
    const words = said?.textContent.trim() ?? "";
    const tail = words.length > LONGEST_QUOTE ? `… ${words.slice(-LONGEST_QUOTE).replace(/^\S*\s/, "")}` : words;
    const text = tail ? `“${tail}”` : "This moment";
    this.send("note", { note: uuid(), text, at_ms: Math.round(this.clock.spent), bookmark: true });
    this.words.textContent = "Bookmarked.";
  }

  answered({ body }, answer) {
    if (answer.t !== "nack") return;
    this.words.textContent = answer.message;
    if (!this.box.value) this.box.value = body.text;
  }
}
