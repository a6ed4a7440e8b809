"""Nothing that tells a person, a key or a token apart is logged, at any level, whatever goes wrong."""

from __future__ import annotations

import logging

import pytest

from consent.storage.engines import open_database
from tests.acts import SITE
from tests.clock import SetClock
from tests.faults import FaultyDatabase
from tests.running import SECRET
from tests.web.stage import CONSENTS, MIAMI_ORIGIN, staged

PEER = "198.51.100.77"


async def test_no_canary_is_logged(database_url: str, clock: SetClock, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    faulty = FaultyDatabase(await open_database(database_url))
    async with staged(database_url, clock, database=faulty) as stage:
        key, client = await stage.key("read", "write"), stage.client(PEER)
        keyed = {"Authorization": f"Bearer {key}"}
        body = stage.body(page="https://reader:canary-word@x.example/canary-path?token=canary-token#canary-mark")
        headers = {"Origin": MIAMI_ORIGIN, "User-Agent": "canary-agent/1.0", "Cookie": "canary-cookie=1"}
        receipt = (await client.post(CONSENTS, json=body, headers=headers)).json()["receipt"]
        for sent in (body, body | {"language": "es"}, body | {"page": "canary-page:"}, body | {"canary-field": 1}):
            await client.post(CONSENTS, json=sent, headers=headers)
        await client.post(CONSENTS, content=b'{"canary-json"', headers={"Content-Type": "text/plain"})
        await client.post(CONSENTS, json=body, headers={"Origin": "https://canary-origin.test"})
        await client.get(f"/receipts/{receipt}")
        await client.get("/receipts/canary-receipt.x.y")
        await client.get("/canary-address%0d%0aERROR forged?canary-query=1", headers=keyed)
        await client.get(CONSENTS, headers=keyed, params={"subject": body["subject"]})
        await client.get(CONSENTS, headers={"Authorization": "Bearer ck_canary-key"})
        await client.post(f"/v1/sites/{SITE}/tokens/verify", json={"token": receipt}, headers=keyed)
        await client.post(f"/v1/sites/{SITE}/notices", content=b'id = "canary-toml', headers=keyed)
        faulty.at = range(faulty.commits + 1, faulty.commits + 4)
        assert (await client.post(CONSENTS, json=stage.body(page="https://x.example/canary"))).status_code == 503
        assert (await client.get("/readyz")).status_code == 503
        faulty.at = ()
    # httpx and the drivers' own thread speak too; the service's process has no httpx, and its lines are not ours.
    ours = [record for record in caplog.records if not record.name.startswith(("httpx", "httpcore"))]
    text = "\n".join(f"{record.getMessage()} {record.exc_text or ''} {record.args}" for record in ours)
    for secret in ("canary", PEER, key, receipt, SECRET, body["subject"], "forged"):
        assert secret not in text, secret
