"""The same article four times: bare, with the least script there can be, with our widget, and with the peer's; what the
widget's bench visits.

An ASGI application for uvicorn. The peer, vanilla-cookieconsent, gets the best it can have: its files compressed as
small as they get and kept by the browser, its settings in a script of their own, our site's words and purposes.

Invariant: the four pages differ in nothing but the tags in their head.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import brotli
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from consent import notices
from consent.notices import Notice
from tests.running import MIAMI

SERVICE, PEER = "BENCH_SERVICE", "BENCH_PEER"
PEER_FILES = {"style.css": "text/css", "script.js": "text/javascript", "settings.js": "text/javascript"}
FLOOR = """
const run = () => document.querySelectorAll("script[data-purpose]").forEach((held) => {
  const script = document.createElement("script");
  script.text = held.text;
  held.replaceWith(script);
});
if (!document.cookie) document.cookie = "floor=1; max-age=9999";
else if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", run);
else run();
"""
"""What a later visit costs at the least: a cookie is read, and what was held back runs, whatever the cookie says."""
PARAGRAPHS = 40
PROSE = "The theatre on the corner has been shut for a year, and nobody on the block can say what will come after it. "
IMMUTABLE = {"Cache-Control": "public, max-age=31536000, immutable", "Access-Control-Allow-Origin": "*"}


def pages() -> Starlette:
    """`/page/{bare,floor,ours,peer}`, and the files of the floor and of the peer."""
    return Starlette(
        routes=[
            Route("/page/{who}", _page),
            Route("/floor/floor.js", _floor_file),
            Route("/peer/{name}", _peer_file),
        ]
    )


def _page(request: Request) -> Response:
    who = request.path_params["who"]
    # From the other name of this machine, as a page has its scripts from another origin.
    elsewhere = f"http://localhost:{request.url.port}"
    tags = {
        "bare": "",
        "floor": f'<script src="{elsewhere}/floor/floor.js" async></script>',
        "ours": f'<script src="{os.environ[SERVICE]}/w/miami-new-times.js" async></script>',
        "peer": f'<link rel="stylesheet" href="{elsewhere}/peer/style.css">'
        f'<script src="{elsewhere}/peer/script.js" defer></script>'
        f'<script src="{elsewhere}/peer/settings.js" defer></script>',
    }
    return Response(_article(tags[who]), media_type="text/html")


def _article(tag: str) -> str:
    gated = "".join(
        f'<script type="text/plain" data-purpose="{one}" data-category="{one}">window.ran = "{one}"</script>'
        for one in ("analytics", "content", "advertising")
    )
    prose = f"<p>{PROSE * 4}</p>" * PARAGRAPHS
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>An article</title>'
        f'<meta name="viewport" content="width=device-width">{tag}</head><body><h1>The theatre on the corner</h1>'
        f'<p><a href="#" data-consent-open data-cc="show-preferencesModal">Cookie settings</a></p>'
        f"{prose}{gated}</body></html>"
    )


def _floor_file(_: Request) -> Response:
    return Response(FLOOR, headers=IMMUTABLE, media_type="text/javascript")


def _peer_file(request: Request) -> Response:
    name = request.path_params["name"]
    return Response(
        brotli.compress(peer_file(Path(os.environ[PEER]), name).encode(), quality=11),
        headers={**IMMUTABLE, "Content-Encoding": "br"},
        media_type=PEER_FILES[name],
    )


def peer_file(package: Path, name: str) -> str:
    """One of the peer's files as it is sent, before compression; the settings are ours to write."""
    if name == "settings.js":
        return f"CookieConsent.run({json.dumps(_peer_settings(), ensure_ascii=False)})"
    return (
        package / "dist" / {"style.css": "cookieconsent.css", "script.js": "cookieconsent.umd.js"}[name]
    ).read_text()


def _peer_settings() -> dict[str, object]:
    """Our notice in the peer's terms: the same purposes, services, cookies and words."""
    notice = notices.compile_notice(notices.read_site_file(MIAMI.read_bytes()))
    words = notice.texts["en"]
    shared = {
        "acceptAllBtn": words["notice"]["accept"],
        "acceptNecessaryBtn": words["notice"]["refuse"],
    }
    asks = {
        **shared,
        "title": words["notice"]["title"],
        "description": words["notice"]["intro"].replace("{controller}", notice.controller.name),
        "showPreferencesBtn": words["notice"]["choose"],
    }
    chooses = {
        **shared,
        "title": words["preferences"]["title"],
        "savePreferencesBtn": words["preferences"]["save"],
        "closeIconLabel": words["preferences"]["close"],
        "sections": _peer_sections(notice),
    }
    return {
        "hideFromBots": False,  # a driven browser is one to it
        "categories": {one.id: {"enabled": one.required, "readOnly": one.required} for one in notice.purposes},
        "language": {"default": "en", "translations": {"en": {"consentModal": asks, "preferencesModal": chooses}}},
    }


def _peer_sections(notice: Notice) -> list[dict[str, object]]:
    headers = {"name": "Cookie", "domain": "Domain", "lifetime": "Lifetime", "about": "About"}
    return [
        {
            "title": purpose.name["en"],
            "description": purpose.description["en"],
            "linkedCategory": purpose.id,
            "cookieTable": {
                "headers": headers,
                "body": [
                    {
                        "name": cookie.name,
                        "domain": cookie.domain or "",
                        "lifetime": cookie.lifetime,
                        "about": cookie.about["en"],
                    }
                    for service in purpose.services
                    for cookie in service.cookies
                ],
            },
        }
        for purpose in notice.purposes
    ]
