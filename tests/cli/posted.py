"""`consent serve` with workers of its own, whose mails go to a real mail server; readers reach it by HTTP alone.

Time is let pass in the database, with SQL: what is leased or due later becomes so now.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from tests.cli.command import WAIT_SECONDS, Server, Shell
from tests.mail.smtp_server import Postbox
from tests.storage.tampering import guarded
from tests.trips.posting import arrived
from tests.web.signing import CHALLENGE, SIGNUPS, STORIES, solved

WORKERS = 2
"""Enough for one to do what another one must know of; each costs a second before it answers."""
MANY = 4
ACCEPTED, REFUSED = 202, 403
TABLES = (
    "subscribers",
    "subscriptions",
    "pendings",
    "pending_lists",
    "suppressions",
    "budgets",
    "tallies",
    "outbox",
    "records",
)
"""What a reader's act writes to, but for figures, which are written a while after it."""


@contextlib.asynccontextmanager
async def served(shell: Shell, mail_port: int, workers: int = WORKERS) -> AsyncIterator[Server]:
    """The service behind a trusted proxy, mailing there; whatever happened, its log names nobody."""
    environment = shell.environment(
        CONSENT_MAIL=f"smtp://127.0.0.1:{mail_port}?tls=none",
        CONSENT_TRUSTED_PROXIES="127.0.0.1",
        TMPDIR=str(shell.folder),  # a service that is killed leaves its temporary files behind
    )
    server = Server(shell, ("serve", "--workers", str(workers)), environment)
    try:
        await asyncio.to_thread(server.wait_until_alive)
        yield server
    finally:
        await asyncio.to_thread(server.end)
    names_nobody(server)
    assert f"with {workers} worker(s)" in server.err


def names_nobody(server: Server) -> None:
    """No address, of a mailbox or of the network, stands in what the service said, and nothing broke in it."""
    said = f"{server.out}\n{server.err}".lower()
    for words in ("@", "victim", "reader", "mail.com", "198.51.100.", "203.0.113.", "traceback", " error "):
        assert words not in said, said


@contextlib.asynccontextmanager
async def crowd(server: Server) -> AsyncIterator[Crowd]:
    """Those who ask the service."""
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=0)
    async with httpx.AsyncClient(base_url=server.url, trust_env=False, timeout=WAIT_SECONDS, limits=limits) as client:
        yield Crowd(client)


class Crowd:
    """Clients of a service, each request on a connection of its own and from an address that the proxy tells."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    async def send(self, method: str, path: str, number: int, **content: Any) -> httpx.Response:
        """One request from the address with this number."""
        headers = {"X-Forwarded-For": f"198.51.100.{number}"}
        return await self._client.request(method, path, headers=headers, **content)

    async def all_send(self, method: str, path: str, count: int, **content: Any) -> list[httpx.Response]:
        """As many at once, each from another address."""
        sent = [self.send(method, path, number, **content) for number in range(1, count + 1)]
        return await asyncio.gather(*sent)

    async def ask(
        self, email: str, number: int, *, solves: bool = True, list_: str = STORIES, **fields: Any
    ) -> list[int]:
        """Signs up, and again with the solution when a proof of work is asked for; gives the answers."""
        body = {"email": email, "lists": [list_], "language": "en", **fields}
        first = await self.send("POST", SIGNUPS, number, json=body)
        if first.status_code != REFUSED or not solves:
            return [first.status_code]
        assert first.json()["code"] == "challenge_required"
        offer = (await self.send("GET", CHALLENGE, number)).json()
        solution = await asyncio.to_thread(solved, offer)
        second = await self.send("POST", SIGNUPS, number, json=body | {"challenge": solution})
        return [first.status_code, second.status_code]


async def taken(postbox: Postbox, count: int) -> list[EmailMessage]:
    """The mails that the server took, once they are so many."""
    async with asyncio.timeout(WAIT_SECONDS):
        await postbox.count(count)
    return arrived(postbox)


def to(messages: Sequence[EmailMessage], *emails: str) -> list[EmailMessage]:
    """Those to one of these addresses."""
    return [message for message in messages if message["To"] in emails]


def path_of(link: str) -> str:
    """Where on the service a mail's link leads."""
    return urlsplit(link).path


async def freeze(server: Server) -> None:
    """Stops every process of the service where it is, between any two instructions."""
    processes = [server.process.pid, *server.workers()]
    for process in processes:
        os.kill(process, signal.SIGSTOP)
    await until(lambda: all(_state(process) == "T" for process in processes))


async def kill(server: Server) -> None:
    """SIGKILL to all of it; nothing is drained, noted or given back."""
    workers = server.workers()
    server.process.kill()  # first, or it would start others
    for worker in workers:
        os.kill(worker, signal.SIGKILL)
    await asyncio.to_thread(server.process.wait, WAIT_SECONDS)
    await until(lambda: all(_state(worker) in ("", "Z") for worker in workers))


def _state(process: int) -> str:
    """As the system names it; empty when there is no such process."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(") ")[2][0]
    except (FileNotFoundError, ProcessLookupError):
        return ""


async def until(holds: Callable[[], bool]) -> None:
    """Waits for something that other processes do."""
    deadline = time.monotonic() + WAIT_SECONDS
    while not holds():
        assert time.monotonic() < deadline, "it did not come about"
        await asyncio.sleep(0.05)


async def mails(shell: Shell) -> list[Mapping[str, Any]]:
    """The outbox's mails, the first owed first."""
    async with guarded(shell.database) as other:
        return [dict(row) for row in await other.rows("SELECT * FROM outbox WHERE kind = 'mail' ORDER BY id")]


async def mails_once(shell: Shell, holds: Callable[[Mapping[str, Any]], bool]) -> list[Mapping[str, Any]]:
    """The outbox's mails, once that holds of each of them."""
    deadline = time.monotonic() + WAIT_SECONDS
    while not all(map(holds, found := await mails(shell))):
        assert time.monotonic() < deadline, found
        await asyncio.sleep(0.05)
    return found


def is_done(mail: Mapping[str, Any]) -> bool:
    """Whether it is noted that the mail server took it."""
    return bool(mail["state"] == "done")


def has_failed(attempts: int) -> Callable[[Mapping[str, Any]], bool]:
    """Whether a mail waits for its next attempt after so many."""
    return lambda mail: (mail["state"], mail["attempts"], mail["lease_until"]) == ("waiting", attempts, 0)


async def let_pass(shell: Shell, milliseconds: int) -> None:
    """As much less time is left of every lease and wait."""
    async with guarded(shell.database) as other:
        for column in ("lease_until", "due_at"):
            await other.execute(
                f"UPDATE outbox SET {column} = {column} - $1 WHERE state = 'waiting' AND {column} > $1", milliseconds
            )


async def everything(shell: Shell) -> dict[str, list[str]]:
    """All rows of the tables that readers' acts write to."""
    async with guarded(shell.database) as other:
        return {
            table: sorted(repr(dict(row)) for row in await other.rows(f"SELECT * FROM {table}")) for table in TABLES
        }
