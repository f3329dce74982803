"""The tags of our script files: where each lies, and the hash by which a policy may know it."""

from __future__ import annotations

from collections.abc import Mapping

from consentgate.assets import Assets

SCRIPTS = ("banner.js", "activate.js", "connect.js", "forget.js", "overlay.js")
"""The files of script that a page may load, besides the inline one."""


def script_tag(name: str, assets: Assets, mount: str, nonce: str = "") -> Mapping[str, str]:
    """The attributes of the element that loads one of our files.

    The hash is for policies with ``'strict-dynamic'`` and no nonce, which trust no address.
    """
    tag = {"src": assets.url(name, mount), "integrity": assets.integrity(name)}
    return {**tag, "nonce": nonce} if nonce else tag


def overlay_tag(assets: Assets, mount: str, nonce: str = "") -> Mapping[str, str]:
    """The developers' script: in front of all others, to miss nothing."""
    return {
        **script_tag("overlay.js", assets, mount, nonce),
        "data-css": assets.url("overlay.css", mount),
        "data-explain": f"{mount}/blocked",
    }
