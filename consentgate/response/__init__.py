"""What leaves the site: the three gates applied to one ASGI response as it streams by."""

from consentgate.response.responder import Plan, Responder

__all__ = ["Plan", "Responder"]
