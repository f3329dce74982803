"""The pages that are only shown."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse

from example_site.content import COURSES, JOBS, POSTS, TEAM, by_slug
from example_site.render import TEMPLATES, page

YEAR_SECONDS = 365 * 24 * 60 * 60
CHUNK_BYTES = 700
"""Small and odd, so that a streamed page is cut inside tags, attributes and scripts."""

RESET_SHEET = "https://cdnjs.cloudflare.com/ajax/libs/normalize/8.0.1/normalize.min.css"


async def home(request: Request) -> Response:
    """The front page. Its headers announce a style sheet from a CDN, as build tools do."""
    response = page(request, "home.html", courses=COURSES[:3], jobs=JOBS, posts=POSTS[:3])
    response.headers["Link"] = f"<{RESET_SHEET}>; rel=preload; as=style"
    return response


async def courses(request: Request) -> Response:
    """All courses; a page that shared caches may keep."""
    return page(request, "courses.html", cache="public, max-age=300", courses=COURSES)


async def course(request: Request) -> Response:
    """One course."""
    found = by_slug(COURSES, request.path_params["slug"])
    if found is None:
        raise HTTPException(404)
    return page(request, "course.html", course=found)


async def jobs(request: Request) -> Response:
    """The vacancies, with a search that runs in a worker."""
    return page(request, "jobs.html", jobs=JOBS)


async def all_jobs(request: Request) -> Response:
    """Every vacancy in full on one page, streamed while it is rendered."""
    template = TEMPLATES.get_template("jobs-all.html")
    return StreamingResponse(
        _chunks(template.render(request=request, jobs=JOBS).encode()), media_type="text/html"
    )


async def _chunks(body: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(body), CHUNK_BYTES):
        yield body[start : start + CHUNK_BYTES]
        await asyncio.sleep(0)


async def blog(request: Request) -> Response:
    """All articles, newest first."""
    return page(request, "blog.html", posts=POSTS)


async def post(request: Request) -> Response:
    """One article, with the counting snippet of the year it was written in."""
    found = by_slug(POSTS, request.path_params["slug"])
    if found is None:
        raise HTTPException(404)
    more = [other for other in POSTS if other is not found][:3]
    return page(request, f"blog/{found.slug}.html", post=found, more=more)


async def about(request: Request) -> Response:
    """The company and its people."""
    return page(request, "about.html", team=TEAM)


async def privacy(request: Request) -> Response:
    """The privacy notice."""
    return page(request, "privacy.html")


async def imprint(request: Request) -> Response:
    """Who runs the site."""
    return page(request, "imprint.html")


async def german(request: Request) -> Response:
    """The company in German."""
    return page(request, "de.html")


async def voices(request: Request) -> Response:
    """What companies say: a piece of HTML that a script puts into the page."""
    return TEMPLATES.TemplateResponse(request, "fragments/voices.html")


async def language(request: Request) -> Response:
    """Remember the visitor's language for a year and show a page in it."""
    code = request.path_params["code"]
    if code not in {"en", "de"}:
        raise HTTPException(404)
    response = RedirectResponse("/de" if code == "de" else "/", status_code=303)
    response.set_cookie("lang", code, max_age=YEAR_SECONDS, samesite="lax")
    return response


async def moved(_request: Request) -> Response:
    """The old address of the vacancies."""
    return RedirectResponse("/jobs", status_code=301)


async def broken(_request: Request) -> Response:
    """Fail, so that the error page can be seen."""
    raise RuntimeError("This page fails on purpose.")


async def not_found(request: Request, _error: Exception) -> Response:
    """The page for an address that does not exist."""
    return page(request, "error.html", status=404, code=404)


async def server_error(request: Request, _error: Exception) -> Response:
    """The page for a fault of ours: the full template, embeds and all."""
    return page(request, "error.html", status=500, code=500)
