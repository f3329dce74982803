"""Google Analytics as a page carries it, and scripts that work its queues off as the real ones do.

The snippets are those that Google published, with ids of nobody. Each script handles what was
queued before it came and then what is called, notes every command in ``commands``, and sends
hits by the ways that the real one knows.
"""

from __future__ import annotations

from collections.abc import Mapping

from tests.browser.providers import Serves

UA, UA_2 = "UA-12345678-1", "UA-12345678-2"
G, AW = "G-ABC123DEF4", "AW-123456789"
SERVER_SIDE = "data.shop.example"

URCHIN_JS = """
var _uacct = "", _ugifpath2 = "https://ssl.google-analytics.com/__utm.gif";
function urchinTracker(page) {
  var i = new Image(1, 1);
  i.src = _ugifpath2 + "?utmwv=1.4&utmp=" + (page || location.pathname) + "&utmac=" + _uacct
    + "&utmcc=__utma%3D1";
}
"""

GA_JS = """
(() => {
  if (window._gat) return;
  let masks = false;
  const trackers = {};
  const noted = (self.commands ??= []);
  class Tracker {
    _setAccount(account) { this.account = account; }
    _setDomainName() {}
    _trackPageview(page = location.pathname) {
      const hit = `utmwv=5.7.2&utmp=${page}&utmac=${this.account}${masks ? '&aip=1' : ''}`;
      noted.push(['hit']);
      new Image(1, 1).src = `https://ssl.google-analytics.com/__utm.gif?${hit}`;
    }
    _trackEvent(category) { this._trackPageview(`/event/${category}`); }
  }
  const tracker = (name) => (trackers[name] ??= new Tracker());
  window._gat = {
    _anonymizeIp() { noted.push(['_gat._anonymizeIp']); masks = true; },
    _createTracker(account, name = '') {
      tracker(name)._setAccount(account);
      return tracker(name);
    },
    _getTracker(account) {
      const made = new Tracker();
      made._setAccount(account);
      return made;
    },
    _getTrackerByName: (name = '') => tracker(name),
  };
  const run = (command) => {
    if (typeof command === 'function') return command();
    const [, name, method] = command[0].match(/^(?:(.*)\\.)?(\\w+)$/);
    const target = name === '_gat' ? window._gat : tracker(name ?? '');
    target[method](...command.slice(1));
  };
  const waiting = window._gaq;
  window._gaq = { push: (...commands) => commands.forEach(run) };
  if (Array.isArray(waiting)) waiting.forEach(run);
})();
"""

ANALYTICS_JS = """
(() => {
  const name = window.GoogleAnalyticsObject || 'ga';
  const noted = (self.commands ??= []);
  const trackers = new Map();
  const host = 'https://www.google-analytics.com';
  const ways = {
    image: (hit) => { new Image(1, 1).src = `${host}/collect?${hit}`; },
    beacon: (hit) => navigator.sendBeacon(`${host}/collect`, hit),
    xhr: (hit) => {
      const request = new XMLHttpRequest();
      request.open('POST', `${host}/collect`);
      request.send(hit);
    },
    first: (hit) => {
      const request = new XMLHttpRequest();
      request.open('POST', `${host}/j/collect?${hit}`);
      request.send();
    },
  };
  const fieldsOf = (values) => values.filter((value) => value && typeof value === 'object');
  class Tracker {
    constructor(fields) { this.fields = { ...fields }; this.sent = 0; }
    get(field) { return this.fields[field]; }
    set(field, value) {
      Object.assign(this.fields, typeof field === 'object' ? field : { [field]: value });
    }
    send(kind, ...values) {
      const fields = Object.assign({}, this.fields, ...fieldsOf([kind, ...values]));
      const masks = fields.anonymizeIp || fields['&aip'];
      noted.push(['hit']);
      ways[fields.transport ?? (this.sent++ ? 'image' : 'first')](
        `v=1&t=${fields.hitType ?? kind}&tid=${fields.trackingId}${masks ? '&aip=1' : ''}`);
    }
  }
  const create = (...values) => {
    const [trackingId, cookieDomain, given] = values.filter((each) => typeof each === 'string');
    const named = { trackingId, cookieDomain, name: given ?? 't0' };
    const made = new Tracker(Object.assign(named, ...fieldsOf(values)));
    trackers.set(made.fields.name, made);
    return made;
  };
  const run = ([command, ...values]) => {
    if (typeof command === 'function') return command.call(live, trackers.get('t0'));
    noted.push([command, ...values]);
    if (command === 'create') { create(...values); return; }
    const [, tracker, method] = command.match(/^(?:(.*)\\.)?(\\w+)$/);
    trackers.get(tracker ?? 't0')?.[method]?.(...values);
  };
  const live = (...values) => run(values);
  Object.assign(live, {
    loaded: true, q: [], create,
    getByName: (each) => trackers.get(each), getAll: () => [...trackers.values()],
  });
  const waiting = window[name]?.q ?? [];
  window[name] = live;
  for (const values of waiting) run([...values]);
})();
"""

