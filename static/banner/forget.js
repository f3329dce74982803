// After a withdrawal: takes from the caches of service workers the pages that were made for who had
// agreed. Pages for everybody stay, such as the one that is shown without a network.
const made = /\bdata-cg-state="\w+\.\w/;
const stored = (/** @type {Response | undefined} */ answer) => /html/.test(answer?.headers.get('content-type') ?? '');
const forget = async () => {
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const request of await cache.keys()) {
      const answer = await cache.match(request, { ignoreVary: true, ignoreMethod: true });
      if (stored(answer) && made.test(await answer.text())) await cache.delete(request, { ignoreVary: true, ignoreMethod: true });
    }
  }
};
if (self.caches) await forget().catch(() => {});
