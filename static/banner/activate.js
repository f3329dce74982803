// In a page for everybody: opens in place what its visitor has agreed to, in the page's order.
{
  const { allows, state } = self.consentgate;
  document.querySelector(state().endsWith('.') ? '#cg' : '.cg-reopen')?.removeAttribute('hidden');

  /** @returns {Element[]} those whose services, named in the attribute, are all agreed to */
  const agreed = (selector, attribute = 'data-cg') => [...document.querySelectorAll(selector)]
    .filter((element) => element.getAttribute(attribute).split(' ').every(allows));

  /** Only what loads comes back, and never a link's address: a guest may have written it. */
  const restore = (element) => {
    for (const { name, value } of [...element.attributes]) {
      const plain = name.match(/^data-cg-(?:xlink:)?(background|data|href|poster|sandbox|(?:image)?src(?:set)?|type)$/);
      if (plain) element.setAttribute(plain[1], value);
    }
    element.removeAttribute('data-cg');
  };

  /** Taken out and put in again, a script runs, and a frame is led elsewhere without a step back. */
  const put = (element, place = element) => {
    const mark = new Text();
    place.replaceWith(mark);
    restore(element);
    mark.replaceWith(element);
  };

  const ours = new Set(), ends = [], deferred = [], late = new EventTarget();
  let running, written;

  /** Settles when the script has run, or at once where nothing would tell. */
  const start = (script, place) => {
    const end = new Promise((settle) => {
      for (const event of ['load', 'error']) script.addEventListener(event, settle);
      if (!script.src || script.noModule || !place.isConnected) settle();
    });
    ours.add(script);
    ends.push(end);
    put(script, place);
    return end;
  };

  /** As the parser would: at once and waited for, or when it comes, or after all others. */
  const run = async (script, place = script) => {
    const async = script.hasAttribute('async'), module = script.type === 'module', apart = module || script.src;
    script.async = async;
    if (apart && async) start(script, place);
    else if (apart && (module || script.defer)) deferred.push([script, place]);
    else {
      [running, written] = [script, ''];
      await start(script, place);
      if (written) await insert(script, new DOMParser().parseFromString(`<body>${written}`, 'text/html').body);
    }
  };

  /** Puts behind a script what it has written. */
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
    for (const script of agreed('script[data-cg]')) {
      script.removeAttribute('type');
      restore(script);
      await run(script).catch(reportError);
    }
    for (const each of deferred) start(...each);
    await Promise.all(ends);
  };

  for (const element of agreed('[data-cg]:not(script,a,area,math,math *)')) {
    (element.matches('iframe,frame') ? put : restore)(element);
    element.parentNode.load?.();
  }
  for (const widget of agreed('[data-cg-widget]', 'data-cg-widget')) widget.remove();

  const over = (target, event) => new Promise((settle) => target.addEventListener(event, settle));
  const parsed = over(document, 'DOMContentLoaded'), loaded = over(self, 'load').then(() => self.onload);
  const pages = [document, self];
  for (const page of pages) {
    page.addEventListener = (type, ...rest) => EventTarget.prototype.addEventListener.call(
      ours.has(document.currentScript) && /^(DOMContentLoaded|load)$/.test(type) ? late : page, type, ...rest);
  }
  const write = (...texts) => { if (document.currentScript === running) written += texts.join(''); };
  Object.assign(document, { write, writeln: write });

  // What they wait for is over: only their own listeners are told.
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
