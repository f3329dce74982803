"""The pictures: of every screen, and each can be taken."""

from itertools import product as every_pair
from pathlib import Path

from tests.browser.recorder import Recorder
from tests.browser.screens import LOOKS, STATES, product
from tests.browser.screenshots import pictured_sites, take_look
from tests.browser.visitor import Browser

PNG = b"\x89PNG\r\n\x1a\n"


def test_every_state_is_pictured_in_every_look() -> None:
    taken = [(state.name, look.name) for look, states in product() for state in states]
    listed = every_pair((state.name for state in STATES), (look.name for look in LOOKS))
    assert len(taken) == len(set(taken))
    assert set(listed) <= set(taken)
    assert len(STATES) >= 8
    assert len(LOOKS) >= 8


def test_every_state_can_be_reached(browser: Browser, recorder: Recorder, tmp_path: Path) -> None:
    wanted = {tmp_path / f"{state.name}.png": state for state in STATES}
    with pictured_sites(recorder, tmp_path) as bases:
        assert list(take_look(browser, bases, LOOKS[0], wanted)) == list(wanted)
    pictures = [picture.read_bytes() for picture in wanted]
    assert all(picture.startswith(PNG) for picture in pictures)
    assert pictures.count(pictures[0]) == 1
