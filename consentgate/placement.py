"""Where the two consent cookies stand on a host: their names, and the domain that shares them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from consentgate.consent import cookie_names, set_cookie
from consentgate.sites import is_ip_literal, is_public_suffix, registrable_domain


def shared_domain(setting: str | bool, host: str) -> str | None:
    """The domain whose hosts share one consent with this one; None where it keeps its own.

    ``setting`` is ``site.share_consent``: True for the registrable domain, or a domain. Never an
    address, ``localhost`` or a public suffix (no browser would take the cookie, RFC 6265bis,
    section 5.7), and never a domain that the host is not in.
    """
    domain = registrable_domain(host) if setting is True else setting
    if not domain or is_ip_literal(host) or is_public_suffix(domain):
        return None
    return domain if host == domain or host.endswith(f".{domain}") else None


@dataclass(frozen=True, slots=True)
class Placement:
    """The signed and the readable cookie for one host.

    ``secure``: the visitor is on https. ``domain`` as ``shared_domain`` gives it.
    """

    host: str
    secure: bool
    domain: str | None = None

    @property
    def shared(self) -> bool:
        """Whether other hosts get the cookies too."""
        return self.domain is not None

    @property
    def names(self) -> tuple[str, str]:
        """The names of the signed and of the readable cookie."""
        return cookie_names(secure=self.secure, shared=self.shared)

    def cookies(self, signed: str, readable: str, *, max_age: int | None) -> list[bytes]:
        """``Set-Cookie`` values for both, lasting so many seconds, or until the browser closes."""
        values = zip(self.names, (signed, readable), (True, False), strict=True)
        return [
            set_cookie(
                name,
                value,
                secure=self.secure,
                max_age=max_age,
                http_only=http_only,
                domain=self.domain,
            )
            for name, value, http_only in values
        ]

    def cleared(self, sent: Sequence[str], *, decided: bool, stale: bool = False) -> list[bytes]:
        """``Set-Cookie`` values that expire what stands where it no longer should.

        ``sent`` are the names in the request's ``Cookie`` headers, each as often as it came;
        ``decided`` whether a good signed one is among them, ``stale`` whether the readable one
        speaks of a decision all the same. Left over from before the sharing was switched on or
        off they would outlive the choice, and a second readable one would make each page renew
        itself.
        """
        other, _ = cookie_names(secure=True, shared=not self.shared)
        if not (stale or other in sent or any(sent.count(name) > 1 for name in self.names)):
            return []
        return [
            self._expired(name, domain)
            for name in (*self.names, other)
            for domain in self._domains()
            if not (name.startswith("__Host-") and domain)
            and not (decided and name in self.names and domain == self.domain)
        ]

    def _domains(self) -> Iterator[str | None]:
        """Host-only, then every domain that the host may set a cookie for, the widest first."""
        yield None
        site = registrable_domain(self.host)
        if is_ip_literal(self.host) or is_public_suffix(site):
            return
        labels = self.host.split(".")
        for count in range(len(site.split(".")), len(labels) + 1):
            yield ".".join(labels[-count:])

    def _expired(self, name: str, domain: str | None) -> bytes:
        secure = self.secure or name.startswith("__")
        return set_cookie(name, "", secure=secure, max_age=0, http_only=False, domain=domain)
