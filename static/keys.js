// Keys for hands that stay on the keyboard, and tabs where the columns do not fit.
import { kept } from "./outbox.js";

const QUESTION_KEY = "sevenstep/question-key";
const TYPES = "input, textarea, select";

export function keys(dialog, fold) {
  const box = dialog.querySelector("#question-key");
  box.checked = kept.get(QUESTION_KEY) !== "no";
  box.onchange = () => kept.set(QUESTION_KEY, box.checked ? "yes" : "no");
  const go = (id) => {
    const target = document.getElementById(id);
    show(target?.closest(".column").id);
    target?.focus();
  };
  document.addEventListener("keydown", (event) => {
    const plain = !event.altKey && !event.ctrlKey && !event.metaKey;
    if (plain && event.key === "?" && box.checked && !event.target.matches(TYPES)) {
      dialog.showModal();
    } else if (event.altKey && !event.ctrlKey && !event.metaKey && !dialog.open) {
      const part = /^Digit([1-7])$/.exec(event.code)?.[1];
      if (part) go(document.querySelectorAll("[data-section]")[part - 1]?.id);
      else if (event.code === "KeyW") go("say");
      else if (event.code === "KeyL") go("log-box");
      else if (event.code === "KeyQ") fold();
      else return;
      event.preventDefault();
    }
  });
}

/** On a narrow screen, one part at a time. */
export function show(id) {
  for (const tab of document.querySelectorAll("[role=tab]")) {
    const chosen = tab.getAttribute("aria-controls") === id;
    tab.setAttribute("aria-selected", String(chosen));
    tab.tabIndex = chosen ? 0 : -1;
  }
  document.getElementById("room").dataset.tab = id;
}

export function tabs(narrow) {
  const all = [...document.querySelectorAll("[role=tab]")];
  all.forEach((tab, at) => {
    tab.onclick = () => show(tab.getAttribute("aria-controls"));
    tab.onkeydown = ({ key }) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[key];
      if (!step) return;
      const next = all.at((at + step) % all.length);
      next.click();
      next.focus();
    };
  });
  const roles = () => {
    for (const tab of all) {
      const panel = document.getElementById(tab.getAttribute("aria-controls"));
      if (narrow.matches) panel.setAttribute("role", "tabpanel");
      else panel.removeAttribute("role");
    }
  };
  narrow.addEventListener("change", roles);
  roles();
  show("talk");
}
