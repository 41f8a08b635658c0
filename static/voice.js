// The interviewer's turn while it is being said: greyed, at the end, until the turn itself takes its place.
export class Voice {
  constructor(list) {
    this.list = list;
    this.form = document.getElementById("draft-turn");
  }

  /** What is said so far; an empty text takes it back. Screen readers hear the turn, once it is whole. */
  show(said) {
    if (!said?.text || !this.form) return this.clear();
    if (!this.item) {
      this.item = this.form.content.firstElementChild.cloneNode(true);
      this.item.removeAttribute("id");
      this.item.classList.add("draft");
      this.item.setAttribute("aria-hidden", "true");
      this.item.querySelector(".at").textContent = "";
    }
    if (!this.item.isConnected) this.list.append(this.item);
    this.item.querySelector(".words").textContent = said.text;
  }

  clear() {
    this.item?.remove();
    this.item = null;
  }
}
