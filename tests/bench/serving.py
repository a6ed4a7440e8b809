"""Starts what is measured: the service itself on a database of its own, or one of the ceilings."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import msgspec
import psutil

from tests.bench import ceilings
from tests.bench.machine import OTHER_CORE, SERVER_CORE, await_200, pinned, running
from tests.ports import free_port
from tests.provision import postgres
from tests.running import MIAMI, SECRET, notice_of
from tests.running import running as services_running

SITE = "miami-new-times"
LIKE_THE_SERVICE = ("--loop", "uvloop", "--http", "httptools", "--no-access-log", "--log-level", "warning")
"""The ceilings run under the same server with the same switches."""


class Served(msgspec.Struct, frozen=True):
    """Something that answers."""

    url: str
    notice: str
    process: psutil.Process

    @property
    def consents(self) -> str:
        """Where acts are sent."""
        return f"{self.url}/v1/sites/{SITE}/consents"


def publish(database: str) -> str:
    """Migrates the database and publishes the site; gives the notice's digest."""

    async def work() -> str:
        async with services_running(database) as services:
            return notice_of(services)

    return asyncio.run(work())


def environment(database: str, port: int) -> dict[str, str]:
    """The service's settings: as in production, but for the rate limits."""
    return {
        "CONSENT_DATABASE": database,
        "CONSENT_SECRET": SECRET,
        "CONSENT_URL": f"http://127.0.0.1:{port}",
        "CONSENT_MAIL": f"spool:{MIAMI.parent}",
        "CONSENT_LIMITS": "off",
    }


@contextlib.contextmanager
def service(
    database: str, *, workers: int = 1, core: int | None = SERVER_CORE, more: Mapping[str, str] | None = None
) -> Iterator[Served]:
    """`consent serve` on a published database."""
    notice, port = publish(database), free_port()
    command = [sys.executable, "-m", "consent", "serve", "--port", str(port), "--workers", str(workers)]
    with running(command, {**environment(database, port), **(more or {})}, core) as process:
        await_200(f"http://127.0.0.1:{port}/healthz")
        yield Served(f"http://127.0.0.1:{port}", notice, process)


@contextlib.contextmanager
def ceiling(name: str, *, database: str = "", size: int = 0, more: Mapping[str, str] | None = None) -> Iterator[Served]:
    """One of `tests.bench.ceilings`."""
    port = free_port()
    factory = [] if name == "bare" else ["--factory"]
    command = [sys.executable, "-m", "uvicorn", f"tests.bench.ceilings:{name}", *factory, "--port", str(port)]
    variables = {ceilings.DATABASE: database, ceilings.SIZE: str(size), **(more or {})}
    with running([*command, *LIKE_THE_SERVICE], variables, SERVER_CORE) as process:
        _await_port(port)
        yield Served(f"http://127.0.0.1:{port}", "0" * 64, process)


def _await_port(port: int) -> None:
    """Whatever it answers: the ceilings know one address."""

    async def knock() -> None:
        while True:
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.close()
                return
            await asyncio.sleep(0.02)

    asyncio.run(asyncio.wait_for(knock(), 30))


@contextlib.contextmanager
def postgres_server(core: int | None = OTHER_CORE) -> Iterator[str]:
    """A PostgreSQL server on the other core; the URL of its superuser's database."""
    with contextlib.ExitStack() as stack:
        with pinned(core) if core is not None else contextlib.nullcontext():
            url = stack.enter_context(postgres.running())
        yield url


def new_database(server: str, name: str) -> str:
    """A new PostgreSQL database on the server."""

    async def work() -> None:
        connection = await asyncpg.connect(server)
        try:
            await connection.execute(f"CREATE DATABASE {name}")
        finally:
            await connection.close()

    asyncio.run(work())
    return urlunsplit(urlsplit(server)._replace(path=f"/{name}"))


def sqlite_in(folder: Path, name: str) -> str:
    """The URL of a SQLite file."""
    return f"sqlite:///{folder / name}.db"
