import base64
import hashlib
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st
from itsdangerous import Signer

from consentgate.consent import ConsentCookie, Seal, cookie_names, set_cookie
from consentgate.errors import ConsentGateError
from consentgate.model import NECESSARY, Consent, Keep, Provider, Service

NOW = 1_795_000_000
MONTHS = 15_552_000
SUBJECT = "0123456789abcdef0123456789abcdef"
REVISION = "a1b2c3d4e5f6"


def service(service_id, category="functional"):
    return Service(service_id, service_id.title(), category, Provider("Example Ltd"))


SERVICES = (
    service("facebook", "marketing"),
    service("google-analytics", "analytics"),
    service("matomo", "analytics"),
    service("youtube", "social"),
)


def cookie(secrets=("secret",), optional=SERVICES, revision=REVISION, **more):
    settings = {"necessary": frozenset({"shop"}), "max_age_seconds": MONTHS, **more}
    return ConsentCookie(secrets, optional=optional, revision=revision, **settings)


def granted(*names, of=None, decided_at=NOW, keep=Keep.LASTING, subject=SUBJECT):
    return (of or cookie()).consent(names, subject=subject, decided_at=decided_at, keep=keep)


def test_what_is_written_is_read_again():
    consent = granted("youtube", "matomo", keep=Keep.VISIT)
    assert cookie().read(cookie().write(consent), now=NOW + 60) == consent
    assert consent.allows("youtube")
    assert consent.allows("shop")
    assert not consent.allows("facebook")
    assert consent.keep is Keep.VISIT


@given(
    st.integers(0, 20).flatmap(
        lambda count: st.tuples(
            st.just(tuple(service(f"service-{i:02}", f"category-{i % 3}") for i in range(count))),
            st.frozensets(st.sampled_from([f"service-{i:02}" for i in range(count + 1)])),
        )
    ),
    st.integers(0, 2**40 - 1),
    st.sampled_from([Keep.LASTING, Keep.VISIT]),
    st.binary(min_size=16, max_size=16),
)
def test_every_consent_survives_the_round_trip(choice, decided_at, keep, subject):
    optional, names = choice
    codec = cookie(optional=optional)
    consent = codec.consent(names, subject=subject.hex(), decided_at=decided_at, keep=keep)
    assert codec.read(codec.write(consent), now=decided_at) == consent


def test_a_category_is_allowed_when_all_its_services_are():
    assert granted("matomo").categories == {NECESSARY}
    assert granted("matomo", "google-analytics").categories == {NECESSARY, "analytics"}


def test_a_service_that_needs_no_consent_is_not_granted_by_name():
    assert granted("shop", "unheard-of").allowed == {"shop"}


def test_a_refusal_carries_no_subject():
    refusal = granted()
    assert refusal.decided
    assert refusal.subject is None
    assert cookie().read(cookie().write(refusal), now=NOW).subject is None
    packed = base64.urlsafe_b64decode(cookie().write(refusal).partition(".")[0] + "==")
    assert bytes.fromhex(SUBJECT) not in packed
    assert len(packed) == 14


def test_undecided_allows_what_is_necessary():
    undecided = cookie().undecided
    assert undecided == Consent(allowed=frozenset({"shop"}))
    assert not undecided.decided
    assert cookie().read(None, now=NOW) == undecided


def test_a_cookie_of_160_services_stays_small():
    many = tuple(service(f"a-service-with-a-rather-long-name-{i:03}") for i in range(160))
    codec = cookie(secrets=("x" * 200,), optional=many)
    value = codec.write(granted(*(one.id for one in many), of=codec))
    name, state_name = cookie_names(secure=True, shared=True)
    assert len(name) + 1 + len(value) < 300
    assert len(state_name) + 1 + len(codec.state(codec.undecided)) < 300


@pytest.mark.parametrize(
    ("seconds_later", "good"),
    [(0, True), (-300, True), (-301, False), (MONTHS, True), (MONTHS + 1, False)],
)
def test_a_consent_ends_in_time_and_does_not_start_ahead_of_it(seconds_later, good):
    read = cookie().read(cookie().write(granted("youtube")), now=NOW + seconds_later)
    assert read.decided is good


def test_another_revision_counts_as_no_decision():
    value = cookie().write(granted("youtube"))
    other = cookie(revision="ffffffffffff")
    assert other.read(value, now=NOW) == other.undecided


def test_another_number_of_services_counts_as_no_decision():
    value = cookie().write(granted("youtube"))
    more = tuple(service(f"s-{i}") for i in range(9))
    assert not cookie(optional=more).read(value, now=NOW).decided


def test_old_secrets_read_and_the_newest_signs():
    before = cookie(secrets=["old"])
    rolled = cookie(secrets=["old", "new"])
    after = cookie(secrets=["new"])
    consent = granted("youtube")
    assert rolled.read(before.write(consent), now=NOW) == consent
    assert after.read(rolled.write(consent), now=NOW) == consent
    assert not after.read(before.write(consent), now=NOW).decided


@pytest.mark.parametrize("index", range(len(cookie().write(granted("youtube")))))
def test_a_change_of_any_character_undoes_the_consent(index):
    value = cookie().write(granted("youtube"))
    for other in string.ascii_letters + string.digits + "-_.~ é":
        if other != value[index]:
            forged = value[:index] + other + value[index + 1 :]
            assert not cookie().read(forged, now=NOW).decided


