"""Which addresses one visitor's consent opens: the question that all three gates ask."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from consentgate.catalogue.lookup import Lookup
from consentgate.model import Consent, Service
from consentgate.sites import FirstParty, Url, as_parsed, outgoing_url


class Blocked(NamedTuple):
    """A URL that must not be contacted: the host, and the service that it belongs to if known."""

    url: Url
    service: Service | None


class Stopped(tuple[Blocked, ...]):
    """What was stopped on one page.

    Equal to itself only: what follows from it is found again without a look at what is in it.
    """

    __slots__ = ()
    __eq__ = object.__eq__
    __hash__ = object.__hash__


@dataclass(frozen=True, slots=True)
class Access:
    """The first party, the known services and one visitor's consent, for one request.

    ``scheme`` is that of the page. ``report_unknown`` lets through what no service claims
    (``unknown.third_party: "report"``, for rolling out).
    """

    first_party: FirstParty
    lookup: Lookup
    consent: Consent
    scheme: str = "https"
    report_unknown: bool = False

    @property
    def has_limits(self) -> bool:
        """Whether anybody at all must not be contacted: what may lead anywhere is then stopped."""
        return not self.report_unknown or not all(
            self.consent.allows(service) for service in self.lookup.services
        )

    def blocked(self, reference: str) -> Blocked | None:
        """What stops this URL reference as a page writes it; None where it may be contacted."""
        url = outgoing_url(reference, self.scheme)
        if url is None:
            path, _, query = as_parsed(reference).partition("#")[0].partition("?")
            url = Url(self.scheme, self.first_party.host, path.replace("\\", "/"), query)
        return self.blocked_url(url)

    def blocked_url(self, url: Url) -> Blocked | None:
        """What stops this URL; None where it may be contacted.

        On the site's own hosts that is only a tracker which the site serves itself. Where
        several services claim an address equally well, consent to one of them opens it.
        """
        own = url.host in self.first_party
        lookup = self.lookup
        services = (
            lookup.by_own_path(url.path, url.query)
            if own
            else lookup.by_url(url.host, url.path, url.query)
        )
        return self._verdict(url, services, unclaimed_passes=own or self.report_unknown)

    def blocked_hint(self, reference: str) -> Blocked | None:
        """What stops a mere connection to this URL's host; None where it may be opened.

        A hint names no path, so on a host of several services consent to any of them opens it.
        """
        url = outgoing_url(reference, self.scheme)
        if url is None or url.host in self.first_party:
            return None
        services = self.lookup.by_host(url.host)
        return self._verdict(url, services, unclaimed_passes=self.report_unknown)

    def blocked_code(self, code: bytes) -> Service | None:
        """The service without consent whose signature stands in an inline script, if any."""
        services = self.lookup.by_inline(code)
        return None if not services or self._opened(services) else services[0]

    def _verdict(
        self, url: Url, services: tuple[Service, ...], *, unclaimed_passes: bool
    ) -> Blocked | None:
        if self._opened(services) or (unclaimed_passes and not services):
            return None
        return Blocked(url, services[0] if services else None)

    def _opened(self, services: tuple[Service, ...]) -> bool:
        for service in services:  # noqa: SIM110  asked for each address: any() takes twice as long
            if self.consent.allows(service.id):
                return True
        return False
