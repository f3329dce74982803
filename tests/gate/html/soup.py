"""Bytes that scanners may trip over, for the comparison of the two."""

import random

from consentgate.gate.html.scanner import Engine
from consentgate.gate.html.stops import Kind, Met, Settled, View

PIECES = [
    b"<img src=//e>", b'<img src="/a/b.png" alt>', b'<img src="//a">', b'<image src="a:b">',
    b'<img src="a&b">', b"<input type='x'/>", b'<link rel=x href="a/">', b'<video src="a//">',
    b"<script src=//e>", b"<script>", b"</script>", b"<style x=1>", b"</style>", b"</STYLE x='",
    b"<title>", b"</title>", b"</titlex>", b"<TextArea", b"</textarea\n>", b"<svg>", b"</svg>",
    b'<svg viewBox="0 0 1 1">', b"<svg/>", b'<path d="M1"/>', b"<g>", b"</g>", b"</svg",
    b"<lineargradient/>", b"<noscript>", b"</noscript>", b"<select>", b"</select>", b"<p>",
    b"</p >", b"<td background=x>", b"<a ping=x>", b"<a href='x' >", b'<div class="card x">',
    b"<div id = 'a  fb-x'>", b"<i class=twitter-x>", b'<b class="', b"fb-", b"\th-captcha",
    b"<fb:share-button>", b"<abcdefghijklmnopqrst>", b"<A\x00b>", b" data-consentgate",
    b" data-tf-", b"&amp;", b"&#x3a;", b" BackGround = b", b' b="1"c=2', b" =", b" a= b",
    b"<html lang=x>", b"<head>", b"</head>", b'</body x="', b"<!doctype html>", b"<!DocType",
    b"<!doctyp", b"<![CDATA[", b"]]>", b"<!--", b"-->", b"--!>", b"<!-->", b"<!--->", b"<!-",
    b"<!x>", b"<?x?>", b"</>", b"</ x>", b"< ", b"\xef\xbb\xbf", b"\xef", b"\xbb", b"\xff",
    b"@import '//e';", b"/*", b"@x ",
    b"\xc3\x85", b"text", b"\r\n", b"\t", b"\x0c", b"\x00", b"<", b">", b"/", b"=", b'"', b"'",
    b"-", b"!", b"?", b" ", b"a", b"\\", b":", b"&",
]  # fmt: skip
CAPS = (4096, 12)
FUNCTIONS = ("next_stop", "next_unsettled", "next_start_tag_anywhere", "attributes_of")
NOT_BUILT = "the scanner in C is not built: reinstall where a C compiler is"


def disagreement(one: Engine, other: Engine, data: bytes | bytearray, position: int) -> str:
    """Where two scanners do not give the same stop, or the empty string."""
    for view in View:
        stops = one.next_stop(view, data, position), other.next_stop(view, data, position)
        if stops[0] != stops[1]:
            return f"{view!r} of {bytes(data)!r} from {position}: {stops[0]} or {stops[1]}"
    for cap in CAPS:
        stops = (
            one.next_start_tag_anywhere(data, position, cap),
            other.next_start_tag_anywhere(data, position, cap),
        )
        if stops[0] != stops[1]:
            return f"anywhere in {bytes(data)!r} from {position}: {stops[0]} or {stops[1]}"
    return _other_unsettled(one, other, data, position) or _other_attributes(
        one, other, bytes(data), position
    )


def _other_unsettled(one: Engine, other: Engine, data: bytes | bytearray, position: int) -> str:
    """The same with every other gated tag of the data settled, and every other one to change."""
    settled: Settled = {}
    stop = one.next_stop(View.PAGE, data, 0)
    while stop.kind in {Kind.START, Kind.END}:
        if stop.kind is Kind.START and stop.start % 2:
            change = (b"<x>", None) if stop.end % 2 else None
            settled[bytes(data[stop.start : stop.end])] = change
        stop = one.next_stop(View.PAGE, data, stop.end)
    found = []
    for engine in (one, other):
        met: Met = []
        found.append((engine.next_unsettled(data, position, settled, met), met))
    same = found[0] == found[1]
    return "" if same else f"unsettled in {bytes(data)!r} from {position}: {found[0]} or {found[1]}"


def _other_attributes(one: Engine, other: Engine, data: bytes, position: int) -> str:
    stop = one.next_stop(View.EVERY, data, position)
    if stop.kind is not Kind.START:
        return ""
    raw, behind_name = data[stop.start : stop.end], 1 + len(stop.name)
    found = one.attributes_of(raw, behind_name), other.attributes_of(raw, behind_name)
    return "" if found[0] == found[1] else f"attributes in {raw!r}: {found[0]} or {found[1]}"


def mutated(page: bytes, chance: random.Random) -> bytes:
    """A page with some bytes changed, left out or doubled, and pieces put in."""
    data = bytearray(page)
    for _ in range(chance.randint(1, 8)):
        start = chance.randrange(len(data) + 1)
        stop = min(len(data), start + chance.choice((0, 1, 1, 2, 30)))
        data[start:stop] = chance.choice(
            (b"", chance.choice(PIECES), chance.randbytes(1), bytes(data[start:stop]) * 2)
        )
    return bytes(data)
