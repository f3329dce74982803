// Where Google Analytics is agreed to: has it shorten addresses, whatever the page's snippet says.
((page) => {
  // Opt-outs: cookies by convention, which Google's scripts do not read but as globals.
  const out = [...document.cookie.matchAll(/(?:^|; )ga-disable-([\w-]+)=true/g)].map(([, id]) => id);
  for (const id of out) self[`ga-disable-${id}`] = true;
  if (page.cgMask) {
    const [service, ...ids] = page.cgMask.split(' '), allowed = page.cgAllowed.split(' ');
    if (!allowed.includes(service)) return;
    if (out.length && ids.every((id) => out.includes(id))) {
      page.cgAllowed = allowed.filter((id) => id !== service).join(' ');
      return;
    }
  }

  /** What each form of the script calls it. */
  const asks = { __proto__: null, anonymizeIp: true, '&aip': 1, anonymize_ip: true };
  const known = new WeakSet();

  /** The fields with the page's own setting of it, if there is one, the other way about. */
  const forced = (fields) => (fields?.constructor === Object && Object.keys(fields).some((name) => name in asks)
    ? Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, asks[name] ?? value]))
    : fields);

  /** Whatever becomes of a global goes through `change` first, and what it is already. */
  const watch = (name, change) => {
    const { get, set } = Object.getOwnPropertyDescriptor(self, name) ?? {};
    let value = change(self[name]);
    try {
      Object.defineProperty(self, name, {
        configurable: true, enumerable: true, get: () => value,
        set: (next) => {
          set?.call(self, next); // whoever watched it before us
          value = change(get ? get.call(self) : next);
        },
      });
    } catch { /* declared before us: its queue is changed all the same */ }
  };

  // ga.js, queued or called at once.
  const command = '_gat._anonymizeIp';
  watch('_gaq', (queue) => {
    if (Array.isArray(queue) && queue[0]?.[0] !== command) queue.unshift([command]);
    return queue;
  });
  watch('_gat', (gat) => {
    queueMicrotask(() => gat?._anonymizeIp?.());
    return gat;
  });

  // analytics.js under whatever name: the commands to hand on in place of one.
  const told = ([name, ...rest]) => {
    if (typeof name !== 'string') return [[name, ...rest]];
    const values = rest.map(forced);
    if (/(^|\.)set$/.test(name) && values[0] in asks) values[1] = asks[values[0]];
    if (name !== 'create') return [[name, ...values]];
    const given = rest.find((value) => value?.constructor === Object)?.name ?? rest[2];
    const tracker = typeof given === 'string' && given ? `${given}.` : '';
    return [[name, ...values], [`${tracker}set`, 'anonymizeIp', true]];
  };
  const obey = (name) => watch(name, (ga) => {
    if (typeof ga !== 'function' || known.has(ga)) return ga;
    if (Array.isArray(ga.q)) ga.q = ga.q.flatMap(told);
    const telling = new Proxy(ga, {
      apply: (target, that, values) => told(values).map((each) => Reflect.apply(target, that, each))[0],
    });
    known.add(telling);
    return telling;
  });
  obey('ga');
  watch('GoogleAnalyticsObject', (name) => {
    if (name && name !== 'ga') obey(name);
    return name;
  });

  // gtag.js: only the properties of Universal Analytics, for the newer ones mask always.
  const masking = (entry) => {
    if (Object.prototype.toString.call(entry) !== '[object Arguments]') return;
    for (let i = 1; i < entry.length; i++) entry[i] = forced(entry[i]);
    if (entry[0] === 'set' && entry[1] in asks) entry[2] = asks[entry[1]];
    if (entry[0] !== 'config' || !/^UA-/.test(entry[1])) return;
    entry[2] = { ...entry[2], anonymize_ip: true };
    entry.length = Math.max(entry.length, 3);
  };
  watch('dataLayer', (layer) => {
    if (!Array.isArray(layer) || known.has(layer)) return layer;
    known.add(layer);
    layer.forEach(masking);
    const outermost = (push) => (...entries) => {
      entries.forEach(masking);
      return push.apply(layer, entries);
    };
    let push = outermost(layer.push);
    Object.defineProperty(layer, 'push', {
      configurable: true, get: () => push, set: (next) => { push = outermost(next); },
    });
    return layer;
  });

  // Hits that no command reaches: urchin.js knows none, and a tracker may be called by itself.
  const isHit = /\b(?:tid|utmac)=UA-\d/, isMasked = /(?:^|[?&])aip\b/;
  const masked = (text) => (isHit.test(text)
    ? `${text}`.replace(/.+/g, (line) => (isHit.test(line) && !isMasked.test(line) ? `${line}&aip=1` : line))
    : text);
  const replace = (type, name, part = 'value') => {
    const old = Object.getOwnPropertyDescriptor(type.prototype, name), send = old?.[part];
    if (send) Object.defineProperty(type.prototype, name, {
      ...old, [part](...values) { return send.apply(this, values.map(masked)); },
    });
  };
  replace(HTMLImageElement, 'src', 'set');
  replace(XMLHttpRequest, 'open');
  replace(XMLHttpRequest, 'send');
  replace(Navigator, 'sendBeacon');
  const { fetch } = self;
  self.fetch = (target, options) => {
    const body = masked(options?.body);
    return fetch(masked(target), body === options?.body ? options : { ...options, body });
  };
})(document.currentScript.dataset);
