"""What is recorded is what was sent, and beside it only what the contract says the service sees."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from consent import clock, records
from consent.records import ConsentRecord
from tests.acts import SITE, new_id
from tests.clock import SetClock
from tests.running import settings
from tests.web.stage import CONSENTS, Stage, raw, replaced, staged

GPC = json.loads(Path(__file__).parent.parent.joinpath("words", "vectors", "gpc.json").read_text())["header_cases"]
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 Safari/604.1"
TABLET = "Mozilla/5.0 (iPad; CPU OS 17_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148"
ANDROID_TABLET = "Mozilla/5.0 (Linux; Android 14; SM-X700) AppleWebKit/537.36 Chrome/126.0 Safari/537.36"
DESKTOP = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
BOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"


async def line_of(stage: Stage, id_: str, site: str = SITE) -> dict[str, Any]:
    """The record's line as the API gives it."""
    key = await stage.key("read", site=site)
    answer = await stage.http.get(
        f"/v1/sites/{site}/consents",
        params={"limit": 1000},
        headers={"Authorization": f"Bearer {key}"},
    )
    return next(line for line in answer.json()["consents"] if line["id"] == id_)


async def test_a_line_carries_what_was_sent_by_the_same_names_and_what_the_service_added(stage: Stage) -> None:
    body = stage.body(
        services={"youtube": True, "google-ads": False},
        gpc=True,
        page="https://www.miaminewtimes.com/film/her",
        decided_at="2026-11-22T09:59:58.500Z",
        tcf="CPXxRfAPXxRfAAfKABENB-CgAAAAAAAAAAYgAAAAAAAA",
        gpp="DBABMA~CPXxRfAPXxRfAAfKABENB-CgAAAAAAAAAAYgAAAAAAAA",
    )
    told = (await stage.http.post(CONSENTS, json=body, headers={"User-Agent": PHONE, "Sec-GPC": "1"})).json()
    line = await line_of(stage, body["id"])
    assert {name: line[name] for name in body} == body
    added = {name: value for name, value in line.items() if name not in body}
    assert set(added.pop("proof")) == {"leaf", "salt"}
    assert added == {
        "seq": told["seq"],
        "recorded_at": told["recorded_at"],
        "expires_at": told["expires_at"],
        "status": {"analytics": "given", "content": "refused", "advertising": "refused"},
        "gpc_header": True,
        "country": None,
        "device": "phone",
        "kind": "cookies",
        "site": SITE,
    }


async def test_every_field_of_a_request_is_a_field_of_the_record() -> None:
    asked = set(records.ConsentRequest.__struct_fields__) - {"hand_off"}  # a key; what it opened is `imported_from`
    assert asked < set(ConsentRecord.__struct_fields__)
    assert list(ConsentRecord.__struct_fields__) == sorted(ConsentRecord.__struct_fields__)


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("https://www.miaminewtimes.com/film/her?token=canary#top", "https://www.miaminewtimes.com/film/her"),
        ("https://reader:canary@www.miaminewtimes.com/", "https://www.miaminewtimes.com/"),
        ("https://a:b@c@www.miaminewtimes.com/x;y=1?q", "https://www.miaminewtimes.com/x;y=1"),
        ("https://www.miaminewtimes.com?canary", "https://www.miaminewtimes.com"),
        ("HTTPS://www.miaminewtimes.com/Ä/%7e", "https://www.miaminewtimes.com/Ä/%7e"),
        ("http://127.0.0.1:8000/demo#canary?x", "http://127.0.0.1:8000/demo"),
    ],
)
async def test_a_page_loses_query_fragment_and_credentials(stage: Stage, sent: str, kept: str) -> None:
    body = stage.body(page=sent)
    assert (await stage.http.post(CONSENTS, json=body)).status_code == 201
    assert (await line_of(stage, body["id"]))["page"] == kept
    assert (await stage.http.post(CONSENTS, json=body)).status_code == 200


async def test_the_servers_time_counts_and_the_clients_claim_stands_beside_it(
    stage: Stage, module_clock: SetClock
) -> None:
    for claim in ("1999-12-31T23:59:59Z", "2099-01-01T00:00:00+00:00"):
        body = stage.body(decided_at=claim)
        told = (await stage.http.post(CONSENTS, json=body)).json()
        line = await line_of(stage, body["id"])
        assert (line["decided_at"], line["recorded_at"]) == (claim, clock.text(module_clock()))
        assert told["expires_at"] == clock.text(module_clock() + 182 * clock.DAY)


@pytest.mark.parametrize("case", GPC, ids=[json.dumps(case["headers"]) for case in GPC])
async def test_sec_gpc_is_exactly_1_in_some_line(stage: Stage, case: dict[str, Any]) -> None:
    body = stage.body()
    lines = [(b"content-type", b"application/json")]
    for name, values in case["headers"].items():
        lines += [(name.lower().encode(), value.encode()) for value in values]
    answer = await raw(stage, "POST", CONSENTS, lines, json.dumps(body).encode())
    assert answer["status"] == 201
    line = await line_of(stage, body["id"])
    assert (line["gpc_header"], line["gpc"]) == (case["gpc"], False)


@pytest.mark.parametrize(
    ("agent", "device"),
    [(PHONE, "phone"), (TABLET, "tablet"), (ANDROID_TABLET, "tablet"), (DESKTOP, "desktop"), (BOT, "bot"), ("", None)],
)
async def test_the_device_is_a_coarse_class(stage: Stage, agent: str, device: str | None) -> None:
    body = stage.body()
    await stage.http.post(CONSENTS, json=body, headers={"User-Agent": agent})
    line = await line_of(stage, body["id"])
    assert line.get("device") == device
    assert not agent or agent not in json.dumps(line)


