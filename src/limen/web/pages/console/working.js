// A form that takes a while says so; it is sent once.

for (const form of document.querySelectorAll("form")) {
  const working = form.querySelector("[data-working]");
  if (!working) continue;
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "yes";
    working.hidden = false;
    if (form.dataset.download) {
      setTimeout(() => { delete form.dataset.sent; working.hidden = true; }, 8000);
    }
  });
}
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});
