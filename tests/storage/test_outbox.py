"""The outbox and the endpoints: what is owed leaves once, on both engines."""

from __future__ import annotations

import asyncio

import msgspec

from consent import ids, owing
from consent.storage import endpoints, outbox
from consent.storage.database import Database
from consent.storage.outbox import Owed
from tests.clock import START
from tests.storage.newsletter import DAY, MINUTE, OTHER_SITE, SITE, endpoint, everything, key_of, new_id, owed

KEY = key_of("reader")


async def put(database: Database, *rows: Owed) -> None:
    """Owes these."""
    async with database.writing() as writer:
        for row in rows:
            await outbox.put(writer, row)


async def lease(database: Database, now: int, limit: int = 9) -> list[bytes]:
    """The ids of what is leased, for a minute."""
    async with database.writing() as writer:
        return [row.id for row in await outbox.lease(writer, now, now + MINUTE, limit)]


async def test_what_is_owed_comes_back_as_it_was(tables: Database) -> None:
    row = owed(about={"subscriber": ids.uuid_text(new_id()), "lists": ["top", "food"], "record": None})
    await put(tables, row)
    async with tables.writing() as writer:
        assert await outbox.find(writer, SITE, row.id) == row
        assert await outbox.by_message(writer, row.message_id) == row
        assert await outbox.page(writer, SITE, "waiting", b"", 9) == [row]
        assert await outbox.page(writer, SITE, "waiting", row.id, 9) == []
        [leased] = await outbox.lease(writer, START, START + MINUTE, 9)
    assert leased == msgspec.structs.replace(row, attempts=1, lease_until=START + MINUTE)


async def test_what_is_due_is_leased_the_longest_due_first(tables: Database) -> None:
    first, second, third, later = (owed(due_at=START + due) for due in (-3, -2, -1, 1))
    await put(tables, third, second, later, first)
    assert await lease(tables, START, 2) == [first.id, second.id]
    assert await lease(tables, START) == [third.id]
    assert await lease(tables, START) == []
    assert await lease(tables, START + 1) == [later.id]
    assert await lease(tables, START + MINUTE) == [first.id, second.id, third.id]  # whoever had them is gone


async def test_two_leases_at_once_never_share_a_row(tables: Database) -> None:
    rows = [owed(due_at=START - number) for number in range(60)]
    await put(tables, *rows)
    leased = list[bytes]()
    while len(leased) < len(rows):
        found = await asyncio.gather(*(lease(tables, START, 5) for _ in range(4)))
        assert any(found)
        leased += [id_ for some in found for id_ in some]
    assert len(set(leased)) == len(leased)
    assert set(leased) == {row.id for row in rows}
    assert await lease(tables, START) == []


async def test_an_attempt_ends_well_or_is_due_again_or_is_dead(tables: Database) -> None:
    well, again, dead, dropped = rows = [owed(due_at=START - number) for number in range(4)]
    await put(tables, *rows)
    assert len(await lease(tables, START)) == 4
    async with tables.writing() as writer:
        await outbox.done(writer, SITE, well.id, START)
        await outbox.again(writer, SITE, again.id, START + DAY, "451 later")
        await outbox.dead(writer, SITE, dead.id, START, "550 no")
        await outbox.drop(writer, SITE, dropped.id, START, "suppressed")
        await outbox.again(writer, SITE, well.id, START, "too late: it is done")
        await outbox.dead(writer, SITE, dropped.id, START, "too late")
    async with tables.reading() as reader:
        found = [await outbox.find(reader, SITE, row.id) for row in rows]
        assert [(row.state, row.fault, row.lease_until, row.done_at) for row in found if row] == [
            ("done", "", 0, START),
            ("waiting", "451 later", 0, None),
            ("dead", "550 no", 0, START),
            ("dropped", "suppressed", 0, START),
        ]
        assert await outbox.counts(reader) == {"done": 1, "waiting": 1, "dead": 1, "dropped": 1}
        assert await outbox.oldest_due(reader) == START + DAY
        assert await outbox.next_due(reader) == START + DAY


async def test_what_a_ceiling_held_back_was_no_attempt(tables: Database) -> None:
    row = owed()
    await put(tables, row)
    assert await lease(tables, START) == [row.id]
    async with tables.writing() as writer:
        await outbox.put_off(writer, SITE, row.id, START + MINUTE)
        found = await outbox.find(writer, SITE, row.id)
    assert found == msgspec.structs.replace(row, due_at=START + MINUTE)


