"""What is known about third parties: 118 services, and the names of many more."""

from consentgate.catalogue.load import Catalogue, load_catalogue
from consentgate.catalogue.lookup import Lookup
from consentgate.catalogue.names import CookieName, HostName

__all__ = ["Catalogue", "CookieName", "HostName", "Lookup", "load_catalogue"]
