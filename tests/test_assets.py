"""The files of the banner: found, hashed, small, and safe to put into any page."""

import base64
import gzip
import hashlib

import pytest

from consentgate.assets import Assets, find_folder, read_folder
from consentgate.banner import SCRIPTS
from consentgate.errors import ConsentGateError

BUDGETS = {
    "boot.js": 1536,
    # Beside the style sheet, which holds the first paint up as long: it costs no time of its own.
    # A third of it is for markup that scripts bring in as text, and for realms of blank frames:
    # there browsers connect for frames and hints before any policy is asked.
    "connect.js": 2304,
    # Only after a withdrawal.
    "forget.js": 512,
    "banner.js": 3584,
    "banner.css": 2048,
    "embed.css": 1024,
    "widget.css": 1024,
    # Only where the social bar has the providers' own buttons.
    "social.css": 768,
    # Only in a page for everybody: the first inside the boot script's element, where it costs less
    # than by itself; the second apart from banner.js, so that no other page has to load it.
    "shared.js": 768,
    "activate.js": 1856,
    # Inline as well, in pages of visitors who agreed to Google Analytics, and of nobody else.
    "masking.js": 2304,
    # Inline as well: in a page for everybody where a signal may be newer than the visitor's choice,
    # and in pages of visitors who agreed to one of Google's tags.
    "signals.js": 704,
    "consent_mode.js": 768,
    # Only where the developer has switched debugging on.
    "overlay.js": 2560,
    "overlay.css": 1024,
}
SHARED_BOOT_BYTES = 512
"""Before all else a page for everybody has to read the state cookie, find the policy that follows
from it, and reveal the banner: what the server has done in any other page. That much may its inline
script be above what the boot script may be."""


@pytest.fixture(scope="module")
def assets():
    return Assets()


@pytest.mark.parametrize(("name", "most_bytes"), BUDGETS.items())
def test_a_file_stays_within_its_budget(name, most_bytes):
    body = (find_folder() / name).read_bytes()
    assert 0 < len(gzip.compress(body, 9)) <= most_bytes


def test_a_page_for_everybody_adds_little_to_the_inline_script(assets):
    inline = len(gzip.compress(assets.joined(("shared.js", "boot.js")).encode(), 9))
    assert BUDGETS["boot.js"] < inline <= BUDGETS["boot.js"] + SHARED_BOOT_BYTES


def test_every_file_has_a_budget():
    assert set(read_folder(find_folder())) == set(BUDGETS)


@pytest.mark.parametrize("name", BUDGETS)
def test_a_file_is_served_under_the_name_that_its_url_ends_with(assets, name):
    url = assets.url(name, "/_gate")
    served = assets.get(url.removeprefix("/_gate/assets/"))
    assert url.startswith("/_gate/assets/")
    assert served.body == (find_folder() / name).read_bytes()
    assert served.content_type.startswith("text/css" if name.endswith("css") else "text/javascript")


def test_another_content_has_another_name():
    one, other = Assets({"boot.js": b"1"}), Assets({"boot.js": b"2"})
    assert one.url("boot.js") != other.url("boot.js")
    assert other.get(one.url("boot.js").removeprefix("/assets/")) is None


def test_a_plain_name_is_not_served(assets):
    assert assets.get("banner.css") is None
    assert assets.get("../banner.css") is None


def test_an_extension_changes_only_the_file_it_names(assets):
    extended = assets.extended({"banner.css": b":root{}"})
    assert extended.url("banner.css") != assets.url("banner.css")
    assert extended.url("banner.js") == assets.url("banner.js")
    assert extended.get(extended.url("banner.css").rpartition("/")[2]).body.endswith(b":root{}")


def test_the_boot_script_can_stand_inside_a_script_element(assets):
    parts = ("signals.js", "shared.js", "boot.js", "masking.js", "consent_mode.js")
    every_part = assets.joined(parts)
    for script in (assets.boot, every_part):
        assert script.isascii()
        assert "</script" not in script.lower()
        assert "<!--" not in script


def test_scripts_assign_nothing_that_trusted_types_forbid(assets):
    for name in (each for each in BUDGETS if each.endswith(".js")):
        text = assets.get(assets.url(name).rpartition("/")[2]).body.decode()
        for sink in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("):
            assert sink not in text, f"{name} uses {sink}"


def test_nothing_is_loaded_from_anywhere(assets):
    for name in ("banner.css", "embed.css", "overlay.css"):
        text = assets.get(assets.url(name).rpartition("/")[2]).body.decode()
        assert "url(" not in text
        assert "@import" not in text


def test_a_wheel_is_looked_into_before_the_folder_beside_the_package(tmp_path):
    package = tmp_path / "consentgate"
    for root in (tmp_path, package):
        folder = root / "static" / "banner"
        folder.mkdir(parents=True)
        (folder / "boot.js").write_bytes(b"")
    assert find_folder(package) == package / "static" / "banner"


def test_missing_files_are_named(tmp_path):
    with pytest.raises(ConsentGateError, match="static/banner"):
        find_folder(tmp_path)


def test_the_integrity_of_a_file_is_the_hash_that_browsers_compute(assets):
    body = (find_folder() / "banner.js").read_bytes()
    algorithm, _, digest = assets.integrity("banner.js").partition("-")
    assert base64.b64decode(digest) == hashlib.new(algorithm, body).digest()


def test_every_script_that_a_page_may_load_is_among_those_with_a_hash():
    inline = {"boot.js", "shared.js", "masking.js", "signals.js", "consent_mode.js"}
    assert set(SCRIPTS) == {name for name in BUDGETS if name.endswith(".js")} - inline