GTAG_JS = """
(() => {
  const asked = new URL(document.currentScript.src).searchParams;
  const layer = (window[asked.get('l') ?? 'dataLayer'] ??= []);
  const noted = (self.commands ??= []);
  const set = {};
  const universal = (id, fields) => {
    const name = (window.GoogleAnalyticsObject ??= 'ga');
    if (!window[name]) {
      window[name] = function () { (window[name].q ??= []).push(arguments); };
      const script = document.createElement('script');
      script.src = 'https://www.google-analytics.com/analytics.js';
      document.head.append(script);
    }
    const tracker = `gtag_${id.replaceAll('-', '_')}`;
    window[name]('create', id, 'auto', { name: tracker, anonymizeIp: fields.anonymize_ip });
    window[name](`${tracker}.send`, 'pageview');
  };
  const config = (id, own = {}) => {
    const fields = { ...set, ...own };
    const base = fields.server_container_url ?? fields.transport_url ?? self.gatewayBase
      ?? 'https://region1.google-analytics.com';
    const ads = 'https://googleads.g.doubleclick.net/pagead/viewthroughconversion';
    if (id.startsWith('UA-')) universal(id, fields);
    if (id.startsWith('G-')) navigator.sendBeacon(`${base}/g/collect?v=2&tid=${id}&en=page_view`);
    if (id.startsWith('AW-')) new Image().src = `${ads}/${id.slice(3)}/`;
  };
  const run = (entry) => {
    if (Object.prototype.toString.call(entry) !== '[object Arguments]') return;
    const [command, target, fields] = entry;
    noted.push([...entry].map(String).slice(0, 2).concat(JSON.stringify(fields ?? {})));
    if (command === 'set') {
      Object.assign(set, typeof target === 'object' ? target : { [target]: fields });
    }
    if (command === 'config') config(target, fields);
  };
  const before = layer.push;
  layer.push = function (...entries) {
    const length = before.apply(layer, entries);
    entries.forEach(run);
    return length;
  };
  [...layer].forEach(run);
})();
"""

GTM_JS = """
(() => {
  const start = dataLayer.find((entry) => entry['gtm.start']);
  if (!start) return;
  window.GoogleAnalyticsObject ??= 'ga';
  window.ga ??= function () { (ga.q ??= []).push(arguments); };
  ga('create', 'UA-12345678-1', 'auto', 'gtm1');
  ga('gtm1.set', { anonymizeIp: false });
  ga('gtm1.send', 'pageview');
  const script = document.createElement('script');
  script.src = 'https://www.google-analytics.com/analytics.js';
  document.head.append(script);
})();
"""

_SCRIPTS = {
    ("*.google-analytics.com", "/urchin.js"): URCHIN_JS,
    ("*.google-analytics.com", "/ga.js"): GA_JS,
    ("stats.g.doubleclick.net", "/dc.js"): GA_JS,
    ("*.google-analytics.com", "/analytics.js"): ANALYTICS_JS,
    ("www.googletagmanager.com", "/gtag/js"): GTAG_JS,
    ("www.googletagmanager.com", "/gtm.js"): GTM_JS,
}

HOSTS = frozenset(
    {
        SERVER_SIDE,
        "googleads.g.doubleclick.net",
        "region1.google-analytics.com",
        "ssl.google-analytics.com",
        "stats.g.doubleclick.net",
        "www.google-analytics.com",
        "www.googletagmanager.com",
    }
)


def serve_google(recorder: Serves) -> None:
    """Have each of Google's scripts answer where the real one is."""
    for (host, path), script in _SCRIPTS.items():
        recorder.serve(host, path, script, "text/javascript")


