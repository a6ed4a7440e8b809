"""Records altered under the service with plain SQL: verify names the first that is wrong."""

from __future__ import annotations

from typing import Any

import pytest

from consent import ids, records, verifying
from consent.services import Services
from consent.storage import records as stored
from tests import acts
from tests.acts import SITE
from tests.reading import erase, first_wrong, verified
from tests.storage.conftest import RECORDS
from tests.storage.tampering import intruding, put_row

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
    "a byte from id to subject": ("subject = substr(id, 16, 1) || subject, id = substr(id, 1, 15)", ()),
    "emptied": ("id = NULL, subject = NULL, recorded_at = NULL, payload = NULL, salt = NULL", ()),
}


@pytest.mark.parametrize("alteration", ALTERATIONS)
async def test_one_altered_column_is_named(log: Services, alteration: str) -> None:
    change, args = ALTERATIONS[alteration]
    async with intruding(log.settings.database) as intruder:
        if alteration == "a byte from id to subject" and log.database.engine == "sqlite":
            change = change.replace("substr(id, 16, 1) || subject", "CAST(substr(id, 16, 1) || subject AS BLOB)")
        await intruder.execute(f"UPDATE records SET {change} WHERE site = '{SITE}' AND seq = {VICTIM}", *args)
    assert await first_wrong(log) == VICTIM


@pytest.mark.parametrize("seq", [1, VICTIM, RECORDS])
async def test_a_deleted_record_is_named(log: Services, seq: int) -> None:
    async with intruding(log.settings.database) as intruder:
        await intruder.execute(f"DELETE FROM records WHERE seq = {seq}")
    assert await first_wrong(log) == seq


async def test_a_record_deleted_and_the_rest_moved_up_is_named(log: Services) -> None:
    async with intruding(log.settings.database) as intruder:
        await intruder.execute(f"DELETE FROM records WHERE seq = {VICTIM}")
        for seq in range(VICTIM + 1, RECORDS + 1):
            await intruder.execute(f"UPDATE records SET seq = {seq - 1} WHERE seq = {seq}")
    assert await first_wrong(log) == VICTIM


async def test_two_records_that_changed_places_are_named(log: Services) -> None:
    async with intruding(log.settings.database) as intruder:
        for old, new in ((VICTIM, 999), (VICTIM + 2, VICTIM), (999, VICTIM + 2)):
            await intruder.execute(f"UPDATE records SET seq = {new} WHERE seq = {old}")
    assert await first_wrong(log) == VICTIM


async def copied_row(intruder: Any, **changes: Any) -> dict[str, Any]:
    columns = ", ".join(stored.COLUMNS)
    [row] = await intruder.rows(f"SELECT {columns} FROM records WHERE seq = {VICTIM}")
    return dict(row) | {"id": ids.parse_uuid(acts.new_id())} | changes


@pytest.mark.parametrize("seq", [RECORDS + 1, RECORDS + 500])
async def test_a_record_inserted_behind_the_log_is_named(log: Services, seq: int) -> None:
    async with intruding(log.settings.database) as intruder:
        await put_row(intruder, "records", await copied_row(intruder, seq=seq))
    assert await first_wrong(log) == seq


async def test_a_record_inserted_in_between_is_named(log: Services) -> None:
    async with intruding(log.settings.database) as intruder:
        for seq in range(RECORDS, VICTIM, -1):
            await intruder.execute(f"UPDATE records SET seq = {seq + 1} WHERE seq = {seq}")
        await put_row(intruder, "records", await copied_row(intruder, seq=VICTIM + 1))
    assert await first_wrong(log) == VICTIM + 1


async def test_a_replaced_payload_with_a_leaf_and_salt_that_fit_is_named(log: Services) -> None:
    """The intruder recomputes what needs no key."""
    async with intruding(log.settings.database) as intruder:
        [row] = await intruder.rows(f"SELECT payload, salt FROM records WHERE seq = {VICTIM}")
        payload = row["payload"].replace("false", "true")
        leaf = records.leaf(payload.encode(), row["salt"])
        await intruder.execute(f"UPDATE records SET payload = $1, leaf = $2 WHERE seq = {VICTIM}", payload, leaf)
    assert await first_wrong(log) == VICTIM


async def test_of_several_the_first_is_named(log: Services) -> None:
    async with intruding(log.settings.database) as intruder:
        await intruder.execute(f"DELETE FROM records WHERE seq = {VICTIM + 3}")
        await intruder.execute(f"UPDATE records SET salt = leaf WHERE seq = {VICTIM}")
    assert await first_wrong(log) == VICTIM


async def test_erased_records_pass_and_are_counted(log: Services) -> None:
    for seq in (1, VICTIM, RECORDS):
        await erase(log, seq)
    found = await verifying.verify(log.database, log.vault, SITE)
    assert (found.records, found.erased) == (RECORDS, 3)


@pytest.mark.parametrize(
    "change",
    [
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
    ],
)
async def test_an_altered_erasure_is_named(log: Services, change: str) -> None:
    await erase(log, VICTIM)
    async with intruding(log.settings.database) as intruder:
        await intruder.execute(f"{change} WHERE seq = {VICTIM}")
    assert await first_wrong(log) == VICTIM


async def test_a_record_emptied_under_a_forged_erasure_is_named(log: Services) -> None:
    async with intruding(log.settings.database) as intruder:
        await put_row(intruder, "erasures", {"site": SITE, "seq": VICTIM, "erased_at": 5, "seal": bytes(32)})
        await intruder.execute(
            "UPDATE records SET id = NULL, subject = NULL, recorded_at = NULL, payload = NULL, salt = NULL"
            f" WHERE seq = {VICTIM}"
        )
    assert await first_wrong(log) == VICTIM
