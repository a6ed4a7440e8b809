"""Templates to answers.

Invariant: whatever a page shows is escaped by where it stands, a name that is not there is an error, and every page
forbids the browser all that it does not need: no script unless a page's own headers say so, styles and pictures only
from here.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from starlette.responses import Response

from consent.web.pages import styles

if TYPE_CHECKING:
    from jinja2 import Environment

POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
HEADERS = {"Content-Security-Policy": POLICY, "Cache-Control": "no-store", "Vary": "Accept"}
ROOMS = ("pages", "console", "demo")


def page(template: str, /, *, status: int = 200, headers: Mapping[str, str] | None = None, **shown: object) -> Response:
    """An HTML answer; `template` is `room/name.html`, `headers` add to the usual ones or take their place."""
    return Response(render(template, **shown), status, {**HEADERS, **(headers or {})}, "text/html")


def render(template: str, /, **shown: object) -> str:
    """The template's text."""
    return _environment().get_template(template).render(**shown)


def web_address(words: str) -> str:
    """The address, when following it opens a web page; else nothing: a notice's author is not trusted with more."""
    return words if urlsplit(words).scheme in ("http", "https") else ""


@cache
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, PrefixLoader, StrictUndefined  # only once a page is shown

    loaders = {room: PackageLoader(f"consent.web.{room}") for room in ROOMS}
    made = Environment(
        loader=PrefixLoader(loaders), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    made.filters["web"] = web_address
    made.filters["number"] = lambda number: f"{number:,}"
    made.globals["asset"] = styles.address
    return made
