"""The schema's own guards: one that was dropped, switched off or weakened is found, by its name."""

from __future__ import annotations

from pathlib import Path

from consent.services import Services
from consent.storage.migrations import missing_objects
from tests.cli.command import Shell
from tests.storage.tampering import guarded

DROPPED = ("notices_keep", "records_keep", "records_stay")
GONE = ["index records_by_id", *(f"trigger {name}" for name in DROPPED)]


async def test_what_was_dropped_is_named(services: Services) -> None:
    assert await missing_objects(services.database) == []
    on = "" if services.database.engine == "sqlite" else " ON {0}"
    async with guarded(services.settings.database) as intruder:
        await intruder.execute("DROP INDEX records_by_id")
        for name in DROPPED:
            await intruder.execute(f"DROP TRIGGER {name}" + on.format(name.partition("_")[0]))
    assert await missing_objects(services.database) == GONE


async def test_a_trigger_that_no_longer_refuses_is_named(services: Services) -> None:
    statements = {
        "sqlite": (
            "DROP TRIGGER records_stay",
            "CREATE TRIGGER records_stay BEFORE DELETE ON records BEGIN SELECT 1; END",
        ),
        "postgres": ("ALTER TABLE records DISABLE TRIGGER records_stay",),
    }
    async with guarded(services.settings.database) as intruder:
        for statement in statements[services.database.engine]:
            await intruder.execute(statement)
    assert await missing_objects(services.database) == ["trigger records_stay"]


async def test_doctor_names_what_is_gone(services: Services, tmp_path: Path) -> None:
    async with guarded(services.settings.database) as intruder:
        await intruder.execute("DROP INDEX records_by_subject")
    done = Shell(tmp_path, services.settings.database).run("doctor")
    assert done.code == 1
    assert "gone or altered: index records_by_subject" in done.out
