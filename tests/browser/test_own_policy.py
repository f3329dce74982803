"""Under each kind of policy that an application may have: our banner works, and no more opens."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from consentgate.assets import Assets
from consentgate.banner import SCRIPTS
from consentgate.gate.directives import split_directives
from tests.browser.recorder import Recorder
from tests.browser.visitor import NOBODY, Visitor
from tests.gated import behind_gate
from tests.live_server import LiveServer

AGREED, REFUSED, STRANGER = "one.example", "two.example", "stranger.example"
HOSTS = (AGREED, REFUSED, STRANGER)
CODE = "(self.ran ??= []).push('agreed');"
INLINE = f"""(self.ran ??= []).push('own');
for (const host of ['{REFUSED}', '{STRANGER}']) {{
  new Image().src = `https://${{host}}/pixel.gif`;
  fetch(`https://${{host}}/collect`, {{ mode: 'no-cors' }}).catch(() => {{}});
  const added = document.createElement('link');
  Object.assign(added, {{ rel: 'stylesheet', href: `https://${{host}}/added.css` }});
  document.head.append(added);
}}"""


def source(code: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(code.encode()).digest()).decode()}"


@dataclass(frozen=True, slots=True)
class Kind:
    """The headers of an application, and what its scripts and its head carry for them."""

    policies: tuple[str, ...] = ()
    report_only: str = ""
    head: str = ""
    attributes: str = ""
    external: str = ""
    opens: bool = True
    public: bool = False


NONCE = "nonce=n1"
NOTHING = "default-src 'none'; base-uri 'none'; frame-ancestors 'none'"
TRUSTED_TYPES = "require-trusted-types-for 'script'; trusted-types 'none'"
KINDS = {
    "none": Kind(),
    "nonce": Kind(("script-src 'nonce-n1'; object-src 'none'",), attributes=NONCE),
    "strict-dynamic": Kind(
        ("script-src 'nonce-n1' 'strict-dynamic' https: 'unsafe-inline'; base-uri 'none'",),
        attributes=NONCE,
    ),
    "strict-dynamic-hashes": Kind(
        (f"script-src 'strict-dynamic' '{source(INLINE)}' '{source(CODE)}'",),
        external=f"integrity={source(CODE)} crossorigin",
    ),
    "hashes": Kind((f"script-src 'self' https://{AGREED} '{source(INLINE)}'",)),
    "style-self": Kind(("style-src 'self'; font-src 'self'",)),
    "style-nonce": Kind(("style-src 'nonce-s1'",)),
    "meta": Kind(
        head='<meta http-equiv=content-security-policy content="'
        f"default-src 'self'; script-src 'nonce-n1' https://{AGREED}; form-action 'none'\">",
        attributes=NONCE,
    ),
    "trusted-types": Kind((TRUSTED_TYPES,)),
    "default-none": Kind(
        (f"{NOTHING}; script-src 'nonce-n1' https://{AGREED}; form-action 'none'",),
        attributes=NONCE,
    ),
    "several": Kind(
        (
            f"script-src 'nonce-n1' https://{AGREED}, connect-src 'none'",
            f"default-src https://{AGREED} 'unsafe-inline'; img-src *; form-action 'none'",
            "require-trusted-types-for 'script'",
        ),
        attributes=NONCE,
    ),
    "report-only": Kind(report_only="default-src 'none'; report-uri /own-reports"),
    "closed": Kind(("default-src 'self' 'unsafe-inline'",), opens=False),
    "public-hashes": Kind(
        (f"script-src 'self' https://{AGREED} '{source(INLINE)}'; style-src 'self'",), public=True
    ),
    "public-strict": Kind(
        (f"{NOTHING}; script-src 'nonce-n1' 'strict-dynamic'; {TRUSTED_TYPES}",),
        attributes=NONCE,
        public=True,
    ),
}


def own_service(host: str, category: str) -> dict[str, object]:
    return {
        "title": host,
        "category": category,
        "provider": {"name": host},
        "match": {"hosts": [host]},
    }


CONFIG = {
    "site": {"name": "A site", "privacy_url": "/privacy"},
    "policy": {"version": "1"},
    "services": {
        "one": own_service(AGREED, "analytics"),
        "two": own_service(REFUSED, "marketing"),
    },
}


@pytest.fixture
def served(tmp_path: Path, serve) -> Callable[..., LiveServer]:
    """A site with such a policy, behind the gate or bare."""

    def start(kind: Kind, *, gated: bool = True) -> LiveServer:
        scripts = "".join(
            f"<script {kind.attributes} {kind.external} src=https://{host}/a.js></script>"
            for host in HOSTS
        )
        page = (
            f"<!doctype html><html lang=en><head><title>t</title>{kind.head}</head><body><h1>A page"
            f"</h1>{scripts}<script {kind.attributes}>{INLINE}</script></body></html>"
        )

        async def show(request) -> HTMLResponse:
            response = HTMLResponse(page)
            for policy in kind.policies:
                response.headers.append("content-security-policy", policy)
            if kind.report_only:
                response.headers["content-security-policy-report-only"] = kind.report_only
            if kind.public:
                response.headers["cache-control"] = "public, max-age=60"
            return response

        async def reported(request) -> Response:
            return Response(status_code=204)

        app = Starlette(
            routes=[Route("/", show), Route("/own-reports", reported, methods=["POST"])]
        )
        site = behind_gate(app, tmp_path, CONFIG)
        return serve(site if gated else app)

    return start


@pytest.fixture
def arrive(served, visit, recorder: Recorder) -> Callable[..., Visitor]:
    def come(kind: Kind, **options: bool) -> Visitor:
        recorder.serve(AGREED, "/a.js", CODE, "text/javascript")
        visitor = visit(served(kind, **options), HOSTS)
        visitor.faults = []
        visitor.page.on("pageerror", lambda error: visitor.faults.append(str(error)))
        return visitor

    return come


kinds = pytest.mark.parametrize("name", KINDS)


@kinds
def test_the_banner_works_the_agreed_runs_and_the_refused_reaches_nothing(arrive, name):
    kind = KINDS[name]
    visitor = arrive(kind)
    visitor.goto("/")
    position = "getComputedStyle(document.querySelector('#cg')).position"
    assert visitor.page.evaluate(position) == "fixed", "our style sheet applies"
    assert visitor.reached() == NOBODY
    assert visitor.page.evaluate("ran") == ["own"]

    visitor.press("Reject all")
    assert visitor.page.locator("#cg-title").is_visible()
    assert not visitor.sees("Accept all")
    assert visitor.server.asked.count("GET /") == 1, "answered in place, by our script"

    visitor.goto("/_gate/preferences?back=/")
    visitor.page.get_by_label("Allow Statistics").check()
    visitor.press("Save choice")
    visitor.forget()
    visitor.goto("/")
    expected = {AGREED} if kind.opens else NOBODY
    assert visitor.reached(expected) == expected
    assert sorted(visitor.page.evaluate("ran")) == (["agreed", "own"] if kind.opens else ["own"])
    assert visitor.faults == []


@kinds
def test_the_applications_policy_admits_our_own_path_and_files_and_nothing_else(served, name):
    kind = KINDS[name]
    server = served(kind)
    answer = httpx.get(f"{server.url}/")
    sent = answer.headers.get_list("content-security-policy")
    own, ours = sent[: len(kind.policies)], sent[len(kind.policies) :]
    assert len(ours) == (0 if kind.public else 1)
    assert all(policy.startswith("default-src 'self' 'unsafe-eval'") for policy in ours)
    assets = Assets()
    inline = re.search(r"<script[^>]* data-cg-revision[^>]*>(.*?)</script>", answer.text, re.DOTALL)
    hashes = {source(inline[1]), *map(assets.integrity, SCRIPTS)}
    admitted = {f"{server.url}/_gate/", *(f"'{each}'" for each in hashes)}
    for before, after in zip(kind.policies, own, strict=True):
        for old, new in zip(before.split(","), after.split(","), strict=True):
            _assert_no_wider(old, new, admitted)
    report_only = answer.headers.get("content-security-policy-report-only", "")
    assert report_only == kind.report_only


def _assert_no_wider(old: str, new: str, admitted: set[str]) -> None:
    before, after = split_directives(old)[1], split_directives(new)[1]
    assert before.keys() <= after.keys()
    fallback = before["default-src"].words if "default-src" in before else ()
    for name, directive in after.items():
        stood = before[name].words if name in before else fallback
        assert set(directive.words) <= {*stood, *admitted}, name
        assert {word for word in stood if word != "'none'"} <= set(directive.words), name


@pytest.mark.parametrize("name", ["none", "nonce", "trusted-types", "strict-dynamic"])
def test_without_the_gate_the_same_page_reaches_everybody(arrive, name):
    visitor = arrive(KINDS[name], gated=False)
    visitor.goto("/")
    assert visitor.reached(HOSTS) >= {AGREED, REFUSED, STRANGER}
