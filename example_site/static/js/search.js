// Searches the vacancies in a worker, so that typing stays fluent.
const form = document.querySelector("[data-job-search]");
const rows = [...document.querySelectorAll("[data-job]")];
const output = form.querySelector("output");
const worker = new Worker("/static/js/worker.js");

worker.postMessage({ index: rows.map((row) => row.dataset.job) });
worker.addEventListener("message", ({ data }) => {
  rows.forEach((row, number) => { row.hidden = !data.hits.includes(number); });
  output.value = data.hits.length === 1 ? "1 vacancy" : `${data.hits.length} vacancies`;
});
form.addEventListener("input", () => worker.postMessage({ query: form.q.value }));
form.addEventListener("submit", (event) => event.preventDefault());
