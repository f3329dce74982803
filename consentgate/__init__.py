"""consentgate: no third party hears of a visitor before that visitor agreed."""

from consentgate.config import Config, load_config
from consentgate.errors import ConfigError, ConsentGateError, StorageError
from consentgate.middleware import ConsentGateMiddleware
from consentgate.model import Consent

__all__ = [
    "Config",
    "ConfigError",
    "Consent",
    "ConsentGateError",
    "ConsentGateMiddleware",
    "StorageError",
    "load_config",
]
