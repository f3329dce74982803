// In a page for everybody, ahead of shared.js: a signal of the browser that is newer than the choice.
{
  const page = document.currentScript.dataset;
  const sent = page.cgSignals.split(' ').filter((name) => navigator[name] > 0);
  const [, bits, heard] = document.cookie.match(`\\bcg_state=${page.cgRevision}\\.(\\w*)\\.?(\\w*)`) ?? ['', '', ''];

  // What it refuses shared.js does not get to know of. The server is told by banner.js.
  if (sent.some((name) => !heard.includes(name[0]))) {
    const refused = page.cgRefused.split(' ').map(Number);
    const table = JSON.parse(page.cgTable).filter(([needed]) => !needed.some((bit) => refused.includes(bit)));
    page.cgTable = JSON.stringify(table);
    if (refused.some((bit) => parseInt(bits[bit >> 2 ^ 1], 16) >> (bit & 3) & 1)) page.cgShut = '';
  }

  // The sentences in the banner, before it is shown.
  if (!bits && sent.length) new MutationObserver((_, observer) => {
    if (!document.getElementById('cg')?.nextSibling) return;
    for (const name of sent) document.querySelector(`[data-cg-signal=${name}]`)?.removeAttribute('hidden');
    observer.disconnect();
  }).observe(document, { childList: true, subtree: true });
}
