// The bank's pages do all they do without this: keys in the list, checks while one writes, a word before leaving.
const text = document.querySelector("textarea[data-check]");
const proof = document.getElementById("proof");
const PAUSE = 700;

const writes = (target) => target.matches("input, textarea, select, [contenteditable]");

function step(by) {
  const lines = [...document.querySelectorAll("[data-list] a.line")];
  const now = lines.indexOf(document.activeElement);
  lines[Math.max(0, Math.min(lines.length - 1, now + by))]?.focus();
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || writes(event.target)) return;
  const search = document.getElementById("text");
  if (event.key === "/" && search?.type === "search") {
    event.preventDefault();
    search.focus();
  } else if (event.key === "j") step(1);
  else if (event.key === "k") step(-1);
});

if (text && proof) {
  let waiting = 0;
  let asked = null;

  const check = async () => {
    asked?.abort();
    asked = new AbortController();
    const body = new URLSearchParams({ text: text.value });
    try {
      const answer = await fetch(text.dataset.check, { method: "POST", body, signal: asked.signal });
      if (answer.ok) proof.innerHTML = await answer.text();
    } catch {
      // the next pause asks again
    }
  };

  text.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(check, PAUSE);
  });

  proof.addEventListener("click", (event) => {
    const line = Number(event.target.closest("[data-line]")?.dataset.line);
    if (!line) return;
    event.preventDefault();
    const lines = text.value.split("\n");
    const from = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0);
    text.focus();
    text.setSelectionRange(from, from + (lines[line - 1] ?? "").length);
    text.scrollTop = (text.scrollHeight / lines.length) * Math.max(0, line - 8);
  });
}

for (const form of document.querySelectorAll("form[data-unsaved]")) {
  let changed = form.dataset.unsaved === "yes";
  const steps = document.querySelectorAll(".review button:not([hidden])");
  const note = () => {
    for (const step of steps) step.disabled = changed;
    for (const step of steps) step.title = changed ? "Save your changes first" : "";
  };
  note();
  form.addEventListener("input", () => {
    changed = true;
    note();
  });
  form.addEventListener("submit", (event) => {
    if (event.submitter?.formTarget !== "_blank") changed = false;
  });
  addEventListener("beforeunload", (event) => changed && event.preventDefault());
}
