"""The service's own pages: their styles, and the HTTP reference."""

from __future__ import annotations

from tests.web.seeing import Seen, is_guarded, page
from tests.web.stage import Stage


async def test_styles_are_kept_for_ever_and_only_by_their_content(stage: Stage) -> None:
    tags = Seen((await page(stage, "/docs")).text).tags
    addresses = [attrs["href"] or "" for tag, attrs in tags if tag == "link"]
    assert len(addresses) == 2
    for address in addresses:
        response = await stage.http.get(address)
        assert response.status_code == 200
        assert "immutable" in response.headers["cache-control"]
    assert (await stage.http.get("/assets/pages.css")).status_code == 404
    assert (await stage.http.get("/assets/pages.000000000000.css")).status_code == 404


async def test_a_sites_colour_is_a_style_of_its_own(stage: Stage) -> None:
    response = await stage.http.get("/assets/brand-fff2a8.css")
    assert response.headers["content-type"] == "text/css; charset=utf-8"
    assert "immutable" in response.headers["cache-control"]
    assert "--brand:#fff2a8;--on-brand:#000;--edge:var(--ink)" in response.text
    for wrong in ("brand-FFF2A8.css", "brand-fff.css", "brand-fff2a8;}.css", "brand-fff2a8.css%0a", "brand-.css"):
        assert (await stage.http.get(f"/assets/{wrong}")).status_code == 404


async def test_the_reference_shows_every_operation(stage: Stage) -> None:
    response = await page(stage, "/docs")
    assert response.status_code == 200
    assert is_guarded(response)
    seen = Seen(response.text)
    ids_there = {attrs["id"] for _, attrs in seen.tags if attrs.get("id")}
    for path, methods in (await stage.http.get("/openapi.json")).json()["paths"].items():
        assert path in seen.text
        assert all(f"{method.upper()} {path}" in " ".join(seen.text.split()) for method in methods)
    assert {link[1:] for link in seen.links() if link.startswith("#")} <= ids_there
