"""The loader's variants: by the visitor's place, by Sec-GPC, and as a module; and who may keep which of them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from mmdb_writer import MMDBWriter
from netaddr import IPSet

from consent import regimes
from consent.web import scripts
from consent.web.scripts import Variant
from tests.acts import SITE
from tests.clock import SetClock
from tests.running import MIAMI, publish
from tests.web.stage import HARBOUR, Stage, raw, staged
from tests.web.telling import told_in

LOADER, MODULE = f"/w/{SITE}.js", f"/w/{SITE}.mjs"
HEADERS = {"country_header": "CF-IPCountry", "region_header": "CF-Region-Code"}
FOR_ALL = "public, max-age=300, stale-while-revalidate=86400"
FOR_ONE = "private, max-age=300"
OPT_IN = {
    "regime": "opt_in",
    "intro": "intro",
    "says": ["services", "opt_in", "withdraw"],
    "buttons": ["accept", "refuse", "choose"],
    "reopen": "reopen",
}
OPT_OUT = {
    "regime": "opt_out",
    "intro": "intro_presumed",
    "says": ["services", "presumed", "sale", "withdraw"],
    "buttons": ["accept", "refuse", "choose"],
    "reopen": "do_not_sell",
}
NOTICE_ONLY = {
    "regime": "notice_only",
    "intro": "intro_presumed",
    "says": ["services", "presumed", "withdraw"],
    "buttons": ["acknowledge", "choose"],
    "reopen": "reopen",
}


def fixed(regime: str, *more: tuple[str, str]) -> bytes:
    """The Miami site's file with a regime of its own, and other words replaced."""
    text = MIAMI.read_text("utf-8")
    for old, new in (('regime = "auto"', f'regime = "{regime}"'), *more):
        assert old in text, old
        text = text.replace(old, new)
    return text.encode()


async def loader(stage: Stage, path: str = LOADER, **headers: str) -> tuple[httpx.Response, dict[str, Any]]:
    answer = await stage.http.get(path, headers={name.replace("_", "-"): value for name, value in headers.items()})
    assert answer.status_code == 200
    return answer, told_in(answer.text)


@pytest.mark.parametrize(
    ("country", "region", "layout"),
    [
        ("DE", "", OPT_IN), ("", "", OPT_IN), ("XX", "", OPT_IN), ("T1", "", OPT_IN), ("BR", "SP", OPT_IN),
        ("US", "", OPT_OUT), ("US", "TX", OPT_OUT), ("US", "CA", {**OPT_OUT, "reopen": "privacy_choices"}),
        ("US-CA", "", {**OPT_OUT, "reopen": "privacy_choices"}), ("CA", "QC", OPT_IN), ("JP", "", NOTICE_ONLY),
    ],
)  # fmt: skip
async def test_the_place_decides_the_layout(
    sqlite_url: str, clock: SetClock, country: str, region: str, layout: Mapping[str, Any]
) -> None:
    async with staged(sqlite_url, clock, settings=HEADERS) as stage:
        answer, told = await loader(stage, CF_IPCountry=country, CF_Region_Code=region)
        assert told["layout"] == layout
        assert "gpc" not in told
        assert answer.headers["cache-control"] == (FOR_ALL if layout == OPT_IN else FOR_ONE)
        assert answer.headers["vary"] == "Accept-Encoding, Sec-GPC, CF-IPCountry, CF-Region-Code"


async def test_no_header_is_believed_that_the_settings_do_not_name(stage: Stage) -> None:
    answer, told = await loader(stage, CF_IPCountry="US", X_Country="US")
    assert told["layout"] == OPT_IN
    assert answer.headers["vary"] == "Accept-Encoding, Sec-GPC"


