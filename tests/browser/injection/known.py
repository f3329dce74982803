"""What is known of the ways: where one does nothing at all, and where one gets past the gate."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path
from tempfile import mkdtemp

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

HINTS = (
    # Attribute nodes and lists of words; documents of a script's own that no script of ours is in.
    "preconnect-attribute-node",
    "preconnect-blob-frame",
    "preconnect-class-list",
    "preconnect-data-frame",
    "preconnect-script-frame",
)
LOOK_UPS = (
    "dns-prefetch-attribute-node",
    "dns-prefetch-blob-frame",
    "dns-prefetch-class-list",
    "dns-prefetch-data-frame",
)

PASSES: Mapping[str, tuple[str, ...]] = {
    "chromium": (
        # A frame that is in the page already and led elsewhere: connected to, then blocked.
        "frame-attribute-node",
        "frame-attribute-value",
        "frame-form*",
        "frame-link",
        "frame-location*",
        "frame-opened",
        # The same in a document that no script of ours is in.
        "frame-blob-frame",
        "frame-data-frame",
        "frame-refresh",
        "frame-script*",
        "frame-set",
        "own-xhtml-frame",
        *HINTS,
        *LOOK_UPS,
    ),
    "firefox": (
        # Look-ups are stopped by a header, which frames of a script's own do not have.
        "dns-prefetch-blob-frame",
        "dns-prefetch-data-frame",
        *HINTS,
    ),
    "webkit": (*HINTS, *LOOK_UPS),
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


BARE_TRIES = 3


def measure_all(engine: Engine, folder: Path) -> dict[Setting, Measured]:
    """Try every way in one engine, without a gate and behind it in both variants."""
    measured: dict[Setting, Measured] = {}
    with Recorder() as recorder:
        bare = measured[Setting.BARE] = _measure_bare(engine, folder, recorder)
        for setting in (Setting.PERSONAL, Setting.SHARED):
            measured[setting] = _measure(engine, setting, folder, recorder, bare.seconds)
    return measured


def _measure_bare(engine: Engine, folder: Path, recorder: Recorder) -> Measured:
    """What works without a gate: what worked once does, and some a browser begins when it likes.

    Behind the gate nothing is tried twice: there no way may work even once.
    """
    bare = _measure(engine, Setting.BARE, folder, recorder, {})
    for _ in range(1, BARE_TRIES):
        if bare.reached >= expected(engine.id, Setting.BARE):
            break
        again = _measure(engine, Setting.BARE, folder, recorder, bare.seconds)
        bare = replace(
            again,
            reached=bare.reached | again.reached,
            strangers=bare.strangers | again.strangers,
            seconds={page: max(bare.seconds[page], took) for page, took in again.seconds.items()},
        )
    return bare


def _measure(
    engine: Engine,
    setting: Setting,
    folder: Path,
    recorder: Recorder,
    seconds: Mapping[str, float],
) -> Measured:
    recorder.reset()
    place = Path(mkdtemp(dir=folder))
    asked = expected(engine.id, setting)
    return measure(engine, setting, place, recorder, expected=asked, seconds=seconds)
