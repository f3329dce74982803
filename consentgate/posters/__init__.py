"""Pictures of films, fetched and kept by the server, so that no visitor's browser asks for one."""

from consentgate.posters.store import Poster, PosterStore

__all__ = ["Poster", "PosterStore"]
