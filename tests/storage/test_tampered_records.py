"""Records altered under the service with plain SQL: verify names the first that is wrong."""

from __future__ import annotations

from typing import Any

from consent import ids, records, verifying
from consent.services import Services
from consent.storage import records as stored
from tests import acts
from tests.acts import SITE
from tests.reading import erase, verdict, verified
from tests.running import notice_of, running
from tests.storage.conftest import RECORDS
from tests.storage.tampering import Intruder, altering, intruding, put_row

VICTIM = 7


async def test_an_untouched_log_passes(log: Services) -> None:
    """The control: opening the database with the intruder's means, and taking the triggers away, alters nothing."""
    async with intruding(log.settings.database):
        pass
    assert await verified(log) == RECORDS


ALTERATIONS: dict[str, tuple[str, tuple[Any, ...]]] = {
    "site": ("site = 'elsewhere'", ()),
    "seq": ("seq = 1000", ()),
    "id": ("id = $1", (ids.parse_uuid(acts.new_id()),)),
    "id gone": ("id = NULL", ()),
    "subject": ("subject = $1", (ids.parse_uuid(acts.new_id()),)),
    "subject gone": ("subject = NULL", ()),
    "kind": ("kind = 'newsletter'", ()),
    "recorded_at": ("recorded_at = recorded_at + 1", ()),
    "recorded_at before all time": ("recorded_at = -1", ()),
    "recorded_at gone": ("recorded_at = NULL", ()),
    "payload": ("payload = replace(payload, 'false', 'true')", ()),
    "payload, one letter": ("payload = replace(payload, '.com/a', '.com/b')", ()),
    "payload, same meaning": ("payload = payload || ' '", ()),
    "payload gone": ("payload = NULL", ()),
    "salt": ("salt = $1", (bytes(32),)),
    "salt gone": ("salt = NULL", ()),
    "leaf": ("leaf = $1", (bytes(32),)),
    "seal": ("seal = $1", (bytes(32),)),
    "seal cut": ("seal = substr(seal, 1, 31)", ()),
    "emptied": ("id = NULL, subject = NULL, recorded_at = NULL, payload = NULL, salt = NULL", ()),
}


async def test_one_altered_column_is_named(log: Services) -> None:
    """Each alteration alone; what is put back afterwards verifies again."""
    found: dict[str, int | str] = {}
    for name, (change, args) in ALTERATIONS.items():
        async with altering(log.settings.database, "records") as intruder:
            await intruder.execute(f"UPDATE records SET {change} WHERE seq = {VICTIM}", *args)
            found[name] = await verdict(log)
        assert await verdict(log) == "in order"
    assert found == dict.fromkeys(ALTERATIONS, VICTIM)


async def test_a_byte_moved_from_one_column_to_the_next_is_named(log: Services) -> None:
    async with intruding(log.settings.database) as intruder:
        [row] = await intruder.rows(f"SELECT id, subject FROM records WHERE seq = {VICTIM}")
        args = (row["id"][:15], row["id"][15:] + row["subject"])
        await intruder.execute(f"UPDATE records SET id = $1, subject = $2 WHERE seq = {VICTIM}", *args)
    assert await verdict(log) == VICTIM


SHUFFLES: dict[str, tuple[int, tuple[str, ...]]] = {
    "the first deleted": (1, ("DELETE FROM records WHERE seq = 1",)),
    "one deleted": (VICTIM, (f"DELETE FROM records WHERE seq = {VICTIM}",)),
    "the last deleted": (RECORDS, (f"DELETE FROM records WHERE seq = {RECORDS}",)),
    "one deleted, the rest moved up": (
        VICTIM,
        (
            f"DELETE FROM records WHERE seq = {VICTIM}",
            *(f"UPDATE records SET seq = {seq - 1} WHERE seq = {seq}" for seq in range(VICTIM + 1, RECORDS + 1)),
        ),
    ),
    "two that changed places": (
        VICTIM,
        tuple(
            f"UPDATE records SET seq = {new} WHERE seq = {old}"
            for old, new in ((VICTIM, 999), (VICTIM + 2, VICTIM), (999, VICTIM + 2))
        ),
    ),
    "two wrong": (
        VICTIM,
        (f"DELETE FROM records WHERE seq = {VICTIM + 3}", f"UPDATE records SET salt = leaf WHERE seq = {VICTIM}"),
    ),
}


async def test_records_deleted_or_moved_are_named(log: Services) -> None:
    found: dict[str, int | str] = {}
    for name, (_, changes) in SHUFFLES.items():
        async with altering(log.settings.database, "records") as intruder:
            for change in changes:
                await intruder.execute(change)
            found[name] = await verdict(log)
        assert await verdict(log) == "in order"
    assert found == {name: first for name, (first, _) in SHUFFLES.items()}


