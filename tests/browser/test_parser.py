"""A browser's own parser as the judge: what it makes of a gated page loads nothing from elsewhere.

Nothing is loaded here: a parsed document without a window stands still, and its elements are read.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator
from itertools import islice, product
from pathlib import Path

import pytest
from playwright.sync_api import Playwright

from tests.browser.chromium import FLAGS
from tests.gate.html.test_oracle import AROUND, FORMS, TAGS, gated, loaded_by

SOUPS, PROBED, BATCH = 20_000, 60_000, 400
ELEMENTS = """pages => pages.map(page => Array.from(
    new DOMParser().parseFromString(page, 'text/html').querySelectorAll('*'),
    each => [each.localName.toLowerCase(),
             Object.fromEntries(Array.from(each.attributes, a => [a.name, a.value]))]))"""

IN_A_TABLE = ["<table>", "<table><tr><td>", "<table><caption>", "<table><tbody>", "<template>"]
IN_A_DRAWING = ["", "<math><mi>", "<svg><desc>", "<svg><foreignObject><b>"]
PARTS = ["</table>", "</td>", "</tr>", "</caption>", "</template>", "<td></td>", "<tr>", "<col>"]
ENDS = ["", "</mi>", "</desc>", "</b></foreignObject>", "</table>"]
TELLING = [
    '<![CDATA[<img src="//e4.example/x"><img src="//e5.example/x">',
    '<style><img src="//e6.example/x"></style>',
]
PLACES = """svg /svg svg/ desc /desc desc/ foreignObject /foreignObject g /g title /title math /math
    mi /mi mi/ mglyph annotation-xml /annotation-xml p /p div /div b /b a /a li /li dd h1 h2 form
    /form button /button object /object option /option select /select input table /table tr /tr
    td th caption col colgroup tbody template /template noframes /noframes frameset /frameset html
    /html body /body head /head font font&color ruby rt nobr br /br hr"""
CORES = ["svg desc", "math mi", "template col", "svg template", "select template", "svg /svg td"]
PROBES = [
    "<![CDATA[><style>]]>{}</style>",
    "<mglyph><title>{}</title>",
    "<noembed></select>{}</noembed>",
    "<style></template>{}</style>",
    "<script></svg>{}</script>",
]


@pytest.fixture(scope="module")
def found(playwright: Playwright, _executable: Path) -> Iterator[Callable[..., list[set[str]]]]:
    """What each of these pages would load from elsewhere, as the browser parses it."""
    browser = playwright.chromium.launch(executable_path=_executable, args=FLAGS)
    tab = browser.new_page()

    def ask(pages: Iterable[str]) -> list[set[str]]:
        rest, loaded = iter(pages), []
        while some := list(islice(rest, BATCH)):
            parsed = tab.evaluate(ELEMENTS, some)
            loaded += [{url for each in page for url in loaded_by(*each)} for page in parsed]
        return loaded

    yield ask
    browser.close()


def soups(count: int) -> Iterator[str]:
    """Few kinds of tags in each, so that the same ones meet in many ways."""
    chance = random.Random("soups")
    for _ in range(count):
        around, tags = chance.sample(AROUND, chance.randint(3, 8)), chance.sample(TAGS, 2)
        page = ""
        for number in range(chance.randint(3, 14)):
            part = chance.choice(chance.choice([tags, around, around]))
            form, quote = chance.choice(FORMS).format(n=number), chance.choice("\"'")
            page += part.replace("{u}", f"{quote}{form}{quote}").replace("{r}", form)
        yield page


def probed(count: int) -> Iterator[str]:
    """Places that parsers reach in their own ways, and at the end what is read otherwise there."""
    chance = random.Random("places")
    for _ in range(count):
        kinds = chance.sample(PLACES.split(), chance.randint(1, 5)) + chance.choice(CORES).split()
        place = "".join(f"<{chance.choice(kinds)}>" for _ in range(chance.randint(3, 9)))
        image = f'<{chance.choice(["img", "frame"])} src="//e7.example/x">'
        yield place.replace("&", " ") + chance.choice(PROBES).format(image)


def drawings_in_tables() -> Iterator[str]:
    """No scope of a table ends where HTML may stand in a drawing (HTML, 13.2.4.2)."""
    parts = (IN_A_TABLE, IN_A_DRAWING, IN_A_DRAWING, PARTS, ENDS, TELLING)
    yield from map("".join, product(*parts))


@pytest.mark.parametrize(
    "pages",
    [lambda: soups(SOUPS), lambda: probed(PROBED), drawings_in_tables],
    ids=["soup", "probed", "table"],
)
def test_the_browsers_tree_of_a_gated_page_loads_nothing_from_elsewhere(
    pages: Callable[[], Iterator[str]], found: Callable[..., list[set[str]]]
) -> None:
    away = found(gated(page.encode()).decode() for page in pages())
    leaks = [(page, each) for page, each in zip(pages(), away, strict=True) if each]
    assert not leaks, min(leaks, key=lambda leak: len(leak[0]))


def test_ungated_they_load_much(found: Callable[..., list[set[str]]]) -> None:
    assert sum(map(bool, found(soups(BATCH)))) > BATCH / 2
    assert sum(map(bool, found(probed(BATCH)))) > BATCH / 5
    assert sum(map(bool, found(drawings_in_tables()))) > BATCH
