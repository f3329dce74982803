"""What the site tells: courses, vacancies, articles and people, all invented."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar


class Slugged(Protocol):
    """Something with a page of its own."""

    @property
    def slug(self) -> str: ...


Item = TypeVar("Item", bound=Slugged)


def by_slug(items: Sequence[Item], slug: str) -> Item | None:
    """The item with this address, if there is one."""
    return next((item for item in items if item.slug == slug), None)


@dataclass(frozen=True, slots=True)
class Course:
    """``counter`` and ``film`` name the snippets that its page was built with at the time."""

    slug: str
    title: str
    summary: str
    days: str
    price: str
    next_date: str
    counter: str
    film: str
    learn: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Job:
    slug: str
    title: str
    place: str
    hours: str
    pay: str
    summary: str
    tasks: tuple[str, ...]
    brings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Post:
    """``counter`` names the counting snippet of its year; ``hue`` is its cover's colour."""

    slug: str
    title: str
    summary: str
    date: str
    author: str
    counter: str
    hue: int


@dataclass(frozen=True, slots=True)
class Person:
    name: str
    role: str
    skin: str
    hair: str
    coat: str


@dataclass(frozen=True, slots=True)
class Shift:
    day: str
    team: str
    people: int
    state: str


COURSES = (
    Course(
        slug="forklift-licence",
        title="Forklift licence",
        summary="From the first start of the engine to the licence, in a yard of our own.",
        days="3 days",
        price="€ 290",
        next_date="2027-01-18",
        counter="ga-async",
        film="youtube-nocookie",
        learn=(
            "Check the truck before the shift, and know when to leave it parked",
            "Stack, load and drive on ramps and in narrow aisles",
            "Pass the theory paper and the practical test on the last day",
        ),
    ),
    Course(
        slug="payroll-basics",
        title="Payroll basics",
        summary="Read, prepare and check a monthly payroll without fear of the small print.",
        days="5 evenings",
        price="€ 340",
        next_date="2027-02-02",
        counter="analytics-renamed",
        film="vimeo",
        learn=(
            "Gross to net: contributions, allowances and the order they come in",
            "Shift premiums, overtime and holiday pay with real examples",
            "The monthly routine as a list that you can take to work",
        ),
    ),
    Course(
        slug="german-for-the-job",
        title="German for the job",
        summary="The words of the warehouse, the ward and the office, spoken from day one.",
        days="8 weeks",
        price="free for our staff",
        next_date="2027-01-11",
        counter="dc",
        film="youtube-series",
        learn=(
            "Handover, safety briefing, calling in sick: the talks that count",
            "Forms and rosters, read and filled in together",
            "Two hours a week with colleagues who learnt it the same way",
        ),
    ),
    Course(
        slug="shift-lead",
        title="Leading a shift",
        summary="For people who were colleagues yesterday and lead the team tomorrow.",
        days="2 days",
        price="€ 480",
        next_date="2027-03-08",
        counter="gtag",
        film="youtube-player",
        learn=(
            "Plan a week that survives the first sick note",
            "Say what is wrong without losing the person",
            "Safety talks that nobody sleeps through",
        ),
    ),
)

JOBS = (
    Job(
        slug="warehouse-lead",
        title="Team lead, warehouse",
        place="Hamburg-Veddel",
        hours="Full time, early and late shift",
        pay="from € 3,150 a month",
        summary="A team of fourteen, a modern high-bay store and a roster that is kept.",
        tasks=("Lead a team of fourteen", "Plan shifts and holidays", "Keep the goods moving"),
        brings=("Two years in a warehouse", "A forklift licence", "A calm voice at six o'clock"),
    ),
    Job(
        slug="payroll-clerk",
        title="Payroll clerk",
        place="Hamburg-Altona, two days at home",
        hours="25 to 35 hours",
        pay="from € 2,700 a month",
        summary="Four hundred payslips a month, and the time to get each of them right.",
        tasks=("Prepare the payroll", "Answer questions on payslips", "Talk to the insurers"),
        brings=("Training in an office trade", "A liking for numbers", "Good German"),
    ),
    Job(
        slug="ward-assistant",
        title="Ward assistant",
        place="Lüneburg",
        hours="Part time, no nights",
        pay="€ 17.40 an hour",
        summary="Meals, company and order on a ward, so that the nurses can nurse.",
        tasks=("Serve meals", "Bring patients to examinations", "Keep the stores filled"),
        brings=("Patience", "A health certificate, which we pay", "Basic German"),
    ),
)

POSTS = (
    Post(
        slug="five-minutes-for-your-cv",
        title="Five minutes are enough for your CV",
        summary="What we really look at first, and what you can leave out.",
        date="2026-09-14",
        author="Jonna Petersen",
        counter="tags",
        hue=18,
    ),
    Post(
        slug="a-day-on-the-quay",
        title="A day on the quay, in pictures",
        summary="Fatih has driven a van carrier for nine years. We went along.",
        date="2023-06-02",
        author="Mo Aydin",
        counter="gtag",
        hue=192,
    ),
    Post(
        slug="what-temporary-workers-earn",
        title="What temporary workers earn",
        summary="The new wage table, with three worked examples.",
        date="2019-04-11",
        author="Ruth Claasen",
        counter="analytics",
        hue=150,
    ),
    Post(
        slug="our-fair-in-tweets",
        title="Our job fair in tweets",
        summary="Two hundred visitors, one broken coffee machine.",
        date="2014-10-20",
        author="Jonna Petersen",
        counter="dc",
        hue=220,
    ),
    Post(
        slug="we-are-on-facebook",
        title="We are on Facebook now",
        summary="Yes, us too. Come and like us.",
        date="2011-03-07",
        author="Ruth Claasen",
        counter="ga-write",
        hue=340,
    ),
    Post(
        slug="new-office",
        title="We have moved to the quay",
        summary="More light, more room, and a ferry at the door.",
        date="2007-08-30",
        author="Ruth Claasen",
        counter="urchin",
        hue=40,
    ),
)

TEAM = (
    Person("Ruth Claasen", "Managing director", "#e8b796", "#8d8f94", "#7a2f1d"),
    Person("Mo Aydin", "Placement, logistics", "#c98f68", "#2a211d", "#14505a"),
    Person("Jonna Petersen", "Placement, office", "#f1c7a6", "#a8572a", "#3c5a34"),
    Person("Samuel Owusu", "Placement, care", "#8a5a3c", "#1d1715", "#8a6512"),
    Person("Linh Tran", "Payroll", "#edc29c", "#1f1b22", "#5a3a68"),
    Person("Piotr Zielak", "Courses", "#efc4a4", "#c79a4a", "#2c4670"),
)

SHIFTS = (
    Shift("Monday", "Early, hall 2", 14, "complete"),
    Shift("Tuesday", "Early, hall 2", 14, "complete"),
    Shift("Wednesday", "Late, hall 4", 9, "one open"),
    Shift("Thursday", "Late, hall 4", 10, "complete"),
)
