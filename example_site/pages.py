"""Every page of the site that answers a GET, for tests that walk all of them."""

from __future__ import annotations

from collections.abc import Mapping

from example_site.content import COURSES, JOBS, POSTS

PAGES: tuple[str, ...] = (
    "/",
    "/courses",
    *(f"/courses/{course.slug}" for course in COURSES),
    "/jobs",
    "/jobs/all",
    *(f"/jobs/{job.slug}" for job in JOBS),
    "/blog",
    *(f"/blog/{post.slug}" for post in POSTS),
    "/about",
    "/contact",
    "/privacy",
    "/imprint",
    "/companies",
    "/de",
    "/no-such-page",
    "/broken",
)
"""Paths of all pages, the two error pages last."""

STATUS: Mapping[str, int] = {"/no-such-page": 404, "/broken": 500}
"""Status of the pages that do not answer 200."""
