// Says what is agreed to, holds back what scripts would store, renews a page made for another consent.
{
  const page = document.currentScript.dataset;
  const attempt = (step) => { try { return step(); } catch { /* none */ } };
  const fits = (pattern, whole = new RegExp(pattern)) => (name) => whole.test(`${name}`.trim());
  const refused = fits(page.cgCookies), refusedKey = fits(page.cgKeys);
  const replace = (type, name, change, part = 'value') => attempt(() => {
    const old = Object.getOwnPropertyDescriptor(type.prototype, name);
    Object.defineProperty(type.prototype, name, { ...old, [part]: change(old[part]) });
  });

  // Whoever sets what is refused removes it: removing it stays possible, in whatever words.
  // Max-Age beats Expires, and stands first because what follows a line break may not be read.
  const removal = (text) => text.replace(/;\s*max-age/gi, ';').replace(/[;\0\r\n]|$/, ';max-age=0;');
  replace(Document, 'cookie', (set) => function (text) {
    text += '';
    set.call(this, refused(text.match(/[^\s=;][^=;]*/)) ? removal(text) : text);
  }, 'set');
  replace(self.CookieStore, 'set', (set) => async function (...cookie) {
    await (refused(cookie[0].name ?? cookie[0]) ? this.delete : set).apply(this, cookie);
  });

  // What is written as a property, or from a frame, goes at the end of the visit or with the next.
  const sweep = () => attempt(() => {
    for (const kept of [localStorage, sessionStorage]) for (const key in kept) if (refusedKey(key)) delete kept[key];
  });
  replace(Storage, 'setItem', (set) => function (key, value) {
    if (!refusedKey(key)) set.call(this, key, value);
  });
  addEventListener('pagehide', sweep);
  sweep();

  // "<revision>.<bits>"
  const state = () => document.cookie.match(`\\bcg_state=(${page.cgRevision}\\.\\w*)`)?.[1] ?? `${page.cgRevision}.`;
  const forget = () => import(page.cgForget);
  const reload = () => location.reload();
  self.consentgate = {
    state, forget, seen: page.cgState,
    allows: (/** @type {string} */ id) => page.cgAllowed.split(' ').includes(id),
    open: () => location.assign(page.cgOpen),
  };

  // Once: it could come back for ever.
  if (state() !== page.cgState && 'cgReload' in page && performance.getEntriesByType('navigation')[0].type !== 'reload') {
    stop();
    forget().then(reload, reload);
  }
}
