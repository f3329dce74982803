"""The example site as it is pictured: with a page in each language that pictures are taken in."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from jinja2 import Environment
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from consentgate import ConsentGateMiddleware
from example_site.site import create_app
from tests.live_server import App

CONFIG = Path(__file__).parent.parent.parent / "example_site" / "consentgate.json"


@dataclass(frozen=True, slots=True)
class Words:
    """What the page says in one language."""

    title: str
    lead: str
    film: str
    text: str
    clip: str
    tweet: str
    dir: str = "ltr"


WORDS: Mapping[str, Words] = MappingProxyType(
    {
        "en": Words(
            title="Good work, close by",
            lead="Warehouses, offices and wards around Hamburg, with a roster that is kept.",
            film="One shift, four minutes",
            text="What does a team lead do between six and two? We went along for a day.",
            clip="The coffee break",
            tweet="Two hundred visitors at our job fair today, and one broken coffee machine.",
        ),
        "de": Words(
            title="Gute Arbeit, gleich um die Ecke",
            lead="Lager, Büros und Stationen rund um Hamburg, mit einem Dienstplan, der gilt.",
            film="Eine Schicht in vier Minuten",
            text="Was macht eine Teamleiterin zwischen sechs und zwei? Wir sind mitgegangen.",
            clip="Die Kaffeepause",
            tweet="Zweihundert Gäste auf unserer Jobmesse, und eine kaputte Kaffeemaschine.",
        ),
        "ar": Words(
            title="عمل جيد قريب منك",
            lead="مستودعات ومكاتب ومستشفيات حول هامبورغ، بجدول عمل يُحترم.",
            film="وردية في أربع دقائق",
            text="ماذا تفعل قائدة الفريق بين السادسة والثانية؟ رافقناها يومًا كاملًا.",
            clip="استراحة القهوة",
            tweet="مئتا زائر في معرض الوظائف اليوم، وآلة قهوة واحدة معطلة.",
            dir="rtl",
        ),
        "ja": Words(
            title="近くで見つかる、良い仕事",
            lead="ハンブルク周辺の倉庫、事務所、病棟で、守られる勤務表とともに。",
            film="四分でわかる一日の勤務",
            text="チームリーダーは六時から二時まで何をしているのか。一日同行しました。",
            clip="休憩時間",
            tweet="今日の就職フェアには二百人が来場。コーヒーメーカーは一台故障。",
        ),
    }
)

_PAGE = Environment(autoescape=True).from_string(
    """<!doctype html>
<html lang="{{ lang }}" dir="{{ words.dir }}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{ words.title }} · Morgenkai Personal</title>
<link rel="stylesheet" href="/static/css/site.css">
</head>
<body>
<main>
<section class="hero"><div class="wrap hero-grid">
<div><h1>{{ words.title }}</h1><p class="lead">{{ words.lead }}</p></div>
<img src="/static/images/harbour.svg" width="640" height="480" alt="">
</div></section>
<section class="wrap block split">
<div><iframe width="560" height="315" title="{{ words.film }}"
src="https://www.youtube.com/embed/M7lc1UVf-VE" frameborder="0" allowfullscreen></iframe></div>
<div><h2>{{ words.film }}</h2><p>{{ words.text }}</p></div>
</section>
<section class="wrap block split">
<div><h2>{{ words.clip }}</h2><p>{{ words.text }}</p></div>
<div><iframe id="clip" width="200" height="120" title="{{ words.clip }}" frameborder="0"
src="https://www.youtube.com/embed/aqz-KE-bpKQ"></iframe></div>
</section>
<section class="wrap block">
<blockquote class="twitter-tweet"><p>{{ words.tweet }}</p>
<a href="https://twitter.com/morgenkai/status/1">2026-11-21</a></blockquote>
<script async src="https://platform.twitter.com/widgets.js"></script>
</section>
</main>
</body>
</html>"""
)


async def _page(request: Request) -> HTMLResponse:
    lang = request.path_params["lang"]
    return HTMLResponse(_PAGE.render(lang=lang, words=WORDS[lang]))


def pictured_site(folder: Path, *, buttons: str = "links") -> App:
    """The example site behind the gate, with ``/in/<language>``; its proofs lie in the folder.

    ``buttons`` are those of its social bar, as the configuration has them.
    """
    config = json.loads(CONFIG.read_text("utf-8"))
    site = create_app()
    site.router.routes.insert(0, Route("/in/{lang}", _page))
    return ConsentGateMiddleware(
        site,
        config={
            **config,
            "languages": list(WORDS),
            "social": {**config["social"], "buttons": buttons},
        },
        secret="for pictures, and for nothing else",
        database=f"sqlite:///{folder}/proofs.db",
    )
