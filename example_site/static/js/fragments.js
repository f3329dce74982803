// Fills each slot with a piece of HTML from this site.
for (const slot of document.querySelectorAll("[data-fragment]")) {
  fetch(slot.dataset.fragment)
    .then((answer) => (answer.ok ? answer.text() : Promise.reject(new Error(String(answer.status)))))
    .then((html) => { slot.innerHTML = html; })
    .catch(() => { slot.textContent = "The voices could not be loaded."; });
}
