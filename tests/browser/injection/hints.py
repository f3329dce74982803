"""Ways of connection hints, speculation rules, import maps and base addresses."""

from __future__ import annotations

from tests.browser.injection.leads import as_text
from tests.browser.injection.way import Group, Way, ways

SOME_LOOK_UPS = (
    "inner-html", "insert-adjacent", "document-write", "shadow",
    "blank-frame", "srcdoc", "blob-frame", "data-frame",
)  # fmt: skip
SOME_RULES = ("inner-html", "document-write", "fragment", "shadow", "blank-written", "srcdoc")
_RULES = "JSON.stringify({ prefetch: [{ urls: [u + 'x.html'], eagerness: 'immediate' }] })"

HINTS = (
    *(
        Way(
            f"{rel}-{means}",
            f"`{rel}`, {how}",
            f"const rel = '{rel}', hint = make('link'); {does}",
        )
        for rel in ("preconnect", "dns-prefetch")
        for means, how, does in (
            (
                "element",
                "element put in",
                "hint.rel = rel; hint.href = u; document.head.append(hint)",
            ),
            ("href-late", "`href` set in the page", "hint.rel = rel; put(hint).href = u"),
            ("rel-late", "`rel` set in the page", "hint.href = u; put(hint).rel = rel"),
            (
                "attribute-late",
                "`setAttribute` in the page",
                "hint.rel = rel; put(hint).setAttribute('href', u)",
            ),
            (
                "attribute-node",
                "attribute node in the page",
                (
                    "const href = document.createAttribute('href'); href.value = u;"
                    "hint.rel = rel; put(hint).setAttributeNode(href)"
                ),
            ),
            (
                "class-list",
                "`relList` in the page",
                "hint.href = u; put(hint).relList.add(rel)",
            ),
        )
    ),
)

SPECULATION = ways(
    (
        "rules-element",
        "speculation rules, element put in",
        f"put(make('script', {{ type: 'speculationrules', textContent: {_RULES} }}))",
    ),
    (
        "rules-prerender",
        "speculation rules, `prerender`",
        (
            "put(make('script', { type: 'speculationrules',"
            f" textContent: {_RULES}.replace('prefetch', 'prerender') }}))"
        ),
    ),
    (
        "rules-text-late",
        "speculation rules, text set in the page",
        f"put(make('script', {{ type: 'speculationrules' }})).textContent = {_RULES}",
    ),
    (
        "rules-type-late",
        "speculation rules, type and text set in the page",
        f"Object.assign(put(make('script')), {{ type: 'speculationrules', text: {_RULES} }})",
    ),
    (
        "rules-shadow-element",
        "speculation rules, element put into a shadow root",
        (
            "place().attachShadow({ mode: 'closed' }).append("
            f"make('script', {{ type: 'speculationrules', textContent: {_RULES} }}))"
        ),
    ),
    (
        "rules-blank-element",
        "speculation rules, element put into a blank frame",
        (
            "const { document: inner } = blank(), rules = inner.createElement('script');"
            f"rules.type = 'speculationrules'; rules.text = {_RULES}; inner.body.append(rules)"
        ),
    ),
    (
        "rules-link",
        "speculation rules, document rules for a link that is put in",
        (
            "put(make('a', { href: u + 'x.html', textContent: 'x' }));"
            "const text = JSON.stringify({ prefetch: [{ where: { href_matches: u + '*' },"
            " eagerness: 'immediate' }] });"
            "put(make('script', { type: 'speculationrules', text }))"
        ),
    ),
)

LINK_LOOKUP = ways(
    (
        "link-lookup",
        "look-up for a link that is put in",
        "put(make('a', { href: u, textContent: 'x' }))",
    ),
    (
        "link-lookup-asked",
        "look-up for a link, asked for by `x-dns-prefetch-control`",
        (
            "const httpEquiv = 'x-dns-prefetch-control';"
            "document.head.append(make('meta', { httpEquiv, content: 'on' }));"
            "put(make('a', { href: u, textContent: 'x' }))"
        ),
    ),
)

ADDRESSES = ways(
    (
        "import-map",
        "inserted import map",
        (
            "const text = JSON.stringify({ imports: { mapped: u + 'x.js' } });"
            "put(make('script', { type: 'importmap', text })); await import('mapped')"
        ),
    ),
    (
        "base",
        "inserted `base`, relative address",
        "document.head.prepend(make('base', { href: u })); new Image().src = 'x.gif'",
    ),
)

HINTING = (
    Group("hints", "Hints as elements", HINTS),
    Group("preconnects-as-text", "Hints in markup that a script brings in", as_text("preconnect")),
    Group("look-ups-as-text", "Look-ups in such markup", as_text("dns-prefetch", SOME_LOOK_UPS)),
)
_RULES_AS_TEXT = as_text("rules", SOME_RULES)
SPECULATING = (Group("speculation", "Speculation", (*SPECULATION, *_RULES_AS_TEXT)),)
LOOKING_UP = (Group("link-lookup", "Look-ups for links", LINK_LOOKUP),)
ADDRESSING = (Group("addresses", "Import map and base", ADDRESSES),)
