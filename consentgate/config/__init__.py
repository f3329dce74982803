"""consentgate.json: read with positions, checked as a whole, laid over the catalogue."""

from consentgate.config.configuration import Config, FirstPartyCookie
from consentgate.config.load import load_config
from consentgate.config.meaning import differences
from consentgate.config.overview import signals_overview
from consentgate.config.schema import json_schema
from consentgate.config.watch import ConfigWatcher

__all__ = [
    "Config",
    "ConfigWatcher",
    "FirstPartyCookie",
    "differences",
    "json_schema",
    "load_config",
    "signals_overview",
]
