/* Shows a pass or badge that the server has just made, and lets it be saved; it is nowhere else. */

export function showPass(told, places) {
  const qr = document.getElementById("qr");
  qr.src = `data:image/png;base64,${told.png}`;
  document.getElementById("save-png").href = qr.src;
  document.getElementById("save-pdf").href = `data:application/pdf;base64,${told.pdf}`;
  showDay(told.valid_until, places);
}

export function showDay(moment, places) {
  const day = new Date(moment).toLocaleDateString(document.documentElement.lang, { dateStyle: "long" });
  for (const place of places) place.textContent = day;
}