async def test_the_dead_can_be_replayed(tables: Database) -> None:
    rows = [owed() for _ in range(3)]
    await put(tables, *rows, owed(site=OTHER_SITE))
    assert len(await lease(tables, START)) == 4
    async with tables.writing() as writer:
        for row in rows:
            await outbox.dead(writer, SITE, row.id, START, "550 no")
        assert await outbox.replay(writer, SITE, rows[0].id, START + DAY) == 1
        assert await outbox.replay(writer, SITE, rows[0].id, START + DAY) == 0
        assert await outbox.replay(writer, OTHER_SITE, rows[1].id, START + DAY) == 0
        assert await outbox.find(writer, SITE, rows[0].id) == msgspec.structs.replace(rows[0], due_at=START + DAY)
        assert await outbox.replay(writer, SITE, None, START + DAY) == 2
        assert await outbox.page(writer, SITE, "dead", b"", 9) == []


async def test_when_something_is_due_next_passes_over_what_is_leased(tables: Database) -> None:
    async with tables.reading() as reader:
        assert await outbox.next_due(reader) is None
        assert await outbox.oldest_due(reader) is None
    await put(tables, owed(), owed(due_at=START + 5 * MINUTE))
    await lease(tables, START)
    async with tables.reading() as reader:
        assert await outbox.next_due(reader) == START + MINUTE
        assert await outbox.oldest_due(reader) == START


async def test_a_delivery_is_noted_once(tables: Database) -> None:
    row, hook = owed(), owed(kind="webhook", message_id="hook")
    await put(tables, row, hook)
    async with tables.writing() as writer:
        found = await outbox.delivered(writer, row.message_id, START + 1)
        assert found == msgspec.structs.replace(row, delivered_at=START + 1)
        assert await outbox.delivered(writer, row.message_id, START + 2) is None
        assert await outbox.delivered(writer, "hook", START) is None
        assert await outbox.by_message(writer, "hook") is None


async def test_what_is_owed_to_an_erased_address_is_dropped(tables: Database) -> None:
    waits, dead, other, elsewhere = owed(), owed(), owed(key=key_of("other")), owed(site=OTHER_SITE)
    await put(tables, waits, dead, other, elsewhere)
    async with tables.writing() as writer:
        await outbox.dead(writer, SITE, dead.id, START, "550 no")
        assert await outbox.drop_of_key(writer, SITE, KEY, START + 1) == 2
        assert {row.id for row in await outbox.page(writer, SITE, "dropped", b"", 9)} == {waits.id, dead.id}
        assert await outbox.replay(writer, SITE, None, START) == 0
    assert sorted(await lease(tables, START)) == sorted([other.id, elsewhere.id])


async def test_a_former_address_goes_when_its_row_ends(tables: Database) -> None:
    """But for a dead one, which would have nothing to tell when it is replayed."""
    about: dict[str, object] = {"subscriber": "x", "former": "sealed"}
    rows = [owed(kind="sync", what="subscriber.changed", about=about) for _ in range(4)]
    well, dropped, dead, waits = rows
    await put(tables, *rows)

    async def kept() -> list[bool]:
        async with tables.reading() as reader:
            found = [await outbox.find(reader, SITE, row.id) for row in rows]
        assert {str(one.about["subscriber"]) for one in found if one} == {"x"}
        return ["former" in one.about for one in found if one]

    async with tables.writing() as writer:
        await outbox.done(writer, SITE, well.id, START)
        await outbox.drop(writer, SITE, dropped.id, START, "gone")
        await outbox.dead(writer, SITE, dead.id, START, "550 no")
        await outbox.again(writer, SITE, waits.id, START, "later")
    assert await kept() == [False, False, True, True]
    async with tables.writing() as writer:
        assert await outbox.drop_of_key(writer, SITE, KEY, START) == 2
    assert await kept() == [False] * 4


async def test_a_second_erasure_does_not_keep_the_first_from_being_told(tables: Database) -> None:
    told = owed(kind="sync", what="subscriber.erased", about={"subscriber": "x", "former": "sealed"})
    await put(tables, told, owed())
    async with tables.writing() as writer:
        assert await outbox.drop_of_key(writer, SITE, KEY, START) == 1
        assert await outbox.find(writer, SITE, told.id) == told


async def test_what_ended_long_ago_goes(tables: Database) -> None:
    rows = [owed() for _ in range(4)]
    await put(tables, *rows)
    async with tables.writing() as writer:
        await outbox.done(writer, SITE, rows[0].id, START)
        await outbox.dead(writer, SITE, rows[1].id, START, "550 no")
        await outbox.done(writer, SITE, rows[2].id, START + DAY)
        assert await outbox.purge(writer, SITE, START + DAY, 1) == 1
        assert await outbox.purge(writer, SITE, START + DAY, 9) == 1
        assert await outbox.purge(writer, SITE, START + DAY, 9) == 0
    assert {row[1] for row in (await everything(tables))["outbox"]} == {rows[2].id, rows[3].id}


