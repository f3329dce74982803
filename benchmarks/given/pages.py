"""Pages of a job board, of any size, with any number of tags that lead to third parties."""

from __future__ import annotations

from itertools import cycle, islice

HEAD = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Jobs by the river | Example Personnel</title>
<link rel="stylesheet" href="/static/site.css">
<link rel="icon" href="/static/icon.svg">
<style>
body { margin: 0 auto; max-width: 72rem; font: 1rem/1.5 system-ui }
.card > h2 { margin: 0 } .card:hover { background: #eef4f2 }
</style>
<script>document.documentElement.classList.add('js')</script>
</head>
<body class="jobs">
<header><nav aria-label="Main"><ul>
<li><a href="/courses">Courses</a></li><li><a href="/jobs" aria-current="page">Jobs</a></li>
<li><a href="/blog">Blog</a></li><li><a href="/contact">Contact</a></li>
</ul></nav></header>
<main>
"""

CARD = """<article class="card" id="job-{number}">
<h2><a href="/jobs/{number}?from=list">Nurse for the night shift, ward {number}</a></h2>
<p class="facts"><span>Hamburg</span> &middot; <span>full time</span> &middot;
<time datetime="2026-11-{day:02}">{day} November</time></p>
<img src="/static/wards/{number}.jpg" alt="The ward seen from the garden" width="320" height="180">
<p>You look after <em>twelve</em> patients together with two colleagues, hand over in peace at
six, and know your rota two months ahead. We pay by the public tariff and <strong>add</strong> a
quarter for each night. There is a kindergarten next door, and a ferry every ten minutes.</p>
<ul class="tags"><li>nursing</li><li>nights</li><li>public tariff</li></ul>
<table><tr><th scope="row">Start</th><td>1 March</td></tr>
<tr><th scope="row">Salary</th><td>3,900 to 4,600 euro</td></tr></table>
<svg class="pin" viewBox="0 0 24 24" aria-hidden="true"><path d="M12 2a7 7 0 0 1 7 7c0 5-7 13-7 13
S5 14 5 9a7 7 0 0 1 7-7z"/><circle cx="12" cy="9" r="2.5"/></svg>
<form action="/jobs/{number}/mark" method="post"><input type="hidden" name="job" value="{number}">
<button type="submit" class="plain">Remember this job</button></form>
</article>
"""

FOOT = """</main>
<footer><p>&copy; Example Personnel</p><script src="/static/site.js" defer></script></footer>
</body>
</html>
"""

FRESH = b"10000000000"
"""Stands in addresses that are another on each page; to be replaced by as many digits."""

GATED = (
    (
        '<iframe width="560" height="315" src="https://www.youtube.com/embed/10000000000"'
        ' title="A day on the ward" allow="autoplay; encrypted-media" allowfullscreen></iframe>'
    ),
    '<script async src="https://www.googletagmanager.com/gtag/js?id=G-EXAMPLE123"></script>',
    '<img height="1" width="1" alt="" src="https://www.facebook.com/tr?id=10000000000&amp;ev=PageView">',
    '<script src="https://connect.facebook.net/en_GB/sdk.js#xfbml=1" async defer></script>',
    '<link rel="stylesheet" href="https://fonts.unknown.example/css?family=Lato">',
)


def page(size: int, gated: int) -> bytes:
    """A page of about so many bytes, with so many tags to gate, evenly spread."""
    tags = list(islice(cycle(GATED), gated))
    room = size - len(HEAD) - len(FOOT) - sum(map(len, tags))
    count = max(1, room // len(CARD.format(number=100, day=10)))
    body = []
    for number in range(count):
        body.append(CARD.format(number=100 + number, day=1 + number % 28))
        body += tags[number * gated // count : (number + 1) * gated // count]
    return "".join((HEAD, *body, FOOT)).encode()
