// Holds back connections that no policy covers. Loaded at once, before any script of the page runs.
{
  const page = document.querySelector('[data-cg-hosts]').dataset;
  const agreed = new RegExp(page.cgHosts);
  const attempt = (step) => { try { return step(); } catch { /* none */ } };
  const replace = (type, name, change, part = 'value') => attempt(() => {
    const old = Object.getOwnPropertyDescriptor(type.prototype, name);
    Object.defineProperty(type.prototype, name, { ...old, [part]: change(old[part]) });
  });

  /** @returns {string | false | undefined} the address in full where it leads to who has no consent */
  const foreign = (url) => attempt(() => {
    const { protocol, hostname, href } = new URL(`${url}`.replace(/^(stun|turn)s?:/, 'https://'), document.baseURI);
    return /^http/.test(protocol) && hostname !== location.hostname && !agreed.test(hostname) && href;
  });

  // Rules stay that choose links of ours.
  const leads = (rules) => /"where":(?!{("and":\[{)?"href_matches":"\/)/.test(rules)
    || rules.match(/"[^"]*"/g).some((text) => foreign(JSON.parse(text)));
  const unsafe = (rules) => attempt(() => leads(JSON.stringify(JSON.parse(rules)))) !== false;

  // Frames and hints connect before a policy stops them. A frame leads to the offer to load it.
  const offer = (url, address = foreign(url)) => address ? page.cgFrame + encodeURIComponent(address) : url;
  const { setAttribute } = Element.prototype;
  replace(HTMLIFrameElement, 'src', (set) => function (url) { set.call(this, offer(url)); }, 'set');
  HTMLIFrameElement.prototype.setAttribute = function (name, value) {
    setAttribute.call(this, name, /^src$/i.test(name) ? offer(value) : value);
  };
  const disarm = (node) => {
    if (node.localName === 'iframe') {
      if (foreign(node.src)) node.src = offer(node.src);
      // It would make our own buttons dead; the frame inside gets it.
      const sandbox = node.getAttribute('sandbox');
      if (sandbox !== null && node.src.includes(page.cgFrame)) {
        node.removeAttribute('sandbox');
        node.src += `&s=${encodeURIComponent(sandbox)}`;
      }
    }
    if (/preconnect|dns-prefetch|prerender/i.test(node.rel) && foreign(node.href)) node.rel = '';
    if (node.type === 'speculationrules' && unsafe(node.text)) {
      node.type = 'application/json';
      node.remove();
    }
    node.querySelectorAll?.('iframe,link,script').forEach(disarm);
  };
  const insert = (put) => function (...nodes) {
    nodes.forEach((node) => node?.isConnected === false && disarm(node));
    return put.apply(this, nodes);
  };
  for (const type of [Node, Element, DocumentFragment, CharacterData, Range]) for (const name in type.prototype)
    if (/^(after|append|before|insert|move|prepend|replace)/.test(name)) replace(type, name, insert);

  attempt(() => {
    const ours = (config) => ({ ...config, iceServers: config?.iceServers?.filter(({ urls }) => ![urls].flat().some(foreign)) });
    self.webkitRTCPeerConnection = self.RTCPeerConnection = class extends RTCPeerConnection {
      constructor(config) { super(ours(config)); }
      setConfiguration(config) { super.setConfiguration(ours(config)); }
    };
  });

  // What came in as text is connected to already; at least the visitor gets the offer.
  new MutationObserver((changes) => changes.forEach(({ addedNodes }) => addedNodes.forEach(disarm)))
    .observe(document, { childList: true, subtree: true });
}
