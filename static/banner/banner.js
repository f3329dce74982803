// Makes the banner quicker: answers in place, settings in a dialog. All of it works without.
(() => {
  'use strict';
  /** Words and addresses, written by the server. */
  const own = document.currentScript.dataset;
  const gate = self.consentgate;
  const region = () => document.getElementById('cg');

  /** @param {string} name @param {Record<string, string>} attributes @param {(Node | string)[]} children */
  const element = (name, attributes, ...children) => {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...children);
    return made;
  };

  /** The region's height keeps focused links from hiding under it. */
  const height = new ResizeObserver(() => {
    document.documentElement.style.setProperty('--cg-h', `${region()?.offsetHeight ?? 0}px`);
  });

  const newRegion = () => {
    const made = element('section', { id: 'cg', class: own.region, 'aria-labelledby': 'cg-title', lang: own.lang, dir: own.dir });
    document.body.prepend(made);
    height.observe(made);
    return made;
  };

  /** Says in the region what has happened, and takes the focus there. */
  const confirm = (title, text) => {
    const heading = element('h2', { id: 'cg-title', class: 'cg-title', tabindex: '-1' }, title);
    const place = region() ?? newRegion();
    place.hidden = false;
    place.replaceChildren(element('div', { class: 'cg-in' },
      element('div', { class: 'cg-words' }, heading, element('p', {}, text)),
      element('div', { class: 'cg-buttons' },
        element('a', { class: 'cg-button cg-button--quiet', href: own.preferences, 'data-consentgate': 'preferences' }, own.change),
        element('button', { class: 'cg-button cg-button--quiet', type: 'button', 'data-cg-hide': '' }, own.hide))));
    document.querySelector('.cg-reopen')?.removeAttribute('hidden');
    heading.focus();
  };

  /** Tells the page which services and categories are agreed to. @param {(id: string) => boolean} allows */
  const tell = (allows) => {
    const ids = own.optional.split(' ');
    const detail = { granted: ids.filter(allows), refused: ids.filter((id) => !allows(id)) };
    document.dispatchEvent(new CustomEvent('consentgate:change', { detail }));
  };

  /** Posts a choice. @returns {Promise<{title: string, text: string, reload: boolean, state: string, granted: string[]} | undefined>} */
  const post = async (address, fields) => {
    if (navigator.globalPrivacyControl) fields.append('gpc', '1');
    const answer = await fetch(address, { method: 'POST', body: fields, headers: { Accept: 'application/json' } });
    if (!answer.ok) throw new Error(String(answer.status));
    return answer.status === 204 ? undefined : answer.json();
  };

  /** Posts a form as its button would. */
  const send = (form, button) => {
    const fields = new URLSearchParams(new FormData(form));
    fields.append(button.name, button.value);
    return post(form.action, fields);
  };

  let edited = false;
  const bits = (/** @type {string} */ state) => BigInt(`0x0${state.split('.')[1] ?? ''}`);
  /** Whether something is withdrawn: it must not live on in this page, whatever is typed into it. */
  const lost = (before) => bits(before) & ~bits(gate.seen);

  /** Loads the page again for the choice that is in force, or leaves it where that cannot be. */
  const renewed = (before) => {
    if ('reload' in own && (!edited || lost(before))) location.reload();
    else if (lost(before)) location.replace(own.preferences);
    else return false;
    return true;
  };

  /** Follows a choice made in another tab, or before the back button brought this page back. */
  const follow = () => {
    const before = gate.seen;
    gate.seen = gate.state();
    if (gate.seen !== before) renewed(before);
  };
  const tabs = new BroadcastChannel('consentgate');

  /** Goes on after a choice. For a grant, what was edited or posted is not loaded again. */
  const settle = async ({ title, text, reload, state, granted }) => {
    const before = gate.seen;
    gate.seen = gate.state();
    tabs.postMessage(state);
    // A service worker must not bring back a page that was made for the former choice.
    if (lost(before)) await gate.forget().catch(() => {});
    document.querySelector('dialog.cg')?.close();
    tell((id) => granted.includes(id));
    if (!reload || !renewed(before)) confirm(title, reload ? own.later : text);
  };

  /** The way without script, which shows what went wrong; `submit()` does not come back to us. */
  const submitPlainly = (form, button) => {
    form.append(element('input', { type: 'hidden', name: button.name, value: button.value }));
    HTMLFormElement.prototype.submit.call(form);
  };

  /** Shows the settings in a dialog, or goes to their page where that cannot be done. */
  const open = async () => {
    try {
      const answer = await fetch(own.preferences);
      const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
      const dialog = element('dialog', { class: 'cg cg-dialog', 'aria-labelledby': 'cg-preferences-title', lang: own.lang, dir: own.dir },
        element('button', { class: 'cg-button cg-button--quiet cg-close', type: 'button', 'data-cg-close': '' }, own.close),
        document.importNode(page.querySelector('.cg-preferences'), true));
      dialog.addEventListener('close', () => dialog.remove());
      document.body.append(dialog);
      dialog.showModal();
    } catch {
      location.assign(own.preferences);
    }
  };

  document.addEventListener('submit', (event) => {
    const { target: form, submitter: button } = event;
    if (!button || !form.closest('.cg')) return;
    event.preventDefault();
    if (button.getAttribute('formmethod') === 'get') open();
    else send(form, button).then(settle, () => submitPlainly(form, button));
  });

  document.addEventListener('click', (event) => {
    const on = (selector) => event.target.closest?.(selector);
    const plain = !(event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);
    if (on('[data-cg-hide]')) region().hidden = true;
    else if (on('[data-cg-close]')) on('dialog').close();
    else if (plain && on('[data-consentgate="preferences"]')) open();
    else return;
    event.preventDefault();
  });

  document.addEventListener('input', ({ target }) => { edited ||= Boolean(target.form && !target.closest('.cg')); });
  const told = new Set(), reports = new URL('../reports', document.currentScript.src);
  /** Tells the server whom the policy in the page has stopped: once each, and 20 at most. */
  const report = () => {
    const found = (self.cgStopped ?? []).splice(0).map(({ blockedURI, effectiveDirective, disposition }) => (
      { type: 'csp-violation', body: { blockedURL: blockedURI.split(/[?#]/)[0], effectiveDirective, disposition } }
    )).filter(({ body }) => {
      const key = Object.values(body).join();
      return /^(http|ws)s?:/.test(key) && told.size < 20 && !told.has(key) && told.add(key);
    });
    if (found.length) navigator.sendBeacon(reports, new Blob([JSON.stringify(found)], { type: 'application/reports+json' }));
  };
  addEventListener('load', () => setTimeout(report, 2000));
  document.addEventListener('visibilitychange', report);
  addEventListener('securitypolicyviolation', () => self.cgStopped?.splice(50));

  document.addEventListener('visibilitychange', follow);
  addEventListener('pageshow', ({ persisted }) => persisted && follow());
  tabs.addEventListener('message', follow);
  tabs.postMessage(''); // a choice without script may have led here
  // signals.js has shut what a signal refuses: nothing of it is in the page, and the choice follows.
  if (document.querySelector('[data-cg-shut]')) {
    post(own.choice, new URLSearchParams({ decision: 'signal' })).then((told) => {
      gate.seen = gate.state();
      tabs.postMessage(gate.seen);
      if (!told) return;
      tell((id) => told.granted.includes(id));
      confirm(told.title, told.text);
    }, () => {});
  }
  if (region()) height.observe(region());
  gate.open = open;
  // Deferred scripts and modules listen by then.
  document.addEventListener('DOMContentLoaded', () => tell(gate.allows));
})();
