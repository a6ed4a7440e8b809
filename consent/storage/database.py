"""The narrow waist between the tables' SQL and the two engines that run it.

SQL is written once, with `$1` marks. A function that takes a Writer can only be called inside a
transaction, so the type checker proves that nothing writes outside one. The busiest transaction, a
group of consents, is a `Script`: a generator that yields statements and is sent their rows, so that an
engine can run all of it in one trip to wherever its connection lives.

Invariant: what `run` or the end of `writing` returned from is on disk and survives a power cut; what
they raised from was rolled back, or its fate is unknown and the caller must ask again by the id.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, Literal, LiteralString, NamedTuple, Protocol, TypeVar

Value = str | int | bytes | None
Engine = Literal["sqlite", "postgres"]
T = TypeVar("T")


class Row(Protocol):
    """One row of a result: columns by name or by place."""

    def __getitem__(self, key: str | int, /) -> Any: ...
    def __iter__(self) -> Iterator[Any]: ...
    def keys(self) -> Iterable[str]: ...


class Query(NamedTuple):
    """A statement with its values; gives its rows (none for a plain change)."""

    sql: LiteralString
    args: Sequence[Value]


class QueryEach(NamedTuple):
    """One query for each of many value lists; gives all their rows, in order."""

    sql: LiteralString
    args: Sequence[Sequence[Value]]


class Insert(NamedTuple):
    """Many new rows for one table, by the engine's quickest way."""

    table: LiteralString
    columns: tuple[LiteralString, ...]
    rows: Sequence[Sequence[Value]]


Step = Query | QueryEach | Insert
Script = Generator[Step, list[Row], T]


class Migration(NamedTuple):
    """One numbered change of the schema: its name without ending, and its SQL for this engine."""

    name: str
    sql: str


class Reader(Protocol):
    """Sees committed rows; cannot write."""

    async def row(self, sql: LiteralString, *args: Value) -> Row | None: ...
    async def rows(self, sql: LiteralString, *args: Value) -> list[Row]: ...


class Writer(Reader, Protocol):
    """Sees and changes rows inside one transaction."""

    async def execute(self, sql: LiteralString, *args: Value) -> int:
        """Runs one statement; gives how many rows it touched."""

    async def execute_many(self, sql: LiteralString, rows: Sequence[Sequence[Value]]) -> None: ...


class Database(Protocol):
    """One engine. Its faults: Duplicate, Rejected, Stale, Unavailable (`consent.errors`)."""

    @property
    def engine(self) -> Engine: ...

    def reading(self) -> AbstractAsyncContextManager[Reader]:
        """A view that cannot write."""

    def writing(self) -> AbstractAsyncContextManager[Writer]:
        """One transaction: committed, durably, when the block ends; rolled back when it raises or is cancelled."""

    async def run(self, script: Script[T]) -> T:
        """The script as one transaction; what it returns, once that is durable."""

    async def migrate(self, migrations: Sequence[Migration], at: int) -> list[str]:
        """Applies what is missing, each with its record in one transaction; gives the names applied now."""

    async def facts(self) -> dict[str, str]:
        """What an operator wants to know of the engine: its version and how it keeps data."""

    async def close(self) -> None: ...
