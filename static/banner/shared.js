// Ahead of boot.js in a page for everybody: fits it to who has come.
{
  const page = document.currentScript.dataset;
  const [, state, bits] = document.cookie.match(`\\bcg_state=(${page.cgRevision}\\.(\\w*))`) ?? ['', page.cgState, ''];
  const open = JSON.parse(page.cgTable).filter(([needed]) => needed.every((bit) => parseInt(bits[bit >> 2 ^ 1], 16) >> (bit & 3) & 1));
  const all = (field, between = '|') => open.map((row) => row[field]).join(between);

  page.cgState = state;
  page.cgAllowed += ` ${all(1, ' ')}`;
  page.cgCookies = `(?!(?:${all(2)})$)${page.cgCookies}`;
  page.cgKeys = `(?!(?:${all(3)})$)${page.cgKeys}`;
  page.cgHosts += `|^(?:${all(4)})$`;

  if (page.cgPolicy) {
    const policy = document.createElement('meta');
    policy.httpEquiv = 'Content-Security-Policy';
    policy.content = `${page.cgPolicy} ${all(5, ' ')}`;
    document.currentScript.before(policy);
    onsecuritypolicyviolation = (event) => (self.cgStopped ??= []).push(event);
  }

  // Once the parser is through with it: it comes at one stroke, with the first paint.
  if (!bits) new MutationObserver((_, observer) => {
    const banner = document.getElementById('cg');
    if (!banner?.nextSibling) return;
    banner.hidden = false;
    observer.disconnect();
  }).observe(document, { childList: true, subtree: true });
}
