"""Ways of requests, sockets, workers and documents of the site's own."""

from __future__ import annotations

from tests.browser.injection.way import Group, Way, ways

_STUN = "{ iceServers: [{ urls: `stun:${host}:${port}` }] }"
_LOGIN = "username: 'u', credential: 'c'"
_TURN = f"{{ iceServers: [{{ urls: `turn:${{host}}:${{port}}`, {_LOGIN} }}] }}"

REQUESTS = ways(
    ("fetch", "`fetch`", "await fetch(u)"),
    ("fetch-no-cors", "`fetch`, `no-cors`", "await fetch(u, { mode: 'no-cors' })"),
    (
        "fetch-keepalive",
        "`fetch`, `keepalive`",
        "await fetch(u, { method: 'POST', keepalive: true })",
    ),
    ("fetch-later", "`fetchLater`", "fetchLater(u, { activateAfter: 0 })"),
    (
        "fetch-redirected",
        "`fetch` of the site's own, redirected",
        "await fetch(own('redirect', u))",
    ),
    ("fetch-fresh-realm", "`fetch` of a blank frame", "await blank().fetch(u)"),
    (
        "xhr",
        "`XMLHttpRequest`",
        "const asked = new XMLHttpRequest(); asked.open('GET', u); asked.send()",
    ),
    ("beacon", "`sendBeacon`", "navigator.sendBeacon(u, 'x')"),
    ("event-source", "`EventSource`", "new EventSource(u)"),
    ("cache-add", "`Cache.add`", "await (await caches.open('x')).add(u)"),
    ("wasm", "`compileStreaming`", "await WebAssembly.compileStreaming(fetch(u + 'x.wasm'))"),
    (
        "ping",
        "`ping` of a link that a script clicks",
        "put(make('a', { href: '#x', ping: u })).click()",
    ),
    (
        "payment",
        "`PaymentRequest`",
        (
            "const total = { label: 'x', amount: { currency: 'EUR', value: '1' } };"
            "await new PaymentRequest([{ supportedMethods: u }], { total }).canMakePayment()"
        ),
    ),
    (
        "fedcm",
        "`navigator.credentials.get`",
        (
            "const provider = { configURL: u + 'fedcm.json', clientId: '1' };"
            "await navigator.credentials.get({ identity: { providers: [provider] } })"
        ),
    ),
    (
        "xslt",
        "`document()` in XSLT",
        (
            "const sheet = `<x:stylesheet version='1.0' xmlns:x='http://www.w3.org/1999/XSL/Transform'>"
            "<x:template match='/'><x:copy-of select=\"document('${u}x.xml')\"/></x:template>"
            "</x:stylesheet>`;"
            "const parse = (text) => new DOMParser().parseFromString(text, 'text/xml');"
            "const transform = new XSLTProcessor(); transform.importStylesheet(parse(sheet));"
            "transform.transformToFragment(parse('<a/>'), document)"
        ),
    ),
    (
        "policy-report",
        "`report-uri` of an inserted policy",
        (
            "const content = `media-src 'none'; report-uri ${u}`;"
            "document.head.append(make('meta', { httpEquiv: 'Content-Security-Policy', content }));"
            "new Audio('/own/none').load()"
        ),
    ),
)

SOCKETS = ways(
    ("web-socket", "`WebSocket`", "new WebSocket(`wss://${host}/`)"),
    (
        "web-socket-stream",
        "`WebSocketStream`",
        "await new WebSocketStream(`wss://${host}/`).opened",
    ),
    ("web-transport", "`WebTransport`", "await new WebTransport(u).ready"),
    ("rtc-stun", "WebRTC, STUN", f"await offer(new RTCPeerConnection({_STUN}))"),
    ("rtc-turn", "WebRTC, TURN", f"await offer(new RTCPeerConnection({_TURN}))"),
    (
        "rtc-configured",
        "WebRTC, `setConfiguration`",
        f"const peer = new RTCPeerConnection();peer.setConfiguration({_STUN}); await offer(peer)",
    ),
    (
        "rtc-prefixed",
        "`webkitRTCPeerConnection`",
        f"await offer(new webkitRTCPeerConnection({_STUN}))",
    ),
    (
        "rtc-fresh-realm",
        "WebRTC of a blank frame",
        f"await offer(new (blank().RTCPeerConnection)({_STUN}))",
    ),
)

_IMPORTING = "`importScripts('${u}x.js')`"