def _script(code: str, attributes: str = "") -> str:
    return f"<script {attributes}>{code}</script>"


def _isogram(rest: str, name: str = "ga") -> str:
    return _script(
        "(function(i,s,o,g,r,a,m){i['GoogleAnalyticsObject']=r;i[r]=i[r]||function(){"
        "(i[r].q=i[r].q||[]).push(arguments)},i[r].l=1*new Date();a=s.createElement(o),"
        "m=s.getElementsByTagName(o)[0];a.async=1;a.src=g;m.parentNode.insertBefore(a,m)"
        "})(window,document,'script','https://www.google-analytics.com/analytics.js',"
        f"'{name}');{rest}"
    )


def _gaq(commands: str, *, host: str = "ga.js") -> str:
    source = (
        "('https:' == document.location.protocol ? 'https://ssl' : 'http://www')"
        " + '.google-analytics.com/ga.js'"
        if host == "ga.js"
        else "('https:' == document.location.protocol ? 'https://' : 'http://')"
        " + 'stats.g.doubleclick.net/dc.js'"
    )
    return _script(
        f"{commands} (function() {{ var ga = document.createElement('script');"
        f" ga.type = 'text/javascript'; ga.async = true; ga.src = {source};"
        " var s = document.getElementsByTagName('script')[0];"
        " s.parentNode.insertBefore(ga, s); })();",
        "type='text/javascript'",
    )


_ACCOUNT = f"_gaq.push(['_setAccount', '{UA}']);"
_VIEW = "_gaq.push(['_trackPageview']);"


def _gtag(tag_id: str, commands: str, base: str = "https://www.googletagmanager.com") -> str:
    return f'<script async src="{base}/gtag/js?id={tag_id}"></script>' + _script(
        "window.dataLayer = window.dataLayer || []; function gtag(){dataLayer.push(arguments);}"
        f" gtag('js', new Date()); {commands}"
    )


def _container(base: str = "https://www.googletagmanager.com") -> str:
    return _script(
        "(function(w,d,s,l,i){w[l]=w[l]||[];w[l].push({'gtm.start':new Date().getTime(),"
        "event:'gtm.js'});var f=d.getElementsByTagName(s)[0],j=d.createElement(s),"
        "dl=l!='dataLayer'?'&l='+l:'';j.async=true;"
        f"j.src='{base}/gtm.js?id='+i+dl;"
        "f.parentNode.insertBefore(j,f);})(window,document,'script','dataLayer','GTM-ABC1234');"
    )


_CREATE = f"ga('create', '{UA}', 'auto');"
_SEND = "ga('send', 'pageview');"

