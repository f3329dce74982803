"""The application's own policy learns of our path and of nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consentgate.gate.csp import extend_own_policy, nonce_of

OURS = "https://www.example.com/_gate/"
BOOT = "'sha256-Ym9vdA=='"
FILE = "'sha384-ZmlsZQ=='"


def extended(policy, **more):
    return extend_own_policy(policy, gate_url=OURS, inline_hash=BOOT, **more)


@pytest.mark.parametrize(
    "policy",
    [
        "",
        " ; ;",
        "upgrade-insecure-requests",
        "frame-ancestors 'none'; base-uri 'self';object-src 'none'",
        "font-src 'none'; worker-src 'none'; media-src x.test",
        "img-src 'self' data:; STYLE-SRC *",
        "connect-src https: ;frame-src 'SELF'",
        "script-src 'self' 'unsafe-inline'",
        "default-src 'self' 'unsafe-inline'; form-action 'self'",
        "default-src * 'unsafe-inline'; report-uri /csp",
    ],
)
def test_a_policy_that_admits_us_already_keeps_every_byte(policy):
    assert extended(policy) == policy


@pytest.mark.parametrize(
    "name", ["img-src", "connect-src", "frame-src", "form-action", "style-src"]
)
def test_our_path_joins_a_directive_after_its_own_sources(name):
    assert (
        extended(f"{name}  a.test\tb.test ; base-uri x")
        == f"{name}  a.test\tb.test {OURS} ; base-uri x"
    )


@pytest.mark.parametrize("nothing", ["'none'", "'NONE'"])
def test_our_path_takes_the_place_of_none(nothing):
    assert extended(f" img-src {nothing} ;x") == f" img-src {OURS} ;x"


def test_a_directive_without_a_value_forbids_all_and_gets_our_path():
    assert extended("img-src") == f"img-src {OURS}"
    assert extended("img-src ;x") == f"img-src {OURS} ;x"


def test_directives_that_are_absent_are_copied_from_default_src():
    assert extended("default-src a.test; base-uri 'self'") == (
        "default-src a.test; base-uri 'self'"
        f"; script-src a.test {OURS} {BOOT}; style-src a.test {OURS}; img-src a.test {OURS}"
        f"; connect-src a.test {OURS}; frame-src a.test {OURS}"
    )


def test_a_default_of_none_is_not_copied():
    assert extended("default-src 'none';") == (
        f"default-src 'none'; script-src {OURS} {BOOT}; style-src {OURS}; img-src {OURS}"
        f"; connect-src {OURS}; frame-src {OURS}"
    )


def test_a_form_is_free_without_a_form_action_whatever_the_default():
    assert "form-action" not in extended("default-src 'none'")


def test_a_default_of_self_admits_our_path_and_only_the_inline_script_needs_more():
    assert extended("default-src 'self'") == f"default-src 'self'; script-src 'self' {BOOT}"


def test_frames_fall_back_to_child_src_which_stays_closed_to_us_for_workers():
    assert extended("child-src a.test") == f"child-src a.test; frame-src a.test {OURS}"
    both = extended("default-src 'self'; child-src 'none'; script-src 'unsafe-inline' *")
    assert (
        both
        == f"default-src 'self'; child-src 'none'; script-src 'unsafe-inline' *; frame-src {OURS}"
    )


def test_the_directive_for_elements_and_the_one_older_browsers_read_are_both_extended():
    assert extended("script-src a.test; script-src-elem b.test; style-src-elem c.test") == (
        f"script-src a.test {OURS} {BOOT}; script-src-elem b.test {OURS} {BOOT}"
        f"; style-src-elem c.test {OURS}"
    )


def test_of_two_directives_with_one_name_the_first_counts():
    assert extended("img-src a.test; IMG-SRC b.test") == f"img-src a.test {OURS}; IMG-SRC b.test"


def test_each_policy_of_a_list_is_extended():
    assert extended("img-src a.test, img-src b.test , base-uri 'self'") == (
        f"img-src a.test {OURS}, img-src b.test {OURS} , base-uri 'self'"
    )


# --- The inline script


def test_a_nonce_admits_the_inline_script_so_no_hash_is_added():
    policy = "script-src 'nonce-YWJj' 'unsafe-inline'"
    assert nonce_of(policy) == "YWJj"
    assert extended(policy) == f"{policy} {OURS}"


@pytest.mark.parametrize(
    ("policy", "nonce"),
    [
        ("default-src 'nonce-a-b_c=='", "a-b_c=="),
        ("default-src 'nonce-no'; script-src 'self'", None),
        ("script-src 'nonce-no'; script-src-elem 'NONCE-Yes'", "Yes"),
        ("style-src 'nonce-no'", None),
        ("img-src x, script-src 'nonce-Zm9v' 'nonce-second'", "Zm9v"),
        ("script-src 'nonce-' nonce-x 'nonce-a;b'", None),
        ("", None),
    ],
)
def test_the_nonce_is_that_of_the_directive_which_rules_script_elements(policy, nonce):
    assert nonce_of(policy) == nonce


def test_a_second_policy_with_another_nonce_admits_the_script_by_its_hash():
    policies = "script-src 'nonce-one' 'self', script-src 'nonce-two' 'self'"
    assert (
        extended(policies) == f"script-src 'nonce-one' 'self', script-src 'nonce-two' 'self' {BOOT}"
    )
    alone = "script-src 'nonce-two' 'self'"
    assert extended(alone, nonce="one") == f"{alone} {BOOT}"
    assert extended(alone, nonce="two") == alone


@pytest.mark.parametrize("stronger", ["'sha256-YQ=='", "'strict-dynamic'", "'SHA512-YQ=='"])
def test_unsafe_inline_that_is_switched_off_already_does_not_keep_the_hash_out(stronger):
    assert extended(f"script-src 'self' 'unsafe-inline' {stronger}").endswith(f" {BOOT}")


def test_no_hash_ever_switches_unsafe_inline_off():
    policy = "default-src a.test 'UNSAFE-INLINE'"
    assert "sha256" not in extended(policy)
    assert f"script-src a.test 'UNSAFE-INLINE' {OURS};" in extended(policy)


def test_without_an_inline_script_no_hash_is_added():
    assert extend_own_policy("script-src a.test", gate_url=OURS, inline_hash=None) == (
        f"script-src a.test {OURS}"
    )


def test_under_strict_dynamic_our_files_are_admitted_by_hash_where_no_nonce_does():
    hashed = "script-src 'strict-dynamic' 'sha256-YQ=='"
    assert extended(hashed, script_hashes=[FILE]) == f"{hashed} {OURS} {BOOT} {FILE}"
    with_nonce = "script-src 'strict-dynamic' 'nonce-YQ=='"
    assert extended(with_nonce, script_hashes=[FILE]) == f"{with_nonce} {OURS}"
    assert FILE not in extended("script-src 'self'", script_hashes=[FILE])


# --- Hostile and odd input


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.test; script-src */_gate/",
        "https://a.test, script-src */_gate/",
        "https://a.test/_gate/ 'unsafe-inline'",
        "//a.test/_gate/",
        "javascript:alert(1)/",
        "",
    ],
)
def test_an_address_that_is_more_than_one_source_changes_nothing(url):
    policy = "default-src 'none'"
    assert extend_own_policy(policy, gate_url=url, inline_hash=BOOT) == policy


def test_a_no_break_space_is_no_white_space():
    assert extended("img-src\u00a0'self'") == "img-src\u00a0'self'"
    assert extended("img-src a.test\u00a0'self'") == f"img-src a.test\u00a0'self' {OURS}"


_NAMES = st.sampled_from(
    [
        "default-src",
        "script-src",
        "Script-Src-Elem",
        "style-src",
        "img-src",
        "child-src",
        "form-action",
        "frame-src",
        "base-uri",
        "sandbox",
        "report-uri",
        "",
    ]
)
_SOURCES = st.sampled_from(
    [
        "'self'",
        "'none'",
        "'unsafe-inline'",
        "'nonce-YQ=='",
        "'sha256-YQ=='",
        "'strict-dynamic'",
        "*",
        "https:",
        "a.test",
        OURS,
        "data:",
        "http:",
    ]
)
_DIRECTIVES = st.builds(
    lambda name, sources: " ".join((name, *sources)), _NAMES, st.lists(_SOURCES, max_size=4)
)
_POLICIES = st.lists(_DIRECTIVES, max_size=6).map("; ".join)
_POLICY_LISTS = st.lists(_POLICIES, min_size=1, max_size=3).map(", ".join)


@given(_POLICY_LISTS)
def test_extending_twice_is_extending_once(policy):
    once = extended(policy, script_hashes=[FILE])
    assert extended(once, script_hashes=[FILE]) == once


@given(_POLICIES)
def test_only_our_own_sources_are_new_in_the_directives_that_stood_there(policy):
    before = policy.rstrip("; ").split(";")  # an empty end is where a copied directive goes
    for old, new in zip(before, extended(policy).split(";"), strict=False):
        added = [word for word in new.split() if word not in old.split()]
        assert set(added) <= {OURS, BOOT}
        assert [word for word in old.split() if word.lower() != "'none'"] == [
            word for word in new.split() if word not in added and word.lower() != "'none'"
        ]


@given(_POLICY_LISTS)
def test_the_nonce_is_the_same_before_and_after(policy):
    assert nonce_of(extended(policy)) == nonce_of(policy)


@given(st.text(st.characters(max_codepoint=255), max_size=60))
def test_no_policy_is_too_odd(policy):
    result = extended(policy)
    assert extended(result) == result
    assert len(result) >= len(policy) - len("'none'")