async def test_a_local_file_decides_by_the_address(sqlite_url: str, clock: SetClock, tmp_path: Path) -> None:
    path = tmp_path / "places.mmdb"
    writer = MMDBWriter(6, "GeoLite2-City", languages=["en"], description="test", ipv4_compatible=True)
    writer.insert_network(
        IPSet(["192.0.2.0/24"]), {"country": {"iso_code": "US"}, "subdivisions": [{"iso_code": "CA"}]}
    )
    writer.to_db_file(str(path))
    async with staged(sqlite_url, clock, settings={"geo_db": path, **HEADERS}) as stage:
        there = await stage.client("192.0.2.7").get(LOADER, headers={"CF-IPCountry": "DE"})
        assert told_in(there.text)["layout"]["reopen"] == "privacy_choices"
        assert (there.headers["cache-control"], there.headers["vary"]) == (FOR_ONE, "Accept-Encoding, Sec-GPC")
        elsewhere = await stage.client("198.51.100.7").get(LOADER, headers={"CF-IPCountry": "US"})
        assert told_in(elsewhere.text)["layout"] == OPT_IN


@pytest.mark.parametrize(
    ("lines", "is_on"),
    [([b"1"], True), ([b"0", b"1"], True), ([b"1, 1"], False), ([b"0"], False), ([b"true"], False), ([b" 1"], False)],
)
async def test_gpc_is_told_and_then_the_loader_is_one_visitors(stage: Stage, lines: list[bytes], is_on: bool) -> None:
    got = await raw(stage, "GET", LOADER, [(b"sec-gpc", line) for line in lines])
    assert told_in(got["body"].decode()).get("gpc") is (True if is_on else None)
    assert dict(got["headers"])[b"cache-control"].decode() == (FOR_ONE if is_on else FOR_ALL)


@pytest.mark.parametrize(("regime", "layout"), [("opt_in", OPT_IN), ("opt_out", OPT_OUT), ("notice_only", NOTICE_ONLY)])
async def test_a_fixed_regime_is_the_same_everywhere_and_for_all(
    sqlite_url: str, clock: SetClock, regime: str, layout: Mapping[str, Any]
) -> None:
    async with staged(sqlite_url, clock, settings=HEADERS) as stage:
        await publish(stage.services, fixed(regime))
        answers = [await loader(stage, CF_IPCountry=place) for place in ("US-CA", "DE", "JP", "")]
        assert {answer.content for answer, _ in answers} == {answers[0][0].content}
        for answer, told in answers:
            assert told["layout"] == layout
            assert (answer.headers["cache-control"], answer.headers["vary"]) == (FOR_ALL, "Accept-Encoding, Sec-GPC")
        signalled, told = await loader(stage, Sec_GPC="1")
        assert (told["gpc"], signalled.headers["cache-control"]) == (True, FOR_ONE)


async def test_who_sells_nothing_offers_no_such_opt_out(sqlite_url: str, clock: SetClock) -> None:
    async with staged(sqlite_url, clock, settings=HEADERS) as stage:
        await publish(stage.services, fixed("auto", ("sale_or_sharing = true", "sale_or_sharing = false")))
        for place in ("US", "US-CA"):
            _, told = await loader(stage, CF_IPCountry=place)
            assert told["layout"] == {**OPT_OUT, "says": ["services", "presumed", "withdraw"], "reopen": "reopen"}


async def test_every_variant_has_an_etag_of_its_own(sqlite_url: str, clock: SetClock) -> None:
    asked: list[tuple[str, dict[str, str]]] = [
        (path, {"CF-IPCountry": place, "Sec-GPC": gpc})
        for path in (LOADER, MODULE)
        for place in ("DE", "US", "US-CA", "JP")
        for gpc in ("0", "1")
    ]
    async with staged(sqlite_url, clock, settings=HEADERS) as stage:
        answers = await asyncio.gather(*(stage.http.get(path, headers=headers) for path, headers in asked))
        etags = [answer.headers["etag"] for answer in answers]
        assert len(set(etags)) == len(asked)
        for (path, headers), whole in zip(asked, answers, strict=True):
            same = await stage.http.get(path, headers=headers | {"If-None-Match": whole.headers["etag"]})
            assert (same.status_code, same.content) == (304, b"")
            for name in ("etag", "cache-control", "vary"):
                assert same.headers[name] == whole.headers[name]
            others = ", ".join(etag for etag in etags if etag != whole.headers["etag"])
            assert (await stage.http.get(path, headers=headers | {"If-None-Match": others})).content == whole.content
        lasting = [answer for answer in answers if "public" in answer.headers["cache-control"]]
        assert {json.dumps(told_in(answer.text)["layout"]) for answer in lasting} == {json.dumps(OPT_IN)}
        assert not any(told_in(answer.text).get("gpc") for answer in lasting)


