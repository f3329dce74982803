"""Ways of scripts, links, images, media and style sheets."""

from __future__ import annotations

from tests.browser.injection.way import Group, ways

SCRIPTS = ways(
    ("script", "`script` element", "put(make('script', { src: u + 'x.js' }))"),
    (
        "script-module",
        "module `script` element",
        "put(make('script', { type: 'module', src: u + 'x.js' }))",
    ),
    (
        "script-inline-import",
        "`import` in an inline module",
        "put(make('script', { type: 'module', textContent: `import '${u}x.js'` }))",
    ),
    ("script-dynamic-import", "`import()`", "await import(u + 'x.js')"),
    (
        "script-document-write",
        "`script` by `document.write`",
        r"document.write(`<script src='${u}x.js'><\/script>`)",
    ),
    (
        "script-fragment",
        "`script` by `createContextualFragment`",
        (
            r"const html = `<script src='${u}x.js'><\/script>`;"
            r"put(document.createRange().createContextualFragment(html))"
        ),
    ),
    (
        "script-svg",
        "`script` in SVG",
        "put(svg('svg')).append(svg('script', { href: u + 'x.js' }))",
    ),
    (
        "script-fresh-realm",
        "`script` in a blank frame",
        (
            "const own = blank().document;"
            "own.body.append(Object.assign(own.createElement('script'), { src: u + 'x.js' }))"
        ),
    ),
    (
        "script-blob-module",
        "`import` in a `blob:` module",
        "await import(blob(`import '${u}x.js'`, 'text/javascript'))",
    ),
    (
        "script-data-module",
        "`import` in a `data:` module",
        "await import(`data:text/javascript,import '${u}x.js'`)",
    ),
    (
        "script-redirected",
        "`script` of the site's own, redirected",
        "put(make('script', { src: own('redirect', u + 'x.js') }))",
    ),
    (
        "script-policy-removed",
        "image after the policy's `meta` was removed",
        (
            "document.querySelectorAll('meta[http-equiv]').forEach((meta) => meta.remove());"
            "new Image().src = u + 'x.gif'"
        ),
    ),
)

LINKS = ways(
    (
        "link-stylesheet",
        "style sheet",
        "put(make('link', { rel: 'stylesheet', href: u + 'x.css' }))",
    ),
    (
        "link-alternate",
        "alternate style sheet",
        "put(make('link', { rel: 'alternate stylesheet', title: 'x', href: u + 'x.css' }))",
    ),
    ("link-icon", "icon", "put(make('link', { rel: 'icon', href: u + 'x.png' }))"),
    ("link-manifest", "manifest", "put(make('link', { rel: 'manifest', href: u + 'x.json' }))"),
    (
        "link-preload-script",
        "`preload` of a script",
        "put(make('link', { rel: 'preload', as: 'script', href: u + 'x.js' }))",
    ),
    (
        "link-preload-style",
        "`preload` of a style sheet",
        "put(make('link', { rel: 'preload', as: 'style', href: u + 'x.css' }))",
    ),
    (
        "link-preload-image",
        "`preload` of an image",
        "put(make('link', { rel: 'preload', as: 'image', href: u + 'x.gif' }))",
    ),
    (
        "link-preload-srcset",
        "`preload` by `imagesrcset`",
        "put(make('link', { rel: 'preload', as: 'image', imageSrcset: `${u}x.gif 1x` }))",
    ),
    (
        "link-preload-font",
        "`preload` of a font",
        "put(make('link', { rel: 'preload', as: 'font', crossOrigin: '', href: u + 'x.woff2' }))",
    ),
    (
        "link-preload-fetch",
        "`preload` for `fetch`",
        "put(make('link', { rel: 'preload', as: 'fetch', crossOrigin: '', href: u + 'x.json' }))",
    ),
    (
        "link-modulepreload",
        "`modulepreload`",
        "put(make('link', { rel: 'modulepreload', href: u + 'x.js' }))",
    ),
    ("link-prefetch", "`prefetch`", "put(make('link', { rel: 'prefetch', href: u + 'x.html' }))"),
    (
        "link-prerender",
        "`prerender`",
        "put(make('link', { rel: 'prerender', href: u + 'x.html' }))",
    ),
    (
        "link-dictionary",
        "`compression-dictionary`",
        "put(make('link', { rel: 'compression-dictionary', crossOrigin: '', href: u + 'x.dat' }))",
    ),
)