UNIVERSAL: Mapping[str, str] = {
    "urchin": (
        '<script src="http://www.google-analytics.com/urchin.js" type="text/javascript"></script>'
        + _script(f'_uacct = "{UA}"; urchinTracker();', "type='text/javascript'")
    ),
    "ga.js queued": _gaq(f"var _gaq = _gaq || []; {_ACCOUNT} {_VIEW}"),
    "ga.js queued, the hit first": _gaq(
        f"var _gaq = _gaq || []; {_ACCOUNT} {_VIEW} _gaq.push(['_gat._anonymizeIp']); {_VIEW}"
    ),
    "ga.js with an array of its own": _gaq(
        f"var _gaq = [['_setAccount', '{UA}'], ['_trackPageview']];"
    ),
    "ga.js with several trackers": _gaq(
        f"var _gaq = _gaq || []; {_ACCOUNT} {_VIEW} _gaq.push(['b._setAccount', '{UA_2}'],"
        " ['b._trackPageview'], ['b._trackEvent', 'video']);"
    ),
    "dc.js": _gaq(f"var _gaq = _gaq || []; {_ACCOUNT} {_VIEW}", host="dc.js"),
    "ga.js with document.write": (
        _script(
            'var gaJsHost = (("https:" == document.location.protocol) ? "https://ssl." :'
            ' "http://www."); document.write(unescape("%3Cscript src=\'" + gaJsHost +'
            " \"google-analytics.com/ga.js' type='text/javascript'%3E%3C/script%3E\"));",
            'type="text/javascript"',
        )
        + _script(
            f'try {{ var pageTracker = _gat._getTracker("{UA}"); pageTracker._trackPageview();'
            " } catch(err) {}",
            'type="text/javascript"',
        )
    ),
    "analytics.js": _isogram(_CREATE + _SEND),
    "analytics.js alone": _script(
        "window.ga=window.ga||function(){(ga.q=ga.q||[]).push(arguments)};ga.l=+new Date;"
        f"{_CREATE}{_SEND}"
    )
    + "<script async src='https://www.google-analytics.com/analytics.js'></script>",
    "analytics.js renamed": _isogram(
        f"__gaTracker('create', '{UA}', 'auto'); __gaTracker('send', 'pageview');", "__gaTracker"
    ),
    "analytics.js set to false": _isogram(f"{_CREATE} ga('set', 'anonymizeIp', false); {_SEND}"),
    "analytics.js set to false as a field": _isogram(
        f"{_CREATE} ga('set', {{'anonymizeIp': false, 'dimension1': 'x'}});"
        " ga('send', 'pageview', {'anonymizeIp': false});"
    ),
    "analytics.js set to false by parameter": _isogram(f"{_CREATE} ga('set', '&aip', ''); {_SEND}"),
    "analytics.js asked too late": _isogram(
        f"{_CREATE} {_SEND} ga('set', 'anonymizeIp', true); {_SEND}"
    ),
    "analytics.js twice": _isogram(f"{_CREATE} {_SEND} ga('send', 'event', 'a', 'b');"),
    "analytics.js with fields": _isogram(
        f"ga('create', {{trackingId: '{UA}', cookieDomain: 'auto', anonymizeIp: false}}); {_SEND}"
    ),
    "analytics.js with named trackers": _isogram(
        f"{_CREATE} ga('create', '{UA_2}', 'auto', 'second');"
        f" ga('create', '{UA_2}', 'auto', {{'name': 'third'}});"
        f" {_SEND} ga('second.send', 'pageview'); ga('third.send', 'pageview');"
    ),
    "analytics.js by beacon and by request": _isogram(
        f"{_CREATE} ga('send', 'pageview', {{'transport': 'beacon'}});"
        " ga('send', 'pageview', {'transport': 'xhr'});"
    ),
    "analytics.js, a tracker called by itself": _isogram(
        "ga(function() { var own = ga.create('"
        + UA
        + "', 'auto', 'own'); own.set('anonymizeIp', false); own.send('pageview');"
        " own.send('event', {'transport': 'beacon'}); own.send('event', {'transport': 'xhr'}); });"
    ),
    "gtag for a property of before": _gtag(UA, f"gtag('config', '{UA}');"),
    "gtag set to false": _gtag(UA, f"gtag('config', '{UA}', {{ 'anonymize_ip': false }});"),
    "gtag set to false for all": _gtag(
        UA, f"gtag('set', {{'anonymize_ip': false}}); gtag('config', '{UA}');"
    ),
    "gtag under another name": (
        f'<script async src="https://www.googletagmanager.com/gtag/js?id={UA}&l=layer"></script>'
        + _script(
            "window.layer = window.layer || []; function gtag(){layer.push(arguments);}"
            f" gtag('js', new Date()); gtag('config', '{UA}', {{'anonymize_ip': false}});"
        )
    ),
    "a container": _container()
    + '<noscript><iframe src="https://www.googletagmanager.com/ns.html?id=GTM-ABC1234" height="0"'
    ' width="0" style="display:none;visibility:hidden"></iframe></noscript>',
}
"""Every form that sends hits of Universal Analytics or of what came before it."""

MEASURING: Mapping[str, str] = {
    "gtag": _gtag(G, f"gtag('config', '{G}');"),
    "a server-side container": _gtag(
        G, f"gtag('config', '{G}', {{'server_container_url': 'https://{SERVER_SIDE}'}});"
    ),
    "an own transport": _gtag(
        G, f"gtag('config', '{G}', {{'transport_url': 'https://{SERVER_SIDE}'}});"
    ),
    "a tag gateway": _gtag(G, f"self.gatewayBase = '/metrics'; gtag('config', '{G}');", "/metrics"),
}
"""Every form of Google Analytics 4, which masks of itself."""

ADVERTISING: Mapping[str, str] = {"gtag for Ads": _gtag(AW, f"gtag('config', '{AW}');")}
