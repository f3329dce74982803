"""Without the gate the example site tells every one of its third parties about a visit.

What the gated tests find missing is missed only because these find it.
"""

import pytest

from example_site.pages import PAGES, STATUS
from example_site.site import create_app
from tests.browser import third_parties


@pytest.fixture(params=[True, False], ids=["script", "no-script"])
def java_script(request):
    return request.param


def test_a_visit_of_all_pages_reaches_every_third_party(serve, visit, java_script):
    visitor = visit(serve(create_app()), third_parties.ALL, java_script_enabled=java_script)
    assert visitor.walk(PAGES) == {path: STATUS.get(path, 200) for path in PAGES}
    expected = third_parties.third_parties(java_script=java_script)
    assert visitor.reached(expected) == expected
    assert set(visitor.foreign_cookies()) >= expected - {"fonts.gstatic.com"}


def test_hints_alone_reach_two_of_them(serve, visit):
    visitor = visit(serve(create_app()), third_parties.ALL, java_script_enabled=False)
    visitor.goto("/courses")
    assert "fonts.gstatic.com" in visitor.connected()
    assert "www.googletagmanager.com" in visitor.looked_up()
    asked = {request.host for request in visitor.recorder.requests}
    assert not asked & {"fonts.gstatic.com", "www.googletagmanager.com"}


def test_the_site_and_its_scripts_set_cookies_of_every_kind(serve, visit):
    visitor = visit(serve(create_app()), third_parties.ALL)
    visitor.walk(["/", "/about", "/courses"])
    assert visitor.cookies().keys() >= {"_ga", "_fbp", "_pk_id.1.1fff"}


@pytest.mark.parametrize("page", ["/no-such-page", "/broken"])
def test_error_pages_contact_as_many_as_any_other(serve, visit, page):
    visitor = visit(serve(create_app()), third_parties.ALL)
    visitor.walk([page])
    some = {"www.youtube.com", "connect.facebook.net", "www.google.com", "platform.linkedin.com"}
    assert visitor.reached(some) >= some
