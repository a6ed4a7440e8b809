"""Pages of a test's own, on the demo's origin, under the strictest policy that a publisher may have."""

from __future__ import annotations

from starlette.responses import Response

from tests.browser.serving import SITE, Served
from tests.browser.visiting import Visit

NONCE = "r4nd0m"
SETTLED = "settled"


def policy(service: str, more: str = "") -> str:
    """Nothing but nonced scripts and styles, the service for data, and Trusted Types; `more`: what else is allowed."""
    return (
        f"default-src 'none'; script-src 'nonce-{NONCE}'; style-src 'nonce-{NONCE}'; connect-src {service};"
        f" frame-src {service}; require-trusted-types-for 'script'; {more}"
    )


def embed(service: str, site: str = SITE) -> str:
    """The widget's tag."""
    return f'<script nonce="{NONCE}" src="{service}/w/{site}.js" async></script>'


def put_page(
    served: Served, body: str, head: str = "", tag: str | None = None, name: str = "page", more: str = ""
) -> None:
    """Makes a page with this body that embeds the widget; it is at `/own/{name}` of every name of this machine."""
    tag = tag if tag is not None else embed(served.service)
    body += gated("necessary", SETTLED)
    html = (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>A page</title>'
        f'<script nonce="{NONCE}">window.ran = [];</script>{head}{tag}</head><body>{body}</body></html>'
    )
    headers = {"Content-Security-Policy": policy(served.service, more)}
    served.own[name] = Response(html, headers=headers, media_type="text/html")


async def open_page(visitor: Visit, body: str, head: str = "", tag: str | None = None, more: str = "") -> None:
    """Shows a page with this body that embeds the widget, and waits until its gates have been looked at."""
    put_page(visitor.served, body, head, tag, more=more)
    await show(visitor, visitor.served.origin + "/own/page")


async def show(visitor: Visit, address: str) -> None:
    """Goes to a page that was put, and waits until its gates have been looked at."""
    await visitor.page.goto(address, wait_until="load")
    await visitor.until(f"window.ran.includes('{SETTLED}')")


async def ran(visitor: Visit) -> list[str]:
    """What the page's scripts pushed on `ran`, in order; not the last one, which only says that all had their turn."""
    found: list[str] = await visitor.page.evaluate("window.ran")
    return [mark for mark in found if mark != SETTLED]


async def decide(visitor: Visit, decisions: str, last: str) -> None:
    """Decides through the page's own API, and waits until the last script that this permits has run."""
    await visitor.page.evaluate(f"window.consent.set({decisions})")
    await visitor.until(f"window.ran.includes('{last}')")


def gated(purpose: str, mark: str, more: str = "") -> str:
    """An inline script that waits for a purpose and says that it ran."""
    return f'<script nonce="{NONCE}" type="text/plain" data-purpose="{purpose}" {more}>ran.push("{mark}")</script>'