WORKERS = ways(
    ("worker", "worker of the site's own: `fetch`", "new Worker(own('fetch.js', u))"),
    (
        "worker-import-scripts",
        "worker of the site's own: `importScripts`",
        "new Worker(own('import-scripts.js', u + 'x.js'))",
    ),
    (
        "worker-module",
        "module worker of the site's own: `import`",
        "new Worker(own('import.js', u + 'x.js'), { type: 'module' })",
    ),
    ("worker-socket", "worker of the site's own: `WebSocket`", "new Worker(own('socket.js', u))"),
    ("worker-nested", "worker of a worker of the site's own", "new Worker(own('nested.js', u))"),
    ("worker-foreign", "worker of another site", "new Worker(u + 'x.js')"),
    (
        "worker-redirected",
        "worker of the site's own, redirected",
        "new Worker(own('redirect', u + 'x.js'))",
    ),
    (
        "worker-blob",
        "`blob:` worker: `fetch`",
        "new Worker(blob(`fetch('${u}')`, 'text/javascript'))",
    ),
    (
        "worker-blob-import-scripts",
        "`blob:` worker: `importScripts`",
        f"new Worker(blob({_IMPORTING}, 'text/javascript'))",
    ),
    (
        "worker-blob-module",
        "`blob:` module worker: `import`",
        "new Worker(blob(`import '${u}x.js'`, 'text/javascript'), { type: 'module' })",
    ),
    (
        "worker-data",
        "`data:` worker: `importScripts`",
        f"new Worker('data:text/javascript,' + {_IMPORTING})",
    ),
    (
        "shared-worker",
        "shared worker of the site's own: `fetch`",
        "new SharedWorker(own('fetch.js', u))",
    ),
    (
        "shared-worker-import-scripts",
        "shared worker of the site's own: `importScripts`",
        "new SharedWorker(own('import-scripts.js', u + 'x.js'))",
    ),
    (
        "shared-worker-blob",
        "`blob:` shared worker: `fetch`",
        "new SharedWorker(blob(`fetch('${u}')`, 'text/javascript'))",
    ),
    (
        "service-worker",
        "service worker of the site's own: `fetch`",
        "await navigator.serviceWorker.register(own('fetch.js', u), { scope: '/own/a/' })",
    ),
    (
        "service-worker-import-scripts",
        "service worker of the site's own: `importScripts`",
        (
            "await navigator.serviceWorker.register("
            "own('import-scripts.js', u + 'x.js'), { scope: '/own/b/' })"
        ),
    ),
    (
        "service-worker-module",
        "module service worker of the site's own: `import`",
        (
            "await navigator.serviceWorker.register("
            "own('static-import.js', u + 'x.js'), { scope: '/own/c/', type: 'module' })"
        ),
    ),
    (
        "background-fetch",
        "`backgroundFetch`",
        (
            "const found = await navigator.serviceWorker.register("
            "'/own/idle.js', { scope: '/own/d/' });"
            "const wait = () => new Promise((done) => setTimeout(done, 100));"
            "while (!found.active) await wait();"
            "const begun = await found.backgroundFetch.fetch('x', [u]);"
            # The browser begins when it likes.
            "for (let tries = 0; !begun.result && tries < 300; tries++) await wait()"
        ),
    ),
    (
        "audio-worklet",
        "audio worklet",
        "await new OfflineAudioContext(1, 1, 44100).audioWorklet.addModule(u + 'x.js')",
    ),
    ("paint-worklet", "paint worklet", "await CSS.paintWorklet.addModule(u + 'x.js')"),
)

# What each frames, by its name under /own/: an SVG, XML or page with a third party of its own.
_FRAMED = (
    ("own-page", "page.html", "page of the site's own in a frame: its script"),
    ("own-svg-image", "image.svg", "SVG of the site's own in a frame: `image`"),
    ("own-svg-script", "script.svg", "SVG of the site's own in a frame: its script"),
    ("own-xml-style", "style.xml", "XML of the site's own in a frame: `xml-stylesheet`"),
    ("own-xml-image", "image.xml", "XML of the site's own in a frame: XHTML `img`"),
    ("own-xhtml-script", "script.xhtml", "XHTML of the site's own in a frame: `script`"),
    ("own-xhtml-frame", "frame.xhtml", "XHTML of the site's own in a frame: `iframe`"),
    ("own-error", "error.html", "error page of the site's own in a frame: its script"),
    ("own-download", "typeless", "page of the site's own without a type in a frame"),
)

DOCUMENTS = (
    *(
        Way(way, title, f"put(make('iframe', {{ src: own('{name}', u) }}))")
        for way, name, title in _FRAMED
    ),
    *ways(
        (
            "own-svg-object",
            "SVG of the site's own in `object`",
            "put(make('object', { type: 'image/svg+xml', data: own('image.svg', u) }))",
        ),
        (
            "own-svg-embed",
            "SVG of the site's own in `embed`",
            "put(make('embed', { type: 'image/svg+xml', src: own('image.svg', u) }))",
        ),
    ),
)

TALKS = (
    Group("requests", "Requests", REQUESTS),
    Group("sockets", "Sockets and WebRTC", SOCKETS),
)
RUNS = (
    Group("workers", "Workers", WORKERS),
    Group("documents", "Documents of the site's own in a frame", DOCUMENTS),
)
