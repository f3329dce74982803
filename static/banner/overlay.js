// For developers: shows on the page what was stopped on it, and what to add. Never on a live site.
(() => {
  'use strict';
  /** Addresses, written by the server. */
  const own = document.currentScript.dataset;
  const OURS = /^default-src 'self' 'unsafe-eval' 'unsafe-inline' blob: data: /;
  const LISTS = /^data-cg-(?:xlink:)?(?:background|data|href|poster|src|(?:image)?srcset)$/;
  const MOST = 200;
  /** What was stopped, by address and way, with what the server knows of each address. */
  const found = new Map(), known = new Map();
  let due = 0, closed = false, panel;

  const element = (name, attributes, ...children) => {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...children);
    return made;
  };

  const note = (at, way, by) => {
    const key = `${at} ${way} ${by}`;
    if (closed || found.has(key) || found.size >= MOST) return;
    found.set(key, { at, way, by });
    due ||= setTimeout(update, 200);
  };

  /** The address without what may tell of a person. */
  const plain = (text) => {
    try {
      const { protocol, host, pathname } = new URL(text, document.baseURI);
      return /^(https?|wss?):$/.test(protocol) ? `${protocol}//${host}${pathname}` : '';
    } catch {
      return '';
    }
  };

  const marked = (parked) => {
    const values = [...parked.attributes].filter(({ name }) => LISTS.test(name)).map(({ value }) => value);
    if (parked.localName === 'script') values.push(parked.getAttribute('src') ?? parked.getAttribute('href') ?? '');
    return values.flatMap((value) => value.split(/[\s,]+/)).map(plain).filter((at) => /^\w+:\/\/[^/]*\./.test(at));
  };

  const scan = () => {
    for (const parked of document.querySelectorAll('[data-cg]')) {
      const foreign = marked(parked).filter((at) => new URL(at).host !== location.host);
      for (const at of foreign.length ? foreign : parked.dataset.cg.split(' ')) note(at, `<${parked.localName}>`, 'in the markup');
    }
  };

  const row = ({ at, way, by }) => {
    const { who = '', text = '', add = '' } = known.get(at) ?? {};
    const item = element('li', {}, element('strong', {}, /:\/\/([^/]*)/.exec(at)?.[1] ?? at),
      element('span', {}, ` ${way}, ${by}`), element('p', {}, `${who && `${who}: `}${text}`));
    if (add) {
      const copy = element('button', { type: 'button' }, 'Copy');
      copy.addEventListener('click', () => navigator.clipboard?.writeText(add));
      item.append(element('pre', { tabindex: '0' }, add), copy);
    }
    return item;
  };

  const open = () => {
    const host = element('div', { id: 'cg-overlay' });
    const root = host.attachShadow({ mode: 'open' });
    const close = element('button', { type: 'button', 'aria-label': 'Close what was stopped' }, '×');
    panel = { count: element('summary', {}), list: element('ul', {}) };
    root.append(element('link', { rel: 'stylesheet', href: own.css }), element('section', { 'aria-label': 'Stopped by consentgate' },
      element('details', {}, panel.count, panel.list), close));
    const end = () => {
      closed = true;
      host.remove();
    };
    close.addEventListener('click', end);
    root.addEventListener('keydown', ({ key }) => key === 'Escape' && end());
    document.body.append(host);
  };

  const update = async () => {
    due = 0;
    const asked = [...new Set([...found.values()].map(({ at }) => at))].filter((at) => !known.has(at)).slice(0, 50);
    if (asked.length) {
      const answer = await fetch(`${own.explain}?${new URLSearchParams(asked.map((at) => ['at', at]))}`).catch(() => null);
      const told = answer?.ok ? await answer.json() : {};
      for (const at of asked) known.set(at, told[at] ?? {});
    }
    if (closed || !document.body) return;
    if (!panel) open();
    panel.count.textContent = `${found.size} stopped`;
    panel.list.replaceChildren(...[...found.values()].map(row));
  };

  addEventListener('securitypolicyviolation', ({ blockedURI, effectiveDirective, originalPolicy, disposition }) => {
    const at = plain(blockedURI);
    if (at && disposition !== 'report' && new URL(at).host !== location.host)
      note(at, effectiveDirective, OURS.test(originalPolicy) ? 'by the policy of consentgate' : "by the application's own policy");
  });
  addEventListener('DOMContentLoaded', scan);
  addEventListener('load', scan);
})();
