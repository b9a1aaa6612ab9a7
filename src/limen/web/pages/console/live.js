// Doors as they are now: server-sent events of each door, without a picture and without anybody's name.

const STATES = {
  ready: "Ready", press: "Ready: waits for the button", looking: "Looks at somebody", come_closer: "Somebody comes closer",
  look_here: "Somebody looks for the camera", out_of_service: "Out of service", go: "Opens",
  other_way: "Sends somebody the other way", wait: "Somebody waits for you", more_light: "Asks for more light",
  one_at_a_time: "Asks for one after the other", mask_on: "Asks for a mask", mask_over_nose: "Asks for a mask",
  second_factor: "Asks for a badge or PIN", other_door: "Waits for the other door", full: "Full inside",
  second_person: "Waits for a second person",
};

const csrf = document.querySelector('meta[name="csrf-token"]').content;

function put(card, name, words) {
  const place = card.querySelector(`[data-${name}]`);
  if (place && place.textContent !== String(words)) place.textContent = words;
}

function show(card, now) {
  const locked = card.classList.contains("shut");
  const words = now.running ? STATES[now.state] ?? "Running" : "Not running";
  put(card, "state", locked ? "Locked down" : words);
  put(card, "alarms", now.alarms.length ? now.alarms.map((alarm) => alarm.message).join("; ") : "none");
  put(card, "referred", now.referred.length || "none");
  put(card, "called", now.called_at ? "yes: somebody asks for you" : "no");
  card.classList.toggle("alarm", Boolean(now.called_at) || now.alarms.length > 0);
  const clear = card.querySelector("[data-clear]");
  if (clear) {
    const newest = now.referred.at(-1);
    if (newest) {
      put(card, "why", newest.why);
      clear.elements.event.value = newest.event;
    }
    clear.hidden = !newest;
  }
  const answer = card.querySelector("[data-answer]");
  if (answer) answer.hidden = !now.called_at;
}

function follow(card) {
  const address = `/api/v1/doors/${card.dataset.door}`;
  const events = new EventSource(`${address}/live`);
  events.addEventListener("message", (event) => show(card, JSON.parse(event.data)));
  events.addEventListener("error", () => {
    if (!card.classList.contains("shut")) put(card, "state", "Not connected");
  });
  card.querySelector("[data-answer] button")?.addEventListener("click", () => {
    fetch(`${address}/call/answered`, { method: "POST", headers: { "X-CSRF-Token": csrf } });
  });
}

// A door that does not run is not asked for again and again.
for (const card of document.querySelectorAll("[data-door][data-follow]")) follow(card);
