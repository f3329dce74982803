"""What a site loads that its configuration does not name: told, counted, and declared."""

from consentgate.discovery.api_docs import is_under, warn_of_api_docs
from consentgate.discovery.counts import CountFile, Sighting, counts_path
from consentgate.discovery.declaring import Suggestion, declaration_of, suggestion_for
from consentgate.discovery.finds import Discoveries, Undeclared
from consentgate.discovery.listing import finds, listed, listed_for_machines
from consentgate.discovery.tally import Tally
from consentgate.discovery.violations import (
    REPORT_TYPES,
    BadReportError,
    Violation,
    read_violations,
)

__all__ = [
    "REPORT_TYPES",
    "BadReportError",
    "CountFile",
    "Discoveries",
    "Sighting",
    "Suggestion",
    "Tally",
    "Undeclared",
    "Violation",
    "counts_path",
    "declaration_of",
    "finds",
    "is_under",
    "listed",
    "listed_for_machines",
    "read_violations",
    "suggestion_for",
    "warn_of_api_docs",
]
