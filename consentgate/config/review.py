"""What is allowed in a file and still doubtful: one warning each, none of them an error."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise

from consentgate.catalogue.share_buttons import share_buttons
from consentgate.config.checks import Draft
from consentgate.config.durations import YEAR
from consentgate.config.ownership import cookie_owners, host_owner
from consentgate.config.problems import Fault
from consentgate.config.services import is_consent_tool
from consentgate.config.settings import Edition, PolicySettings
from consentgate.config.wording import quoted
from consentgate.model import NECESSARY

REVIEW_AT_LEAST_EVERY = timedelta(seconds=YEAR)


def doubts_about(draft: Draft, today: date) -> Iterator[Fault]:
    """Every warning about the file, as of a day."""
    yield from _policy(draft.file.policy, today)
    yield from _services(draft)
    yield from _cookies(draft)
    yield from _social_buttons(draft)
    if draft.file.unknown.third_party == "report":
        message = 'unknown third parties are not blocked. Set it to "block" after rolling out.'
        yield Fault(("unknown", "third_party"), message)


def _social_buttons(draft: Draft) -> Iterator[Fault]:
    social = draft.file.social
    if social.buttons != "two-clicks":
        return
    known, optional = share_buttons(), draft.optional
    for index, name in enumerate(social.providers):
        if name in known and name not in social.profiles and known[name].service not in optional:
            message = f"stays a link: nobody can agree to {quoted(known[name].service)}"
            path = ("social", "providers", index)
            yield Fault(path, f"{quoted(name)} {message}. Name it in services.")


def _policy(policy: PolicySettings, today: date) -> Iterator[Fault]:
    history = policy.history
    if not history:
        return
    last = max(range(len(history)), key=lambda index: (history[index].date, index))
    newest = history[last]
    if policy.version != newest.version:
        message = f"{quoted(policy.version)} is not the newest version of the history"
        yield Fault(("policy", "version"), f"{message}, which is {quoted(newest.version)}.")
    if today - newest.date > REVIEW_AT_LEAST_EVERY:
        message = f"the last review, of {newest.date}, is over 12 months old."
        yield Fault(("policy", "history", last, "date"), message)
    yield from _order(history)


def _order(history: tuple[Edition, ...]) -> Iterator[Fault]:
    for index, (earlier, later) in enumerate(pairwise(history), start=1):
        if later.date < earlier.date:
            message = f"{later.date} is before {earlier.date} above it. Write the oldest first."
            yield Fault(("policy", "history", index, "date"), message)
    for index, edition in enumerate(history):
        if edition.effective and edition.effective < edition.date:
            message = f"{edition.effective} is before the day it was written, {edition.date}."
            yield Fault(("policy", "history", index, "effective"), message)


def _services(draft: Draft) -> Iterator[Fault]:
    for id_, entry in draft.file.services.items():
        if is_consent_tool(id_, draft.catalogue):
            message = "another consent tool; it stays blocked. Take it out of your pages."
            yield Fault(("services", id_), message)
            continue
        if id_ in draft.catalogue or draft.category_of(id_) != NECESSARY or entry.match is None:
            continue
        for index, pattern in enumerate(entry.match.hosts):
            owner = host_owner(pattern, draft.catalogue)
            if owner is not None:
                message = f"{quoted(pattern)} belongs to {quoted(owner.id)} in the catalogue"
                path = ("services", id_, "match", "hosts", index)
                yield Fault(path, f"{message}, and passes without consent here.")


def _cookies(draft: Draft) -> Iterator[Fault]:
    asked_about = {draft.category_of(id_) for id_ in draft.optional}
    for name, entry in draft.file.first_party_cookies.items():
        path = ("first_party_cookies", name)
        if entry.category not in {NECESSARY, *asked_about}:
            message = f"nobody can agree to {quoted(entry.category)}, which has no service."
            yield Fault((*path, "category"), message)
        for owner in cookie_owners(name, draft.catalogue):
            message = f"the catalogue knows this name as a cookie of {quoted(owner.id)}."
            yield Fault(path, message)
