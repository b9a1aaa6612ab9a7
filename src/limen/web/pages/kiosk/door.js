// The page at the door. It shows what the service says, sends what the camera sees, and decides nothing.

import { Line } from "./line.js";
import { Preview } from "./preview.js";

const page = document.getElementById("kiosk");
const words = JSON.parse(page.dataset.words);
const shapes = document.getElementById("shape").dataset.shapes;
const element = (id) => document.getElementById(id);

// What kind of state it is decides colour; the outline of the shape goes with the kind.
const LOOKS = {
  ready: ["ready", "ready"], looking: ["looking", "ready"],
  come_closer: ["come_closer", "do"], look_here: ["look_here", "do"], press: ["press", "do"],
  more_light: ["light", "do"], mask_on: ["mask", "do"], mask_over_nose: ["mask", "do"], second_factor: ["second_factor", "do"],
  go: ["go", "go"],
  wait: ["wait", "wait"], other_door: ["wait", "wait"], full: ["wait", "wait"],
  one_at_a_time: ["person", "wait"], second_person: ["person", "wait"],
  other_way: ["other_way", "other"], out_of_service: ["other_way", "other"], replaced: ["other_way", "other"],
  unpaired: ["other_way", "other"], offline: ["offline", "other"], no_camera: ["no_camera", "other"],
};

let language = page.dataset.language;
let shown = { state: "offline", words: {} };
let called = false;
let busy = false;

const preview = new Preview(element("camera"), element("preview"));
const line = new Line(`/api/v1/doors/${encodeURIComponent(page.dataset.door)}/frames`, {
  told: (now) => {
    preview.show(now.boxes);
    called = now.called;
    busy = now.busy;
    show(preview.broken ? { state: "no_camera", words: {} } : now);
  },
  lost: (state) => {
    preview.show([]);
    called = false;
    busy = false;
    show({ state, words: {} });
  },
});

function t(key) {
  return words[language][key] ?? "";
}

function sentence() {
  // An instruction is said in the door's own words, after a greeting for whoever may go in.
  const said = shown.words[language] ?? t(`state_${shown.state}`);
  return shown.state === "go" ? `${t("welcome")} ${said}` : said;
}

function show(now) {
  const before = shown.state;
  shown = { state: now.state in LOOKS ? now.state : "other_way", words: now.words };
  const [shape, kind] = LOOKS[shown.state];
  page.dataset.state = shown.state;
  page.dataset.kind = kind;
  const href = `${shapes}#${shape}`;
  if (element("shape").getAttribute("href") !== href) element("shape").setAttribute("href", href);
  put("words", sentence());
  put("aside", called ? t("call_again") : busy ? t("busy") : "");
  const call = element("call");
  put("call", called ? t("called") : t("call"));
  call.disabled = shown.state === "offline";
  element("press").hidden = shown.state !== "press";
  if (shown.state === "second_factor" && before !== "second_factor") open_entry();
  if (shown.state === "go" && element("entry").open) element("entry").close();
}

function put(id, text) {
  // Only what changed is written, so that a screen reader does not say it again.
  if (element(id).textContent !== text) element(id).textContent = text;
}

function speak() {
  if (!("speechSynthesis" in window)) return;
  const said = new SpeechSynthesisUtterance(sentence());
  said.lang = language;
  window.speechSynthesis.cancel();
  window.speechSynthesis.speak(said);
}

function choose(code) {
  language = code;
  document.documentElement.lang = code;
  for (const one of document.querySelectorAll("[data-t]")) one.textContent = t(one.dataset.t);
  for (const one of document.querySelectorAll("[data-t-label]")) one.setAttribute("aria-label", t(one.dataset.tLabel));
  for (const one of document.querySelectorAll("button[data-language]")) {
    one.setAttribute("aria-pressed", String(one.dataset.language === code));
  }
  show(shown);
}

function open_entry() {
  const entry = element("entry");
  if (element("enter") === null || entry.open) return;
  element("secret").value = "";
  entry.showModal();
  element("secret").focus();
}

function give(text) {
  if (text !== "") line.say({ type: "present", text });
}

element("call").addEventListener("click", () => line.say({ type: "call" }));
element("press").addEventListener("click", () => line.say({ type: "press" }));
element("speak").addEventListener("click", speak);
element("enter")?.addEventListener("click", open_entry);
element("close").addEventListener("click", () => element("entry").close());
element("clear").addEventListener("click", () => { element("secret").value = ""; });
element("entry-form").addEventListener("submit", () => {
  give(element("secret").value);
  element("secret").value = "";
});
for (const key of document.querySelectorAll("[data-digit]")) {
  key.addEventListener("click", () => { element("secret").value += key.dataset.digit; });
}
for (const one of document.querySelectorAll("button[data-language]")) {
  one.addEventListener("click", () => choose(one.dataset.language));
}

// A reader of badges or passes types like a keyboard, fast, and ends with Enter.
let typed = "";
let typed_at = 0;
document.addEventListener("keydown", (event) => {
  if (event.target instanceof HTMLInputElement || event.ctrlKey || event.altKey || event.metaKey) return;
  if (event.timeStamp - typed_at > 200) typed = "";
  typed_at = event.timeStamp;
  if (event.key === "Enter" && typed.length >= 4) {
    event.preventDefault();
    give(typed);
    typed = "";
  } else if (event.key.length === 1 && !(event.key === " " && event.target instanceof HTMLButtonElement)) {
    typed += event.key;
  }
});

if ("wakeLock" in navigator) {
  const awake = () => navigator.wakeLock.request("screen").catch(() => {});
  document.addEventListener("visibilitychange", () => { if (document.visibilityState === "visible") awake(); });
  awake();
}

choose(language);
preview.start((picture) => line.send(picture), () => line.pace);
line.open();
