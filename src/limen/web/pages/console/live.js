// Doors as they are now: server-sent events of each door, without a picture and without anybody's name.

const STATES = {
  ready: "Ready", come_closer: "Somebody is coming closer", look_here: "Somebody looks for the camera",
  put_on_mask: "Somebody is asked for a mask", wait: "Somebody waits for a check", welcome: "Open",
  other_way: "Somebody is sent the other way",
};

function show(card, now) {
  const locked = card.classList.contains("shut");
  const state = now.shown && now.shown.state ? now.shown.state : now.state;
  const words = now.running === false ? "Not running" : STATES[state] || "Running";
  card.querySelector("[data-state]").textContent = locked ? "Locked down" : words;
  if (Array.isArray(now.alarms)) card.querySelector("[data-alarms]").textContent = now.alarms.length || "none";
  if (Array.isArray(now.referred)) card.querySelector("[data-referred]").textContent = now.referred.length || "none";
  card.querySelector("[data-called]").textContent = now.called_at ? "yes: somebody asks for you" : "no";
  card.classList.toggle("alarm", Boolean(now.called_at) || (Array.isArray(now.alarms) && now.alarms.length > 0));
}

for (const card of document.querySelectorAll("[data-door]")) {
  const events = new EventSource(`/api/v1/doors/${card.dataset.door}/live`);
  const told = (event) => show(card, JSON.parse(event.data));
  events.addEventListener("message", told);
  events.addEventListener("door", told);
  events.addEventListener("error", () => {
    if (!card.classList.contains("shut")) card.querySelector("[data-state]").textContent = "Not connected";
  });
}
