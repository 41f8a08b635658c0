// A meeting's captions, pasted: they stay on the page until the server has taken them.
import { uuid } from "./outbox.js";

export function captions(form, session) {
  const box = form.querySelector("textarea");
  const words = form.querySelector("[role=status]");
  let once = uuid();
  box.oninput = () => (once = uuid());
  form.onsubmit = async (event) => {
    event.preventDefault();
    const text = box.value.trim();
    if (!text) return;
    words.textContent = "Sending";
    const body = new URLSearchParams({ text, once });
    const answer = await fetch(`/live/${session}/captions`, { method: "POST", body }).catch(() => null);
    const said = await answer?.json().catch(() => null);
    if (!answer?.ok) {
      words.textContent = said?.problem ?? "That did not arrive; try again.";
      return;
    }
    words.textContent = `${said.taken} ${said.taken === 1 ? "turn" : "turns"} taken in.`;
    box.value = "";
    once = uuid();
  };
}
