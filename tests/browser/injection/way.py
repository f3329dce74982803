"""One way for a page's own script to bring in a third party, and what is known of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

ZONE = "way.example"
FIRST_ICE_PORT = 34_700


@dataclass(frozen=True, slots=True)
class Way:
    """A script that tries to reach ``host``, which no other way tries to reach.

    In ``script``, ``u`` is ``https://<host>/``, ``host`` the host, ``port`` a number of its own;
    ``PRELUDE`` says what else is there. It runs while the page is parsed and may await.
    """

    id: str
    title: str
    script: str

    @property
    def host(self) -> str:
        return f"{self.id}.{ZONE}"

    def element(self, port: int) -> str:
        """The inline script of the page that tries this way and notes that it did."""
        call = f"('https://{self.host}/', '{self.host}', {port})"
        return (
            f"<script>self.tried.push('{self.id}'); (async (u, host, port) => {{\n"
            f"{self.script}\n}}){call}.catch(() => {{}})</script>"
        )


@dataclass(frozen=True, slots=True)
class Group:
    """Ways that do not disturb each other and so are tried in one page."""

    id: str
    title: str
    ways: tuple[Way, ...]


def ways(*rows: tuple[str, str, str]) -> tuple[Way, ...]:
    """Ways that are told by id, title and script."""
    return tuple(Way(*row) for row in rows)


def ice_ports(all_ways: Iterable[Way]) -> dict[str, int]:
    """A port for each way by its id: a datagram tells its port when it has lost its name."""
    return {way.id: FIRST_ICE_PORT + number for number, way in enumerate(all_ways)}


PRELUDE = r"""<link rel="dns-prefetch" href="http://127.0.0.1"><script>
self.tried = [];
const make = (name, properties = {}) => Object.assign(document.createElement(name), properties);
const put = (node) => (document.body.append(node), node);
const place = () => put(make('div'));
const own = (path, u) => `/own/${path}?u=${encodeURIComponent(u)}`;
const svg = (name, attributes = {}) => {
  const node = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  return node;
};
const style = (text) => put(make('style', { textContent: text }));
const styled = (text) => put(make('p', { textContent: 'styled' })).setAttribute('style', text);
const blob = (text, type) => URL.createObjectURL(new Blob([text], { type }));
const blank = () => put(make('iframe')).contentWindow;
const node = (html) => {
  const template = make('template');
  template.innerHTML = html;
  return template.content.firstElementChild;
};
const offer = async (peer) => {
  peer.createDataChannel('x');
  await peer.setLocalDescription(await peer.createOffer());
};
</script>"""
"""What every script of a way may use. The hint leads nowhere: WebKit drops its first ones."""
