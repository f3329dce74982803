"""The middleware itself: mounted around an ASGI application, it shows each request its way."""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from consentgate.config import Config, ConfigWatcher, load_config
from consentgate.database import DEFAULT_DATABASE, beside
from consentgate.discovery import (
    CountFile,
    Discoveries,
    Tally,
    Undeclared,
    counts_path,
    is_under,
    warn_of_api_docs,
)
from consentgate.endpoints import Inbox, respond
from consentgate.endpoints.gpc import PATH as GPC_PATH
from consentgate.endpoints.gpc import gpc_statement
from consentgate.endpoints.honouring import honour
from consentgate.endpoints.throttle import Throttle
from consentgate.incoming import Incoming
from consentgate.keys import load_or_create_key
from consentgate.page import Page
from consentgate.pages import Pages
from consentgate.proofs import ProofLog, open_log
from consentgate.response import Responder
from consentgate.response.ranges import answered, is_of_range
from consentgate.response.variants import navigates
from consentgate.wiring import Wiring

if TYPE_CHECKING:  # it needs what the extra ``posters`` brings
    from consentgate.posters import PosterStore

logger = logging.getLogger("consentgate")

LOOK_SECONDS = 2.0
"""So often, at most, is looked whether a watched file has changed."""

_GATED = frozenset({"http", "websocket"})
_POSTERS = "consentgate-posters"


