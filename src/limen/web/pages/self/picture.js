/* A new picture of somebody who is enrolled; of a pass's holder the old pass goes along. */

import { ask, tell } from "./asking.js";
import { base64, Capture } from "./capture.js";
import { showPass } from "./pass.js";

const root = document.getElementById("new-picture");
const words = JSON.parse(root.dataset.words);
const problem = document.getElementById("problem");
const oldPass = document.getElementById("old-pass");

new Capture(document.getElementById("capture"), {
  look: (picture) => ask("/my/picture/look", { picture }),
  use: async (pictures) => {
    tell(problem, null, words);
    const file = oldPass?.files[0];
    if (oldPass && !file) throw { code: "old_pass" };
    const told = await ask("/my/picture", { pictures, old_pass: file ? await base64(file) : "" });
    document.getElementById("asking").hidden = true;
    document.getElementById("done").hidden = false;
    document.getElementById("has-code").hidden = !told.png;
    if (told.png) showPass(told, [document.getElementById("until")]);
    document.getElementById("title").focus();
  },
  failed: (refused) => tell(problem, refused, words),
});
