"""The headers that every answer carries, whatever the route, whatever went wrong."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from starlette.routing import Route

from consent.web.routes import ROUTES
from tests.acts import SITE, new_id
from tests.clock import SetClock
from tests.running import settings
from tests.web.stage import Stage, raw, replaced, staged

FILLED = {
    "site": SITE, "name": f"{SITE}.js", "digest": "0" * 64, "subject": new_id(), "token": "x.y.z", "path": "x",
    "seq": "1", "endpoint": new_id(), "provider": "postmark", "secret": "x",
    "draft": new_id(), "reader": new_id(), "revision": "1", "section": "texts",
}  # fmt: skip
MAY_BE_KEPT = ("/w/", "/assets/", "/verify")


def requests() -> Iterator[tuple[str, str]]:
    """Every route with every method it takes, and with one it does not."""
    for route in ROUTES:
        assert isinstance(route, Route)
        path = route.path
        for name in route.param_convertors:
            path = path.replace(f"{{{name}}}", FILLED[name])
        for method in sorted({*(route.methods or ()), "DELETE", "OPTIONS"}):
            yield method, path
    yield from [("GET", "/nothing"), ("GET", "/w/nobody.js"), ("GET", "/w/x"), ("GET", "/assets/x"), ("POST", "/")]
    yield from [("GET", "/v1/sites/nobody/consents"), ("GET", "/v1/sites/nobody"), ("GET", "/docs/"), ("GET", "//")]


def check(answer: httpx.Response, path: str) -> None:
    headers = answer.headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-resource-policy"] == "cross-origin"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "server" not in headers
    assert "x-powered-by" not in headers
    assert "set-cookie" not in headers
    is_sent_on = answer.status_code == 303 and path.startswith("/console")
    assert ("location" in headers) == is_sent_on, path
    if not path.startswith(MAY_BE_KEPT) or answer.status_code not in (200, 304):
        assert "no-store" in headers["cache-control"]
    for name in set(headers):
        assert len(headers.get_list(name)) == 1 or name == "vary", name


async def test_every_route_and_method_carries_the_security_headers(stage: Stage) -> None:
    key = await stage.key()
    for method, path in requests():
        for authorization in ({}, {"Authorization": f"Bearer {key}"}):
            answer = await stage.client().request(method, path, headers=authorization)
            assert answer.status_code < 500, (method, path, answer.text)
            check(answer, path)
            if answer.status_code >= 400 and answer.request.method != "HEAD":
                assert answer.headers["content-type"] in ("application/problem+json", "text/html; charset=utf-8")
            if method == "HEAD":
                assert answer.content == b""


async def test_a_problem_never_shows_where_it_came_from(stage: Stage) -> None:
    for method, path in requests():
        answer = await stage.client().request(method, path, content=b"\xff", headers={"Content-Type": "text/plain"})
        if answer.status_code >= 400:
            for word in ("Traceback", 'File "', "sqlite", "asyncpg", "starlette", "msgspec", stage.database_url):
                assert word not in answer.text, (method, path)


@pytest.mark.parametrize(("url", "is_sent"), [("https://consent.example", True), ("http://127.0.0.1:8000", False)])
async def test_hsts_is_sent_where_the_service_is_public(
    sqlite_url: str, clock: SetClock, url: str, is_sent: bool
) -> None:
    assert replaced(settings(sqlite_url), "url", url).is_public is is_sent
    async with staged(sqlite_url, clock, settings={"url": url}) as stage:
        for path in ("/healthz", "/nothing", f"/w/{SITE}.js", f"/v1/sites/{SITE}/consents"):
            answer = await stage.http.get(path)
            assert ("strict-transport-security" in answer.headers) is is_sent, path


async def test_no_path_variant_gets_round_a_guard(stage: Stage) -> None:
    """The same address in other spellings is either the same address or none."""
    for path in (
        "/v1/sites/miami-new-times/consents/", "//v1/sites/miami-new-times/consents",
        "/V1/sites/miami-new-times/consents",
        "/v1/sites/miami-new-times//consents", "/v1/sites/miami-new-times/consents;a",
        "/v1/sites/MIAMI-new-times/consents",
        "/v1/sites/./miami-new-times/consents", "/v1/sites/x/../miami-new-times/consents", "/metrics/", "/w/../metrics",
        "/v1/sites/miami-new-times/consents%2f", "/v1/sites/miami-new-times\0/consents",
        "/v1/sites/miami-new-times /consents",
        "/v1/sites/miami-new-times/log/checkpoint/", "/v1/sites/miami-new-times/notices/../consents", "/v1/sites/",
    ):  # fmt: skip
        for method in ("GET", "HEAD", "POST"):
            named = [
                (b"x-http-method-override", b"GET"),
                (b"x-original-url", b"/metrics"),
                (b"x-forwarded-host", b"evil.test"),
            ]
            answer = await raw(stage, method, path, named)
            assert answer["status"] in (401, 404), (method, path)
            assert b"evil.test" not in answer["body"]
