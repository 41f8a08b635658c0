// The room, wired: what comes over the line is put where it belongs, what is done goes out.
import { Clock } from "./clock.js";
import { Composer } from "./composer.js";
import { Paper } from "./document.js";
import { keys, tabs } from "./keys.js";
import { kept, Outbox } from "./outbox.js";
import { Voice } from "./voice.js";
import { Line } from "./ws.js";

const GRACE = 60_000;
const NEAR = 80;
const NOTICED = 10_000;
const $ = (id) => document.getElementById(id);
const room = $("room");
const OVER = $("ended-words").textContent;
const { session, seq, eid, state, left, spent, grace: still } = room.dataset;
const outbox = new Outbox(session);
const log = $("log-box");
let line;
let grace = performance.now() + Number(still); // a late turn may be sent until then

const say = (words) => ($("announce").textContent = words);
const number = (text) => (text === "" ? null : Number(text));
const clock = new Clock(
  $("clock"),
  $("hide-clock"),
  { left: number(left), spent: Number(spent), state },
  say,
);
const composer = new Composer($("composer"), session, () => line, outbox);
const voice = new Voice($("log"));
const paper = new Paper($("document"), $("saved"), session, () => line, outbox);

function show_state(now) {
  const before = room.dataset.state;
  room.dataset.state = now;
  for (const part of document.querySelectorAll("[data-when]")) {
    part.hidden = !part.dataset.when.split(" ").includes(now);
  }
  composer.open = now === "running";
  paper.open(now === "running" || now === "paused");
  if (now !== "running") $("doing").textContent = "";
  if (now === "ended") over(before !== "ended");
  $("send").disabled = !composer.open;
  if (now === "running" && before === "draft") $("say").focus();
  if (now !== before) down(true);
}

/** A turn that was being written when the time ran out may still go, for a minute. */
function over(just_now) {
  if (just_now && composer.rest) {
    grace = performance.now() + GRACE;
    say("Time is up. You may still send what you were writing.");
  }
  const ms = grace - performance.now();
  composer.open = ms > 0;
  paper.open(composer.open);
  $("composer").hidden = !composer.open && !outbox.list("say").length && !composer.rest;
  $("ended-words").textContent = composer.open
    ? "Time is up. What you were writing may still be sent for a minute; it will be marked late."
    : OVER;
  if (composer.open) setTimeout(() => show_state("ended"), ms);
}
const is_near = () => log.scrollHeight - log.scrollTop - log.clientHeight < NEAR;

let ends = true; // whether the latest words are in view
function down(now) {
  if (now) log.scrollTop = log.scrollHeight;
  ends = now || is_near();
  $("newer").hidden = now || is_near();
}

function put({ target, swap, html }) {
  const place = document.querySelector(target);
  if (!place) return;
  const follow = is_near();
  if (swap === "append") place.insertAdjacentHTML("beforeend", html);
  else if (swap === "text") place.textContent = html;
  else {
    const focused = place.contains(document.activeElement) && document.activeElement.id;
    place.innerHTML = html;
    if (focused) $(focused)?.focus();
  }
  if (log.contains(place)) down(follow);
  if (place.id === "notice") notice(place.textContent);
}

function notice(words) {
  $("notice").textContent = words;
  clearTimeout(forget);
  forget = setTimeout(() => ($("notice").textContent = ""), NOTICED);
}
let forget;

function take(frame) {
  clock.take(frame);
  if (frame.state && frame.state !== room.dataset.state) show_state(frame.state);
  for (const fragment of frame.html ?? []) put(fragment);
  if (frame.t === "draft" || frame.t === "welcome") draft(frame.t === "draft" ? frame : frame.draft);
}

function draft(said) {
  const follow = is_near();
  voice.show(said);
  if (said?.text) down(follow);
}

function answered(item, answer) {
  if (item.type === "say") composer.answered(item, answer);
  else if (item.type === "document") paper.answered(item, answer);
  else if (answer.t === "nack") notice(answer.message);
  else if (item.type === "finish") location.assign(`/sessions/${session}/predict`);
  if (item.type === "say" && room.dataset.state === "ended") {
    grace = 0;
    show_state("ended");
  }
}

function live(problem, final) {
  const link = $("link");
  link.textContent = problem ?? "Live";
  link.dataset.link = problem ? (final ? "over" : "trying") : "live";
  composer.show();
  paper.show();
  if (!problem) paper.save_all();
}

function reset() {
  log.setAttribute("aria-live", "off");
  $("log").replaceChildren();
  setTimeout(() => log.removeAttribute("aria-live"), 2_000);
}

function event(frame) {
  if (frame.type === "turn.committed") voice.clear(); // the turn takes its place in the same breath
  take(frame);
  if (frame.type === "turn.committed" && frame.cmd) composer.arrived(frame.cmd, frame.body.text);
  if (frame.body?.section && typeof frame.body.text === "string") paper.event(frame);
}

for (const button of document.querySelectorAll("[data-do]")) {
  button.onclick = () => {
    if (!line.live) return notice("Not live yet: try again in a moment.");
    if (button.dataset.do === "finish") {
      $("finish").close();
      paper.save_all();
    }
    outbox.put(button.dataset.do, {});
    line.flush();
  };
}
for (const button of document.querySelectorAll("[data-open]")) {
  button.onclick = () => $(button.dataset.open).showModal();
}

const folder = document.querySelector(".fold");
const FOLDED = "sevenstep/prompt-folded";
function fold(folded = !("folded" in room.dataset)) {
  room.toggleAttribute("data-folded", folded);
  folder.setAttribute("aria-expanded", String(!folded));
  folder.textContent = folded ? "Open" : "Fold";
  kept.set(FOLDED, folded ? "yes" : "no");
}
folder.onclick = () => fold();
fold(kept.get(FOLDED) === "yes");

keys($("keys"), fold);
tabs(matchMedia("(max-width: 60rem)"));
log.onscroll = () => down(false);
new ResizeObserver(() => ends && down(true)).observe(log); // a notice or a long answer takes its room
$("newer").onclick = () => down(true);
show_state(state);
down(true);

const scheme = location.protocol === "https:" ? "wss:" : "ws:";
line = new Line(
  `${scheme}//${location.host}/sessions/${session}/socket`,
  { seq: Number(seq), eid },
  outbox,
  { live, reset, event, answered, frame: take },
);
