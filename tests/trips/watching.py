"""All rows of the newsletter's tables, to show that nothing changed."""

from __future__ import annotations

from consent.services import Services

TABLES = "subscribers subscriptions pendings pending_lists budgets tallies suppressions outbox endpoints spent records"


async def rows_of(services: Services) -> dict[str, list[str]]:
    """Every row of every table that a reader's act may change."""
    async with services.database.reading() as reader:
        return {
            table: sorted(str(tuple(row)) for row in await reader.rows(f"SELECT * FROM {table}"))
            for table in TABLES.split()
        }
