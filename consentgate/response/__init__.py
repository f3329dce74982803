"""What leaves the site: the three gates applied to one ASGI response as it streams by."""

from consentgate.response.memo import Memo
from consentgate.response.plan import Plan, Rendering, Request, Variant
from consentgate.response.responder import Responder

__all__ = ["Memo", "Plan", "Rendering", "Request", "Responder", "Variant"]
