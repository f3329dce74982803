// Holds back what no policy covers; renews a page made for another consent.
{
  const page = document.currentScript.dataset;
  const fits = (pattern) => (name) => new RegExp(pattern).test(name);
  const refused = fits(page.cgCookies), refusedKey = fits(page.cgKeys), agreed = fits(page.cgHosts);
  const attempt = (step) => { try { return step(); } catch { /* none */ } };
  const foreign = (url) => attempt(() => {
    const { protocol, hostname } = new URL(`${url}`.replace(/^(stun|turn)s?:/, 'https://'), document.baseURI);
    return /^http/.test(protocol) && hostname !== location.hostname && !agreed(hostname);
  });
  const replace = (type, name, change, part = 'value') => attempt(() => {
    const old = Object.getOwnPropertyDescriptor(type.prototype, name);
    Object.defineProperty(type.prototype, name, { ...old, [part]: change(old[part]) });
  });

  replace(Document, 'cookie', (set) => function (text) {
    if (!refused(`${text}`.split(/[=;]/)[0].trim())) set.call(this, text);
  }, 'set');
  replace(self.CookieStore, 'set', (set) => async function (...cookie) {
    if (!refused(cookie[0].name ?? cookie[0])) await set.apply(this, cookie);
  });
  replace(Storage, 'setItem', (set) => function (key, value) {
    if (this !== localStorage || !refusedKey(key)) set.call(this, key, value);
  });

  // Frames and hints connect before a policy stops them.
  replace(HTMLIFrameElement, 'src', (set) => function (url) {
    set.call(this, foreign(url) ? page.cgFrame : url);
  }, 'set');
  const disarm = (node) => {
    if (node?.isConnected !== false) return;
    if (node.localName === 'iframe' && foreign(node.src)) node.src = page.cgFrame;
    if (/preconnect|dns-prefetch/i.test(node.rel) && foreign(node.href)) node.rel = '';
    node.querySelectorAll?.('iframe,link').forEach(disarm);
  };
  const insert = (put) => function (...nodes) {
    nodes.forEach(disarm);
    return put.apply(this, nodes);
  };
  for (const type of [Node, Element, DocumentFragment, CharacterData, Range]) for (const name in type.prototype)
    if (/^(after|append|before|insert|move|prepend|replace)/.test(name)) replace(type, name, insert);

  attempt(() => {
    const ours = (config) => ({ ...config, iceServers: config?.iceServers?.filter(({ urls }) => ![urls].flat().some(foreign)) });
    self.RTCPeerConnection = class extends RTCPeerConnection {
      constructor(config) { super(ours(config)); }
      setConfiguration(config) { super.setConfiguration(ours(config)); }
    };
  });

  // Rules stay that choose links of ours.
  const leads = (rules) => /"where":(?!{("and":\[{)?"href_matches":"\/)/.test(rules)
    || rules.match(/"[^"]*"/g).some((text) => foreign(JSON.parse(text)));
  new MutationObserver((changes) => changes.forEach(({ addedNodes }) => addedNodes.forEach((node) => {
    if (node.type === 'speculationrules' && attempt(() => leads(JSON.stringify(JSON.parse(node.text)))) !== false) node.remove();
  }))).observe(document, { childList: true, subtree: true });

  // "<revision>.<bits>". Once: it could come back for ever.
  const state = () => document.cookie.match(`\\bcg_state=(${page.cgRevision}\\.\\w*)`)?.[1] ?? `${page.cgRevision}.`;
  self.consentgate = { state, seen: page.cgState };
  if (state() !== page.cgState && 'cgReload' in page && performance.getEntriesByType('navigation')[0].type !== 'reload') location.reload();
}
