"""The analytics opt-out: how it is asked for, what it sets, and that the gate itself honours it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from consentgate.config import load_config
from consentgate.errors import StorageError
from consentgate.model import Consent
from consentgate.opt_out import opt_out_names, opted_out, without_opted_out
from consentgate.proofs.sqlite import SqliteLog
from tests.gated import proofs_in
from tests.test_middleware import CONFIG, SAME_ORIGIN, choose, visiting

ADDRESS = "/_gate/opt-out/google-analytics"
CLICK = {
    "sec-fetch-site": "same-origin",
    "sec-fetch-mode": "navigate",
    "sec-fetch-dest": "document",
}
DISABLED = "ga-disable-G-ABC123"


@pytest.fixture
def client(tmp_path: Path) -> Iterator[httpx.Client]:
    with visiting(tmp_path) as client:
        choose(client, "accept-all", back="/")
        client.cookies.delete("cg_note")
        yield client


def opt_outs(response: httpx.Response) -> list[str]:
    """The opt-out cookies that an answer sets, without their attributes."""
    set_by = response.headers.get_list("set-cookie")
    return [each.partition(";")[0] for each in set_by if each.startswith("ga-disable-")]


def is_measured(client: httpx.Client) -> bool:
    """Whether anything of the analytics tag is in the page."""
    page = client.get("/").text
    return "googletagmanager" in page or "gtag(" in page


def config_with(*ids: str) -> dict[str, object]:
    return {**CONFIG, "services": {"google-analytics": {"ids": list(ids)}, "youtube": {}}}


def test_a_click_on_this_site_opts_out_at_once(client: httpx.Client, tmp_path: Path) -> None:
    assert is_measured(client)
    done = client.get(ADDRESS, headers=CLICK)
    assert opt_outs(done) == [f"{DISABLED}=true"]
    assert "You are opted out" in done.text
    assert "https://tools.google.com/dlpage/gaoptout" in done.text
    assert "<form" not in done.text
    record = proofs_in(tmp_path)[-1]
    assert record["method"] == {"control": "withdraw", "layer": "opt-out", "script": False}
    assert record["event"] == "withdrawn"
    assert record["choices"]["google-analytics"] == "refused"
    assert record["choices"]["youtube"] == "given"
    assert not is_measured(client)
    assert client.get("/told").json()["youtube"]


def test_the_cookie_stays_where_pages_can_read_it(client: httpx.Client) -> None:
    (cookie,) = (
        each
        for each in client.get(ADDRESS, headers=CLICK).headers.get_list("set-cookie")
        if each.startswith("ga-disable-")
    )
    assert "Path=/" in cookie
    assert "Max-Age=63072000" in cookie
    assert "HttpOnly" not in cookie


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {**CLICK, "sec-fetch-site": "cross-site"},
        {**CLICK, "sec-fetch-site": "none"},
        {**CLICK, "sec-fetch-dest": "image"},
        {**CLICK, "sec-fetch-dest": "iframe"},
        {**CLICK, "sec-fetch-mode": "no-cors", "sec-fetch-dest": "empty"},
        {**CLICK, "sec-purpose": "prefetch"},
        {**CLICK, "sec-purpose": "prefetch;prerender"},
        {**CLICK, "purpose": "prefetch"},
    ],
)
def test_any_other_way_there_shows_the_button_and_changes_nothing(
    client: httpx.Client, tmp_path: Path, headers: dict[str, str]
) -> None:
    client.headers.pop("sec-fetch-dest")
    before = proofs_in(tmp_path)
    asked = client.get(ADDRESS, headers=headers)
    assert asked.status_code == 200
    assert "set-cookie" not in asked.headers
    assert f'action="{ADDRESS}"' in asked.text
    assert "https://tools.google.com/dlpage/gaoptout" in asked.text
    assert proofs_in(tmp_path) == before
    assert is_measured(client)


def test_asking_for_the_head_changes_nothing(client: httpx.Client) -> None:
    assert "set-cookie" not in client.head(ADDRESS, headers=CLICK).headers


def test_the_button_works_without_script(client: httpx.Client, tmp_path: Path) -> None:
    pressed = client.post(ADDRESS, headers=SAME_ORIGIN)
    assert pressed.status_code == 303
    assert pressed.headers["location"] == ADDRESS
    assert opt_outs(pressed) == [f"{DISABLED}=true"]
    told = client.get(ADDRESS)
    assert "You are opted out" in told.text
    assert "set-cookie" not in told.headers
    assert proofs_in(tmp_path)[-1]["method"]["layer"] == "opt-out"


def test_a_form_on_another_site_opts_nobody_out(client: httpx.Client, tmp_path: Path) -> None:
    before = proofs_in(tmp_path)
    refused = client.post(ADDRESS, headers={"sec-fetch-site": "cross-site"})
    assert refused.status_code == 403
    assert "set-cookie" not in refused.headers
    assert proofs_in(tmp_path) == before


def test_twice_is_recorded_once(client: httpx.Client, tmp_path: Path) -> None:
    client.get(ADDRESS, headers=CLICK)
    before = proofs_in(tmp_path)
    again = client.get(ADDRESS, headers=CLICK)
    assert "You are opted out" in again.text
    assert proofs_in(tmp_path) == before


def test_what_has_measured_this_browser_is_opted_out_of_too(client: httpx.Client) -> None:
    client.cookies.set("_ga_XYZ9876543", "GS1.1.1")
    client.cookies.set("_ga_not", "1")
    done = client.get(ADDRESS, headers=CLICK)
    assert opt_outs(done) == [f"{DISABLED}=true", "ga-disable-G-XYZ9876543=true"]


def test_another_service_can_be_opted_out_of_without_a_cookie_of_its_own(
    client: httpx.Client, tmp_path: Path
) -> None:
    done = client.get("/_gate/opt-out/youtube", headers=CLICK)
    assert opt_outs(done) == []
    assert "gaoptout" not in done.text
    assert proofs_in(tmp_path)[-1]["choices"]["youtube"] == "refused"
    assert is_measured(client)


def test_an_opt_out_that_a_page_has_set_is_honoured_as_well(client: httpx.Client) -> None:
    state = client.cookies["cg_state"]
    client.cookies.set(DISABLED, "true", domain="127.0.0.1")
    page = client.get("/").text
    assert "googletagmanager" not in page
    assert "gtag(" not in page
    assert '<iframe src="https://www.youtube.com/embed/abc"' in page
    assert f'data-cg-state="{state}"' in page, "or the page would be loaded again for ever"
    policy = client.get("/").headers["content-security-policy"]
    assert "google-analytics" not in policy
    assert "youtube" in policy


@pytest.mark.parametrize("value", ["false", "", "1"])
def test_only_true_opts_out(client: httpx.Client, value: str) -> None:
    client.cookies.set(DISABLED, value)
    assert is_measured(client)


def test_nothing_is_left_out_for_who_has_only_not_agreed(client: httpx.Client) -> None:
    client.cookies.clear()
    page = client.get("/").text
    assert 'src="https://www.googletagmanager.com/gtag/js?id=G-ABC123"' in page
    assert page.count('type="text/plain"') == 2


def test_one_property_of_two_is_left_to_the_other(tmp_path: Path) -> None:
    with visiting(tmp_path, config_with("G-ABC123", "UA-12345-1")) as client:
        choose(client, "accept-all", back="/")
        client.cookies.set(DISABLED, "true", domain="127.0.0.1")
        assert is_measured(client)
        done = client.get(ADDRESS, headers=CLICK)
        assert opt_outs(done) == [f"{DISABLED}=true", "ga-disable-UA-12345-1=true"]
        assert not is_measured(client)


@pytest.mark.parametrize(
    ("decision", "fields", "again"),
    [
        ("accept-all", {}, True),
        ("allow", {"service": "google-analytics"}, True),
        ("custom", {"allow": ["google-analytics", "youtube"]}, True),
        ("allow", {"service": "facebook"}, False),
        ("custom", {"allow": ["youtube"]}, False),
        ("reject-all", {}, False),
    ],
)
def test_who_agrees_by_name_afterwards_is_measured_again(
    client: httpx.Client, decision: str, fields: dict[str, object], again: bool
) -> None:
    client.cookies.set(
        DISABLED, "true", domain="127.0.0.1"
    )  # by a page, so that the consent is as it was
    choose(client, decision, back="/", **fields)
    assert (DISABLED not in client.cookies) is again
    assert is_measured(client) is again


def test_it_is_honoured_where_the_log_is_out_of_reach(
    client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object) -> None:
        raise StorageError("out of reach")

    monkeypatch.setattr(SqliteLog, "append", fail)
    done = client.get(ADDRESS, headers=CLICK)
    assert done.status_code == 200
    assert opt_outs(done) == [f"{DISABLED}=true"]
    assert not is_measured(client)


def test_a_visitor_can_opt_out_before_anything_was_asked(tmp_path: Path) -> None:
    with visiting(tmp_path) as client:
        done = client.get(ADDRESS, headers=CLICK)
        assert opt_outs(done) == [f"{DISABLED}=true"]
        (record,) = proofs_in(tmp_path)
        assert record["subject"] is None
        assert not is_measured(client)


def test_whole_pages_keep_what_stands_around_the_tag(client: httpx.Client) -> None:
    client.get(ADDRESS, headers=CLICK)
    page = client.get("/").text
    parked = r"<script(?![^>]* data-optional)[^>]*google-analytics[^>]*>([^<]*)</script>"
    assert re.findall(parked, page) == ["", ""]
    assert "<h1>Grüße</h1>" in page


def test_without_ids_any_opt_out_counts() -> None:
    services = load_config({**CONFIG, "services": {"google-analytics": {}}}).services
    assert opted_out(services, {"ga-disable-UA-1-1": "true"}) == {"google-analytics"}
    assert opted_out(services, {"ga-disable-UA-1-1": "no"}) == frozenset()
    assert opted_out((), {"ga-disable-UA-1-1": "true"}) == frozenset()
    assert opt_out_names(services[0], ["_ga", "_ga_ABC1234567"]) == ("ga-disable-G-ABC1234567",)


def test_what_was_opted_out_of_is_in_no_part_of_a_consent() -> None:
    services = load_config(CONFIG).services
    out = frozenset({"google-analytics"})
    given = Consent(
        allowed=frozenset({"google-analytics", "youtube"}),
        categories=frozenset({"necessary", "analytics", "social"}),
        once=out,
    )
    left = without_opted_out(given, services, out)
    assert not left.allows("google-analytics")
    assert not left.allows("analytics")
    assert left.allows("youtube")
    assert left.allows("social")
    assert without_opted_out(given, services, frozenset()) is given
