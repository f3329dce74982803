"""Every screen that a visitor may see: each state of the interface, in each way to look at it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from playwright.sync_api import FrameLocator, Locator, Page

FILM = 'iframe[src*="/embed/youtube"]'
CLIP = "#clip"


@dataclass(frozen=True, slots=True)
class Look:
    """How a visitor looks at it. ``media`` goes to Playwright's ``emulate_media``."""

    name: str
    width: int = 1280
    height: int = 800
    lang: str = "en"
    java_script: bool = True
    media: Mapping[str, str] = field(default_factory=dict)


LOOKS = (
    Look("desk"),
    Look("phone", 320, 568),
    Look("dark", media=MappingProxyType({"color_scheme": "dark"})),
    Look("rtl", lang="ar"),
    Look("forced-colours", media=MappingProxyType({"forced_colors": "active"})),
    # A window of 1280 by 1024 at 400 %.
    Look("zoomed", 320, 256),
    Look("no-script", java_script=False),
    # As wide as A4 is between its margins.
    Look("print", 718, 1000, media=MappingProxyType({"media": "print"})),
)

MORE_LOOKS = (
    Look("german", 320, 568, lang="de"),
    Look("rtl-phone", 320, 568, lang="ar"),
    Look("japanese", 320, 568, lang="ja"),
)
"""Some states are pictured in these as well."""


@dataclass(frozen=True, slots=True)
class State:
    """``path`` has a gap for the language; ``act`` is what the visitor does on the page first.

    ``whole`` pages are pictured to their end, others as far as the window shows them. Where
    ``two_clicks``, the social bar has the providers' own buttons.
    """

    name: str
    path: str
    act: Callable[[Page], None]
    whole: bool = False
    in_more_looks: bool = False
    two_clicks: bool = False


def _stay(page: Page) -> None:
    """Look at the page as it opens."""


def _answer(page: Page, decision: str) -> None:
    page.locator(f"#cg button[value={decision}]").click()
    page.locator("#cg button[value]").first.wait_for(state="detached")


def _refuse(page: Page) -> None:
    _answer(page, "reject-all")


def _open_settings(page: Page) -> None:
    page.locator("#cg button.cg-button--quiet").click()
    page.locator("fieldset").first.wait_for()


def _to_the_middle(place: Locator) -> None:
    place.evaluate("it => it.scrollIntoView({ block: 'center', behavior: 'instant' })")


def _after_refusal(page: Page, selector: str) -> None:
    """Refuse, let the confirmation go, and come to the element."""
    _refuse(page)
    page.locator("#cg [data-cg-hide]").click()
    page.locator("#cg").wait_for(state="hidden")
    _to_the_middle(page.locator(selector).first)


def _within(page: Page, selector: str) -> FrameLocator:
    page.frame_locator(selector).first.locator("body").wait_for()
    return page.frame_locator(selector).first


def _to_the_film(page: Page) -> None:
    _after_refusal(page, FILM)
    _within(page, FILM)


def _to_its_details(page: Page) -> None:
    _to_the_film(page)
    _within(page, FILM).locator("summary").click()


def _to_the_clip(page: Page) -> None:
    _after_refusal(page, CLIP)
    _within(page, CLIP)


def _to_a_widget(page: Page) -> None:
    _after_refusal(page, ".cg-widget")


def _to_the_bars(page: Page) -> None:
    _after_refusal(page, ".cg-social--bottom")


def _look_beside_a_button(page: Page) -> None:
    page.locator(".cg-own summary").first.click()


def _to_an_idle_button(page: Page) -> None:
    _after_refusal(page, ".cg-own")
    _look_beside_a_button(page)


def _arm_a_button(page: Page) -> None:
    _after_refusal(page, ".cg-own")
    page.locator(".cg-own > button").first.click()
    page.locator("[data-cg-social=armed]").first.wait_for()


def _switch_a_button_on(page: Page) -> None:
    _to_an_idle_button(page)
    page.locator(".cg-more button").first.click()
    page.locator("[data-cg-social=on]").first.wait_for()
    _look_beside_a_button(page)


def _opt_out(page: Page) -> None:
    page.locator("button[value=withdraw]").click()
    page.locator("button[value=withdraw]").wait_for(state="detached")


PAGE = "/in/{lang}"
SETTINGS = "/_gate/preferences?back=/in/{lang}"
OPT_OUT = "/_gate/opt-out/google-analytics?back=/in/{lang}"

STATES = (
    State("first-layer", PAGE, _stay, in_more_looks=True),
    State("preferences", SETTINGS, _stay, whole=True, in_more_looks=True),
    State("confirmation", PAGE, _refuse, in_more_looks=True),
    State("social-bar", PAGE, _to_the_bars),
    State("social-idle", PAGE, _to_an_idle_button, two_clicks=True),
    State("social-armed", PAGE, _arm_a_button, two_clicks=True),
    State("social-on", PAGE, _switch_a_button_on, two_clicks=True),
    State("video", PAGE, _to_the_film, in_more_looks=True),
    State("small", PAGE, _to_the_clip),
    State("declaration", "/_gate/cookies?back=/in/{lang}", _stay, whole=True, in_more_looks=True),
    State("opt-out", OPT_OUT, _stay, whole=True),
    # Beyond the list: what opens from these.
    State("dialog", PAGE, _open_settings, in_more_looks=True),
    State("video-details", PAGE, _to_its_details),
    State("widget", PAGE, _to_a_widget, in_more_looks=True),
    State("opt-out-done", OPT_OUT, _opt_out, whole=True),
)

SHOWN = (
    State("first-layer", "/", _stay),
    State("settings", "/", _open_settings),
    State("video", "/", _to_the_film),
    State("widget", "/blog/our-fair-in-tweets", _to_a_widget),
)
"""What the documentation shows, on the example site's own pages."""


def product() -> Iterator[tuple[Look, tuple[State, ...]]]:
    """Each look with the states to be taken in it."""
    for look in LOOKS:
        yield look, STATES
    for look in MORE_LOOKS:
        yield look, tuple(state for state in STATES if state.in_more_looks)
