// Single keys for hands that do not write just now; with Alt they work from a text too.
import { kept } from "./outbox.js";

const SINGLE = "sevenstep/single-keys";
const TEXTS = "input:not([type=checkbox]), textarea, select";
const NAMES = {
  KeyA: "ask",
  KeyS: "suggestion",
  KeyN: "note",
  KeyB: "bookmark",
  KeyI: "fact",
  KeyC: "coverage",
  KeyF: "quiet",
  KeyP: "pause",
};

export function hotkeys(dialog, acts) {
  const box = document.getElementById("single-keys");
  box.checked = kept.get(SINGLE) !== "no";
  box.onchange = () => kept.set(SINGLE, box.checked ? "yes" : "no");
  document.addEventListener("keydown", (event) => {
    const { key, code, altKey, ctrlKey, metaKey, target } = event;
    if (ctrlKey || metaKey || event.isComposing || document.querySelector("dialog[open]")) return;
    const writes = target.matches(TEXTS);
    if (key === "Escape" && writes) return target.blur();
    if (!altKey && (writes || !box.checked)) return;
    const step = /^Digit([1-7])$/.exec(code)?.[1];
    // a letter is what is written on the key here; with Alt some layouts give another sign, so its place counts
    const named = altKey ? NAMES[code] : NAMES[`Key${key.toUpperCase()}`];
    if (key === "?") dialog.showModal();
    else if (step && !event.shiftKey) acts.step(Number(step));
    else if (named && !event.shiftKey) acts[named]();
    else return;
    event.preventDefault();
  });
}
