"""What leaves the site: the three gates applied to one ASGI response as it streams by."""

from consentgate.response.plan import Plan, Rendering
from consentgate.response.responder import Responder

__all__ = ["Plan", "Rendering", "Responder"]
