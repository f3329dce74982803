// The search of the vacancies. Asks a CDN for a list of synonyms and a stemmer, and does without
// where they do not come.
try {
  importScripts("https://unpkg.com/stemmer@2.0.1/index.js");
} catch {
  // Words are compared as they are.
}
let index = [];
let synonyms = {};
fetch("https://unpkg.com/morgenkai-synonyms@1/en.json")
  .then((answer) => answer.json())
  .then((found) => { synonyms = found; })
  .catch(() => { synonyms = {}; });

const fits = (text, words) =>
  words.every((word) => [word, ...(synonyms[word] ?? [])].some((one) => text.includes(one)));

self.addEventListener("message", ({ data }) => {
  if (data.index) index = data.index.map((text) => text.toLowerCase());
  const words = (data.query ?? "").toLowerCase().split(/\s+/).filter(Boolean);
  const hits = [...index.keys()].filter((number) => fits(index[number], words));
  self.postMessage({ hits });
});
