"""A running service without its HTTP: the instruments over a real database, with the Miami site published."""

from __future__ import annotations

import atexit
import contextlib
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import consent
from consent import clock as clocks
from consent import publishing
from consent.clock import Clock
from consent.publishing import Publisher, Publishing
from consent.services import Services, open_services
from consent.settings import Secret, Settings
from consent.storage.database import Database

SECRET = "only-for-tests-0123456789-abcdefghijklm"
MAILS = tempfile.TemporaryDirectory(prefix="consent-mail-")
atexit.register(MAILS.cleanup)
MIAMI = Path(consent.__file__).with_name("demo") / "miami-new-times.toml"


def settings(url: str, *secrets: str) -> Settings:
    """Settings over this database, with these secrets, the oldest first."""
    return Settings(
        database=Secret(url),
        url="http://127.0.0.1:8000",
        secrets=tuple(Secret(secret) for secret in secrets or (SECRET,)),
        mail=Secret(f"spool:{MAILS.name}"),
    )


async def publish(services: Services, site_file: bytes | None = None) -> Publishing:
    """Puts a site file in force, the Miami one unless another is given, and takes it up at once."""
    publisher = Publisher(
        database=services.database, vault=services.vault, clock=services.clock, url=services.settings.url
    )
    done = await publishing.publish(publisher, publishing.check(site_file or MIAMI.read_bytes()))
    await services.directory.refresh()
    return done


@contextlib.asynccontextmanager
async def running(
    url: str, *secrets: str, clock: Clock = clocks.now, database: Database | None = None
) -> AsyncIterator[Services]:
    """A process's services with the site published; around another `database` when one is given, and this closes it."""
    async with open_services(settings(url, *secrets), clock=clock, database=database) as services:
        await publish(services)
        yield services


def notice_of(services: Services, site: str = "miami-new-times") -> str:
    """The digest of the notice in force."""
    return services.directory.get(site).digest
