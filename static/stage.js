// Where fragments are put, and the log that follows the latest words.
const NEAR = 80;
const NOTICED = 10_000;
const $ = (id) => document.getElementById(id);

export class Stage {
  constructor() {
    this.log = $("log-box");
    this.ends = true; // whether the latest words are in view
    this.log.onscroll = () => this.down(false);
    new ResizeObserver(() => this.ends && this.down(true)).observe(this.log); // a notice or a long answer takes its room
    $("newer").onclick = () => this.down(true);
  }

  get is_near() {
    return this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < NEAR;
  }

  down(now) {
    if (now) this.log.scrollTop = this.log.scrollHeight;
    this.ends = now || this.is_near;
    $("newer").hidden = this.ends;
  }

  put({ target, swap, html }) {
    const place = document.querySelector(target);
    if (!place) return;
    const follow = this.is_near;
    if (swap === "append") place.insertAdjacentHTML("beforeend", html);
    else if (swap === "text") place.textContent = html;
    else this.redraw(place, html);
    if (this.log.contains(place)) this.down(follow);
    if (place.id === "notice") this.notice(place.textContent);
  }

  /** What has the focus keeps it, what was opened stays open. */
  redraw(place, html) {
    const focused = place.contains(document.activeElement) && document.activeElement.id;
    const before = new Map([...place.querySelectorAll("details")].map((one) => [one.id, one]));
    place.innerHTML = html;
    for (const now of place.querySelectorAll("details")) {
      const was = before.get(now.id);
      if (was && "now" in was.dataset === "now" in now.dataset) now.open = was.open;
    }
    if (focused) ($(focused) ?? place.querySelector("button") ?? place).focus({ preventScroll: true });
  }

  notice(words) {
    $("notice").textContent = words;
    clearTimeout(this.forget);
    this.forget = setTimeout(() => ($("notice").textContent = ""), NOTICED);
  }

  reset() {
    this.log.setAttribute("aria-live", "off");
    $("log").replaceChildren();
    setTimeout(() => this.log.removeAttribute("aria-live"), 2_000);
  }
}
