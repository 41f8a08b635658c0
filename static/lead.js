// The interviewer's room, and the observer's: what comes over the line is shown, what is pressed goes out.
import { captions } from "./captions.js";
import { Clock } from "./clock.js";
import { Composer } from "./composer.js";
import { hotkeys } from "./hotkeys.js";
import { Notes } from "./notes.js";
import { Outbox } from "./outbox.js";
import { narrow, show, tablist } from "./panes.js";
import { count_down } from "./quiet.js";
import { Stage } from "./stage.js";
import { Voice } from "./voice.js";
import { Line } from "./ws.js";

const TAKEN = 4403; // a place that was taken away, or shows something else now: the page says what
const $ = (id) => document.getElementById(id);
const room = $("room");
const { session, seq, eid, staffSeq, staffEid, state, left, spent } = room.dataset;
const outbox = new Outbox(session);
const stage = new Stage();
const voice = new Voice($("log"));
const number = (text) => (text === "" ? null : Number(text));
let line;

const clock = new Clock(
  $("clock"),
  $("hide-clock"),
  { left: number(left), spent: Number(spent), state },
  (words) => ($("announce").textContent = words),
);
count_down(clock);
const leads = $("composer") !== null;
const composer = leads && new Composer($("composer"), session, () => line, outbox, "ask");
const notes = leads && new Notes($("note-form"), session, clock, send);

/** Kept until the server has it. */
function send(type, body) {
  outbox.put(type, body, true);
  line.flush();
}

/** Where it makes sense at this moment only. */
function send_now(type, body) {
  if (line.live) send(type, body);
  else stage.notice("Not live yet: try again in a moment.");
}

// the words and what of the sheet they say --------------------------------------------------------
const LISTED = { facts: "facts", follow: "follow_up", criterion: "criterion", twist: "twist" };
const SAYS = { facts: "Tells a fact", twist: "Releases the twist", follow: "Asks a follow-up", criterion: "Asks about a criterion" };

function about({ dataset }) {
  const more = {};
  for (const [name, field] of Object.entries(LISTED)) {
    if (dataset[name]) more[field] = name === "facts" ? dataset.facts.split(" ") : dataset[name];
  }
  return more;
}

/** Of the suggestion, twist or fact that the button belongs to. */
const words_of = (button) => button.closest("li, .suggestion").querySelector(".say").textContent;

function fill(button) {
  composer.more = about(button);
  const kind = Object.keys(SAYS).find((name) => button.dataset[name]);
  $("about").hidden = !kind;
  $("about").firstElementChild.textContent = kind ? SAYS[kind] : "";
  const box = $("say");
  const rest = box.value.trim();
  box.value = rest ? `${rest} ${words_of(button)}` : words_of(button);
  composer.changed();
  show("room-tabs", "talk");
  box.focus();
  box.setSelectionRange(box.value.length, box.value.length);
}

function plain() {
  composer.more = {};
  $("about").hidden = true;
}

// what is pressed ---------------------------------------------------------------------------------
const quiet_now = () => document.querySelector("[data-until]") !== null;
const acts = {
  cover: ({ dataset }) => send("cover", { criterion: dataset.cover, heard: dataset.next }),
  step: (button) => set_step(button),
  ask: (button) => send_now("ask", { text: words_of(button), ...about(button) }),
  edit: fill,
  dismiss: ({ dataset }) => send("dismiss", { suggestion: dataset.dismiss }),
  drive: ({ dataset }) => send_now("drive", { driver: dataset.drive }),
  prolong: ({ dataset }) => send_now("prolong", { minutes: Number(dataset.prolong) }),
  observers: ({ dataset }) => send_now("observers", { on: dataset.observers === "on" }),
  note: (button) => notes.edit(button),
  open: ({ dataset }) => $(dataset.open).showModal(),
  close: (button) => button.closest("dialog").close(),
  quiet: ({ dataset }) => {
    $("quiet-dialog").close();
    send_now("focus", { minutes: number(dataset.quiet) });
  },
  do: ({ dataset }) => {
    $("finish").close();
    send_now(dataset.do, {});
  },
};

function set_step(button) {
  const step = button.getAttribute("aria-pressed") === "true" ? null : button.dataset.step;
  send("step", { step });
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button || button.disabled) return;
  const act = Object.keys(acts).find((name) => name in button.dataset);
  if (act) acts[act](button);
});

if (leads) {
  $("about-drop").onclick = plain;
  composer.sent = plain; // what it said of the sheet went with these words
  captions($("captions-form"), session);
  hotkeys($("keys"), {
    step: (n) => set_step(document.querySelectorAll("[data-step]")[n - 1]),
    ask: () => (show("room-tabs", "talk"), $("say").focus()),
    suggestion: () => {
      show("room-tabs", "ask");
      ($("suggestions").querySelector("button") ?? $("suggestions")).focus();
    },
    note: () => (show("room-tabs", "ask"), show("side-tabs", "side-notes"), $("note").focus()),
    fact: () => (show("room-tabs", "ask"), show("side-tabs", "side-facts"), $("find-fact").focus()),
    coverage: () => {
      show("room-tabs", "coverage");
      const here = document.querySelector("#coverage details[data-now], #coverage details");
      here.open = true;
      (here.querySelector("button") ?? here.firstElementChild).focus();
    },
    bookmark: () => notes.bookmark(),
    quiet: () => send_now("focus", { minutes: quiet_now() ? null : 5 }),
    pause: () => send_now(room.dataset.state === "paused" ? "resume" : "pause", {}),
  });
  $("bookmark").onclick = () => notes.bookmark();
  new MutationObserver(at_the_door).observe($("lobby-people"), { childList: true, subtree: true });
  at_the_door();
}

