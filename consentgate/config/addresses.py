"""Hosts, links, paths and networks that a setting can hold, with the faults of bad ones."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from typing import Annotated, TypeAlias
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, WithJsonSchema

from consentgate.catalogue import load_catalogue
from consentgate.config.fields import fault, text_schema
from consentgate.config.ownership import host_owner
from consentgate.config.wording import quoted
from consentgate.sites import host_of, is_host_name, is_ip_literal, is_public_suffix

_NOT_IN_URLS = re.compile(r"[\x00-\x20\x7f-\x9f\\\"'<>`{}|^]")
_NOT_IN_PATHS = re.compile(r"[\x00-\x20\x7f\\?#*]")


def _host(value: str) -> str:
    host = host_of(value)
    if any(mark in value for mark in "/\\@:?#") and not is_ip_literal(value):
        raise fault(
            f'{quoted(value)} is more than a host. Write the name alone, like "cdn.example.com".'
        )
    if not (is_host_name(host) or is_ip_literal(host)):
        raise fault(f'{quoted(value)} is not a host. Write one like "cdn.example.com".')
    return host


def _host_pattern(value: str) -> str:
    wildcard = value.startswith("*.")
    host = _host(value.removeprefix("*."))
    if wildcard and is_ip_literal(host):
        raise fault(f"{quoted(value)} is not a host: an address has no subdomains.")
    if (wildcard or "." in host) and is_public_suffix(host):
        raise fault(
            f"{quoted(value)} would be everybody's hosts. Name a domain below {quoted(host)}."
        )
    return "*." * wildcard + host


def _own_host(value: str) -> str:
    pattern = _host_pattern(value)
    owner = host_owner(pattern, load_catalogue().services)
    if owner is not None:
        message = f"belongs to {quoted(owner.id)} in the catalogue; it is not a host of yours."
        raise fault(f"{quoted(value)} {message}")
    return pattern


def _domain(value: str) -> str:
    host = _host(value)
    if is_ip_literal(host) or is_public_suffix(host):
        message = 'Write one like "example.com", or true for the domain that a visitor is on.'
        raise fault(f"{quoted(value)} is not a domain of yours. {message}")
    return host


def _sharing(value: object) -> object:
    if isinstance(value, bool):
        return value
    if not isinstance(value, str):
        raise fault(f'{quoted(value)} is not true, false or a domain, like "example.com".')
    return _domain(value)


def _link(value: str) -> str:
    local = value.startswith("/") and not value.startswith("//")
    if value and (_NOT_IN_URLS.search(value) or not (local or _is_web_url(value))):
        message = 'Write a path like "/privacy" or an address like "https://example.com/privacy".'
        raise fault(f"{quoted(value)} is not a link. {message}")
    return value


def _is_web_url(value: str) -> bool:
    try:
        parts = urlsplit(value)
        return (
            parts.scheme in {"http", "https"} and bool(parts.hostname) and "@" not in parts.netloc
        )
    except ValueError:
        return False


def _site_path(value: str) -> str:
    if not value.startswith("/") or _NOT_IN_PATHS.search(value) or ".." in value.split("/"):
        message = 'Write the start of a path, like "/admin"; what is below it is meant too.'
        raise fault(f"{quoted(value)} is not a path of the site. {message}")
    if not value.strip("/."):
        raise fault(f'{quoted(value)} is the whole site. Name a part of it, like "/admin".')
    return value


def _url_glob(value: str) -> str:
    if value[:1] not in {"/", "*"} or re.search(r"[\x00-\x20\x7f\\?#]", value):
        message = 'Write one like "/player/*", without a query.'
        raise fault(f"{quoted(value)} is not a path. {message}")
    return value


def _network(value: str) -> str:
    try:
        network = ipaddress.ip_network(value, strict=False)
    except ValueError:
        message = 'Write an address or a range, like "10.0.0.0/8".'
        raise fault(f"{quoted(value)} is not a network. {message}") from None
    if network.prefixlen == 0:
        raise fault(f"{quoted(value)} trusts everybody, so anybody could pretend any address.")
    if "/" in value and str(network).partition("/")[0] != str(ipaddress.ip_interface(value).ip):
        raise fault(
            f"{quoted(value)} has digits after its range. Did you mean {quoted(str(network))}?"
        )
    return str(network)


def _at_most(most: int) -> Callable[[int], int]:
    def check(value: int) -> int:
        if value > most:
            raise fault(f"{quoted(value)} keeps too much of the address; the most is {most}.")
        if value < 0:
            raise fault(f"{quoted(value)} is less than nothing; the least is 0.")
        return value

    return check


HostPattern: TypeAlias = Annotated[str, AfterValidator(_host_pattern)]
OwnHost: TypeAlias = Annotated[str, AfterValidator(_own_host)]
Sharing: TypeAlias = Annotated[
    bool | str,
    BeforeValidator(_sharing),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "boolean", "description": "The domain that the visitor is on."},
                {"type": "string", "description": "The domain."},
            ]
        }
    ),
]
Link: TypeAlias = Annotated[str, AfterValidator(_link)]
SitePath: TypeAlias = Annotated[str, AfterValidator(_site_path), text_schema(pattern="^/.")]
UrlGlob: TypeAlias = Annotated[str, AfterValidator(_url_glob), text_schema(pattern=r"^[/*]")]
Network: TypeAlias = Annotated[str, AfterValidator(_network)]
BitsOfV4: TypeAlias = Annotated[
    int,
    AfterValidator(_at_most(24)),
    WithJsonSchema({"type": "integer", "minimum": 0, "maximum": 24}),
]
BitsOfV6: TypeAlias = Annotated[
    int,
    AfterValidator(_at_most(48)),
    WithJsonSchema({"type": "integer", "minimum": 0, "maximum": 48}),
]
