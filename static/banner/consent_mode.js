// Tells Google's tags what their visitor agreed to, before any of them runs: Consent Mode v2, basic.
{
  const page = document.currentScript.dataset;
  const allowed = page.cgAllowed?.split(' ') ?? [];
  const types = Object.entries(JSON.parse(page.cgConsentMode));
  const state = (granted) => Object.fromEntries(types.map(([type, ways]) => [type, granted(ways) ? 'granted' : 'denied']));
  /** True needs no consent; else each way is a list of ids, all of which have to be agreed to. */
  const free = (ways) => ways === true;
  const agreed = state((ways) => free(ways) || ways.some((ids) => ids.every((id) => allowed.includes(id))));

  const commands = [];
  const gtag = function () { commands.push(arguments); };
  gtag('consent', 'default', state(free));
  if (agreed.ad_storage === 'denied') gtag('set', 'ads_data_redaction', true);
  if (!page.cgState.endsWith('.')) gtag('consent', 'update', agreed);

  // A page may put another list in the place of ours, and in that one too they come first.
  const before = Object.getOwnPropertyDescriptor(self, 'dataLayer');
  let layer;
  const take = (list) => {
    if (list !== layer && Array.isArray(list)) list.unshift(...commands);
    layer = list;
    before?.set?.(list);
  };
  take(self.dataLayer ?? []);
  Object.defineProperty(self, 'dataLayer', { configurable: true, enumerable: true, get: () => layer, set: take });
}
