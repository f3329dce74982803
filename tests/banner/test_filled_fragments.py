"""A fragment that is filled in is the very one that would be rendered."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consentgate.assets import Assets
from consentgate.banner import Banner, Fragments, Visit
from consentgate.banner import fragments as module
from consentgate.banner.notes import NOTES
from consentgate.config import load_config
from consentgate.model import Consent
from tests.banner.conftest import SITE

CONFIG = load_config(SITE)
BANNER = Banner(CONFIG, Assets(), "/_gate")
FRAGMENTS = Fragments(BANNER)
DEBUGGING = Banner(CONFIG, Assets(), "/_gate", debug=True)
DEBUGGING_FRAGMENTS = Fragments(DEBUGGING)
IDS = [service.id for service in CONFIG.optional]
SERVICES = [CONFIG.lookup.services[name] for name in IDS]

words = st.text(st.characters(codec="utf-8"), max_size=30) | st.sampled_from(
    ['"><script>', "/jobs?page=2&a=%26", "<&'\">", "é", "%2F", "{{ 7 }}", "/_gate/x?u=1"]
)
visits = st.builds(
    Visit,
    lang=st.sampled_from(["en", "de", "sv"]),
    back=st.just("") | words.map(lambda text: f"/{text}"),
    consent=st.builds(
        Consent,
        allowed=st.frozensets(st.sampled_from(IDS)),
        decided=st.booleans(),
        subject=st.sampled_from([None, "0f" * 16]),
        once=st.frozensets(st.sampled_from(IDS), max_size=1),
    ),
    state=st.sampled_from(["", f"{CONFIG.revision}.03"]),
    nonce=st.just("") | words,
    origin=st.sampled_from(["https://www.example.com", "http://[::1]:8000", "https://"]),
    note=st.sampled_from(["", "made up", *sorted(NOTES)]),
    shared=st.booleans(),
    policy=st.sampled_from(["", "default-src 'self'"]),
)


@settings(deadline=None)
@given(visits, st.integers(0, len(SERVICES) - 1), st.booleans(), st.booleans())
def test_every_fragment_is_byte_for_byte_what_would_be_rendered(
    visit: Visit, number: int, line: bool, styled: bool
) -> None:
    service = SERVICES[number]
    for _ in range(2):
        assert FRAGMENTS.head(visit) == BANNER.head(visit)
        assert DEBUGGING_FRAGMENTS.head(visit) == DEBUGGING.head(visit)
        assert FRAGMENTS.body_start(visit) == BANNER.body_start(visit)
        assert FRAGMENTS.body_end(visit) == BANNER.body_end(visit)
        assert FRAGMENTS.social_bar(visit, "inline") == BANNER.social_bar(visit, "inline")
        assert FRAGMENTS.widget(visit, service, line=line, styled=styled) == BANNER.widget(
            visit, service, line=line, styled=styled
        )
        assert FRAGMENTS.widget_forms(visit, [service]) == BANNER.widget_forms(visit, [service])
        share = {"address": visit.back, "styled": styled}
        assert FRAGMENTS.widget_share(visit, service, **share) == BANNER.widget_share(
            visit, service, **share
        )


class Counting:
    """A banner that counts how often it renders."""

    def __init__(self) -> None:
        self.rendered = 0

    def head(self, visit: Visit) -> bytes:
        self.rendered += 1
        return BANNER.head(visit)


def test_pages_that_differ_in_address_and_nonce_are_rendered_once() -> None:
    counting = Counting()
    fragments = Fragments(counting)
    for number in range(5):
        visit = Visit("en", f"/jobs?page={number}", nonce=f"n{number}")
        assert f"jobs%3Fpage%3D{number}".encode() in fragments.head(visit)
    assert counting.rendered == 2, "one with the gaps, and one to prove it by"
    fragments.head(Visit("en", "", nonce="n"))
    assert counting.rendered == 4, "a page that cannot be loaded again differs in more"


def test_what_a_visitor_writes_is_never_taken_for_a_gap() -> None:
    visit = Visit("en", f"/{module._MARK}&{module._NONCE}", nonce=module._MARK)
    assert FRAGMENTS.head(visit) == BANNER.head(visit)
    assert FRAGMENTS.body_start(visit) == BANNER.body_start(visit)


def test_a_way_of_writing_that_is_not_known_is_rendered_each_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(BANNER, "head", lambda visit: visit.back[::-1].encode())
    fragments = Fragments(BANNER)
    for back in ("/abc", "/def"):
        assert fragments.head(Visit("en", back)) == back[::-1].encode()


def test_the_memory_is_bounded() -> None:
    fragments = Fragments(BANNER)
    visit = Visit("en", "/")
    for number in range(module._FORMS_KEPT + 10):
        fragments.body_end(replace(visit, origin=f"https://h{number}.example"))
        assert len(fragments._forms) <= module._FORMS_KEPT
