// The room: what comes over the line, and what goes out.
import { Clock } from "./clock.js";
import { Composer } from "./composer.js";
import { Paper } from "./document.js";
import { keys, tabs } from "./keys.js";
import { kept, Outbox } from "./outbox.js";
import { Stage } from "./stage.js";
import { Voice } from "./voice.js";
import { Line } from "./ws.js";

const GRACE = 60_000;
const TAKEN = 4403; // a place that was taken away, or holds something else now: the page says what
const $ = (id) => document.getElementById(id);
const room = $("room");
const OVER = $("ended-words").textContent;
const { session, seq, eid, state, left, spent, grace: still } = room.dataset;
const outbox = new Outbox(session);
const stage = new Stage();
const is_live = room.dataset.socket !== undefined; // led by a person
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
  if (now !== before) stage.down(true);
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
function take(frame) {
  clock.take(frame);
  if (frame.state && frame.state !== room.dataset.state) show_state(frame.state);
  for (const fragment of frame.html ?? []) stage.put(fragment);
  if (frame.t === "draft" || frame.t === "welcome") draft(frame.t === "draft" ? frame : frame.draft);
}

function draft(said) {
  const follow = stage.is_near;
  voice.show(said);
  if (said?.text) stage.down(follow);
}

function answered(item, answer) {
  if (item.type === "say") composer.answered(item, answer);
  else if (item.type === "document") paper.answered(item, answer);
  else if (answer.t === "nack") stage.notice(answer.message);
  else if (item.type === "finish") location.assign(`/sessions/${session}/predict`);
  if (item.type === "say" && room.dataset.state === "ended") {
    grace = 0;
    show_state("ended");
  }
}

function live(problem, final, code) {
  if (final && code === TAKEN && is_live && room.dataset.was) return location.reload();
  if (!problem) room.dataset.was = "live";
  const link = $("link");
  link.textContent = problem ?? "Live";
  link.dataset.link = problem ? (final ? "over" : "trying") : "live";
  composer.show();
  paper.show();
  if (!problem) paper.save_all();
}

function event(frame) {
  if (frame.type === "turn.committed") voice.clear(); // the turn takes its place in the same breath
  take(frame);
  if (frame.type === "turn.committed" && frame.cmd) composer.arrived(frame.cmd, frame.body.text);
  if (frame.body?.section && typeof frame.body.text === "string") paper.event(frame);
}

for (const button of document.querySelectorAll("[data-do]")) {
  button.onclick = () => {
    if (!line.live) return stage.notice("Not live yet: try again in a moment.");
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

if (is_live) import("./quiet.js").then(({ count_down }) => count_down(clock));
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
show_state(state);
stage.down(true);

const scheme = location.protocol === "https:" ? "wss:" : "ws:";
line = new Line(
  `${scheme}//${location.host}${room.dataset.socket ?? `/sessions/${session}/socket`}`,
  { main: { seq: Number(seq), eid } },
  outbox,
  { live, reset: () => stage.reset(), event, answered, frame: take },
);
