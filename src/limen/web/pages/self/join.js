/* The way in for who was invited, one step at a time. The code of the invitation comes in the address's fragment, which
   no server sees, or is typed; it leaves the address bar as soon as it is read. */

import { ask, tell } from "./asking.js";
import { Capture } from "./capture.js";
import { showDay, showPass } from "./pass.js";

const root = document.getElementById("join");
const words = JSON.parse(root.dataset.words);
const problem = document.getElementById("problem");
const at = (id) => document.getElementById(id);
const given = { code: "", kind: "pass", agreement: "", name: "", pin: "" };

function step(name) {
  for (const section of root.querySelectorAll("section")) section.hidden = section.id !== `step-${name}`;
  at(`title-${name}`).focus();
}

async function attempt(act) {
  tell(problem, null, words);
  try {
    await act();
  } catch (refused) {
    tell(problem, refused, words);
    if (refused.code === "no_invitation") step("code");
  }
}

function onSubmit(id, act) {
  at(id).addEventListener("submit", (event) => {
    event.preventDefault();
    attempt(act);
  });
}

async function welcome() {
  const invited = await ask("/join/invitation", { code: given.code });
  at("name").value = invited.name;
  at("hello").textContent = invited.name;
  for (const choice of root.querySelectorAll("[data-kind]")) {
    choice.hidden = !invited.kinds.includes(choice.dataset.kind);
  }
  const first = invited.kinds[0];
  if (first) at(`kind-${first}`).checked = true;
  at("none-here").hidden = Boolean(first);
  at("kind-on").hidden = !first;
  step("kind");
}

onSubmit("form-code", async () => {
  given.code = at("code").value.trim();
  await welcome();
});

onSubmit("form-kind", async () => {
  given.kind = root.querySelector('input[name="kind"]:checked').value;
  for (const text of root.querySelectorAll("[data-text]")) {
    text.hidden = text.dataset.text !== (given.kind === "pass" ? "pass" : "other");
  }
  at("pin-field").hidden = given.kind !== "sealed";
  step("agree");
});

onSubmit("form-agree", async () => {
  given.name = at("name").value.trim();
  given.pin = given.kind === "sealed" ? at("pin").value : "";
  const told = await ask("/join/agree", {
    code: given.code, kind: given.kind, adult: at("adult").checked, signature: at("signature").value.trim(),
  });
  given.agreement = told.agreement;
  step("picture");
});

new Capture(at("capture"), {
  look: (picture) => ask("/join/look", { code: given.code, agreement: given.agreement, kind: given.kind, picture }),
  use: async (pictures) => done(await ask("/join/finish", { ...given, pictures })),
  failed: (refused) => tell(problem, refused, words),
});

function done(told) {
  tell(problem, null, words);
  const days = root.querySelectorAll(".until");
  at("has-code").hidden = !told.png;
  at("no-code").hidden = Boolean(told.png);
  at("unconfirmed").hidden = told.confirmed;
  if (told.png) showPass(told, days);
  else showDay(told.valid_until, days);
  at("page-code").textContent = told.page_code;
  at("release-code").textContent = told.release_code;
  at("my-page").href = `/my#${told.page_code}`;
  given.code = given.agreement = given.pin = "";
  step("done");
}

at("print").addEventListener("click", () => window.print());

if (location.hash.length > 1) {
  given.code = decodeURIComponent(location.hash.slice(1));
  history.replaceState(null, "", location.pathname + location.search);
  attempt(welcome);
}
