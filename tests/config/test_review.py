"""What is allowed and still doubtful."""

from datetime import date

from consentgate.config import load_config

TODAY = date(2026, 11, 21)


def warnings(today: date = TODAY, **sections: object) -> list[str]:
    base = {"site": {"name": "Example Ltd", "privacy_url": "/privacy"}, "policy": {"version": "1"}}
    return list(load_config(base | sections, today=today).warnings)


def history(*dates: str) -> list[dict[str, str]]:
    return [{"version": day, "date": day} for day in dates]


def test_a_good_history_is_no_warning() -> None:
    policy = {"version": "2026-11-20", "history": history("2026-01-01", "2026-11-20")}
    assert warnings(policy=policy) == []
    assert warnings(policy={"version": "2020-01-01"}) == []


def test_a_version_that_is_not_the_newest_is_told() -> None:
    policy = {"version": "2026-01-01", "history": history("2026-01-01", "2026-11-20")}
    (told,) = warnings(policy=policy)
    assert told.startswith('policy.version: "2026-01-01" is not the newest')


def test_dates_that_run_backwards_are_told() -> None:
    policy = {"version": "2026-11-20", "history": history("2026-11-20", "2026-01-01")}
    (told,) = warnings(policy=policy)
    assert told.startswith("policy.history[1].date: 2026-01-01 is before 2026-11-20")
    entry = {"version": "1", "date": "2026-11-20", "effective": "2026-11-19"}
    (told,) = warnings(policy={"version": "1", "history": [entry]})
    assert told.startswith("policy.history[0].effective: ")


def test_a_review_over_twelve_months_old_is_told() -> None:
    policy = {"version": "2026-11-20", "history": history("2026-01-01", "2026-11-20")}
    assert warnings(date(2027, 11, 20), policy=policy) == []
    (told,) = warnings(date(2027, 11, 22), policy=policy)
    assert told.startswith("policy.history[1].date: the last review")


def test_a_host_of_the_catalogue_that_passes_as_necessary_is_told() -> None:
    acme = {
        "title": "Acme",
        "category": "necessary",
        "reason": "Needed.",
        "provider": {"name": "Acme"},
        "match": {"hosts": ["www.googletagmanager.com", "acme.example"]},
    }
    (told,) = warnings(services={"acme": acme})
    assert told.startswith("services.acme.match.hosts[0]: ")
    assert warnings(services={"acme": acme | {"category": "functional"}}) == []


def test_an_own_cookie_with_a_known_or_useless_name_is_told() -> None:
    own = {"_ga": {"category": "necessary", "lifetime": "session"}}
    (told,) = warnings(first_party_cookies=own)
    assert '"google-analytics"' in told
    own = {"seen": {"category": "functional", "lifetime": "1 day"}}
    (told,) = warnings(first_party_cookies=own)
    assert "nobody can agree" in told
    assert warnings(first_party_cookies=own, services={"vimeo": {"category": "functional"}}) == []


def test_rolling_out_is_told() -> None:
    (told,) = warnings(unknown={"third_party": "report"})
    assert told.startswith("unknown.third_party: ")


def test_a_button_of_the_social_bar_to_which_nobody_can_agree_is_told() -> None:
    bar = {"providers": ["x", "facebook", "pinterest", "youtube"], "buttons": "two-clicks"}
    services = {"facebook": {}, "pinterest-widgets": {}}
    (told,) = warnings(social=bar, services=services)
    assert told.startswith('social.providers[0]: "x" stays a link')
    assert warnings(social=bar, services={**services, "x": {}}) == []
    assert warnings(social={**bar, "profiles": {"x": "https://x.com/me"}}, services=services) == []
    assert warnings(social={**bar, "buttons": "links"}) == []
