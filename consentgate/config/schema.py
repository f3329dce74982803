"""The shape of ``consentgate.json``, and the JSON Schema that an editor completes it with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal

from pydantic import Field

from consentgate.config.addresses import SitePath
from consentgate.config.entries import CategoryEntry, FirstPartyCookieEntry, ServiceEntry
from consentgate.config.fields import KEBAB_CASE, SHIPPED_LANGUAGES, BannerLanguage, CookieName
from consentgate.config.settings import (
    BannerSettings,
    IpSettings,
    PolicySettings,
    ProofsSettings,
    Settings,
    SignalsSettings,
    SiteSettings,
    SocialSettings,
    UnknownSettings,
)
from consentgate.model import NECESSARY, Service

BUILT_IN_CATEGORIES = (NECESSARY, "functional", "analytics", "marketing", "social")
"""The categories that exist without being written, in the order of the banner."""


class ConfigFile(Settings):
    """Everything that consentgate.json may hold."""

    schema_url: str = Field("", alias="$schema")
    """Where an editor finds the JSON Schema; consentgate itself ignores it."""
    format: Literal[1] = 1
    """The version of this file's format."""
    site: SiteSettings = SiteSettings()
    """Who runs the site, and which hosts are its own."""
    policy: PolicySettings = PolicySettings()
    """The version of the policy that visitors agree to, and how long a choice lasts."""
    languages: tuple[BannerLanguage, ...] = Field(SHIPPED_LANGUAGES, min_length=1)
    """The languages of the banner; the first is the default."""
    banner: BannerSettings = BannerSettings()
    """Where the banner stands and what it says."""
    categories: dict[str, CategoryEntry] = Field(default_factory=dict)
    """Categories of your own, and words in place of those of the built-in ones."""
    services: dict[str, ServiceEntry] = Field(default_factory=dict)
    """The third parties that the site uses, by their id in the catalogue or an id of your own."""
    first_party_cookies: dict[CookieName, FirstPartyCookieEntry] = Field(default_factory=dict)
    """The cookies of your own application, by name; "*" stands for anything."""
    social: SocialSettings = SocialSettings()
    """The bar of share buttons."""
    unknown: UnknownSettings = UnknownSettings()
    """What happens to what neither the catalogue nor this file knows."""
    exempt_paths: tuple[SitePath, ...] = ()
    """Staff areas and API documentation that stay as they are. Nothing is blocked there."""
    ip: IpSettings = IpSettings()
    """How visitors' addresses are anonymised."""
    signals: SignalsSettings = SignalsSettings()
    """What the browser's own privacy signals do."""
    proofs: ProofsSettings = ProofsSettings()
    """What is kept to prove the visitors' decisions."""


def json_schema(catalogue: Mapping[str, Service]) -> dict[str, Any]:
    """The JSON Schema of the file, with the catalogue's services for completion."""
    schema = ConfigFile.model_json_schema(by_alias=True)
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = "consentgate.json"
    properties = schema["properties"]
    services = properties["services"]
    services["properties"] = {
        id_: {
            "$ref": "#/$defs/ServiceEntry",
            "description": f"{service.title} ({service.category})",
        }
        for id_, service in sorted(catalogue.items())
    }
    services["propertyNames"] = _one_of_or_own(sorted(catalogue))
    properties["categories"]["propertyNames"] = _one_of_or_own(BUILT_IN_CATEGORIES)
    for entry in ("ServiceEntry", "FirstPartyCookieEntry"):
        category = schema["$defs"][entry]["properties"]["category"]
        category |= _one_of_or_own(BUILT_IN_CATEGORIES)
    _describe_groups(schema)
    return schema


def _describe_groups(schema: dict[str, Any]) -> None:
    # Pydantic leaves the description of a group to its definition; some editors look only here.
    for group in (schema, *schema["$defs"].values()):
        for key in group["properties"].values():
            if "$ref" in key:
                key.setdefault(
                    "description", schema["$defs"][key["$ref"].rpartition("/")[2]]["description"]
                )


def _one_of_or_own(ids: Iterable[str]) -> dict[str, Any]:
    return {"anyOf": [{"enum": list(ids)}, {"pattern": KEBAB_CASE}]}
