"""Pages of a test's own, on the demo's origin, under the strictest policy that a publisher may have."""

from __future__ import annotations

from starlette.responses import Response

from tests.browser.visiting import Visit

NONCE = "r4nd0m"
SITE = "miami-new-times"


def policy(service: str) -> str:
    """Nothing but nonced scripts and styles, the service for data, and Trusted Types."""
    return (
        f"default-src 'none'; script-src 'nonce-{NONCE}'; style-src 'nonce-{NONCE}'; connect-src {service};"
        f" frame-src {service}; require-trusted-types-for 'script'"
    )


async def open_page(visitor: Visit, body: str, head: str = "", tag: str | None = None) -> None:
    """Shows a page with this body that embeds the widget, and waits until it has loaded."""
    served = visitor.served
    tag = tag if tag is not None else f'<script nonce="{NONCE}" src="{served.service}/w/{SITE}.js" async></script>'
    html = (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>A page</title>'
        f'<script nonce="{NONCE}">window.ran = [];</script>{head}{tag}</head><body>{body}</body></html>'
    )

    headers = {"Content-Security-Policy": policy(served.service)}
    served.own["page"] = Response(html, headers=headers, media_type="text/html")
    await visitor.page.goto(f"http://127.0.0.1:{served.port}/own/page", wait_until="load")


async def ran(visitor: Visit) -> list[str]:
    """What the page's scripts pushed on `ran`, in order."""
    found: list[str] = await visitor.page.evaluate("window.ran")
    return found


def gated(purpose: str, mark: str, more: str = "") -> str:
    """An inline script that waits for a purpose and says that it ran."""
    return f'<script nonce="{NONCE}" type="text/plain" data-purpose="{purpose}" {more}>ran.push("{mark}")</script>'
