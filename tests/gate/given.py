"""Short ways to write down services and what a visitor allowed."""

from consentgate.catalogue.lookup import Lookup
from consentgate.gate.access import Access
from consentgate.model import (
    NECESSARY,
    Consent,
    Cookie,
    Keep,
    Match,
    Party,
    Provider,
    Service,
    Storage,
)
from consentgate.sites import FirstParty


def service(
    name,
    *hosts,
    category="analytics",
    shared=(),
    paths=(),
    cookies=(),
    third_cookies=(),
    storage=(),
    lifetime_limit="",
):
    match = Match(
        hosts=(*hosts, *shared), shared_hosts=frozenset(shared), paths=tuple(paths), sockets=True
    )
    return Service(
        id=name,
        title=name,
        category=category,
        provider=Provider(name),
        matches=(match,),
        cookies=(
            *(Cookie(cookie, "2 years", Party.FIRST) for cookie in cookies),
            *(Cookie(cookie, "2 years", Party.THIRD) for cookie in third_cookies),
            *(Cookie(key, "", Party.FIRST, storage=Storage.LOCAL_STORAGE) for key in storage),
        ),
        lifetime_limit=lifetime_limit,
    )


def access(
    *services,
    allowed=(),
    once=(),
    categories=(),
    host="www.example.com",
    own_hosts=(),
    scheme="https",
    keep=Keep.LASTING,
    report_unknown=False,
):
    consent = Consent(
        allowed=frozenset(allowed),
        once=frozenset(once),
        categories=frozenset({NECESSARY, *categories}),
        keep=keep,
    )
    return Access(
        FirstParty(host, frozenset(own_hosts)),
        Lookup(services),
        consent,
        scheme=scheme,
        report_unknown=report_unknown,
    )
