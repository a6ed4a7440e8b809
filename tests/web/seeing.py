"""Pages as a person's browser asks for them, and what is on them."""

from __future__ import annotations

from html.parser import HTMLParser

import httpx

from tests.web.stage import Stage

HTML = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


async def page(stage: Stage, path: str, **headers: str) -> httpx.Response:
    """The path as a browser asks for it, from an address of its own."""
    return await stage.client().get(path, headers=HTML | headers)


class Seen(HTMLParser):
    """The elements and the text of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def links(self) -> list[str]:
        """Every address that the page leads to."""
        return [attrs["href"] or "" for tag, attrs in self.tags if tag == "a" and "href" in attrs]


def is_guarded(response: httpx.Response) -> bool:
    """No script, no other place, no frame, no store, no referrer, and nothing inline."""
    policy = response.headers["content-security-policy"]
    tags = Seen(response.text).tags
    inline = [tag for tag, attrs in tags if tag in ("script", "style") or {"style", "onclick"} & set(attrs)]
    return (
        "default-src 'none'" in policy
        and "script-src" not in policy
        and "unsafe" not in policy
        and "frame-ancestors 'none'" in policy
        and response.headers["cache-control"] == "no-store"
        and response.headers["referrer-policy"] == "no-referrer"
        and not inline
    )
