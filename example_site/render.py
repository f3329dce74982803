"""Pages from templates, with the menu and the counting cookies that every page of the site has."""

from __future__ import annotations

from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.templating import Jinja2Templates

from example_site import counting

TEMPLATES = Jinja2Templates(directory=Path(__file__).parent / "templates")

MENU = (
    ("/courses", "Courses"),
    ("/jobs", "Jobs"),
    ("/blog", "Blog"),
    ("/about", "About us"),
    ("/contact", "Contact"),
)
TEMPLATES.env.globals["menu"] = MENU
TEMPLATES.env.trim_blocks = True
TEMPLATES.env.lstrip_blocks = True


def page(
    request: Request,
    template: str,
    *,
    status: int = 200,
    cache: str | None = None,
    **context: object,
) -> Response:
    """Render a page of the site.

    ``cache`` becomes its Cache-Control. A page that shared caches may keep says ``public`` and
    gets no cookies, as one visitor's would reach all the others.
    """
    response = TEMPLATES.TemplateResponse(request, template, context, status_code=status)
    if cache is not None:
        response.headers["Cache-Control"] = cache
    if cache is None or "public" not in cache:
        counting.remember_visit(request, response)
    return response
