"""The words of a placeholder: what would be loaded, from whom, and who would hear of it."""

from __future__ import annotations

from urllib.parse import urlsplit

from consentgate.banner.texts import Locale
from consentgate.banner.visit import Frame
from consentgate.model import Service


def short_name(service: Service) -> str:
    """The provider as a sentence names it: ``Google (Google Ireland Ltd)`` → ``Google``."""
    return service.provider.name.partition(" (")[0]


def placeholder_title(service: Service | None, frame: Frame, locale: Locale) -> str:
    """The heading: what the markup calls the frame, else the service, else the blocked host."""
    if service:
        return frame.title or service.title
    host = _host(frame)
    return locale("embed.unknown.title", host=host) if host else locale("embed.unknown.bare.title")


def placeholder_words(service: Service | None, frame: Frame, locale: Locale) -> str:
    """The sentence on what is sent where: the service's own (from site or catalogue), else ours."""
    if service is None:
        host = _host(frame)
        return locale("embed.unknown.text", host=host) if host else locale("embed.unknown.bare")
    if own := locale.pick(service.placeholder):
        return own
    return locale("embed.text", title=service.title, provider=short_name(service))


def outward_link(frame: Frame) -> str:
    """Where the content can be seen at its provider's; empty where that is no web address."""
    return frame.url if urlsplit(frame.url).scheme in {"http", "https"} else ""


def _host(frame: Frame) -> str:
    return urlsplit(frame.url).hostname or ""
