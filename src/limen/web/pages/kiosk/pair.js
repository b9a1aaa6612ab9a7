// Pairs this device with a door: the code goes to the service, the key comes back in a cookie that no script reads.

const form = document.getElementById("pair");
const said = document.getElementById("said");
const words = JSON.parse(form.dataset.words);

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  said.textContent = "";
  const body = JSON.stringify({ code: form.elements.code.value });
  try {
    const answer = await fetch("/api/v1/kiosks/pair", {
      method: "POST", headers: { "Content-Type": "application/json" }, body,
    });
    if (answer.ok) {
      window.location.reload();
      return;
    }
    said.textContent = answer.status === 409 ? words.no_such_code : words.failed;
  } catch {
    said.textContent = words.failed;
  }
  form.elements.code.focus();
});
