"""A service whose mails go to a real mail server of the test's own, and links out of the mails that arrive."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator
from email.message import EmailMessage

import msgspec

from consent import courier
from consent.clock import Clock
from consent.mail import Transport
from consent.mail.smtp import Smtp
from consent.mx import Mx
from consent.services import Services, open_services
from consent.storage import outbox
from consent.storage.database import Database
from consent.storage.outbox import Owed
from tests.acts import SITE
from tests.mail.making import read, words_of
from tests.mail.smtp_server import Postbox, at
from tests.running import publish, settings
from tests.trips.test_mx import Server


@contextlib.asynccontextmanager
async def posting(
    url: str,
    clock: Clock,
    to: Postbox | Transport,
    *,
    database: Database | None = None,
    per_hour: int = 5000,
    zone: dict[str, str] | None = None,
) -> AsyncIterator[Services]:
    """The instruments over a mail server; every domain takes mail, but for those that `zone` says otherwise of."""
    mailer = Smtp(at(to, is_plain=True), clock, seconds=5) if isinstance(to, Postbox) else to
    usual = msgspec.structs.replace(settings(url), mail_per_hour=per_hour)
    loop = asyncio.get_running_loop()
    transport, names = await loop.create_datagram_endpoint(Server, local_addr=("127.0.0.1", 0))
    names.zone |= {"example.com.": "10 mail.example.com."} | (zone or {})
    with contextlib.closing(transport):
        async with open_services(usual, clock=clock, database=database, mailer=mailer) as services:
            await publish(services)
            yield msgspec.structs.replace(services, mx=Mx(clock, names.resolver()))


async def deliver(services: Services) -> None:
    """All that is due, once."""
    await courier.work_off(services)


def arrived(postbox: Postbox) -> list[EmailMessage]:
    """The mails that the server took."""
    return [read(postbox.data(place)) for place in range(len(postbox.taken))]


def link(message: EmailMessage, purpose: str) -> str:
    """The token of the mail's link of this purpose, the same in text and HTML."""
    found = {
        kind: re.findall(rf"http://127\.0\.0\.1:8000/{purpose}/([\w.~-]+)", words_of(message, kind))
        for kind in ("plain", "html")
    }
    assert len(set(found["plain"])) == 1, found
    assert set(found["plain"]) == set(found["html"])
    return str(found["plain"][0])


def purposes(message: EmailMessage) -> set[str]:
    """What the mail's links to the service are for."""
    return set(re.findall(r"http://127\.0\.0\.1:8000/([a-z-]+)/", words_of(message, "html")))


async def row(services: Services, what: str) -> Owed:
    """The one mail of this kind in the outbox, whatever its state."""
    async with services.database.reading() as reader:
        found = [
            one
            for state in ("waiting", "done", "dead", "dropped")
            for one in await outbox.page(reader, SITE, state, b"", 100)
            if one.what == what
        ]
    assert len(found) == 1, found
    return found[0]