async def test_the_module_is_the_same_loader_with_an_export(stage: Stage) -> None:
    script, module = await stage.http.get(LOADER), await stage.http.get(MODULE)
    assert module.text == f"{script.text.rstrip()}\nexport default window.consent;\n"
    for name in ("content-type", "cache-control", "vary", "access-control-allow-origin"):
        assert module.headers[name] == script.headers[name]
    head = await stage.http.head(MODULE)
    assert (head.status_code, head.headers["etag"]) == (200, module.headers["etag"])


async def test_what_is_unusual_in_the_site_file_reaches_the_loader(
    stage: Stage, sqlite_url: str, clock: SetClock
) -> None:
    _, usual = await loader(stage)
    assert not {"domain", "by_service", "stay", "mute", "together", "refusal_days", "aliases", "gpc"} & set(usual)
    more = 'regime = "auto"\nrefusal_days = 200\ncookie_domain = "miaminewtimes.com"\nreload = false'
    changes = (('regime = "auto"', more), ("[controller]", "[signals]\nmeta = false\nshopify = false\n\n[controller]"))
    async with staged(sqlite_url, clock) as own:
        await publish(own.services, fixed("auto", *changes))
        _, told = await loader(own)
        assert (told["refusal_days"], told["domain"], told["stay"]) == (200, "miaminewtimes.com", True)
        assert told["mute"] == ["fbq", "Shopify"]


async def test_sites_that_go_together_know_each_others_origins_and_have_one_layer_more(
    sqlite_url: str, clock: SetClock
) -> None:
    async with staged(sqlite_url, clock) as stage:
        _, alone = await loader(stage)
        ours = fixed("auto", ('close = "refuse"', 'close = "refuse"\ntogether = ["harbour-post"]'))
        await publish(stage.services, ours)
        _, told = await loader(stage)
        assert "together" not in told, "the other does not name it back"
        theirs = HARBOUR.read_text("utf-8").replace("[consent]", f'[consent]\ntogether = ["{SITE}"]')
        for line in ("name", "email"):
            mine, yours = (_value(text, line) for text in (ours.decode(), theirs))
            theirs = theirs.replace(f"{line} = {yours}", f"{line} = {mine}")
        await publish(stage.services, theirs.encode())
        _, told = await loader(stage)
        assert told["together"] == ["https://www.harbour-post.example", "https://news.harbour-post.example:8443"]
        carry = await stage.http.get(f"/w/{SITE}.carry.en.{told['build']}.js")
        assert (carry.status_code, carry.text.splitlines()[0]) == (200, "export const T={};")
        assert (await stage.http.get(f"/w/{SITE}.carry.en.{alone['build']}.js")).status_code == 404


def _value(text: str, key: str) -> str:
    """What a line of the table `controller` gives, quotes included."""
    table = text.partition("[controller]")[2]
    line = next(line for line in table.splitlines() if line.startswith(f"{key} "))
    return line.partition("= ")[2].partition("#")[0].strip()


async def test_a_notice_without_the_words_asks_the_strictest_way(stage: Stage) -> None:
    """An earlier version published it: there are no words in it to ask more leniently with."""
    notice = stage.services.directory.get(SITE).notice
    texts = {
        language: {**words, "notice": {key: each for key, each in words["notice"].items() if key != "intro_presumed"}}
        for language, words in notice.texts.items()
    }
    older = msgspec.structs.replace(notice, texts=texts)
    for regime in ("opt_out", "notice_only"):
        told = told_in(
            scripts.loader({"site": SITE}, msgspec.structs.replace(older, regime=regime), Variant(regimes.of(regime)))
        )
        assert told["layout"] == OPT_IN | {"regime": regime, "says": ["services", "withdraw"]}
    for place in (("US", "CA"), ("US", None), ("JP", None), ("DE", None)):
        assert scripts.spoken(notice, regimes.at(*place)) == regimes.at(*place)
        assert scripts.spoken(older, regimes.at(*place)) == regimes.STRICTEST
