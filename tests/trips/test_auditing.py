"""What the publisher's people do is in the site's log, provable like any record, and nobody's to erase."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from consent import auditing, ids, ledger, publishing
from consent.connections import connecting
from consent.connections.connecting import EndpointRequest
from consent.deeds import Deed
from consent.errors import Contradiction, StorageFault, Unknown
from consent.newsletter import barring
from consent.publishing import Publisher
from consent.records import AuditRecord, read_any
from consent.services import Services
from consent.storage import endpoints, sites
from consent.storage import records as stored
from tests import acts
from tests.acts import REFUSED, SITE
from tests.forgetting import erase_subject
from tests.reading import count, verified
from tests.running import MIAMI, notice_of
from tests.trips.exported import export, found

MEMBER = ids.uuid7(1).bytes
NO_ACTS = {
    "sqlite": (
        "CREATE TRIGGER no_acts BEFORE INSERT ON records WHEN NEW.kind = 'audit'"
        " BEGIN SELECT RAISE(ABORT, 'no acts'); END",
    ),
    "postgres": (
        "CREATE FUNCTION no_act() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no acts'; END $$",
        "CREATE TRIGGER no_acts BEFORE INSERT ON records FOR EACH ROW WHEN (NEW.kind = 'audit')"
        " EXECUTE FUNCTION no_act()",
    ),
}


async def acts_of(services: Services) -> list[AuditRecord]:
    async with services.database.reading() as reader:
        rows = await stored.page(reader, SITE, 0, 1 << 62, 1000)
    made = [read_any(row.kind, row.payload) for row in rows if row.payload]
    return [record for record in made if isinstance(record, AuditRecord)]


async def test_an_act_is_a_record_that_verifies(services: Services) -> None:
    await auditing.note(services, SITE, auditing.by_member(MEMBER), "notice.published", {"revision": 2})
    await auditing.note(services, SITE, auditing.by_key("k1"), "subject.erased", {"records": 3})
    await auditing.note(services, SITE, auditing.COMMAND, "key.made")
    told = [(one.seq, one.by, one.action, one.about) for one in await acts_of(services)]
    assert told == [
        (1, f"member:{ids.uuid_text(MEMBER)}", "notice.published", {"revision": "2"}),
        (2, "key:k1", "subject.erased", {"records": "3"}),
        (3, "command", "key.made", {}),
    ]
    assert await verified(services) == 3
    assert found(await export(services))[0] == 3


async def test_an_act_is_no_subjects(services: Services) -> None:
    """Whoever takes its id for a subject finds and erases nothing, and decides as anybody does."""
    await auditing.note(services, SITE, auditing.COMMAND, "key.made")
    [act] = await acts_of(services)
    assert await ledger.history(services, SITE, act.subject) == []
    with pytest.raises(Unknown):
        await ledger.find(services, SITE, act.id)
    assert await erase_subject(services, act.subject) == 0
    draft = acts.draft(notice_of(services), REFUSED, subject=act.subject)
    await services.recorder.give(draft)
    assert [record.id for record in await ledger.history(services, SITE, act.subject)] == [draft.id]
    assert await acts_of(services) == [act]


async def test_an_acts_id_is_taken(services: Services) -> None:
    await auditing.note(services, SITE, auditing.COMMAND, "key.made")
    [act] = await acts_of(services)
    with pytest.raises(Contradiction):
        await services.recorder.give(acts.draft(notice_of(services), REFUSED, id=act.id))
    assert await count(services) == 1


async def test_an_unknown_site_has_no_log(services: Services) -> None:
    with pytest.raises(Unknown):
        await auditing.note(services, "nowhere", auditing.COMMAND, "key.made")


async def test_what_cannot_be_told_is_not_done(services: Services) -> None:
    """Each of these acts is one transaction with its record."""
    by, email = auditing.by_member(MEMBER), "barred@example.org"
    hook = EndpointRequest(url="https://hooks.example.org/in")
    publisher = Publisher(
        database=services.database, vault=services.vault, clock=services.clock, url=services.settings.url
    )
    other = publishing.check(MIAMI.read_bytes().replace(b'radius = "6px"', b'radius = "2px"'))
    made = (await connecting.connect(services, SITE, hook, by)).endpoint.id
    trips: dict[str, Callable[[], Awaitable[object]]] = {
        "webhook.renewed": lambda: connecting.renew(services, SITE, made, by),
        "webhook.enabled": lambda: connecting.enable(services, SITE, made, by),
        "webhook.removed": lambda: connecting.remove(services, SITE, made, by),
        "webhook.connected": lambda: connecting.connect(services, SITE, hook, by),
        "suppression.added": lambda: barring.bar(services, SITE, email, by),
        "suppression.lifted": lambda: barring.lift(services, SITE, email, by),
        "notice.published": lambda: publishing.publish(publisher, other, by=Deed(actor=by)),
    }

    async def state() -> object:
        async with services.database.reading() as reader:
            counts = [await reader.row(f"SELECT count(*) AS n FROM {table}") for table in ("suppressions", "endpoints")]
            site = await sites.find(reader, SITE)
        return [row and row["n"] for row in counts], site and site.revision, await endpoints_of(services)

    before = await state()
    async with services.database.writing() as writer:
        for statement in NO_ACTS[services.database.engine]:
            await writer.execute(statement)
    for trip in trips.values():
        with pytest.raises(StorageFault):
            await trip()
    assert await state() == before
    async with services.database.writing() as writer:
        await writer.execute(f"DROP TRIGGER no_acts{' ON records' if services.database.engine == 'postgres' else ''}")
    for trip in trips.values():
        await trip()
    told = [(one.action, one.by) for one in await acts_of(services)]
    assert told == [(action, str(by)) for action in ("webhook.connected", *trips)]
    assert await verified(services) == len(told)


async def endpoints_of(services: Services) -> list[str]:
    """The sealed secrets of the site's endpoints."""
    async with services.database.reading() as reader:
        return [one.sealed for one in await endpoints.all_of(reader, SITE)]
