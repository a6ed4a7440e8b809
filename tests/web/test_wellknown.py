"""What operators and crawlers ask, and that what is told holds nobody's id."""

from __future__ import annotations

import re

from prometheus_client.parser import text_string_to_metric_families

from consent import clock as clocks
from tests.acts import SITE
from tests.clock import SetClock
from tests.web.stage import MIAMI_ORIGIN, Stage, staged

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-")


async def test_metrics_are_prometheus_and_hold_no_ids(stage: Stage) -> None:
    client = stage.client("198.51.100.77")
    body = stage.body(page="https://x.example/canary-page")
    path = f"/v1/sites/{SITE}/consents"
    for sent in (body, body, body | {"language": "es"}, body | {"language": "fr"}, {}):
        await client.post(path, json=sent, headers={"Origin": MIAMI_ORIGIN})
    await client.post(path, json=body, headers={"Origin": "https://canary.test"})
    key = await stage.key("read")
    await stage.asked("/consents", key)
    await client.get("/v1/sites/canary-site/consents")
    answer = await stage.http.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    families = {family.name: family for family in text_string_to_metric_families(answer.text)}
    recorded = [sample for sample in families["consent_records"].samples if sample.name.endswith("_total")]
    assert {tuple(sorted(sample.labels.items())) for sample in recorded} == {(("action", "save"), ("site", SITE))}
    answers = {
        (one.labels["endpoint"], one.labels["status"]) for one in families["consent_http_answers"].samples if one.labels
    }
    assert {("give", "201"), ("give", "200"), ("give", "409"), ("give", "422"), ("give", "403")} <= answers
    assert ("list_consents", "200") in answers
    for secret in ("198.51.100", "canary", "handle", key, body["id"], body["subject"]):
        assert secret not in answer.text
    assert not UUID.search(answer.text)


async def test_gpc_is_declared(stage: Stage) -> None:
    answer = await stage.http.get("/.well-known/gpc.json")
    assert answer.headers["content-type"] == "application/json"
    assert answer.json()["gpc"] is True
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", answer.json()["lastUpdate"])


async def test_security_txt_is_of_the_public_address_and_does_not_expire_soon(sqlite_url: str, clock: SetClock) -> None:
    async with staged(sqlite_url, clock, settings={"url": "https://consent.example"}) as stage:
        answer = await stage.http.get("/.well-known/security.txt", headers={"Host": "evil.test"})
        assert answer.headers["content-type"] == "text/plain; charset=utf-8"
        fields = dict(line.split(": ", 1) for line in answer.text.strip().splitlines())
        assert fields["Contact"] == "mailto:security@consent.example"
        left = clocks.parse(fields["Expires"]) - clock()
        assert 30 * clocks.DAY < left < 366 * clocks.DAY
        assert "evil" not in answer.text


async def test_robots_are_sent_away(stage: Stage) -> None:
    answer = await stage.http.get("/robots.txt")
    assert answer.text.splitlines() == ["User-agent: *", "Disallow: /"]
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"


async def test_alive_and_ready_say_so(stage: Stage) -> None:
    for path in ("/healthz", "/readyz"):
        for method in ("GET", "HEAD"):
            answer = await stage.http.request(method, path)
            assert answer.status_code == 200
        assert (await stage.http.get(path)).json()["status"] == "ok"
