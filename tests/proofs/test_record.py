import hashlib
import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consentgate.model import NECESSARY, Consent, Keep, Provider, Service
from consentgate.proofs import Answer, Event, Method, Record, choices_of, event_of
from consentgate.proofs.record import Entry
from tests.proofs.samples import NOON, NOTICE, make_record

GIVEN, REFUSED, EXEMPT = Answer.GIVEN, Answer.REFUSED, Answer.EXEMPT

ANSWERS = st.dictionaries(st.sampled_from(["a", "b", "c", "d"]), st.sampled_from(list(Answer)))
RECORDS = st.builds(
    Record,
    id=st.text(),
    subject=st.none() | st.text(),
    at=st.text(),
    until=st.text(),
    event=st.sampled_from(list(Event)),
    choices=st.dictionaries(st.text(), st.sampled_from(list(Answer))),
    scope=st.sampled_from(list(Keep)),
    method=st.builds(Method, st.text(), st.text(), st.booleans()),
    notice=st.text(),
    lang=st.text(),
    prev=st.none() | st.text(),
    gpc=st.booleans(),
    ua=st.text(),
    site=st.text(),
)


@given(RECORDS)
def test_a_record_survives_the_round_trip(record):
    again = Record.from_bytes(record.to_bytes())
    assert again == record
    assert again.to_bytes() == record.to_bytes()


@given(RECORDS)
def test_a_record_has_one_spelling(record):
    backwards = replace(record, choices=dict(reversed(record.choices.items())))
    assert backwards.to_bytes() == record.to_bytes()
    assert json.loads(record.to_bytes()) == record.to_dict()


def test_the_spelling_is_sorted_and_without_spaces():
    body = make_record(subject="s", new_id=lambda: "i").to_bytes()
    assert body == (
        b'{"at":"2026-11-21T12:00:00.000Z","choices":{"google-analytics":"refused",'
        b'"youtube":"given"},"dnt":false,"event":"partial","gpc":false,"id":"i","lang":"en",'
        b'"method":{"control":"custom","layer":"preferences","script":true},'
        b'"network":null,"notice":"' + NOTICE.digest.encode() + b'","prev":null,"scope":"lasting",'
        b'"site":"www.example.com","subject":"s","ua":"Firefox/Linux",'
        b'"until":"2027-05-20T12:00:00.000Z","v":1}'
    )


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b"null", b'{"event":"x"}', b"\xff"])
def test_other_bytes_are_no_record(body):
    with pytest.raises((ValueError, KeyError, TypeError)):
        Record.from_bytes(body)


@pytest.mark.parametrize(
    ("previous", "new", "event"),
    [
        (None, {"a": GIVEN, "b": GIVEN, "n": EXEMPT}, Event.GIVEN),
        (None, {"a": REFUSED, "n": EXEMPT}, Event.REFUSED),
        (None, {"a": GIVEN, "b": REFUSED}, Event.PARTIAL),
        (None, {"n": EXEMPT}, Event.REFUSED),
        ({"a": GIVEN, "b": GIVEN}, {"a": REFUSED, "b": REFUSED}, Event.WITHDRAWN),
        ({"a": GIVEN, "b": GIVEN}, {"a": REFUSED, "b": GIVEN}, Event.WITHDRAWN),
        ({"a": GIVEN, "b": REFUSED}, {"a": REFUSED, "b": GIVEN}, Event.PARTIAL),
        ({"a": GIVEN, "b": REFUSED}, {"a": GIVEN, "b": GIVEN}, Event.GIVEN),
        ({"a": REFUSED, "b": REFUSED}, {"a": REFUSED, "b": REFUSED}, Event.REFUSED),
        ({"a": GIVEN, "b": REFUSED}, {"a": GIVEN, "b": REFUSED}, Event.RENEWED),
        ({"a": GIVEN}, {"a": GIVEN}, Event.RENEWED),
        ({"a": GIVEN}, {"a": GIVEN, "new": REFUSED}, Event.PARTIAL),
        ({"a": GIVEN, "gone": GIVEN}, {"a": GIVEN}, Event.RENEWED),
        ({"gone": GIVEN}, {"a": REFUSED}, Event.REFUSED),
        ({"a": GIVEN}, {"a": EXEMPT, "b": GIVEN}, Event.GIVEN),
    ],
)
def test_an_event_says_what_became_of_the_consent(previous, new, event):
    assert event_of(previous, new) is event


@given(st.none() | ANSWERS, ANSWERS)
def test_a_withdrawal_takes_and_never_gives(previous, new):
    gained = {n for n in new if new[n] is GIVEN and (previous or {}).get(n) is not GIVEN}
    lost = {n for n in new if new[n] is REFUSED and (previous or {}).get(n) is GIVEN}
    assert (event_of(previous, new) is Event.WITHDRAWN) == bool(lost and not gained)


@given(st.none() | ANSWERS, ANSWERS)
def test_a_refusal_gives_nothing(previous, new):
    if event_of(previous, new) is Event.REFUSED:
        assert GIVEN not in new.values()


def test_a_record_names_the_one_it_replaces():
    first = make_record()
    second = make_record(previous=first, choices={"youtube": REFUSED})
    assert second.prev == first.id
    assert second.event is Event.WITHDRAWN


def test_a_grant_for_one_page_replaces_nothing():
    first = make_record(choices={"youtube": REFUSED})
    once = make_record(previous=first, choices={"youtube": GIVEN}, scope=Keep.ONCE)
    assert once.prev is None
    assert once.event is Event.GIVEN


def test_times_are_utc_with_milliseconds():
    record = make_record(at=NOON + 0.25, valid_seconds=60)
    assert record.at == "2026-11-21T12:00:00.250Z"
    assert record.until == "2026-11-21T12:01:00.250Z"


def test_ids_are_random():
    assert len({make_record().id for _ in range(50)}) == 50
    assert len(make_record().id) == 32


def test_choices_say_for_each_service_what_the_visitor_did():
    def service(name, category):
        return Service(name, name, category, Provider("Example Ltd"))

    services = [service("a", "social"), service("b", "social"), service("pay", NECESSARY)]
    consent = Consent(allowed=frozenset({"a", "pay"}))
    assert choices_of(consent, services) == {"a": GIVEN, "b": REFUSED, "pay": EXEMPT}


def test_the_commitment_hides_the_record_behind_the_salt():
    record = make_record()
    entry = Entry(record, b"s" * 16)
    assert entry.commitment == hashlib.sha256(b"s" * 16 + record.to_bytes()).digest()
    assert entry.commitment != Entry(record, b"t" * 16).commitment


def test_a_notice_is_named_by_its_content():
    assert NOTICE.digest == hashlib.sha256(NOTICE.to_bytes()).hexdigest()
    names = {replace(NOTICE, **{name: "other"}).digest for name in NOTICE.to_dict()}
    assert len(names | {NOTICE.digest}) == 8
