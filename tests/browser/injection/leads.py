"""Ways of frames, and the means of bringing markup into a page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from tests.browser.injection.way import Group, Way, ways

AS_TEXT: Mapping[str, tuple[str, str]] = {
    "inner-html": ("`innerHTML`", "place().innerHTML = html"),
    "outer-html": ("`outerHTML`", "place().outerHTML = html"),
    "insert-adjacent": (
        "`insertAdjacentHTML`",
        "document.body.insertAdjacentHTML('beforeend', html)",
    ),
    "document-write": ("`document.write`", "document.write(html)"),
    "set-html-unsafe": ("`setHTMLUnsafe`", "place().setHTMLUnsafe(html)"),
    "exec-command": (
        "`execCommand`",
        (
            "const field = put(make('div', { contentEditable: 'true', textContent: 'x' }));"
            "field.focus(); getSelection().selectAllChildren(field);"
            "document.execCommand('insertHTML', false, html)"
        ),
    ),
    "shadow": (
        "`innerHTML` of a shadow root",
        "place().attachShadow({ mode: 'closed' }).innerHTML = html",
    ),
    "shadow-declared": (
        "declared shadow root",
        "place().setHTMLUnsafe(`<div><template shadowrootmode=open>${html}</template></div>`)",
    ),
    "fragment": (
        "`createContextualFragment`",
        "place().append(document.createRange().createContextualFragment(html))",
    ),
    "template": ("content of a template", "place().append(node(html).cloneNode(true))"),
    "parsed": (
        "`DOMParser`",
        (
            "place().append(document.adoptNode("
            "new DOMParser().parseFromString(html, 'text/html').querySelector('iframe,link')))"
        ),
    ),
    "imported": ("`importNode`", "place().append(document.importNode(node(html), true))"),
    "replace": ("`replaceWith`", "place().replaceWith(node(html))"),
    "before-child": ("`insertBefore`", "place().insertBefore(node(html), null)"),
    "fresh-realm": (
        "`appendChild` of a blank frame",
        "const { appendChild } = blank().Node.prototype; appendChild.call(place(), node(html))",
    ),
    "blank-frame": ("in a blank frame", "blank().document.body.innerHTML = html"),
    "blank-written": (
        "in a blank frame, `document.write`",
        "const { document: inner } = blank(); inner.write(html); inner.close()",
    ),
    "srcdoc": ("in `srcdoc`", "put(make('iframe', { srcdoc: html }))"),
    "blob-frame": ("in a `blob:` frame", "put(make('iframe', { src: blob(html, 'text/html') }))"),
    "data-frame": (
        "in a `data:` frame",
        "put(make('iframe', { src: 'data:text/html,' + encodeURIComponent(html) }))",
    ),
    "script-frame": (
        "in a `javascript:` frame",
        "put(make('iframe', { src: 'javascript:' + encodeURIComponent(JSON.stringify(html)) }))",
    ),
}
"""Means of bringing markup into a page: how each is called, and what it does with ``html``."""

MARKUP: Mapping[str, tuple[str, str]] = {
    "frame": ("frame", "<iframe src='${u}'></iframe>"),
    "preconnect": ("`preconnect`", "<link rel=preconnect href='${u}'>"),
    "dns-prefetch": ("`dns-prefetch`", "<link rel=dns-prefetch href='${u}'>"),
    "rules": (
        "speculation rules",
        '<script type=speculationrules>{"prefetch":[{"urls":["${u}x.html"]}]}<\\/script>',
    ),
}


def as_text(kind: str, several: Iterable[str] = tuple(AS_TEXT)) -> tuple[Way, ...]:
    """This markup, brought in by several means, each a way of its own."""
    title, markup = MARKUP[kind]
    found = ((means, *AS_TEXT[means]) for means in several)
    return tuple(
        Way(f"{kind}-{means}", f"{title}, {how}", f"const html = `{markup}`; {does}")
        for means, how, does in found
    )


_NAMED = "const name = host.replaceAll('.', '-'); put(make('iframe', { name }));"

FRAMES = ways(
    ("frame-property", "frame, `src` before it is put in", "put(make('iframe', { src: u }))"),
    (
        "frame-attribute",
        "frame, `setAttribute` before it is put in",
        "const frame = make('iframe'); frame.setAttribute('src', u); put(frame)",
    ),
    ("frame-property-late", "frame in the page, `src`", "put(make('iframe')).src = u"),
    (
        "frame-attribute-late",
        "frame in the page, `setAttribute`",
        "put(make('iframe')).setAttribute('src', u)",
    ),
    (
        "frame-attribute-node",
        "frame in the page, attribute node",
        (
            "const attribute = document.createAttribute('src'); attribute.value = u;"
            "put(make('iframe')).setAttributeNode(attribute)"
        ),
    ),
    (
        "frame-attribute-value",
        "frame in the page, value of the attribute",
        (
            "const frame = make('iframe'); frame.setAttribute('src', 'about:blank');"
            "put(frame).attributes.src.value = u"
        ),
    ),
    ("frame-location", "frame in the page, `location`", "blank().location = u"),
    ("frame-location-replace", "frame in the page, `replace`", "blank().location.replace(u)"),
    ("frame-opened", "frame in the page, `open`", f"{_NAMED} open(u, name)"),
    (
        "frame-link",
        "frame in the page, link clicked by a script",
        f"{_NAMED} put(make('a', {{ href: u, target: name }})).click()",
    ),
    (
        "frame-form",
        "frame in the page, form sent by a script",
        f"{_NAMED} put(make('form', {{ action: u, target: name }})).submit()",
    ),
    (
        "frame-form-post",
        "frame in the page, form posted by a script",
        f"{_NAMED} put(make('form', {{ action: u, target: name, method: 'post' }})).submit()",
    ),
    (
        "frame-refresh",
        "`meta` refresh in `srcdoc`",
        "put(make('iframe', { srcdoc: `<meta http-equiv=refresh content='0;url=${u}'>` }))",
    ),
    (
        "frame-script",
        "`location` in a `blob:` frame",
        (
            "const html = `<script>location = '${u}'<\\/script>`;"
            "put(make('iframe', { src: blob(html, 'text/html') }))"
        ),
    ),
    (
        "frame-redirected",
        "frame of the site's own, redirected",
        "put(make('iframe', { src: own('redirect', u) }))",
    ),
    (
        "frame-credentialless",
        "`credentialless` frame",
        "const frame = make('iframe', { credentialless: true }); frame.src = u; put(frame)",
    ),
    (
        "frame-fenced",
        "`fencedframe`",
        "put(make('fencedframe', { config: new FencedFrameConfig(u) }))",
    ),
    (
        "frame-set",
        "`frame` in a `frameset`",
        "put(make('iframe', { srcdoc: `<frameset><frame src='${u}'></frameset>` }))",
    ),
    ("object", "`object` of a page", "put(make('object', { type: 'text/html', data: u }))"),
    (
        "object-image",
        "`object` of an image",
        "put(make('object', { type: 'image/gif', data: u + 'x.gif' }))",
    ),
    (
        "object-late",
        "`object` in the page, `setAttribute`",
        "put(make('object')).setAttribute('data', u)",
    ),
    ("embed", "`embed` of a page", "put(make('embed', { type: 'text/html', src: u }))"),
    (
        "embed-image",
        "`embed` of an image",
        "put(make('embed', { type: 'image/gif', src: u + 'x.gif' }))",
    ),
)

INSIDE = ways(
    ("inside-srcdoc", "image in `srcdoc`", "put(make('iframe', { srcdoc: `<img src='${u}'>` }))"),
    (
        "inside-blank",
        "image in a blank frame",
        "blank().document.body.innerHTML = `<img src='${u}'>`",
    ),
    (
        "inside-written",
        "image in a blank frame, `document.write`",
        "const { document: inner } = blank(); inner.write(`<img src='${u}'>`); inner.close()",
    ),
    (
        "inside-blob",
        "image in a `blob:` frame",
        "put(make('iframe', { src: blob(`<img src='${u}'>`, 'text/html') }))",
    ),
    (
        "inside-blob-svg",
        "image in a `blob:` SVG",
        (
            "const text = `<svg xmlns='http://www.w3.org/2000/svg'>"
            "<image href='${u}x.gif'/></svg>`;"
            "put(make('iframe', { src: blob(text, 'image/svg+xml') }))"
        ),
    ),
    (
        "inside-data",
        "image in a `data:` frame",
        "put(make('iframe', { src: `data:text/html,<img src='${u}'>` }))",
    ),
    (
        "inside-script",
        "image in a `javascript:` frame",
        "put(make('iframe', { src: `javascript:\"<img src='${u}'>\"` }))",
    ),
    (
        "inside-sandbox",
        "image in a sandboxed `srcdoc`",
        (
            "const frame = make('iframe', { srcdoc: `<img src='${u}'>` });"
            "frame.setAttribute('sandbox', ''); put(frame)"
        ),
    ),
)

FRAMING = (
    Group("frames", "Frames that a script leads to another site", FRAMES),
    Group("inside", "What stands in frames of a script's own", INSIDE),
    Group("frames-as-text", "Frames in markup that a script brings in", as_text("frame")),
)
