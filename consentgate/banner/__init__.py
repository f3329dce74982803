"""Everything a visitor sees: the banner, our own pages, and what stands in for an embed."""

from consentgate.banner.fragments import Fragments
from consentgate.banner.render import Banner
from consentgate.banner.scripts import SCRIPTS
from consentgate.banner.visit import Frame, Visit

__all__ = ["SCRIPTS", "Banner", "Fragments", "Frame", "Visit"]