async def copied_row(intruder: Intruder, seq: int) -> dict[str, Any]:
    """A copy of the victim's row under a new id, for another place."""
    [row] = await intruder.rows(f"SELECT {', '.join(stored.COLUMNS)} FROM records WHERE seq = {VICTIM}")
    return dict(row) | {"id": ids.parse_uuid(acts.new_id()), "seq": seq}


async def test_a_record_inserted_behind_the_log_is_named(log: Services) -> None:
    for seq in (RECORDS + 1, RECORDS + 500):
        async with altering(log.settings.database, "records") as intruder:
            await put_row(intruder, "records", await copied_row(intruder, seq))
            await put_row(intruder, "records", await copied_row(intruder, RECORDS + 600))
            assert await verdict(log) == seq
    assert await verdict(log) == "in order"


async def test_a_record_inserted_in_between_is_named(log: Services) -> None:
    async with intruding(log.settings.database) as intruder:
        for seq in range(RECORDS, VICTIM, -1):
            await intruder.execute(f"UPDATE records SET seq = {seq + 1} WHERE seq = {seq}")
        await put_row(intruder, "records", await copied_row(intruder, VICTIM + 1))
    assert await verdict(log) == VICTIM + 1


async def test_a_replaced_payload_with_a_leaf_that_fits_is_named(log: Services) -> None:
    """The intruder recomputes what needs no key."""
    async with intruding(log.settings.database) as intruder:
        [row] = await intruder.rows(f"SELECT payload, salt FROM records WHERE seq = {VICTIM}")
        payload = row["payload"].replace("false", "true")
        leaf = records.leaf(payload.encode(), row["salt"])
        await intruder.execute(f"UPDATE records SET payload = $1, leaf = $2 WHERE seq = {VICTIM}", payload, leaf)
    assert await verdict(log) == VICTIM


async def test_erased_records_pass_and_are_counted(log: Services) -> None:
    for seq in (1, VICTIM, RECORDS):
        await erase(log, seq)
    found = await verifying.verify(log.database, log.vault, SITE)
    assert (found.records, found.erased) == (RECORDS, 3)


ERASURES = (
    "UPDATE records SET id = leaf",
    "UPDATE records SET subject = leaf",
    "UPDATE records SET recorded_at = 5",
    "UPDATE records SET salt = leaf",
    "UPDATE records SET payload = '{}'",
    "UPDATE records SET kind = 'newsletter'",
    "UPDATE records SET leaf = seal",
    "UPDATE records SET seal = leaf",
    "UPDATE erasures SET erased_at = erased_at + 1",
    "UPDATE erasures SET seal = (SELECT leaf FROM records WHERE seq = 1)",
    "UPDATE erasures SET seq = 3",
    "DELETE FROM erasures",
)


async def test_an_altered_erasure_is_named(log: Services) -> None:
    await erase(log, VICTIM)
    found: dict[str, int | str] = {}
    for change in ERASURES:
        async with altering(log.settings.database, "records", "erasures") as intruder:
            await intruder.execute(f"{change} WHERE seq = {VICTIM}")
            found[change] = await verdict(log)
        assert await verdict(log) == "in order"
    assert found == dict.fromkeys(ERASURES, VICTIM)


async def test_a_record_emptied_under_a_forged_erasure_is_named(log: Services) -> None:
    async with intruding(log.settings.database) as intruder:
        await put_row(intruder, "erasures", {"site": SITE, "seq": VICTIM, "erased_at": 5, "seal": bytes(32)})
        await intruder.execute(f"UPDATE records SET {ALTERATIONS['emptied'][0]} WHERE seq = {VICTIM}")
    assert await verdict(log) == VICTIM


BY_LOOSE_TYPES = (
    "payload = CAST(payload AS BLOB)",
    "leaf = 'text'",
    "seal = 5",
    "id = 'text'",
    "recorded_at = 1.5",
    "recorded_at = 'soon'",
    "subject = zeroblob(400)",
    "seq = 7.5",
)


async def test_what_only_sqlite_lets_in_is_named_too(sqlite_url: str) -> None:
    """SQLite takes any value in any column: verify says so, and does not stumble."""
    async with running(sqlite_url) as services:
        for _ in range(RECORDS):
            await services.recorder.give(acts.draft(notice_of(services)))
        found: dict[str, int | str] = {}
        for change in BY_LOOSE_TYPES:
            async with altering(sqlite_url, "records") as intruder:
                await intruder.execute(f"UPDATE records SET {change} WHERE seq = {VICTIM}")
                found[change] = await verdict(services)
            assert await verdict(services) == "in order"
        assert found == dict.fromkeys(BY_LOOSE_TYPES, VICTIM)
        async with intruding(sqlite_url) as intruder:
            await put_row(intruder, "records", await copied_row(intruder, RECORDS) | {"seq": "beyond"})
        assert await verdict(services) == "record beyond was inserted behind the log's back"
