// Quiet minutes, counted down by the server's clock.
import { shown } from "./clock.js";

export function count_down(clock) {
  setInterval(() => {
    const quiet = document.querySelector("[data-until]");
    if (!quiet || clock.ahead === undefined) return;
    const left = Number(quiet.dataset.until) - performance.now() - clock.ahead;
    if (left <= 0) quiet.remove();
    else quiet.querySelector(".at").textContent = shown(left);
  }, 1_000);
}
