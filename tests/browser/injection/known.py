"""What is known of the ways: where one does nothing at all, and where one gets past the gate."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from pathlib import Path

from tests.browser.engines import Engine
from tests.browser.injection.measuring import WAYS, Measured, Setting, measure
from tests.browser.recorder import Recorder

NO_SUCH_THING: Mapping[str, tuple[str, ...]] = {
    "chromium": (
        "css-filter",
        "frame-fenced",
        "img-attribution",
        "link-icon",  # without a window
        "link-manifest",  # without a window
        "link-lookup*",
        "policy-report",
        "preconnect-exec-command",
        "rules-blank-element",
        "rules-blank-written",
        "rules-inner-html",
        "rules-shadow",
        "rules-srcdoc",
        "svg-filter",
        "svg-use",
        "worker-foreign",
        "worker-redirected",
        "xslt",
    ),
    "firefox": (
        "background-fetch",
        "css-clip-path",
        "css-filter",
        "fedcm",
        "fetch-later",
        "frame-fenced",
        "frame-refresh",
        "img-attribution",
        "link-manifest",
        "link-prerender",
        "paint-worklet",
        "payment",
        "ping",
        "policy-report",
        "rtc-prefixed",
        "rules-[!l]*",
        "svg-filter",
        "svg-use",
        "web-socket-stream",
        "worker-foreign",
        "worker-redirected",
        "xslt",
    ),
    "webkit": (
        "background-fetch",
        "css-clip-path",
        "css-filter",
        "fedcm",
        "fetch-later",
        "frame-fenced",
        "img-attribution",
        "link-dictionary",
        "link-icon",
        "link-lookup*",
        "link-manifest",
        "link-prefetch",
        "link-prerender",
        "paint-worklet",
        "payment",
        "policy-report",
        "preconnect-exec-command",
        "rtc-*",  # Debian builds it without WebRTC
        "rules-*",
        "svg-filter",
        "svg-use",
        "web-socket-stream",
        "web-transport",
        "worker-foreign",
        "worker-redirected",
        "xslt",
    ),
}
"""The ways that do nothing in an engine even where nothing stops them, as patterns of ids."""

HINTS_IN_TEXT = (
    "preconnect-attribute-late",
    "preconnect-blank-*",
    "preconnect-blob-frame",
    "preconnect-class-list",
    "preconnect-data-frame",
    "preconnect-document-write",
    "preconnect-fresh-realm",
    "preconnect-href-late",
    "preconnect-inner-html",
    "preconnect-insert-adjacent",
    "preconnect-outer-html",
    "preconnect-rel-late",
    "preconnect-script-frame",
    "preconnect-set-html-unsafe",
    "preconnect-shadow*",
    "preconnect-srcdoc",
)

PASSES: Mapping[str, tuple[str, ...]] = {
    "chromium": (
        # A frame that is in the page already, or comes as text: connected to, then blocked.
        "frame-attribute-node",
        "frame-attribute-value",
        "frame-blank-frame",
        "frame-blank-written",
        "frame-blob-frame",
        "frame-data-frame",
        "frame-document-write",
        "frame-exec-command",
        "frame-form*",
        "frame-fresh-realm",
        "frame-inner-html",
        "frame-insert-adjacent",
        "frame-link",
        "frame-location*",
        "frame-opened",
        "frame-outer-html",
        "frame-refresh",
        "frame-script*",
        "frame-set*",
        "frame-shadow*",
        "frame-srcdoc",
        "own-xhtml-frame",
        # Hints as text, set late, or in a document that no script of ours is in.
        "dns-prefetch-[!e]*",
        *HINTS_IN_TEXT,
        # What no observer of the page sees.
        "rtc-fresh-realm",
    ),
    "firefox": (
        # Look-ups are stopped by a header, which frames of a script's own do not have.
        "dns-prefetch-blank-frame",
        "dns-prefetch-blob-frame",
        "dns-prefetch-data-frame",
        "dns-prefetch-srcdoc",
        "preconnect-exec-command",
        *HINTS_IN_TEXT,
        "rtc-fresh-realm",
    ),
    "webkit": (
        "dns-prefetch-[!e]*",
        *HINTS_IN_TEXT,
        # Its data: workers are under no policy of the page.
        "worker-data",
    ),
}
"""The ways that the gate does not stop in an engine, in both variants; why is in the docs."""


def idle(engine_id: str) -> frozenset[str]:
    """The ways that do nothing in this engine."""
    return matching(NO_SUCH_THING[engine_id])


def expected(engine_id: str, setting: Setting) -> frozenset[str]:
    """The ways that reach their third party in this engine and setting."""
    if setting is Setting.BARE:
        return frozenset(WAYS) - idle(engine_id)
    return matching(PASSES[engine_id])


def matching(patterns: Iterable[str]) -> frozenset[str]:
    return frozenset(way for way in WAYS for pattern in patterns if fnmatchcase(way, pattern))


def measure_all(engine: Engine, folder: Path) -> dict[Setting, Measured]:
    """Try every way in one engine, without a gate and behind it in both variants."""
    measured: dict[Setting, Measured] = {}
    with Recorder() as recorder:
        for setting in Setting:
            (folder / setting).mkdir()
            recorder.reset()
            measured[setting] = measure(
                engine,
                setting,
                folder / setting,
                recorder,
                expected=expected(engine.id, setting),
                seconds=measured[Setting.BARE].seconds if measured else {},
            )
    return measured
