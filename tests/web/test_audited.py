"""What a key did stands in the site's log: which key, what, to what; ids and counts, and nobody's address."""

from __future__ import annotations

from typing import Any

from consent.records import AuditRecord, read_audit
from consent.storage import records
from tests import running
from tests.acts import SITE, new_id
from tests.web import signing
from tests.web.stage import CONSENTS, Stage

API = f"/v1/sites/{SITE}"


async def last(stage: Stage) -> AuditRecord | None:
    """The newest act, when it is the newest record."""
    async with stage.services.database.reading() as reader:
        [row] = await records.page(reader, SITE, 0, 1 << 53, 1, newest_first=True)
    return read_audit(row.payload or "") if row.kind == "audit" else None


async def test_every_act_of_a_key_is_in_the_log(stage: Stage) -> None:
    key, row = await stage.key_row()
    email, subject = await signing.subscribed(stage), new_id()
    await stage.give(subject=subject)
    hook = {"kind": "webhook", "url": "https://hooks.example.org/consent"}
    made = await ask(stage, key, "POST", "/webhooks", json=hook)
    endpoint = f"/webhooks/{made.json()['endpoint']['id']}"
    changed = running.MIAMI.read_bytes().replace(b'name = "Miami New Times"', b'name = "Miami Newer Times"', 1)
    acts: list[tuple[str, str, dict[str, Any], str]] = [
        ("POST", "/notices", {"content": changed, "headers": {"Content-Type": "application/toml"}}, "notice.published"),
        ("GET", f"/subjects/{subject}", {}, "subject.accessed"),
        ("GET", f"/consents?subject={subject}", {}, "subject.accessed"),
        ("GET", "/consents", {"headers": {"Accept": "text/csv"}}, "consents.exported"),
        ("GET", "/subscribers", {"headers": {"Accept": "text/csv"}}, "subscribers.exported"),
        ("POST", "/subscribers/lookup", {"json": {"email": email}}, "subscriber.accessed"),
        ("POST", "/subscribers/erase", {"json": {"email": email}}, "subscriber.erased"),
        ("DELETE", f"/subjects/{subject}", {}, "subject.erased"),
        ("POST", f"{endpoint}/enable", {}, "webhook.enabled"),
        ("POST", f"{endpoint}/secret", {}, "webhook.renewed"),
        ("DELETE", endpoint, {}, "webhook.removed"),
        ("POST", "/outbox/replay", {"json": {}}, "delivery.replayed"),
    ]
    for method, path, more, action in acts:
        answer = await ask(stage, key, method, path, **more)
        assert answer.is_success, (path, answer.text)
        act = await last(stage)
        assert act is not None, path
        assert (act.action, act.by) == (action, f"key:{row.id}"), path
        assert email not in str(act)


async def test_what_is_refused_or_only_read_is_not(stage: Stage) -> None:
    key = await stage.key()
    await stage.give()
    for method, path, more in (
        ("GET", "/consents", {}),
        ("GET", "/notices", {}),
        ("GET", "/subscribers", {}),
        ("HEAD", "/consents", {"headers": {"Accept": "text/csv"}}),
        ("GET", f"/subjects/{new_id()}", {}),
        ("POST", "/subscribers/lookup", {"json": {"email": signing.new_address()}}),
        ("DELETE", f"/webhooks/{new_id()}", {}),
        ("POST", "/notices", {"content": b"x", "headers": {"Content-Type": "text/plain"}}),
        ("POST", "/outbox/replay", {"json": {"id": new_id()}}),
    ):
        await ask(stage, key, method, path, **more)
        assert await last(stage) is None, path
    same = {"content": running.MIAMI.read_bytes(), "headers": {"Content-Type": "application/toml"}}
    await ask(stage, key, "POST", "/notices", **same)
    await stage.client().post(CONSENTS, json=stage.body())
    assert (await ask(stage, key, "POST", "/notices", **same)).status_code == 201
    assert await last(stage) is None  # the same again is no publication


async def ask(stage: Stage, key: str, method: str, path: str, **more: Any) -> Any:
    headers = {"Authorization": f"Bearer {key}"} | more.pop("headers", {})
    return await stage.client().request(method, f"{API}{path}", headers=headers, **more)
