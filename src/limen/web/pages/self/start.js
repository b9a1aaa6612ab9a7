/* Trying limen: the codes of an invitation and of a kiosk come in the fragment, which no server sees; they are kept for
   as long as the tab is open. */

import { ask, tell } from "./asking.js";

const words = JSON.parse(document.getElementById("start").dataset.words);
const problem = document.getElementById("problem");

if (location.hash.length > 1) {
  sessionStorage.setItem("limen-start", decodeURIComponent(location.hash.slice(1)));
  history.replaceState(null, "", location.pathname + location.search);
}
const [invitation = "", kiosk = ""] = (sessionStorage.getItem("limen-start") ?? "").split(".");
if (invitation) document.getElementById("to-join").href = `/join#${invitation}`;

document.getElementById("to-door").addEventListener("click", async () => {
  tell(problem, null, words);
  try {
    if (kiosk) await ask("/api/v1/kiosks/pair", { code: kiosk });
  } catch (refused) {
    if (refused.code !== "no_such_code") {
      tell(problem, refused, words);
      return;
    }
  }
  location.assign("/kiosk");
});
