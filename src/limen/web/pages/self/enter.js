/* Signs a person in by the code of their own page, typed or from the address's fragment, which no server sees. */

import { ask, tell } from "./asking.js";

const words = JSON.parse(document.getElementById("enter").dataset.words);
const problem = document.getElementById("problem");

async function enter(code) {
  tell(problem, null, words);
  try {
    await ask("/my/enter", { code });
    location.replace("/my");
  } catch (refused) {
    tell(problem, refused, words);
  }
}

document.getElementById("form-enter").addEventListener("submit", (event) => {
  event.preventDefault();
  enter(document.getElementById("code").value.trim());
});

if (location.hash.length > 1) {
  const code = decodeURIComponent(location.hash.slice(1));
  history.replaceState(null, "", location.pathname + location.search);
  enter(code);
}
