"""A server that fetches what a page names must not be led into its own network."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Coroutine

import pytest

from consentgate.catalogue.posters import PosterSource
from consentgate.posters import fetching
from consentgate.posters.fetching import MOST_BYTES, PosterError
from tests.posters.pictures import JPEG, PNG
from tests.posters.provider import Provider, answer, providing

HOST = "i.ytimg.com"
PATH = "/vi/dQw4w9WgXcQ/hqdefault.jpg"
SOURCE = PosterSource(f"https://{HOST}{PATH}", frozenset({HOST}))
DESCRIBED = PosterSource(
    "https://vimeo.com/oembed", frozenset({"vimeo.com", "i.vimeocdn.com"}), described=True
)
PUBLIC = "142.250.74.118"


def anywhere(_: str) -> bool:
    """The seam: in these tests the loopback may be asked."""
    return True


def run(test: Callable[[Provider], Coroutine[object, object, None]]) -> None:
    async def within() -> None:
        async with providing() as provider:
            await test(provider)

    asyncio.run(within())


async def refused(provider: Provider, source: PosterSource = SOURCE, **options: object) -> str:
    with pytest.raises(PosterError) as error:
        await provider.fetcher(**({"admits": anywhere} | options))(source)
    return str(error.value)


def test_a_picture_is_fetched_without_a_word_of_the_visitor() -> None:
    async def test(provider: Provider) -> None:
        provider.answers[HOST + PATH] = answer(JPEG, "200 OK", "Content-Type: text/html")
        assert await provider.fetcher(admits=anywhere)(SOURCE) == JPEG
        (head,) = provider.asked
        names = {line.partition(":")[0].lower() for line in head.split("\r\n")[1:] if line}
        assert names == {"host", "accept", "accept-encoding", "user-agent", "connection"}
        assert "user-agent: consentgate\r\n" in head.lower()

    run(test)


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.0.0.5", "169.254.169.254", "::1", "::ffff:127.0.0.1", "fe80::1", "fd00::1"],
)
def test_without_the_seam_a_private_address_is_refused_before_a_connection(address: str) -> None:
    async def test(provider: Provider) -> None:
        provider.answers[HOST + PATH] = answer(JPEG)
        with pytest.raises(PosterError, match="no public address"):
            await provider.fetcher(address)(SOURCE)
        assert provider.connected == []
        assert provider.asked == []
        assert await provider.fetcher(address, admits=anywhere)(SOURCE) == JPEG

    run(test)


def test_one_private_address_among_public_ones_spoils_them_all() -> None:
    async def test(provider: Provider) -> None:
        with pytest.raises(PosterError, match="no public address"):
            await provider.fetcher(PUBLIC, "127.0.0.1")(SOURCE)
        assert provider.connected == []

    run(test)


def test_the_connection_goes_to_the_address_that_was_checked() -> None:
    async def test(provider: Provider) -> None:
        provider.answers[HOST + PATH] = answer(PNG)
        answers = iter([[PUBLIC], ["127.0.0.1"], ["127.0.0.1"]])

        async def rebinding(host: str) -> list[str]:
            assert host == HOST
            return next(answers)

        assert await provider.fetcher(resolve=rebinding)(SOURCE) == PNG
        assert provider.connected == [f"{PUBLIC}:443"]

    run(test)


def test_the_name_is_checked_by_its_certificate_all_the_same() -> None:
    async def test(provider: Provider) -> None:
        untold = PosterSource("https://other.example/a.jpg", frozenset({"other.example"}))
        assert "could not be reached" in await refused(provider, untold)
        assert provider.asked == []

    run(test)


@pytest.mark.parametrize(
    "location",
    [
        "https://evil.example/a.jpg",
        "http://i.ytimg.com/a.jpg",
        "https://i.ytimg.com:8443/a.jpg",
        "https://user@i.ytimg.com/a.jpg",
        "https://127.0.0.1/a.jpg",
        "https://[::1]/a.jpg",
        "//169.254.169.254/latest/meta-data/",
        "file:///etc/passwd",
        "gopher://i.ytimg.com/",
        "https://i.ytimg.com@evil.example/",
        "https://i.ytimg.com.evil.example/",
        "https://[i.ytimg.com/",
    ],
)
def test_a_redirect_leads_nowhere_that_the_catalogue_does_not_name(location: str) -> None:
    async def test(provider: Provider) -> None:
        provider.answers[HOST + PATH] = answer(b"", "302 Found", f"Location: {location}")
        await refused(provider)
        assert len(provider.asked) == 1

    run(test)


def test_a_redirect_to_a_named_host_is_followed_and_its_address_checked_again() -> None:
    async def test(provider: Provider) -> None:
        source = PosterSource(SOURCE.url, frozenset({HOST, "i.vimeocdn.com"}))
        moved = "Location: https://i.vimeocdn.com/a.png"
        provider.answers[HOST + PATH] = answer(b"", "301 Moved", moved)
        provider.answers["i.vimeocdn.com/a.png"] = answer(PNG)
        assert await provider.fetcher(admits=anywhere)(source) == PNG
        addresses = {HOST: [PUBLIC], "i.vimeocdn.com": ["127.0.0.1"]}

        async def resolve(host: str) -> list[str]:
            return addresses[host]

        provider.asked.clear()
        with pytest.raises(PosterError, match="no public address"):
            await provider.fetcher(resolve=resolve)(source)
        assert len(provider.asked) == 1

    run(test)


def test_redirects_come_to_an_end() -> None:
    async def test(provider: Provider) -> None:
        provider.answers[HOST + PATH] = answer(b"", "302 Found", f"Location: {PATH}")
        assert "from one address to the next" in await refused(provider)
        assert len(provider.asked) == 3

    run(test)


@pytest.mark.parametrize(
    ("message", "why"),
    [
        (answer(b"<svg xmlns='http://www.w3.org/2000/svg'/>", "200 OK"), "no picture"),
        (answer(b"<html>", "200 OK", "Content-Type: image/jpeg"), "no picture"),
        (answer(b"", "200 OK"), "no picture"),
        (answer(JPEG, "404 Not Found"), "404"),
        (answer(JPEG, "204 No Content"), "204"),
        (answer(JPEG, "200 OK", "Content-Encoding: gzip"), "compressed"),
        (answer(JPEG + bytes(MOST_BYTES)), "too large"),
        (b"HTTP/1.1 200 OK\r\n\r\n" + JPEG + bytes(MOST_BYTES), "too large"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n" + JPEG, "answered well"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 200_000, "answered well"),
        (b"garbage\r\n\r\n", "answered well"),
        (b"", "answered well"),
    ],
    ids=[
        "svg",
        "html",
        "empty",
        "404",
        "204",
        "gzip",
        "large",
        "endless",
        "cut",
        "head",
        "no",
        "-",
    ],
)
def test_what_is_no_good_answer_is_no_picture(message: bytes, why: str) -> None:
    async def test(provider: Provider) -> None:
        provider.answers[HOST + PATH] = message
        assert why in await refused(provider)

    run(test)


def test_nobody_waits_for_a_provider_that_does_not_answer() -> None:
    async def test(provider: Provider) -> None:
        provider.stalls = True
        assert "could not be reached" in await refused(provider, seconds=0.2)

    run(test)


def test_nobody_waits_for_names_that_are_not_found() -> None:
    async def stall(_: str) -> list[str]:
        await asyncio.sleep(60)
        return []

    async def test(provider: Provider) -> None:
        assert "could not be reached" in await refused(provider, resolve=stall, seconds=0.05)

    run(test)


def test_a_name_without_an_address_is_refused() -> None:
    async def nothing(_: str) -> list[str]:
        return []

    async def test(provider: Provider) -> None:
        assert "no public address" in await refused(provider, resolve=nothing)

    run(test)


def test_a_description_names_the_picture() -> None:
    async def test(provider: Provider) -> None:
        told = {"type": "video", "thumbnail_url": "https://i.vimeocdn.com/video/1.jpg"}
        provider.answers["vimeo.com/oembed"] = answer(json.dumps(told).encode())
        provider.answers["i.vimeocdn.com/video/1.jpg"] = answer(JPEG)
        assert await provider.fetcher(admits=anywhere)(DESCRIBED) == JPEG

    run(test)


@pytest.mark.parametrize(
    "description",
    [
        b"not json",
        b"[]",
        b"{}",
        b'{"thumbnail_url": 5}',
        b'{"thumbnail_url": "https://evil.example/a.jpg"}',
        b'{"thumbnail_url": "http://i.vimeocdn.com/a.jpg"}',
        b'{"thumbnail_url": "https://169.254.169.254/"}',
        b'{"thumbnail_url": "https://i.vimeocdn.com:22/"}',
        b"[" * 60_000,
        b"\xff\xfe",
        b" " * 70_000 + b"{}",
    ],
)
def test_a_description_names_nothing_that_the_catalogue_does_not(description: bytes) -> None:
    async def test(provider: Provider) -> None:
        provider.answers["vimeo.com/oembed"] = answer(description)
        await refused(provider, DESCRIBED)
        assert len(provider.asked) == 1

    run(test)


def test_names_are_looked_up_by_the_system() -> None:
    addresses = asyncio.run(_looked_up("127.0.0.1"))
    assert addresses == ["127.0.0.1"]


async def _looked_up(host: str) -> list[str]:
    return list(await fetching.look_up(host))