IMAGES = ways(
    ("img", "`img`", "put(make('img', { src: u + 'x.gif' }))"),
    ("img-detached", "`new Image()`", "new Image().src = u + 'x.gif'"),
    ("img-srcset", "`img srcset`", "put(make('img', { srcset: `${u}x.gif 1x` }))"),
    (
        "img-picture",
        "`picture`",
        "place().innerHTML = `<picture><source srcset='${u}x.gif'><img></picture>`",
    ),
    ("img-inner-html", "`img` by `innerHTML`", "place().innerHTML = `<img src='${u}x.gif'>`"),
    (
        "img-inner-html-detached",
        "`img` by `innerHTML`, not in the page",
        "make('div').innerHTML = `<img src='${u}x.gif'>`",
    ),
    ("img-document-write", "`img` by `document.write`", "document.write(`<img src='${u}x.gif'>`)"),
    (
        "img-redirected",
        "image of the site's own, redirected",
        "new Image().src = own('redirect', u)",
    ),
    ("img-attribution", "`attributionsrc`", "put(make('img')).setAttribute('attributionsrc', u)"),
    (
        "input-image",
        "`input type=image`",
        "put(make('input', { type: 'image', src: u + 'x.gif' }))",
    ),
    (
        "table-background",
        "`background` attribute",
        "put(make('table')).setAttribute('background', u)",
    ),
    ("svg-image", "SVG `image`", "put(svg('svg')).append(svg('image', { href: u + 'x.gif' }))"),
    ("svg-use", "SVG `use`", "put(svg('svg')).append(svg('use', { href: u + 'x.svg#a' }))"),
    (
        "svg-fe-image",
        "SVG `feImage`",
        (
            "place().innerHTML = `<svg><filter id=f><feImage href='${u}x.gif'/></filter>"
            "<rect width=9 height=9 filter='url(#f)'/></svg>`"
        ),
    ),
    (
        "svg-filter",
        "filter in another SVG",
        "put(svg('svg')).append(svg('rect', { width: 9, height: 9, filter: `url(${u}x.svg#f)` }))",
    ),
    ("video", "`video`", "put(make('video', { preload: 'auto', src: u + 'x.mp4' }))"),
    ("video-poster", "`poster`", "put(make('video', { poster: u + 'x.gif' }))"),
    (
        "video-source",
        "`source` of a video",
        "place().innerHTML = `<video preload=auto><source src='${u}x.mp4'></video>`",
    ),
    ("audio", "`audio`", "new Audio(u + 'x.mp3').load()"),
    (
        "track",
        "`track`",
        (
            "place().innerHTML = `<video crossorigin><track default src='${u}x.vtt'></video>`;"
            "document.querySelector('track').track.mode = 'showing'"
        ),
    ),
)

STYLES = ways(
    (
        "css-background",
        "`background` in a sheet",
        "style(`#a { background: url(${u}x.gif) }`);put(make('p', { id: 'a', textContent: 'a' }))",
    ),
    ("css-import", "`@import`", "style(`@import url(${u}x.css);`)"),
    (
        "css-font",
        "`@font-face`",
        (
            "style(`@font-face { font-family: face; src: url(${u}x.woff2) }`);"
            "styled('font-family: face')"
        ),
    ),
    ("css-font-face", "`FontFace`", "await new FontFace('other', `url(${u}x.woff2)`).load()"),
    ("css-attribute", "`style` attribute", "styled(`background: url(${u}x.gif)`)"),
    ("css-property", "`style` property", "place().style.backgroundImage = `url(${u}x.gif)`"),
    (
        "css-rule",
        "`insertRule`",
        (
            "style('').sheet.insertRule(`#b { background: url(${u}x.gif) }`);"
            "put(make('p', { id: 'b', textContent: 'b' }))"
        ),
    ),
    (
        "css-adopted",
        "`adoptedStyleSheets`",
        (
            "const sheet = new CSSStyleSheet();"
            "sheet.replaceSync(`#c { background: url(${u}x.gif) }`);"
            "document.adoptedStyleSheets.push(sheet); put(make('p', { id: 'c', textContent: 'c' }))"
        ),
    ),
    ("css-cursor", "`cursor`", "styled(`cursor: url(${u}x.cur), auto`)"),
    ("css-list", "`list-style-image`", "styled(`display: list-item; list-style: url(${u}x.gif)`)"),
    ("css-border", "`border-image`", "styled(`border: 1px solid; border-image: url(${u}x.gif) 1`)"),
    ("css-mask", "`mask`", "styled(`mask: url(${u}x.svg)`)"),
    ("css-filter", "`filter`", "styled(`filter: url(${u}x.svg#f)`)"),
    ("css-clip-path", "`clip-path`", "styled(`clip-path: url(${u}x.svg#f)`)"),
    ("css-shape", "`shape-outside`", "styled(`float: left; shape-outside: url(${u}x.gif)`)"),
    ("css-image-set", "`image-set()`", "styled(`background: image-set('${u}x.gif' 1x)`)"),
    (
        "css-content",
        "`content`",
        (
            "style(`#d::before { content: url(${u}x.gif) }`);"
            "put(make('p', { id: 'd', textContent: 'd' }))"
        ),
    ),
    ("css-variable", "custom property", "styled(`--x: url(${u}x.gif); background: var(--x)`)"),
    (
        "css-own-import",
        "`@import` in a sheet of the site's own",
        "put(make('link', { rel: 'stylesheet', href: own('import.css', u + 'x.css') }))",
    ),
    (
        "css-own-image",
        "`url()` in a sheet of the site's own",
        "put(make('link', { rel: 'stylesheet', href: own('image.css', u + 'x.gif') }))",
    ),
)

LOADS = (
    Group("scripts", "Scripts", SCRIPTS),
    Group("links", "Links", LINKS),
    Group("images", "Images and media", IMAGES),
    Group("styles", "Style sheets", STYLES),
)
