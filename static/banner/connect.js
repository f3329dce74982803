// Holds back connections that no policy covers. Loaded at once, before any script of the page runs.
{
  const page = document.querySelector('[data-cg-hosts]').dataset;
  const agreed = new RegExp(page.cgHosts);
  const attempt = (step) => { try { return step(); } catch { /* none */ } };
  const replaced = [], frames = [];
  const replace = (type, name, change, { prototype } = type) => attempt(() => {
    const old = Object.getOwnPropertyDescriptor(prototype, name), part = old.set ? 'set' : 'value';
    const now = { ...old, [part]: change(old[part]) };
    Object.defineProperty(type.prototype, name, now);
    replaced.push([type.name, name, now]);
  });

  /** @returns {string | false | undefined} the address in full where it leads to who has no consent */
  const foreign = (url) => attempt(() => {
    const { protocol, hostname, href } = new URL(`${url}`.replace(/^(stun|turn)s?:/, 'https://'), document.baseURI);
    return /^http/.test(protocol) && hostname !== location.hostname && !agreed.test(hostname) && href;
  });

  // Rules stay that choose links of ours.
  const unsafe = (rules) => !attempt(() => JSON.parse(rules, (name, value) => {
    if (name === 'where' ? !/^{("and":\[{)?"href_matches":"\//.test(JSON.stringify(value)) : value.source && !(value.where || value.urls) || foreign(value)) throw 0;
    return value;
  }));

  // Frames and hints connect before a policy stops them. A frame leads to the offer to load it.
  const offer = (url, address = foreign(url)) => address ? page.cgFrame + encodeURIComponent(address) : url;
  const hint = (rel, url) => /preconnect|dns-prefetch|prerender/i.test(rel) && foreign(url);
  const disarm = (node) => {
    if (node.localName === 'iframe') {
      frames.push(node);
      if (foreign(node.src)) node.src = offer(node.src);
      // It would make our buttons dead; the frame inside gets it.
      const sandbox = node.getAttribute('sandbox');
      if (sandbox !== null && node.src.includes(page.cgFrame)) {
        node.removeAttribute('sandbox');
        node.src += `&s=${encodeURIComponent(sandbox)}`;
      }
    }
    if (hint(node.rel, node.href)) node.rel = '';
    if (node.type === 'speculationrules' && unsafe(node.text)) {
      node.type = 'application/json';
      node.remove();
    }
    node.querySelectorAll?.('iframe,link,script').forEach(disarm);
  };
  const tame = (node) => (attempt(() => node.isConnected || disarm(node)), node);

  // Text connects while it is read. What is no plain string (Trusted Types) stays.
  const disarmed = (markup) => {
    const { body } = new DOMParser().parseFromString(`<body>${markup}`, 'text/html'), before = body.getHTML();
    disarm(body);
    return body.getHTML() !== before && body.getHTML().replace('</iframe>', '');
  };
  const safe = (text) => typeof text === 'string' && /<(iframe|link)\b/i.test(text) && attempt(() => disarmed(text.replace(/template/gi, 'p')))
    ? text.replace(/<(iframe|link)\b("[^"]*"|'[^']*'|[^'">])*>/gi, (tag) => disarmed(tag) || tag) : text;

  // The realm of a blank frame gets the same as soon as the frame is there.
  const arm = () => frames.splice(0).forEach(({ contentWindow: realm }) => attempt(() => {
    for (const [type, name, now] of replaced) Object.defineProperty(realm[type].prototype, name, now);
    for (const name of ['RTCPeerConnection', 'webkitRTCPeerConnection']) if (realm[name]) realm[name] = self[name];
  }));
  const put = (fit) => (old) => function (...values) {
    const done = old.apply(this, values.map(fit));
    arm();
    return done;
  };
  for (const type of [Node, Element, Document, DocumentFragment, ShadowRoot, CharacterData, Range]) for (const name in type.prototype) {
    if (/^(execC|write)|HTML/.test(name)) replace(type, name, put(safe));
    else if (/^(after|append|before|insert|move|prepend|replace)/.test(name)) replace(type, name, put(tame));
  }

  const fit = (node, name, value) => {
    if (/^src$/i.test(name)) return offer(value);
    if (/^srcdoc$/i.test(name)) return safe(value);
    return hint(/^rel$/i.test(name) ? value : node.rel, /^href$/i.test(name) ? value : node.href) ? '' : value;
  };
  for (const type of [HTMLIFrameElement, HTMLLinkElement]) {
    for (const name of ['src', 'srcdoc', 'rel', 'href']) replace(type, name, (set) => function (value) { set.call(this, fit(this, name, value)); });
    replace(type, 'setAttribute', (set) => function (name, ...rest) { set.call(this, name, ...rest.map((value) => fit(this, name, value))); }, Element);
  }

  attempt(() => {
    const ours = (config) => ({ ...config, iceServers: config?.iceServers?.filter(({ urls }) => ![urls].flat().some(foreign)) });
    self.webkitRTCPeerConnection = self.RTCPeerConnection = class extends RTCPeerConnection {
      constructor(config) { super(ours(config)); }
      setConfiguration(config) { super.setConfiguration(ours(config)); }
    };
  });

  // WebKit puts workers from data: under no policy; elsewhere they inherit the page's.
  if (/Apple/.test(navigator.vendor) && !agreed.test('.')) self.Worker = new Proxy(Worker, {
    construct: (type, values, asked) => Reflect.construct(type, /^data:/.test(attempt(() => new URL(values[0]))) ? ['https://.'] : values, asked),
  });

  // What came otherwise is connected to already; at least the visitor gets the offer.
  new MutationObserver((changes) => {
    changes.forEach(({ addedNodes }) => addedNodes.forEach(disarm));
    arm();
  }).observe(document, { childList: true, subtree: true });
}
