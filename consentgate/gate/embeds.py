"""What the HTML gate does with each tag: which markup names a third party without consent.

Three answers, each reversible from the page itself: a URL attribute is renamed, a script gets
an inert type, a frame leads to our placeholder. Before the place that a stopped script would
have filled, the visitor's way to load it is put. What a browser fetches, and from which
attribute, follows the HTML Living Standard and SVG 2.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType

from consentgate.gate.access import Access, Blocked
from consentgate.gate.csp import extend_own_policy
from consentgate.gate.frames import frame_facts, is_hidden
from consentgate.gate.html import Edit, Tag
from consentgate.gate.html.names import GATED
from consentgate.gate.left_out import left_out
from consentgate.gate.links import HINT_RELS, LOADING_RELS, refresh_target
from consentgate.gate.srcset import srcset_urls
from consentgate.gate.widgets import Place, Shape, Widget, builds_widget, find_widget, retired_frame

PARKED = "data-cg-"
"""The prefix under which a stopped attribute keeps its name and value."""

INERT_TYPE = "text/plain"
"""A script of this type is neither fetched nor run."""

UNKNOWN_SERVICE = "other"
"""Stands for the service in the address of a frame that no service claims."""

EmbedUrl = Callable[[str, Mapping[str, str]], str]
"""(service id, facts of the frame) → address of the placeholder page."""

Slot = Callable[[], bytes]
"""The fragment for an element that the site reserved with ``data-consentgate``."""

_FETCHED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "a": ("ping", "attributionsrc"),
        "area": ("ping", "attributionsrc"),
        "applet": ("codebase", "archive"),
        "audio": ("src",),
        # Every relative address would lead there: without it they stay on the site.
        "base": ("href",),
        "body": ("background",),
        "embed": ("src",),
        "feimage": ("href", "xlink:href"),
        "image": ("href", "xlink:href", "src", "srcset"),
        "img": ("src", "srcset", "attributionsrc"),
        "input": ("src",),
        "object": ("data", "codebase"),
        "source": ("src", "srcset"),
        "table": ("background",),
        "td": ("background",),
        "th": ("background",),
        "tr": ("background",),
        "track": ("src",),
        "use": ("href", "xlink:href"),
        "video": ("src", "poster"),
    }
)


def _words(value: str) -> tuple[str, ...]:
    return tuple(value.split())


_URL_LISTS: Mapping[str, Callable[[str], tuple[str, ...]]] = MappingProxyType(
    {
        "attributionsrc": _words,
        "imagesrcset": srcset_urls,
        "ping": _words,
        "srcset": srcset_urls,
    }
)
_LOADING = frozenset(name.decode("ascii") for name in GATED)
_JAVASCRIPT = re.compile(
    r"(?:module|(?:text|application)/(?:x-)?(?:java|ecma)script|text/javascript1\.[0-5]"
    r"|text/(?:jscript|livescript))\Z"
)
_URL_DATA = frozenset({"importmap", "speculationrules"})
# One that never ends takes all the rest, or looking for its end would be quadratic.
_JSON_STRING = re.compile(r'"(?:[^"\\]++|\\.)*+(?:"|\Z|\\\Z)', re.DOTALL)


def _nothing(_: Widget) -> bytes:
    return b""


class Embeds:
    """The decisions for one page and one visitor's access.

    ``gate_url`` is the absolute address of our own endpoints, which a policy inside the page
    has to admit; ``preferences_url`` is where an ``<a data-consentgate=preferences>`` leads.
    ``place`` gives what to put before a widget. ``blocked`` collects what was stopped, by host,
    for the log.
    """

    def __init__(
        self,
        access: Access,
        *,
        embed_url: EmbedUrl,
        gate_url: str,
        preferences_url: str,
        slots: Mapping[str, Slot],
        place: Place = _nothing,
    ) -> None:
        self._access = access
        self._embed_url = embed_url
        self._gate_url = gate_url
        self._preferences_url = preferences_url
        self._slots = slots
        self._place = place
        self._in_body = False
        self._offered: set[str] = set()
        self.blocked: dict[str, Blocked] = {}

    def tag(self, tag: Tag) -> Edit | None:
        """The edit for a start tag; None where it may leave as it came."""
        gated, placed = self._left_out(tag, self._gated(tag)), self._placed(tag)
        if gated and placed:
            return replace(placed, rename=gated.rename, set={**gated.set, **placed.set})
        return gated or placed

    def _left_out(self, tag: Tag, edit: Edit | None) -> Edit | None:
        out = self._access.consent.opted_out
        return left_out(tag, edit, out) if edit and out else edit

    def _gated(self, tag: Tag) -> Edit | None:
        match tag.name:
            case "script":
                return self._script(tag) or self._attributes(tag, ("attributionsrc",))
            case "iframe" | "frame":
                return self._frame(tag)
            case "link":
                return self._link(tag)
            case "meta":
                return self._meta(tag)
        return self._attributes(tag, _FETCHED.get(tag.name, ()))

    def inline(self, tag: Tag, code: bytes) -> Edit | None:
        """The edit for the start tag of a script without ``src``, from the code in it."""
        kind = _script_type(tag)
        if kind in _URL_DATA:
            blocked = self._first_blocked(_json_strings(code))
            return _park_script(tag, _label(blocked)) if blocked else None
        if not _JAVASCRIPT.match(kind):
            return None
        service = self._access.blocked_code(code)
        if service is None:
            return None
        parked = _park_script(tag, service.id)
        if self._in_body and service.id not in self._offered and builds_widget(code):
            return replace(parked, before=self._offer(tag, Widget(service, Shape.BOX)))
        return self._left_out(tag, parked)

    def _placed(self, tag: Tag) -> Edit | None:
        """What goes beside an element that loads nothing by itself."""
        self._in_body |= tag.name == "body"
        if tag.name in _LOADING and (tag.name != "script" or _JAVASCRIPT.match(_script_type(tag))):
            return None
        role, lookup = tag.get("data-consentgate"), self._access.lookup
        if role is not None and (role in self._slots or role not in lookup.services):
            return self._reserved(tag, role)
        widget = Widget(lookup.services[role], Shape.BOX) if role else find_widget(tag, lookup)
        offer = self._offer(tag, widget) if widget else b""
        if widget is None or not offer:
            return None
        # A script's type is what its provider looks for, and ours to change where it is marked.
        marked = {} if tag.name == "script" else {"data-cg": widget.service.id}
        if widget.shape is Shape.INSIDE:
            return Edit(set=marked, after=offer)
        return Edit(set=marked, before=offer)

    def _offer(self, tag: Tag, widget: Widget) -> bytes:
        """The visitor's way to load a widget; nothing where it is loaded or cannot be shown."""
        out_of_sight = tag.aside or tag.noscript or tag.foreign or tag.get("data-cg") is not None
        if out_of_sight or self._access.consent.allows(widget.service.id):
            return b""
        self._offered.add(widget.service.id)
        return self._place(widget)

    def _reserved(self, tag: Tag, role: str) -> Edit | None:
        if role == "preferences" and tag.name == "a" and tag.get("href") in {None, "", "#"}:
            return Edit(set={"href": self._preferences_url})
        slot = self._slots.get(role)
        return Edit(after=slot()) if slot else None

    def _script(self, tag: Tag) -> Edit | None:
        kind = _script_type(tag)
        if not _JAVASCRIPT.match(kind):
            return None
        sources = [tag.get(name) for name in ("src", "href", "xlink:href")]
        blocked = self._first_blocked(source for source in sources if source)
        return _park_script(tag, _label(blocked)) if blocked else None

    def _frame(self, tag: Tag) -> Edit | None:
        source = tag.get("src")
        blocked = self._blocked(source) if source else None
        if source is None or blocked is None:
            return None
        label = _label(blocked)
        if is_hidden(tag):
            return Edit(rename={"src": PARKED + "src"}, set={"data-cg": label})
        facts = frame_facts(tag, blocked.url, source)
        if retired := retired_frame(blocked.service, blocked.url):
            parked = Edit(rename={"src": PARKED + "src"}, set={"data-cg": label, "hidden": ""})
            return replace(parked, before=self._offer(tag, retired))
        service = blocked.service.id if blocked.service else UNKNOWN_SERVICE
        placeholder = self._embed_url(service, facts)
        return Edit(
            # A sandbox without forms or navigation would make our own buttons dead.
            rename={"src": PARKED + "src", "sandbox": PARKED + "sandbox"},
            set={"src": placeholder, "data-cg": label},
        )

    def _link(self, tag: Tag) -> Edit | None:
        loading = LOADING_RELS.intersection((tag.get("rel") or "").lower().split())
        if not loading:
            return None
        if loading <= HINT_RELS:
            blocked = self._access.blocked_hint(tag.get("href") or "")
            return self._noted(blocked, "href") if blocked else None
        return self._attributes(tag, ("href", "imagesrcset"))

    def _meta(self, tag: Tag) -> Edit | None:
        content = tag.get("content") or ""
        match (tag.get("http-equiv") or "").strip().lower():
            case "refresh":
                target = refresh_target(content)
                if target and self._blocked(target):
                    return Edit(rename={"content": PARKED + "content"})
            case "content-security-policy":
                extended = extend_own_policy(content, gate_url=self._gate_url, inline_hash=None)
                if extended != content:
                    return Edit(set={"content": extended})
        return None

    def _attributes(self, tag: Tag, names: tuple[str, ...]) -> Edit | None:
        """Rename those of the attributes that hold a blocked URL; the label names every service."""
        parked: dict[str, str] = {}
        labels: dict[str, None] = {}
        for name in names:
            value = tag.get(name)
            if not value:
                continue
            urls = _URL_LISTS[name](value) if name in _URL_LISTS else (value,)
            if blocked := tuple(filter(None, map(self._blocked, urls))):
                parked[name] = PARKED + name
                labels |= dict.fromkeys(map(_label, blocked))
        return Edit(rename=parked, set={"data-cg": " ".join(labels)}) if parked else None

    def _first_blocked(self, references: Iterable[str]) -> Blocked | None:
        return next(filter(None, map(self._blocked, references)), None)

    def _noted(self, blocked: Blocked, attribute: str) -> Edit:
        self.blocked.setdefault(blocked.url.host, blocked)
        return Edit(rename={attribute: PARKED + attribute}, set={"data-cg": _label(blocked)})

    def _blocked(self, reference: str) -> Blocked | None:
        blocked = self._access.blocked(reference)
        if blocked:
            self.blocked.setdefault(blocked.url.host, blocked)
        return blocked


def _script_type(tag: Tag) -> str:
    """The type of a script as its element prepares it: HTML, 'prepare the script element'."""
    declared = tag.get("type")
    if declared is None:
        language = tag.get("language")
        declared = f"text/{language}" if language else ""
    return declared.strip("\t\n\f\r ").lower() or "text/javascript"


def _park_script(tag: Tag, label: str) -> Edit:
    renamed = {"type": PARKED + "type"} if tag.get("type") is not None else {}
    return Edit(rename=renamed, set={"type": INERT_TYPE, "data-cg": label})


def _label(blocked: Blocked) -> str:
    return blocked.service.id if blocked.service else blocked.url.host


def _json_strings(code: bytes) -> tuple[str, ...]:
    text = code.decode("utf-8", "replace")
    strings = []
    for literal in _JSON_STRING.findall(text):
        try:
            strings.append(str(json.loads(literal, strict=False)))
        except ValueError:
            strings.append(literal[1:-1])
    return tuple(strings)