async def test_endpoints_are_kept_and_told_of_their_troubles(tables: Database) -> None:
    hook = endpoint()
    sync = endpoint(kind="listmonk", lists={"top": "3"}, created_at=START + 1, polled_at=START)
    async with tables.writing() as writer:
        await endpoints.put(writer, SITE, hook)
        await endpoints.put(writer, SITE, sync)
        assert await endpoints.all_of(writer, SITE) == [hook, sync]
        assert await endpoints.all_of(writer, OTHER_SITE) == []
        renamed = msgspec.structs.replace(hook, url="https://hooks.example.org/else")
        await endpoints.put(writer, SITE, renamed)
        assert await endpoints.find(writer, SITE, hook.id) == renamed
        assert [await endpoints.failed(writer, SITE, hook.id, "410 gone") for _ in range(2)] == [1, 2]
        assert await endpoints.disable(writer, SITE, hook.id, START, "gone")
        assert not await endpoints.disable(writer, SITE, hook.id, START, "gone")
        found = await endpoints.find(writer, SITE, hook.id)
        assert found == msgspec.structs.replace(renamed, failures=2, disabled_at=START, fault="gone")
        assert await endpoints.enable(writer, SITE, hook.id)
        assert await endpoints.find(writer, SITE, hook.id) == renamed
        await endpoints.failed(writer, SITE, hook.id, "500")
        await endpoints.succeeded(writer, SITE, hook.id)
        assert await endpoints.find(writer, SITE, hook.id) == renamed
        assert await endpoints.to_poll(writer, START) == []
        assert await endpoints.to_poll(writer, START + 1) == [(SITE, sync)]
        await endpoints.polled(writer, SITE, sync.id, START + 1)
        assert await endpoints.to_poll(writer, START + 1) == []
        assert await endpoints.all_sealed(writer) == {(SITE, hook.id): "sealed", (SITE, sync.id): "sealed"}
        assert await endpoints.rewrap(writer, SITE, hook.id, "sealed", "anew")
        assert not await endpoints.rewrap(writer, SITE, hook.id, "sealed", "anew")
        assert await endpoints.delete(writer, SITE, hook.id)
        assert not await endpoints.delete(writer, SITE, hook.id)
        assert await endpoints.failed(writer, SITE, hook.id, "500") == 0


async def test_a_mail_is_owed_under_one_message_id(tables: Database) -> None:
    async with tables.writing() as writer:
        mail = {"site": SITE, "at": START, "what": "confirm", "key": KEY, "sender_domain": "example.org"}
        about: dict[str, object] = {"pending": "x"}
        id_ = await owing.owe_mail(writer, about=about, due_at=START + 1, **mail)  # type: ignore[arg-type]
        row = await outbox.find(writer, SITE, id_)
        assert row == owed(id=id_, about=about, due_at=START + 1, message_id=f"<{ids.uuid_text(id_)}@example.org>")
        before = await outbox.counts(writer)
        await owing.owe_mail(writer, about=about, is_real=False, **mail)  # type: ignore[arg-type]
        assert await outbox.counts(writer) == before


async def test_an_event_is_owed_to_each_endpoint_that_wants_it(tables: Database) -> None:
    hook = endpoint()
    sync = endpoint(kind="ghost", events=("signup.confirmed", "subscriber.erased"), lists={"top": "1"})
    off = endpoint(disabled_at=START)
    async with tables.writing() as writer:
        for one in (hook, sync, off):
            await endpoints.put(writer, SITE, one)

        async def owe(
            event: owing.Event, about: dict[str, object], *, is_real: bool = True
        ) -> set[tuple[str, bytes | None]]:
            before = {row.id for row in await outbox.page(writer, SITE, "waiting", b"", 99)}
            number = await owing.owe_event(
                writer, site=SITE, at=START, event=event, about=about, key=KEY, is_real=is_real
            )
            new = [row for row in await outbox.page(writer, SITE, "waiting", b"", 99) if row.id not in before]
            assert len(new) == number
            assert {row.key for row in new} <= {KEY}
            return {(row.kind, row.endpoint) for row in new}

        assert await owe("signup.confirmed", {"lists": ["top"]}) == {("webhook", hook.id), ("sync", sync.id)}
        assert await owe("signup.confirmed", {"lists": ["food"]}) == {("webhook", hook.id)}
        assert await owe("subscriber.erased", {}) == {("sync", sync.id)}
        assert await owe("signup.pending", {"lists": ["top"]}) == set()
        assert await owe("signup.confirmed", {"lists": ["top"]}, is_real=False) == set()
        test = await owing.owe_to(writer, off, site=SITE, at=START, event="webhook.test", about={})
        row = await outbox.find(writer, SITE, test)
        assert row is not None
        assert row.message_id == ids.uuid_text(test)
