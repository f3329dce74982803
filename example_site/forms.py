"""Pages with a form that answers with a page: an application, a message."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from example_site.content import JOBS, Job, by_slug
from example_site.render import page

UNPROCESSABLE = 422


async def job(request: Request) -> Response:
    """Show one vacancy; on POST, the same page with the answer to an application."""
    vacancy = by_slug(JOBS, request.path_params["slug"])
    if vacancy is None:
        raise HTTPException(404)
    return await _form_page(request, "job.html", required=("name", "email"), job=vacancy)


async def contact(request: Request) -> Response:
    """Show how to reach the company; on POST, the same page with the answer to a message."""
    return await _form_page(request, "contact.html", required=("name", "email", "message"))


async def _form_page(
    request: Request, template: str, *, required: tuple[str, ...], job: Job | None = None
) -> Response:
    values, missing = {}, set()
    if request.method == "POST":
        form = await request.form()
        values = {name: str(form.get(name, "")).strip() for name in required}
        missing = {name for name, value in values.items() if not value}
    return page(
        request,
        template,
        status=UNPROCESSABLE if missing else 200,
        values=values,
        missing=missing,
        sent=bool(values) and not missing,
        job=job,
    )
