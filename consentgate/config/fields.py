"""Texts, times and names that a setting can hold, each with the fault it answers to a bad one."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any, TypeAlias

from pydantic import AfterValidator, BeforeValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from consentgate.config.durations import PERSISTENT, SESSION, duration_seconds
from consentgate.config.wording import listed, quoted

CUSTOM_ERROR = "consentgate"
"""The pydantic error type of our own faults: its message is complete as it stands."""

# fmt: off
SHIPPED_LANGUAGES = (
    "en", "ar", "bg", "cs", "da", "de", "el", "es", "et", "fi", "fr", "ga", "he", "hr", "hu", "is",
    "it", "ja", "ko", "lt", "lv", "mt", "nb", "nl", "pl", "pt", "pt-BR", "ro", "sk", "sl", "sv",
    "tr", "uk", "zh-Hans", "zh-Hant",
)
# fmt: on
"""The languages that the banner has texts in, the default first."""

KEBAB_CASE = r"^[a-z0-9]+(-[a-z0-9]+)*$"
"""The spelling of ids, as a JSON Schema pattern."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_CONTROL_BUT_BREAKS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_LANGUAGE = re.compile(r"(?:[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*)?")
_COLOUR = re.compile(r"#(?:[0-9a-fA-F]{3}){1,2}")
_COOKIE_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_TRACKING_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._\-]{0,63}")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def fault(message: str) -> PydanticCustomError:
    """A fault whose message already says what is wrong and what to write."""
    return PydanticCustomError(CUSTOM_ERROR, "{message}", {"message": message})


def _line(value: str) -> str:
    if _CONTROL.search(value):
        raise fault(f"{quoted(value)} holds a line break or a control character. Write one line.")
    return value.strip()


def _name(value: str) -> str:
    if not _line(value):
        raise fault(f"{quoted(value)} is empty. Write a name.")
    return _line(value)


def _paragraph(value: str) -> str:
    if _CONTROL_BUT_BREAKS.search(value):
        raise fault(f"{quoted(value)} holds a control character. Write plain text.")
    return value.strip()


def _language(value: str) -> str:
    if not _LANGUAGE.fullmatch(value):
        raise fault('not a language tag. Write one like "en" or "pt-BR".')
    return value


def _banner_language(value: str) -> str:
    if value not in SHIPPED_LANGUAGES:
        raise fault(
            f"{quoted(value)} is not a language of the banner: {listed(SHIPPED_LANGUAGES)}."
        )
    return value


def _as_text(value: object) -> object:
    if isinstance(value, str):
        return {"": value} if value.strip() else {}
    if isinstance(value, dict):
        return value
    raise fault(f'{quoted(value)} is not a text. Write "…" or {{ "en": "…" }}.')


def _duration(value: str) -> str:
    try:
        duration_seconds(value)
    except ValueError:
        message = 'is not a duration. Write a number and a unit, like "6 months".'
        raise fault(f"{quoted(value)} {message}") from None
    return value


def _lifetime(value: str) -> str:
    return value if value in {SESSION, PERSISTENT} else _duration(value)


def _date(value: object) -> date:
    try:
        if isinstance(value, str) and _DATE.fullmatch(value):
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise fault(f'{quoted(value)} is not a date. Write year-month-day, like "2026-11-21".')


def _colour(value: str) -> str:
    if not _COLOUR.fullmatch(value):
        raise fault(f'{quoted(value)} is not a colour. Write one like "#1d4f91".')
    digits = value[1:].lower()
    return "#" + (digits if len(digits) > 3 else "".join(2 * d for d in digits))  # noqa: PLR2004


def _cookie_name(value: str) -> str:
    if not _COOKIE_NAME.fullmatch(value):
        raise fault(f'{quoted(value)} is not a cookie name. Write one like "acme_*".')
    return _narrow(value)


def _storage_name(value: str) -> str:
    if _CONTROL.search(value):
        raise fault(f'{quoted(value)} is not a name. Write one like "acme_*".')
    return _narrow(value)


def _narrow(value: str) -> str:
    if "*" in value and len(value.replace("*", "")) < 2:  # noqa: PLR2004  as the fault says
        raise fault(
            f"{quoted(value)} would be nearly every name. Write two letters of it at least."
        )
    return value


def _signature(value: str) -> str:
    if len(value.strip()) < 4:  # noqa: PLR2004  shorter ones stand in every script
        raise fault(f"{quoted(value)} stands in too many scripts. Write four characters at least.")
    return value


def _selector(value: str) -> str:
    if not value.strip() or re.search(r"[\x00-\x1f{}<;]", value):
        raise fault(f'{quoted(value)} is not a CSS selector. Write one like ".acme-widget".')
    return value.strip()


def _tracking_id(value: str) -> str:
    if not _TRACKING_ID.fullmatch(value):
        raise fault(f'{quoted(value)} is not an id of a tag. Write one like "G-ABC123".')
    return value


def _country(value: str) -> str:
    if not re.fullmatch(r"[A-Z]{2}", value):
        raise fault(f'{quoted(value)} is not a country. Write its two capitals, like "DE".')
    return value


def text_schema(**schema: Any) -> WithJsonSchema:
    """What the JSON Schema says of a text, beside that it is one."""
    return WithJsonSchema({"type": "string", **schema})


Line: TypeAlias = Annotated[str, AfterValidator(_line)]
Name: TypeAlias = Annotated[str, AfterValidator(_name), text_schema(minLength=1)]
Language: TypeAlias = Annotated[str, AfterValidator(_language)]
BannerLanguage: TypeAlias = Annotated[
    str, AfterValidator(_banner_language), text_schema(enum=list(SHIPPED_LANGUAGES))
]
Paragraph: TypeAlias = Annotated[str, AfterValidator(_paragraph)]
TextField: TypeAlias = Annotated[
    dict[Language, Paragraph],
    BeforeValidator(_as_text),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "description": "The same words in every language."},
                {
                    "type": "object",
                    "description": "Language tag and words.",
                    "additionalProperties": {"type": "string"},
                },
            ]
        }
    ),
]
DURATION_PATTERN = r"^[1-9][0-9]* (second|minute|hour|day|week|month|year)s?$"
Duration: TypeAlias = Annotated[
    str, AfterValidator(_duration), text_schema(pattern=DURATION_PATTERN)
]
Lifetime: TypeAlias = Annotated[
    str, AfterValidator(_lifetime), text_schema(examples=["13 months", SESSION])
]
Day: TypeAlias = Annotated[date, BeforeValidator(_date), text_schema(format="date")]
Colour: TypeAlias = Annotated[
    str, AfterValidator(_colour), text_schema(pattern="^#([0-9a-fA-F]{3}){1,2}$", format="color")
]
CookieName: TypeAlias = Annotated[str, AfterValidator(_cookie_name)]
StorageName: TypeAlias = Annotated[str, AfterValidator(_storage_name)]
Signature: TypeAlias = Annotated[str, AfterValidator(_signature), text_schema(minLength=4)]
Selector: TypeAlias = Annotated[str, AfterValidator(_selector)]
TrackingId: TypeAlias = Annotated[str, AfterValidator(_tracking_id)]
Country: TypeAlias = Annotated[str, AfterValidator(_country), text_schema(pattern="^[A-Z]{2}$")]
