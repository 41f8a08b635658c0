// Who waits, who is in, and the links: kept fresh, and changed without leaving the page. Without it the forms work too.
const EVERY = 3000;
const SELDOM = 15_000; // while it is not in sight: somebody at the door can wait for so long

async function part(address, options) {
  const answer = await fetch(address, { redirect: "follow", ...options });
  if (!answer.ok) throw new Error(String(answer.status));
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}

function begin(lobby) {
  const base = lobby.dataset.lobby;
  const people = lobby.querySelector("#lobby-people");
  const made = lobby.querySelector("#made");
  let timer;
  lobby.tabIndex = -1;

  function draw(fresh) {
    const next = fresh.querySelector("[data-waiting]");
    if (!next) return;
    const waiting = Number(next.dataset.waiting);
    for (const place of document.querySelectorAll("[data-waiting-count]")) {
      const said = waiting ? `${waiting} at the door` : "";
      if (place.textContent !== said) place.textContent = said;
    }
    if (people.firstElementChild?.outerHTML === next.outerHTML) return;
    const focused = people.contains(document.activeElement) ? document.activeElement.id : "";
    people.replaceChildren(next);
    if (focused) (document.getElementById(focused) ?? lobby).focus();
  }

  async function look() {
    clearTimeout(timer);
    try {
      draw(await part(`${base}/lobby?part=1`));
    } catch {
      // the next look may work again; what is shown stays
    }
    const inSight = !document.hidden && lobby.checkVisibility();
    if (lobby.isConnected) timer = setTimeout(look, inSight ? EVERY : SELDOM);
  }

  lobby.addEventListener("submit", async (event) => {
    const form = event.target;
    event.preventDefault();
    const body = new URLSearchParams(new FormData(form, event.submitter));
    try {
      const answer = await part(form.action, { method: "POST", body });
      if ("makes" in form.dataset) {
        made.replaceChildren(answer.getElementById("made-link"));
        offerCopies(made);
        made.firstElementChild.focus();
      }
    } catch {
      made.textContent = "That did not work. Try again in a moment.";
    }
    look();
  });
  timer = setTimeout(look, EVERY);
}

function offerCopies(within) {
  for (const button of within.querySelectorAll("[data-copy]")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      const field = document.getElementById(button.dataset.copy);
      field.select();
      try {
        await navigator.clipboard.writeText(field.value);
        button.textContent = "Copied";
      } catch {
        button.textContent = "Press Ctrl+C";
      }
    });
  }
}

// The page of somebody who waits: it goes on once they are let in, or sent away.
async function wait(shown) {
  try {
    const answer = await fetch(`${shown.dataset.waitingFor}/waiting`);
    if (answer.ok ? (await answer.json()).state !== "waiting" : answer.status === 404) {
      location.assign(shown.dataset.waitingFor);
      return;
    }
  } catch {
    // offline for a moment: asked again
  }
  setTimeout(wait, document.hidden ? 2 * EVERY : EVERY, shown);
}

for (const lobby of document.querySelectorAll("[data-lobby]")) begin(lobby);
offerCopies(document);
const shown = document.getElementById("waiting");
if (shown) setTimeout(wait, EVERY, shown);