async def test_a_withdrawal_is_told_from_a_refusal(stage: Stage) -> None:
    subject = new_id()
    for purposes, status in (
        ({"analytics": True, "content": False, "advertising": False}, "given"),
        ({"analytics": False, "content": False, "advertising": False}, "withdrawn"),
        ({"analytics": False, "content": False, "advertising": False}, "refused"),
    ):
        body = stage.body(subject=subject, purposes=purposes)
        await stage.http.post(CONSENTS, json=body)
        assert (await line_of(stage, body["id"]))["status"]["analytics"] == status


async def test_an_address_is_kept_truncated_and_keyed_only_where_the_site_says_so(stage: Stage) -> None:
    harbour = {
        "notice": stage.services.directory.get("harbour-post").digest,
        "purposes": {"statistics": True, "advertising": False},
    }
    seen: dict[str, str | None] = {}
    for peer in ("198.51.100.7", "198.51.100.200", "198.51.101.7", "2001:db8:1::1", "2001:db8:1:ffff::2", "unix"):
        body = stage.body(**harbour)
        path = "/v1/sites/harbour-post/consents"
        assert (await stage.client(peer).post(path, json=body)).status_code == 201
        line = await line_of(stage, body["id"], "harbour-post")
        seen[peer] = line.get("ip")
        assert peer not in json.dumps(line)
    assert seen["198.51.100.7"] == seen["198.51.100.200"] != seen["198.51.101.7"]
    assert seen["2001:db8:1::1"] == seen["2001:db8:1:ffff::2"]
    assert len(seen["198.51.100.7"] or "") == 16
    assert seen["unix"] is None
    body = stage.body()
    await stage.client("198.51.100.7").post(CONSENTS, json=body)
    assert "ip" not in await line_of(stage, body["id"])


async def test_a_country_is_believed_from_the_header_that_is_named(sqlite_url: str, clock: SetClock) -> None:
    async with staged(sqlite_url, clock, settings={"country_header": "CF-IPCountry"}) as stage:
        for sent, kept in (("us", "US"), ("XX", None), ("T1", None), ("<b>", None), ("", None), ("USA", None)):
            body = stage.body()
            answer = await stage.http.post(CONSENTS, json=body, headers={"CF-IPCountry": sent})
            assert answer.status_code == 201
            assert (await line_of(stage, body["id"])).get("country") == kept, sent
        body = stage.body()
        await stage.http.post(CONSENTS, json=body, headers={"X-Country": "US"})
        assert (await line_of(stage, body["id"]))["country"] is None


async def test_a_region_is_recorded_only_with_its_country(sqlite_url: str, clock: SetClock) -> None:
    chosen = {"country_header": "CF-IPCountry", "region_header": "CF-Region-Code"}
    async with staged(sqlite_url, clock, settings=chosen) as stage:
        for country, region, kept in (
            ("US", "CA", ("US", "CA")), ("US-TX", "", ("US", "TX")), ("DE", "", ("DE", None)),
            ("XX", "CA", (None, None)), ("US", "<b>", ("US", None)),
        ):  # fmt: skip
            body = stage.body()
            headers = {"CF-IPCountry": country, "CF-Region-Code": region}
            assert (await stage.http.post(CONSENTS, json=body, headers=headers)).status_code == 201
            line = await line_of(stage, body["id"])
            assert (line["country"], line.get("region")) == kept
            assert ("region" in line) == (kept[1] is not None)


async def test_a_forwarded_address_is_believed_from_a_trusted_proxy_alone(sqlite_url: str, clock: SetClock) -> None:
    chosen = {"trusted_proxies": ("10.9.0.0/16",)}
    assert replaced(settings(sqlite_url), "trusted_proxies", chosen["trusted_proxies"]).trusted_proxies
    async with staged(sqlite_url, clock, settings=chosen) as stage:

        async def kept(peer: str, *lines: str) -> str | None:
            harbour = stage.services.directory.get("harbour-post")
            body = stage.body(notice=harbour.digest, purposes={"statistics": False, "advertising": False})
            headers = [(b"X-Forwarded-For", line.encode()) for line in lines]
            answer = await stage.client(peer).post("/v1/sites/harbour-post/consents", json=body, headers=headers)
            assert answer.status_code == 201
            return (await line_of(stage, body["id"], "harbour-post")).get("ip")

        direct = await kept("198.51.100.7")
        assert await kept("198.51.100.8", "203.0.113.9") == direct
        assert await kept("10.9.1.1", "198.51.100.9") == direct
        assert await kept("10.9.1.1", "203.0.113.9, 198.51.100.9, 10.9.2.2") == direct
        assert await kept("10.9.1.1", "203.0.113.9", "198.51.100.9") == direct
        proxy = await kept("10.9.1.1")
        assert proxy != direct
        assert await kept("10.9.1.1", "198.51.100.9, garbage") == proxy


async def test_without_trusted_proxies_a_forwarded_address_buys_no_second_rate(
    sqlite_url: str, clock: SetClock
) -> None:
    async with staged(sqlite_url, clock) as stage:
        client = stage.client("127.0.0.1")
        event, path = {"kind": "notice_shown"}, f"/v1/sites/{SITE}/events"
        headers = [{"X-Forwarded-For": f"203.0.113.{number % 250}"} for number in range(601)]
        statuses = [(await client.post(path, json=event, headers=one)).status_code for one in headers]
        assert statuses[:600] == [204] * 600
        assert statuses[600] == 429
