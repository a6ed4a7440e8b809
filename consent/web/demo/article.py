"""`/demo`: a newspaper's article with everything that a notice holds back, and the player that one frame shows.

Invariant: the page keeps a policy as strict as a careful publisher's (nonces, Trusted Types, nothing from anywhere but
here and the service), so what works here works there.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from consent import clock, ids
from consent.web.pages import engine

SITE = "miami-new-times"
PLAYER_COOKIE = "VISITOR_INFO1_LIVE"
PLAYER_COOKIE_SECONDS = 180 * clock.DAY // 1000


class Article:
    """The article's page and its player, for a service at one address."""

    def __init__(self, service_url: str) -> None:
        self._url = service_url

    async def page(self, request: Request) -> Response:
        """The article."""
        nonce = ids.secret()
        policy = (
            f"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'self' 'nonce-{nonce}'; img-src 'self';"
            f" frame-src {self._url}; connect-src {self._url}; form-action {self._url}; frame-ancestors 'none';"
            " base-uri 'none'; require-trusted-types-for 'script'"
        )
        headers = {"Content-Security-Policy": policy}
        return engine.page("demo/article.html", headers=headers, nonce=nonce, service_url=self._url, site=SITE)

    async def player(self, request: Request) -> Response:
        """A player like those of video platforms: on its own origin, with a cookie of its own."""
        policy = (
            "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none';"
            " frame-ancestors http://127.0.0.1:* http://localhost:*"
        )
        response = engine.page("demo/player.html", headers={"Content-Security-Policy": policy})
        response.headers["Set-Cookie"] = (
            f"{PLAYER_COOKIE}={ids.secret()[:11]}; Path=/demo; Max-Age={PLAYER_COOKIE_SECONDS};"
            " SameSite=None; Secure; Partitioned"
        )
        return response
