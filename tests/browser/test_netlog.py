"""The net log is read while it is written: half a line waits, and each event is told once."""

import json

import pytest

from tests.browser.netlog import Event, Kind, NetLog, address_event, until_mark

TYPES = {kind.value: number for number, kind in enumerate(Kind, start=40)}
CONSTANTS = json.dumps({"constants": {"logEventTypes": TYPES}})[:-1] + ",\n"


def entry(kind, parameter, value, phase=1):
    return json.dumps(
        {"params": {parameter: value}, "phase": phase, "type": TYPES[kind]}, separators=(",", ":")
    )


LOOKUP = entry(Kind.LOOKUP, "host", "https://127.0.0.1:4001")
CONNECT = entry(Kind.CONNECT, "group_id", "pm/https://a.example <https://b.example same_site>", 0)
REQUEST = entry(Kind.REQUEST, "url", "http://127.0.0.1:4000/mark/7")


def test_events_are_told_once_and_half_a_line_waits_for_its_end(tmp_path):
    file = tmp_path / "net.json"
    log = NetLog(file)
    assert list(log.new_events()) == []
    file.write_text(f'{CONSTANTS}\n"events": [\n{LOOKUP},\n{CONNECT[:30]}', "utf-8")
    assert list(log.new_events()) == [Event(Kind.LOOKUP, "127.0.0.1", 4001)]
    with file.open("a", encoding="utf-8") as more:
        more.write(f'{CONNECT[30:]}],\n"polledData": [{{"x":1}}]\n}}\n')
    assert list(log.new_events()) == [Event(Kind.CONNECT, "a.example")]
    assert list(log.new_events()) == []


def test_the_end_of_an_event_is_not_an_event(tmp_path):
    file = tmp_path / "net.json"
    ended = entry(Kind.LOOKUP, "host", "late.example", phase=2)
    file.write_text(f'{CONSTANTS}"events": [\n{ended},\n{LOOKUP},\n', "utf-8")
    assert [event.port for event in NetLog(file).new_events()] == [4001]


def test_a_chromium_that_renamed_an_event_is_an_error_not_silence(tmp_path):
    file = tmp_path / "net.json"
    file.write_text('{"constants": {"logEventTypes": {"SOMETHING_ELSE": 1}},\n', "utf-8")
    with pytest.raises(KeyError, match=Kind.LOOKUP.value):
        list(NetLog(file).new_events())


def test_a_mark_ends_a_section():
    events = [
        Event(Kind.CONNECT, "a.example"),
        Event(Kind.REQUEST, "127.0.0.1", 4000, "/mark/17"),
        Event(Kind.REQUEST, "127.0.0.1", 4000, "/mark/7"),
        Event(Kind.CONNECT, "b.example"),
    ]
    assert until_mark(events, "/mark/7") == (events[:2], True)
    assert until_mark(events[:2], "/mark/7") == (events[:2], False)


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("https://a.example", "a.example", 0),
        ("A.example:8443", "a.example", 8443),
        ("pmpsa/http://a.example:8080 <http://b.example same_site>", "a.example", 8080),
        ("https://[2001:db8::1]:443 <null>", "[2001:db8::1]", 443),
        ("[2001:db8::1]:3478", "[2001:db8::1]", 3478),
        ("192.0.2.1:3478", "192.0.2.1", 3478),
    ],
)
def test_an_address_is_read_from_every_form_of_it(text, host, port):
    assert address_event(Kind.CONNECT, text) == Event(Kind.CONNECT, host, port)
