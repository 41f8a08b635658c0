// A whole form of marks from the keyboard: a digit marks the step that has the focus and goes on to the next.
const form = document.querySelector("form.marks");
const steps = [...form.querySelectorAll(".mark")].filter((step) => step.querySelector('[name^="level."]'));
const TYPES = 'input:not([type="radio"]), textarea, select';

const boxes = (step) => [...step.querySelectorAll('[name^="level."]')];
const chosen = (step) => boxes(step).find((box) => box.checked);
const focus_on = (step) => step && (chosen(step) ?? boxes(step)[0]).focus();
const is_blind = "blind" in form.dataset;

form.querySelector(".keys")?.removeAttribute("hidden");

document.addEventListener("keydown", (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey || event.target.matches(TYPES)) return;
  const value = event.key === "x" ? "none" : /^[0-4]$/.test(event.key) ? event.key : null;
  if (value === null) return;
  const step = event.target.closest?.(".mark") ?? steps.find((each) => !chosen(each));
  if (!steps.includes(step)) return;
  event.preventDefault();
  const box = boxes(step).find((each) => each.value === value);
  box.checked = true;
  box.dispatchEvent(new Event("change", { bubbles: true }));
  const next = steps[steps.indexOf(step) + 1];
  if (!is_blind) box.focus();
  else if (next) focus_on(next);
  else form.querySelector("button").focus();
});

// Where a final mark is more than a level from the scorer's, a reason is asked for before the server has to.
for (const step of steps) {
  const why = step.querySelector(".why");
  if (!why) continue;
  const machine = step.dataset.machine === "" ? null : Number(step.dataset.machine);
  const look = () => {
    const mark = Number(chosen(step)?.value);
    const far = machine !== null && Math.round(Math.abs(mark - machine) * 10) > 10;
    why.classList.toggle("needed", far);
    why.querySelector("textarea").required = far;
    why.querySelector("[data-wants]").textContent = far ? "needed: more than a level from the scorer" : "if you like";
  };
  step.addEventListener("change", look);
  look();
}

// Words outlast a page that is left by mistake; what was sent and kept needs no copy.
const key = `sevenstep/marks/${location.pathname}`;
const words = () => [...form.querySelectorAll("textarea")].filter((box) => box.value !== box.defaultValue);
try {
  const kept = JSON.parse(sessionStorage.getItem(key) ?? "{}");
  for (const box of form.querySelectorAll("textarea")) {
    if (box.value === "" && typeof kept[box.name] === "string") box.value = kept[box.name];
  }
  form.addEventListener("input", () => {
    sessionStorage.setItem(key, JSON.stringify(Object.fromEntries(words().map((box) => [box.name, box.value]))));
  });
  form.addEventListener("submit", () => sessionStorage.removeItem(key));
} catch {
  // a browser without storage keeps nothing
}
