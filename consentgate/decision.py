"""From a submitted form to a choice, and from a choice to the consent that follows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import parse_qs

from consentgate.config import Config
from consentgate.errors import ConsentGateError
from consentgate.model import Choice, Consent, Decision, Keep

MAX_BODY_BYTES = 16_384
"""A path that is written in percent codes grows threefold in a form."""

SOCIAL_BAR = "social-bar"
"""The layer that a form of the social bar names: it stands on the application's own pages."""

MAX_FIELDS = 400
MAX_PATH_CHARACTERS = 3500


class BadChoiceError(ConsentGateError):
    """A form that none of our pages sends; the message is for the log, not for the visitor."""


def parse_choice(body: bytes, config: Config) -> Choice:
    """Read the form of the choice endpoint; raises BadChoiceError for anything not configured."""
    try:
        fields = parse_qs(
            body.decode("ascii"), strict_parsing=True, errors="strict", max_num_fields=MAX_FIELDS
        )
    except ValueError as error:  # UnicodeDecodeError is one
        raise BadChoiceError("the body is not a form") from error
    try:
        decision = Decision(_single(fields, "decision"))
        keep = Keep(_single(fields, "keep") or Keep.LASTING)
    except ValueError as error:
        raise BadChoiceError("an unknown decision or duration") from error
    if keep is Keep.ONCE:
        raise BadChoiceError("an unknown duration")
    service = _single(fields, "service")
    if service and service not in config.optional_ids:
        raise BadChoiceError("an unknown service")
    if decision in {Decision.ALLOW, Decision.ONCE} and not service:
        raise BadChoiceError("no service named")
    if (layer := _single(fields, "layer")) not in {"", SOCIAL_BAR}:
        raise BadChoiceError("an unknown layer")
    return Choice(
        decision=decision,
        allow=_expand(fields.get("allow", ()), config),
        service=service,
        keep=keep,
        back=local_path(_single(fields, "back")),
        gpc=_single(fields, "gpc") == "1",
        layer=layer,
    )


def granted_by(choice: Choice, previous: Consent, config: Config) -> frozenset[str]:
    """The optional services that may run after this choice."""
    before = previous.allowed & config.optional_ids
    match choice.decision:
        case Decision.ACCEPT_ALL:
            return config.optional_ids
        case Decision.CUSTOM:
            return choice.allow
        case Decision.ALLOW:
            return before | {choice.service}
        case Decision.ONCE | Decision.SIGNAL:
            return before
        case Decision.WITHDRAW if choice.service:
            return before - {choice.service}
        case Decision.DO_NOT_SELL:
            return before - config.ids_refused_by_signals
        case _:
            return frozenset()


def local_path(value: str) -> str:
    """The path if it leads nowhere but to this site; else the empty string.

    One leading slash, no second one, no backslash, no control character: what browsers read
    as another host is refused rather than repaired.
    """
    if not value.startswith("/") or value.startswith("//") or len(value) > MAX_PATH_CHARACTERS:
        return ""
    if "\\" in value or any(character <= " " or character == "\x7f" for character in value):
        return ""
    return value


def _single(fields: Mapping[str, Sequence[str]], name: str) -> str:
    values = fields.get(name, ("",))
    if len(values) != 1:
        raise BadChoiceError(f"{name} is given more than once")
    return values[0]


def _expand(names: Sequence[str], config: Config) -> frozenset[str]:
    """Category ids become the services listed under them now."""
    categories = {category.id for category in config.categories}
    allowed: set[str] = set()
    for name in names:
        if name in config.optional_ids:
            allowed.add(name)
        elif name in categories:
            allowed |= {service.id for service in config.in_category(name)} & config.optional_ids
        else:
            raise BadChoiceError("an unknown category or service")
    return frozenset(allowed)