def test_another_purpose_of_the_same_secret_is_not_accepted():
    payload = cookie().write(granted("youtube")).partition(".")[0]
    signer = Signer(["secret"], salt="other", key_derivation="hmac", digest_method=hashlib.sha256)
    assert not cookie().read(signer.sign(payload).decode(), now=NOW).decided


@given(st.text())
def test_garbage_counts_as_no_decision(value):
    assert not cookie().read(value, now=NOW).decided


@given(st.binary(max_size=80))
def test_garbage_that_we_signed_ourselves_is_never_a_grant_without_form(packed):
    codec = cookie()
    value = codec._signer.sign(base64.urlsafe_b64encode(packed).rstrip(b"=")).decode()
    consent = codec.read(value, now=NOW)
    assert not consent.decided or codec.write(consent)


@pytest.mark.parametrize("value", ["a" * 5_000_000, "." * 100_000, "\ud800" * 10, ".", ""])
def test_oversized_and_odd_values_count_as_no_decision(value):
    assert not cookie().read(value, now=NOW).decided


def test_the_readable_state_holds_revision_and_bits_only():
    assert cookie().state(granted("facebook", "youtube")) == f"{REVISION}.09"
    assert cookie().state(granted()) == f"{REVISION}.00"
    assert SUBJECT not in cookie().state(granted("youtube"))


def test_a_grant_for_one_page_is_never_written_as_a_lasting_one():
    with pytest.raises(ConsentGateError):
        cookie().write(granted("youtube", keep=Keep.ONCE))
    with pytest.raises(ConsentGateError):
        cookie().write(cookie().undecided)


@pytest.mark.parametrize("secrets", [[], [""], ["good", ""], "one string"])
def test_a_missing_secret_is_refused(secrets):
    with pytest.raises(ConsentGateError):
        cookie(secrets=secrets)


def test_a_revision_of_another_length_is_refused():
    with pytest.raises(ConsentGateError):
        cookie(revision="a1b2")


def test_cookie_names_follow_the_connection():
    assert cookie_names(secure=True) == ("__Host-cg", "cg_state")
    assert cookie_names(secure=True, shared=True) == ("__Secure-cg", "cg_state")
    assert cookie_names(secure=False, shared=True) == ("cg", "cg_state")


def test_a_set_cookie_value_is_for_the_whole_site():
    assert set_cookie("__Host-cg", "v", secure=True, max_age=60, http_only=True) == (
        b"__Host-cg=v; Path=/; Max-Age=60; HttpOnly; Secure; SameSite=Lax"
    )
    assert set_cookie("cg_state", "v", secure=False, max_age=None, http_only=False) == (
        b"cg_state=v; Path=/; SameSite=Lax"
    )
    shared = set_cookie(
        "__Secure-cg", "v", secure=True, max_age=0, http_only=True, domain="example.com"
    )
    assert shared == (b"__Secure-cg=v; Path=/; Domain=example.com; Max-Age=0; Secure")


PAYLOADS = st.dictionaries(st.text(max_size=10), st.text(max_size=40), max_size=5)


@given(PAYLOADS)
def test_a_sealed_value_opens_to_itself(payload):
    seal = Seal(["secret"], "embed")
    token = seal.seal(payload)
    assert seal.open(token) == payload
    assert seal.open(token, now=NOW) == payload
    assert set(token) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.")


@given(PAYLOADS)
def test_sealing_is_the_same_every_time_and_in_every_order(payload):
    backwards = dict(reversed(payload.items()))
    assert Seal(["s"], "embed").seal(payload) == Seal(["s"], "embed").seal(backwards)


def test_a_token_of_another_purpose_or_secret_does_not_open():
    token = Seal(["secret"], "embed").seal({"u": "https://video.example/"})
    assert Seal(["secret"], "once").open(token) is None
    assert Seal(["other"], "embed").open(token) is None
    assert Seal(["secret", "other"], "embed").open(token) is not None


def test_a_token_with_an_end_opens_only_before_it():
    seal = Seal(["secret"], "once")
    token = seal.seal_until({"service": "youtube"}, NOW + 60)
    assert seal.open(token, now=NOW) == {"service": "youtube"}
    assert seal.open(token, now=NOW + 60) is None
    assert seal.open(token) is None


def test_a_consent_cookie_is_no_token():
    assert Seal(["secret"], "consent").open(cookie().write(granted("youtube"))) is None


def test_a_changed_token_does_not_open():
    seal = Seal(["secret"], "embed")
    token = seal.seal({"u": "x"})
    for index, character in enumerate(token):
        other = "A" if character != "A" else "B"
        assert seal.open(token[:index] + other + token[index + 1 :]) is None


@given(st.text())
def test_garbage_does_not_open(token):
    assert Seal(["secret"], "embed").open(token) is None


def test_a_token_has_a_largest_size():
    seal = Seal(["secret"], "embed")
    assert seal.open(seal.seal({"u": "x" * 2900})) is not None
    with pytest.raises(ConsentGateError):
        seal.seal({"u": "x" * 3100})