class ConsentGateMiddleware:
    """Keeps third parties away from a site's visitors until they agree, and proves it.

    ``app``: any ASGI application. Wrap it from outside (``app = ConsentGateMiddleware(app,
    config=…)``), so that error pages pass the gate too.
    ``config``: path of a ``consentgate.json`` (watched: a good change takes effect without
    restart), its content as a dict, or a loaded ``Config``.
    ``secret``: signs the consent cookie; comma-separated, oldest to newest. Without it and
    without ``CONSENTGATE_SECRET`` a key file beside the database is used.
    ``database``: where proofs go, ``sqlite:///relative.db`` or ``sqlite:////absolute.db``;
    else ``CONSENTGATE_DATABASE``, else ``sqlite:///consentgate.db``.
    ``mount``: path of our own pages as the browser sees it.
    ``posters``: folder for the pictures of films, where the configuration wants some; by
    default ``consentgate-posters`` beside the database.
    ``debug``: every page shows what was stopped on it and what to write. For development only:
    visitors would see it too.

    Raises ConfigError with every fault of the configuration, ConsentGateError for a database
    that cannot be used.
    """

    def __init__(
        self,
        app: ASGIApp,
        config: str | os.PathLike[str] | Mapping[str, object] | Config,
        *,
        secret: str | None = None,
        database: str | None = None,
        mount: str = "/_gate",
        posters: str | os.PathLike[str] | None = None,
        debug: bool = False,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.app = app
        self._clock = clock
        self._looked = -LOOK_SECONDS
        self._mount = mount.rstrip("/")
        self._debug = debug
        if debug:
            logger.warning("debug is on: every visitor sees what was stopped on a page")
        loaded = load_config(config)
        url = database or os.environ.get("CONSENTGATE_DATABASE", "")
        given = secret or os.environ.get("CONSENTGATE_SECRET", "")
        self._secrets = _secrets(given, url or DEFAULT_DATABASE)
        self._log: ProofLog = open_log(url or DEFAULT_DATABASE)
        self._poster_folder = Path(posters or beside(url or DEFAULT_DATABASE, _POSTERS))
        self._posters: PosterStore | None = None
        self._pages = Pages(self._wire(loaded))
        self._watcher = (
            ConfigWatcher(Path(config), current=loaded, interval_seconds=0)
            if isinstance(config, str | os.PathLike)
            else None
        )
        self._throttle = Throttle()
        self._discoveries = Discoveries(Tally(CountFile(counts_path(url or DEFAULT_DATABASE))))
        self._inbox = Inbox(self._discoveries)
        if not (url and given):
            logger.warning(
                "consents are signed with %s and proofs go to %s; set CONSENTGATE_SECRET and"
                " CONSENTGATE_DATABASE to choose",
                "the given secret"
                if given
                else f"the key file {key_path(url or DEFAULT_DATABASE)}",
                url or DEFAULT_DATABASE,
            )
        if loaded.exempt_paths:
            logger.info("not gated, by exempt_paths: %s", ", ".join(loaded.exempt_paths))
        warn_of_api_docs(app, loaded.exempt_paths)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] not in _GATED:
            passing = self._lifespan if scope["type"] == "lifespan" else self.app
            await passing(scope, receive, send)
            return
        now = self._clock()
        if not 0 <= now - self._looked < LOOK_SECONDS:
            self._look(now)
        pages = self._pages
        wiring = pages.wiring
        incoming = pages.reader.read(scope, now=now)
        path, whole = incoming.path, wiring.config.ip.full_address_paths
        if not (whole and is_under(path, whole)):
            wiring.shortening.anonymise(scope, in_headers=incoming.tells_address)
        exempt = wiring.config.exempt_paths
        if path.startswith(self._mount) and _is_own(scope, self._mount):
            await self._answer(scope, receive, send, incoming, pages, now)
        elif exempt and is_under(path, exempt):
            scope.setdefault("state", {})["consent"] = incoming.caller.consent
            await self.app(scope, receive, send)
        elif scope["type"] == "websocket":
            page = Page(incoming, pages)
            page.narrow(scope)
            await self.app(scope, receive, Responder(page, send).send_handshake)
        else:
            caller = incoming.caller
            changed = caller.given is not caller.held or caller.misplaced
            heard = await self._heard(incoming, wiring, now) if changed else ()
            page = Page(incoming, pages, heard)
            page.narrow(scope)
            if path == GPC_PATH:
                send = gpc_statement(incoming, wiring, send)
            responder = Responder(page, send, pages.memo)
            if b"range" in incoming.told and is_of_range(scope):
                responder = await answered(self.app, scope, receive, send, page, pages.memo)
            else:
                await self.app(scope, receive, responder.send)
            self._report(responder, wiring.undeclared, now)

    async def _answer(
        self,
        scope: Scope,
        receive: Receive,
        send: Send,
        incoming: Incoming,
        pages: Pages,
        now: float,
    ) -> None:
        """Answer a request to our own endpoints."""
        response = await respond(
            incoming,
            pages.wiring,
            self._log,
            self._throttle,
            self._inbox,
            receive,
            now=now,
            posters=self._posters,
        )
        heard = await self._heard(incoming, pages.wiring, now)
        response.raw_headers[:0] = [(b"set-cookie", cookie) for cookie in heard]
        await response(scope, receive, send)

    def _report(self, responder: Responder, undeclared: Undeclared, now: float) -> None:
        """Count and name what nobody declared of what an answer held."""
        if blocked := responder.blocked:
            self._discoveries.report_blocked(blocked, undeclared, now=now)
        if responder.unknown_cookies:
            self._discoveries.report_cookies(responder.unknown_cookies)

    async def _heard(self, incoming: Incoming, wiring: Wiring, now: float) -> tuple[bytes, ...]:
        """The cookies that a page sets because the browser has begun to send a privacy signal.

        Only with pages, although the signal comes with everything: one record is enough. A frame
        leaves it to the page around it, and a choice says by itself what follows from it.
        """
        caller = incoming.caller
        if not (caller.overridden or caller.misplaced) or incoming.method == "POST":
            return ()
        whole = incoming.fetch_dest in {"", "document"}
        if not (whole and navigates(incoming.fetch_dest, incoming.headers.get("accept", ""))):
            return ()
        return await honour(incoming, wiring, self._log, now=now)

    def _look(self, now: float) -> None:
        """See to what is due: a watched file that has changed for the better, pages to forget."""
        self._looked = now
        changed = self._watcher.check(now) if self._watcher else None
        if changed is not None:
            self._pages = Pages(self._wire(changed))
        self._pages.memo.tick(now)

    def _wire(self, config: Config) -> Wiring:
        for warning in config.warnings:
            logger.warning("%s: %s", config.source, warning)
        if self._posters is None and any(service.poster for service in config.services):
            self._posters = _open_posters(self._poster_folder)
        return Wiring(config, secrets=self._secrets, mount=self._mount, debug=self._debug)

    async def _lifespan(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the application's lifespan through, and close what is written to when it ends."""

        async def closing(message: Message) -> None:
            if message["type"] in {"lifespan.shutdown.complete", "lifespan.shutdown.failed"}:
                await self._log.close()
                await asyncio.to_thread(self._discoveries.close)
            await send(message)

        await self.app(scope, receive, closing)


def _secrets(secret: str, database: str) -> tuple[str, ...]:
    """The secrets that are given, oldest to newest; else the one of the key file."""
    given = tuple(part.strip() for part in secret.split(",") if part.strip())
    return given or (load_or_create_key(key_path(database)),)


def key_path(database: str) -> Path:
    """Where the key lies when no secret is given: beside the database."""
    return beside(database, ".consentgate-key")


def _open_posters(folder: Path) -> PosterStore | None:
    """The pictures in this folder; None, and a warning, where what fetches them is missing."""
    try:
        from consentgate.posters import PosterStore  # noqa: PLC0415  an extra
    except ImportError:
        logger.warning('no posters: they need `pip install "consentgate[posters]"`')
        return None
    return PosterStore(folder)


def _is_own(scope: Scope, mount: str) -> bool:
    return scope["type"] == "http" and is_under(scope["path"], (mount,))
