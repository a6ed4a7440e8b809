"""`…/webhooks` behind a key: connected, listed without secrets, tried, switched on again, taken away."""

from __future__ import annotations

from typing import Any

import httpx
import msgspec
import pytest

from consent.storage import endpoints
from consent.sync import standard_webhooks
from consent.sync.guard import Guard
from tests.acts import SITE, new_id
from tests.sync.peers.brevo import LISTS, SECRETS
from tests.sync.receiver import LOOPBACK, receiving
from tests.web.stage import Stage

WEBHOOKS = f"/v1/sites/{SITE}/webhooks"
HOOK = {"url": "https://hooks.example.org/in"}


async def asked(stage: Stage, method: str, path: str = "", key: str | None = None, **more: Any) -> httpx.Response:
    """One request with a key that may do it."""
    key = await stage.key("read", "write") if key is None else key
    return await stage.http.request(method, WEBHOOKS + path, headers={"Authorization": f"Bearer {key}"}, **more)


async def test_a_webhook_is_connected_and_its_secret_is_in_that_one_answer(stage: Stage) -> None:
    answer = await asked(stage, "POST", json=HOOK)
    made = answer.json()
    assert answer.status_code == 201 and answer.headers["cache-control"] == "no-store"
    assert standard_webhooks.key_of(made["secret"])
    listed = await asked(stage, "GET")
    assert made["endpoint"] in listed.json()["endpoints"]
    assert made["secret"] not in listed.text and "sealed" not in listed.text
    gone = await asked(stage, "DELETE", f"/{made['endpoint']['id']}")
    assert (gone.status_code, gone.content) == (204, b"")
    assert made["endpoint"] not in (await asked(stage, "GET")).json()["endpoints"]
    assert (await asked(stage, "DELETE", f"/{made['endpoint']['id']}")).status_code == 404


async def test_a_provider_gets_an_address_of_its_own(stage: Stage) -> None:
    made = (await asked(stage, "POST", json={"kind": "brevo", "secrets": SECRETS, "lists": LISTS})).json()
    assert made["inbound"].startswith(f"http://127.0.0.1:8000/v1/sites/{SITE}/inbound/{made['endpoint']['id']}/")
    listed = (await asked(stage, "GET")).text
    assert SECRETS["key"] not in listed and made["inbound"].rpartition("/")[2] not in listed


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({}, "url"),
        ({"url": "http://example.org/"}, "url"),
        ({"url": "https://127.0.0.1/"}, "url"),
        ({"url": "https://[::ffff:10.0.0.1]/"}, "url"),
        ({"url": 7}, "url"),
        ({**HOOK, "kind": "other"}, "kind"),
        ({**HOOK, "status": "on"}, "status"),
        ({**HOOK, "events": ["other"]}, "events[0]"),
        ({**HOOK, "lists": {"other": "x"}}, "lists.other"),
        ({"kind": "brevo", "lists": LISTS}, "secrets.key"),
    ],
)
async def test_what_is_wrong_is_said_with_its_place(stage: Stage, body: dict[str, Any], path: str) -> None:
    answer = await asked(stage, "POST", json=body)
    assert answer.status_code == 422
    assert path in [one["path"] for one in answer.json()["errors"]]


async def test_only_a_key_with_the_scope_may(stage: Stage) -> None:
    made = (await asked(stage, "POST", json=HOOK)).json()["endpoint"]["id"]
    reads, writes = await stage.key("read"), await stage.key("write")
    other = await stage.key("read", "write", site="harbour-post")
    writing = [
        ("POST", ""),
        ("DELETE", f"/{made}"),
        ("POST", f"/{made}/test"),
        ("POST", f"/{made}/enable"),
        ("POST", f"/{made}/secret"),
    ]
    for method, path in writing:
        assert (await asked(stage, method, path, reads, json=HOOK)).status_code == 403
        assert (await asked(stage, method, path, other, json=HOOK)).status_code == 404
        assert (await asked(stage, method, path, "ck_unknown", json=HOOK)).status_code == 401
    assert (await asked(stage, "GET", "", writes)).status_code == 403
    assert (await asked(stage, "GET", "", other)).status_code == 404


async def test_it_is_tried_and_switched_on_again(stage: Stage) -> None:
    made = (await asked(stage, "POST", json=HOOK)).json()["endpoint"]["id"]
    guard = Guard(opens=LOOPBACK)
    opened = Stage(stage.app, {**stage.state, "services": _with(stage, guard)}, stage.database_url)
    async with receiving() as receiver:
        body = {"url": f"{receiver.url}/in"}
        here = (await asked(opened, "POST", json=body)).json()["endpoint"]["id"]
        assert (await asked(opened, "POST", f"/{here}/test")).json() == {"told": True}
        assert receiver.got[0].json()["type"] == "endpoint.test"
    await guard.close()
    renewed = await asked(stage, "POST", f"/{made}/secret")
    assert standard_webhooks.key_of(renewed.json()["secret"]) and renewed.headers["cache-control"] == "no-store"
    for id_ in (new_id(), "no-id"):
        for act in ("test", "enable", "secret"):
            assert (await asked(stage, "POST", f"/{id_}/{act}")).status_code == 404
    async with stage.services.database.writing() as writer:
        raw = bytes.fromhex(made.replace("-", ""))
        await endpoints.disable(writer, SITE, raw, stage.services.clock(), "it was gone")
    listed = (await asked(stage, "GET")).json()["endpoints"]
    assert [one["fault"] for one in listed if one["id"] == made] == ["it was gone"]
    again = (await asked(stage, "POST", f"/{made}/enable")).json()
    assert "disabled_at" not in again and again["id"] == made


def _with(stage: Stage, guard: Guard) -> Any:
    return msgspec.structs.replace(stage.services, guard=guard)
