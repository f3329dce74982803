"""The page of a job board as its developers would have it: Jinja2 templates over data.

A layout, a macro for each card, everything escaped, and no two cards with the same words:
compression would have little to do otherwise.
"""

from __future__ import annotations

import random
import re
from datetime import date, timedelta

import jinja2
from starlette.templating import Jinja2Templates

from given.pages import FOOT, GATED, HEAD

JOBS, TAGS = 65, 20
_TOWNS = ("Hamburg", "Bremen", "Kiel", "Lübeck", "Rostock", "Stade", "Emden", "Husum")
_TRADES = ("nurse", "baker", "welder", "driver", "cook", "joiner", "clerk", "fitter")
_WORDS = re.findall(
    r"[a-z]+",
    """
    ability about above accept account across action active add after again against agree
    allow almost along also always among answer appear apply arrive autumn away balance
    because become before begin behind believe below beside better between bicycle board bring
    brother build business call canteen careful carry centre certain change choose clean clear
    close colleague come common company complete consider continue corner cost country course
    cover cross daily decide depend describe design develop different direct discuss district
    door draw early earn east easy effort either empty engine enjoy enough evening every
    example experience explain factory family favour ferry field find finish floor follow
    foreign forward free friend garden general give grow guest half hand happen harbour head
    hear help high hold home hope hour house important improve include increase industry
    interest invite island join journey keep kitchen know large last late lead learn leave
    letter level light listen little local long machine main make manage market matter measure
    meet member middle mind minute month morning move narrow nature near need never next night
    north note notice number offer office often open order other outside over paint paper part
    pass patient pay people perhaps person place plan plant play point position power prepare
    present price probably produce promise protect provide public quarter question quick quiet
    raise reach read ready reason receive remember repair report request rest result return
    river road room rota round rule safe same save school season second send serve service
    shift ship short show side simple since sit small south speak special spend spring stand
    start stay steel still stone store storm street strong student study summer support sure
    table take talk team tell thank think through ticket tide time together tomorrow town
    trade train travel tree trust turn under understand until upper use useful usual valley
    value village visit wage wait walk wall want warm watch water week welcome west wheel
    while whole wide wind window winter within without wonder work worth write year yellow
    young
    """,
)

_CARD = """{% macro card(job) -%}
<article class="card" id="job-{{ job.number }}">
<h2><a href="/jobs/{{ job.number }}?from=list">{{ job.title|title }}</a></h2>
<p class="facts"><span>{{ job.town }}</span> &middot; <span>{{ job.hours }}</span> &middot;
<time datetime="{{ job.day.isoformat() }}">{{ job.day.strftime('%d %B') }}</time></p>
<img src="/static/wards/{{ job.number }}.jpg" alt="{{ job.picture }}" width="320" height="180">
<p>{{ job.text|truncate(600) }}</p>
<ul class="tags">{% for tag in job.tags %}<li>{{ tag }}</li>{% endfor %}</ul>
<table><tr><th scope="row">Start</th><td>{{ job.start.strftime('%d %B %Y') }}</td></tr>
<tr><th scope="row">Salary</th><td>{{ '{:,} to {:,}'.format(*job.salary) }} euro</td></tr></table>
<svg class="pin" viewBox="0 0 24 24" aria-hidden="true"><path d="M12 2a7 7 0 0 1 7 7c0 5-7 13-7 13
S5 14 5 9a7 7 0 0 1 7-7z"/><circle cx="12" cy="9" r="2.5"/></svg>
<form action="/jobs/{{ job.number }}/mark" method="post">
<input type="hidden" name="token" value="{{ token }}">
<button type="submit" class="plain">Remember this job</button></form>
</article>
{{ job.embed|safe }}
{%- endmacro %}"""
_NONCE = '{% if nonce %} nonce="{{ nonce }}"{% endif %}'
_HEAD = HEAD.replace("<style>", f"<style{_NONCE}>").replace("<script>", f"<script{_NONCE}>")
_TEMPLATES = {
    "layout.html": _HEAD + "{% block main %}{% endblock %}" + FOOT,
    "card.html": _CARD,
    "jobs.html": "{% extends 'layout.html' %}{% from 'card.html' import card with context %}"
    "{% block main %}{% for job in jobs %}{{ card(job) }}{% endfor %}{% endblock %}",
}


def templates() -> Jinja2Templates:
    """The templates, compiled when first asked for."""
    loader = jinja2.DictLoader(_TEMPLATES)
    return Jinja2Templates(env=jinja2.Environment(autoescape=True, loader=loader))


def jobs() -> list[dict[str, object]]:
    """The same each time; the first 20 have something of a third party beside them."""
    chance = random.Random("jobs")
    return [_job(number, chance) for number in range(JOBS)]


def _job(number: int, chance: random.Random) -> dict[str, object]:
    def words(count: int) -> str:
        return " ".join(chance.choices(_WORDS, k=count))

    low = chance.randrange(2400, 5200, 50)
    return {
        "number": 4000 + number * 7,
        "title": f"{chance.choice(_TRADES)} for the {words(3)}",
        "town": chance.choice(_TOWNS),
        "hours": chance.choice(("full time", "part time", "weekends")),
        "day": date(2026, 11, 1) + timedelta(days=chance.randrange(28)),
        "start": date(2027, 1, 1) + timedelta(days=chance.randrange(120)),
        "picture": words(6).capitalize(),
        "text": ". ".join(words(chance.randint(6, 14)).capitalize() for _ in range(8)),
        "tags": chance.sample(_WORDS, 4),
        "salary": (low, low + chance.randrange(200, 900, 50)),
        "embed": GATED[number % len(GATED)] if number < TAGS else "",
    }
