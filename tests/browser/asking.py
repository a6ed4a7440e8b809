"""The demo's site asking from other places, in other languages and looks, on a long plain page of a test's own."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, Route
from starlette.responses import Response

from tests.browser.pages import NONCE, embed, policy
from tests.browser.serving import Served, serving
from tests.browser.visiting import Visit, visit
from tests.running import MIAMI

PLACE = "X-Place"
GPC = "Object.defineProperty(Navigator.prototype, 'globalPrivacyControl', { get: () => true });"
# Names of the demo's four purposes, in the order of its file; a language that is not here has the English ones.
NAMES = {
    "ar": ("ضرورية", "الأداء والاستخدام", "المحتوى والتضمين", "الإعلانات"),
    "de": ("Notwendig", "Leistungs- und Nutzungsmessung", "Inhalte und Einbettungen", "Werbeanzeigen"),
    "fi": ("Välttämättömät", "Suorituskyky- ja käyttötiedot", "Sisällöt ja upotukset", "Mainokset"),
    "he": ("הכרחיים", "ביצועים ושימוש", "תוכן והטמעות", "מודעות"),
    "hu": ("Szükségesek", "Teljesítmény- és használatmérés", "Tartalmak és beágyazások", "Hirdetések"),
    "ja": ("必須", "パフォーマンスと利用状況", "コンテンツと埋め込み", "広告"),
}
ENGLISH = ("Necessary", "Performance and usage", "Content and embeds", "Advertisements")
THEME = 'position = "bottom"'


def site_file(*languages: str, changes: Mapping[str, str] | None = None) -> bytes:
    """The demo's site file in these languages too, with some of its text replaced."""
    text = MIAMI.read_text()
    for old, new in (changes or {}).items():
        assert old in text, old
        text = text.replace(old, new)
    listed = ", ".join(f'"{language}"' for language in ("en", "es", *languages))
    text = text.replace('languages = ["en", "es"]', f"languages = [{listed}]")
    tables = text.split("[purposes.name]\n")
    for at, name in enumerate(ENGLISH, 1):
        for language in languages:
            words = NAMES.get(language, ENGLISH)[at - 1]
            tables[at] = f'{language} = "{words}"\n' + tables[at]
            about = "[purposes.description]\n"
            tables[at] = tables[at].replace(about, f'{about}{language} = "{words}. {name}."\n')
    lists = "[purposes.name]\n".join(tables).split("[newsletter.lists.")
    added = "".join(f'{language} = "{language}"\n' for language in languages)
    return "[newsletter.lists.".join(
        [lists[0], *(part.replace("]\n", "]\n" + added, 1) for part in lists[1:])]
    ).encode()


@contextlib.asynccontextmanager
async def asked(
    chromium: Browser,
    database_url: str,
    folder: Path,
    *,
    place: str | None = None,
    site: bytes | None = None,
    **options: Any,
) -> AsyncIterator[Visit]:
    """A visitor from a country or region (`US-CA`) of the demo's site, or of one with this file."""
    async with (
        serving(database_url, folder, site_file=site, more={"CONSENT_COUNTRY_HEADER": PLACE}) as served,
        visit(chromium, served, **options) as visitor,
    ):
        await _place(visitor, place)
        yield visitor


@contextlib.asynccontextmanager
async def asked_from(visitor: Visit, place: str, **options: Any) -> AsyncIterator[Visit]:
    """Another visitor of the same site, from another place."""
    browser = visitor.context.browser
    assert browser
    async with visit(browser, visitor.served, **options) as other:
        await _place(other, place)
        yield other


async def _place(visitor: Visit, place: str | None) -> None:
    """As a proxy before the service would: the page's own request has no such header, so none asks for a preflight."""

    async def from_place(route: Route) -> None:
        await route.continue_(headers={**route.request.headers, PLACE: str(place)})

    if place:
        await visitor.context.route(visitor.served.service + "/**", from_place)


FRAME = (
    '<iframe data-purpose="content" data-service="youtube" data-src="{service}/demo/video" title="A video"'
    ' width="{width}" height="{height}" frameborder="0"></iframe>'
)


def frame(served: Served, width: int = 280, height: int = 200) -> str:
    """A frame that waits for a purpose."""
    return FRAME.format(service=served.service, width=width, height=height)


async def show(visitor: Visit, body: str = "", language: str = "en", head: str = "") -> None:
    """Shows a page of thirty paragraphs, each with a link, in this language, and waits for the widget."""
    served = visitor.served
    direction = "rtl" if language in ("ar", "he") else "ltr"
    story = "".join(
        f'<p><a href="#p{number}" id="p{number}">Paragraph {number}</a> and what it tells.</p>' for number in range(30)
    )
    html = (
        f'<!doctype html><html lang="{language}" dir="{direction}"><head><meta charset="utf-8"><title>A page</title>'
        '<meta name="viewport" content="width=device-width"><style>'
        ":root{color-scheme:light dark;background:Canvas}a{color:inherit}</style>"
        f"{head}{embed(served.service)}</head><body><main><h1>A page</h1>{body}{story}</main></body></html>"
    )
    for tag in ("style", "script"):
        html = html.replace(f"<{tag}>", f'<{tag} nonce="{NONCE}">')
    headers = {"Content-Security-Policy": policy(served.service)}
    served.own["long"] = Response(html, headers=headers, media_type="text/html")
    await visitor.page.goto(served.origin + "/own/long", wait_until="load")
    await visitor.until("typeof window.consent?.state === 'function'")
