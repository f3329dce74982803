// Opens in a page for everybody what its visitor agreed to, in order.
{
  const { allows, state } = self.consentgate;
  document.querySelector(state().endsWith('.') ? '#cg' : '.cg-reopen')?.removeAttribute('hidden');

  /** @returns {Element[]} whose services are all agreed to */
  const agreed = (selector, attribute = 'data-cg') => [...document.querySelectorAll(selector)]
    .filter((element) => element.getAttribute(attribute).split(' ').every(allows));

  /** A link's address and code stay: only a guest can have written them. */
  const restore = (element) => {
    for (const { name, value } of [...element.attributes]) {
      const plain = name.slice(8);
      if (!/^data-cg-(archive|background|codebase|content|data|(xlink:)?href|ping|poster|sandbox|(attribution|image)?src(set)?|type)$/.test(name)
        || /href/.test(name) && element.matches('a,area,math *') || /^[\0- ]*j[\t-\ra-z]*:/i.test(value)) continue;
      element.removeAttribute(name);
      if (/:/.test(name) && element.ownerSVGElement) element.setAttributeNS('http://www.w3.org/1999/xlink', plain, value);
      else element.setAttribute(plain, value);
    }
    if (element.matches('[hidden=cg]')) element.removeAttribute('hidden');
    element.removeAttribute('data-cg');
  };

  /** Put in again, a script runs, and a frame is led elsewhere without a step back. */
  const put = (element, place = element) => {
    const mark = new Text();
    place.replaceWith(mark);
    restore(element);
    mark.replaceWith(element);
  };

  const over = (target, event) => new Promise((settle) => target.addEventListener(event, settle));
  const parked = 'script[data-cg]:not([data-cg-attributionsrc])';
  const ours = new Set(), ends = [], deferred = [], late = new EventTarget();
  let running, written;

  /** Settles when it has run, if anything tells. */
  const start = (script, place) => {
    const end = script.src && !script.noModule && place.isConnected && Promise.race([over(script, 'load'), over(script, 'error')]);
    ours.add(script);
    ends.push(end);
    put(script, place);
    return end;
  };

  /** As the parser would: at once, when it comes, or last. */
  const run = async (script, place = script) => {
    const async = script.hasAttribute('async'), module = script.type === 'module', apart = module || script.src;
    if (!async) script.async = async;
    if (apart && async) start(script, place);
    else if (apart && (module || script.defer)) deferred.push([script, place]);
    else {
      [running, written] = [script, ''];
      await start(script, place);
      if (written) await insert(script, new DOMParser().parseFromString(`<body>${written}`, 'text/html').body);
    }
  };

  const insert = async (script, { childNodes, ownerDocument: { scripts } }) => {
    const dead = [...scripts];
    script.after(...childNodes);
    for (const place of dead) {
      const alive = document.createElement('script');
      for (const { name, value } of place.attributes) alive.setAttribute(name, value);
      alive.text = place.text;
      await run(alive, place);
    }
  };

  const open = async () => {
    for (const script of agreed(parked)) {
      script.removeAttribute('type');
      restore(script);
      await run(script).catch(reportError);
    }
    for (const each of deferred) start(...each);
    await Promise.all(ends);
  };

  for (const element of agreed(`[data-cg]:not(${parked})`)) {
    (element.matches('iframe,frame,meta') ? put : restore)(element);
    element.parentNode.load?.();
  }
  for (const widget of agreed('[data-cg-widget]', 'data-cg-widget')) widget.remove();

  const parsed = over(document, 'DOMContentLoaded'), loaded = over(self, 'load').then(() => self.onload);
  const pages = [document, self];
  for (const page of pages) {
    page.addEventListener = (type, ...rest) => EventTarget.prototype.addEventListener.call(
      ours.has(document.currentScript) && /^(DOMContentLoaded|load)$/.test(type) ? late : page, type, ...rest);
  }
  const write = (...texts) => { if (document.currentScript === running) written += texts.join(''); };
  Object.assign(document, { write, writeln: write });

  // Only their own listeners are told.
  open().then(async () => {
    await parsed;
    late.dispatchEvent(new Event('DOMContentLoaded'));
    const told = await loaded, load = new Event('load');
    late.dispatchEvent(load);
    if (self.onload !== told) self.onload?.(load);
    for (const page of pages) delete page.addEventListener;
    for (const name of ['write', 'writeln']) delete document[name];
  });
}
