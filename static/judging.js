// Keeps the page of a second opinion fresh. Without this the page loads itself again.
const EVERY = 1000;
const shown = document.querySelector("[data-progress]");
const status = document.querySelector("p[data-status]");
const lost = document.querySelector("[data-lost]");
const cancel = document.querySelector("[data-cancel]");

async function look() {
  try {
    const answer = await fetch(shown.dataset.progress, { signal: AbortSignal.timeout(10_000) });
    if (answer.status === 404) return location.reload();
    if (!answer.ok) throw new Error();
    draw(new DOMParser().parseFromString(await answer.text(), "text/html").body.firstElementChild);
    lost.hidden = true;
  } catch {
    lost.hidden = false;
  }
  if (cancel.isConnected) setTimeout(look, document.hidden ? 5 * EVERY : EVERY);
}

function draw(progress) {
  if (!progress) throw new Error();
  if (progress.outerHTML !== shown.innerHTML.trim()) shown.replaceChildren(progress);
  const said = progress.dataset.status;
  if (status.textContent !== said) status.textContent = said;
  if (!("finished" in progress.dataset)) return;
  const was = cancel.contains(document.activeElement);
  cancel.remove();
  if (was) document.getElementById("title").focus();
}

if (shown && cancel) setTimeout(look, EVERY);