/** Who waits stands on top of the room as well; the forms are those of the people's list. */
function at_the_door() {
  const rows = [...document.querySelectorAll("#lobby [id^=admit-]")].map((admit) => {
    const row = document.createElement("p");
    const name = document.createElement("b");
    name.textContent = admit.closest("li").querySelector("b").textContent;
    row.append(name, " waits at the door ");
    for (const button of admit.closest("li").querySelectorAll("button")) {
      const same = document.createElement("button");
      same.className = "small";
      same.textContent = button.firstChild.textContent;
      same.setAttribute("aria-label", button.textContent);
      same.onclick = () => button.click();
      row.append(same, " ");
    }
    return row;
  });
  const shown = $("at-the-door");
  if (shown.textContent !== rows.map((row) => row.textContent).join("")) shown.replaceChildren(...rows);
}

// what comes --------------------------------------------------------------------------------------
function show_state(now) {
  const before = room.dataset.state;
  room.dataset.state = now;
  for (const part of document.querySelectorAll("[data-when]")) {
    part.hidden = !part.dataset.when.split(" ").includes(now);
  }
  if (now !== "running") $("doing").textContent = "";
  if (now !== before) stage.down(true);
  if (!leads) return;
  composer.open = now === "running";
  $("send").disabled = !composer.open;
  (now === "draft" ? $("lobby-here") : $("people-body")).append($("lobby"));
  if (now === "running" && before === "draft") $("say").focus();
}

function take(frame) {
  // what this place may see has changed between the page and its line
  if (frame.t === "welcome" && "staff" in frame.heads !== (staffSeq !== undefined)) return location.reload();
  clock.take(frame);
  if (frame.state && frame.state !== room.dataset.state) show_state(frame.state);
  for (const fragment of frame.html ?? []) {
    stage.put(fragment);
    if (fragment.target === "#facts") find_facts();
  }
  if (frame.t !== "draft" && frame.t !== "welcome") return;
  const said = frame.t === "draft" ? frame : frame.draft;
  const follow = stage.is_near;
  voice.show(said);
  if (said?.text) stage.down(follow);
}

function event(frame) {
  if (frame.type === "turn.committed") voice.clear();
  if (frame.type === "document.updated") forget_changes();
  take(frame);
  if (frame.type === "document.updated") follow_change();
  if (leads && frame.type === "turn.committed" && frame.cmd) composer.arrived(frame.cmd, frame.body.text);
}

const forget_changes = () => {
  for (const mark of document.querySelectorAll("#mirror mark")) mark.replaceWith(mark.textContent);
};

function follow_change() {
  const mark = $("follow").checked && document.querySelector("#mirror mark");
  if (!mark) return;
  const { top, bottom } = $("mirror").getBoundingClientRect();
  const at = mark.getBoundingClientRect();
  if (at.bottom > bottom || at.top < top) $("mirror").scrollTop += at.bottom - bottom + 40;
}

function answered(item, answer) {
  if (item.type === "ask" && !item.aside) composer.answered(item, answer);
  else if (item.type === "note") notes.answered(item, answer);
  else if (answer.t === "nack") stage.notice(answer.message);
  else if (item.type === "finish") location.assign(`/live/${session}/marks`);
}

function live(problem, final, code) {
  if (final && code === TAKEN && room.dataset.was) return location.reload();
  if (!problem) room.dataset.was = "live";
  $("link").textContent = problem ?? "Live";
  $("link").dataset.link = problem ? (final ? "over" : "trying") : "live";
  if (leads) composer.show();
}

function find_facts() {
  const wanted = $("find-fact").value.toLowerCase().split(/\s+/);
  for (const fact of document.querySelectorAll("#facts .fact")) {
    const text = fact.textContent.toLowerCase();
    fact.hidden = !wanted.every((word) => text.includes(word));
  }
  for (const part of document.querySelectorAll("#facts .of-step")) {
    part.hidden = !part.querySelector(".fact:not([hidden])");
  }
}
if ($("find-fact")) $("find-fact").oninput = find_facts;

for (const list of document.querySelectorAll("[role=tablist]")) tablist(list);
narrow(matchMedia("(max-width: 60rem)"));
show_state(state);
stage.down(true);

const cursors = { main: { seq: Number(seq), eid } };
if (staffSeq !== undefined) cursors.staff = { seq: Number(staffSeq), eid: staffEid };
const scheme = location.protocol === "https:" ? "wss:" : "ws:";
line = new Line(`${scheme}//${location.host}${room.dataset.socket}`, cursors, outbox, {
  live,
  reset: () => stage.reset(),
  event,
  answered,
  frame: take,
});
