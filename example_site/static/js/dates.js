// Writes dates in words: with the CDN's library where it came, else with the browser's own.
const words = (iso) =>
  window.dayjs
    ? window.dayjs(iso).format("D MMMM YYYY")
    : new Date(`${iso}T12:00`).toLocaleDateString("en-GB", { day: "numeric", month: "long", year: "numeric" });

for (const time of document.querySelectorAll("time[datetime]")) {
  time.textContent = words(time.dateTime);
}
