"""What the tests of people ask: which mails are owed, what the log says of people, what the tables hold."""

from __future__ import annotations

import re

import pytest

from consent.accounts import signing_in
from consent.records import read_audit
from consent.services import Services
from consent.storage import outbox
from consent.storage import records as stored
from consent.storage.members import EVERYWHERE, Member
from consent.storage.outbox import Owed
from tests.acts import SITE
from tests.mail.making import words_of
from tests.mail.smtp_server import Postbox
from tests.trips.posting import arrived, deliver

HERE, ELSEWHERE = "this-browser", "another-browser"
NETWORK = "10.0.0.1"
ON_ONE_ENGINE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""What no table decides need not be shown twice."""
LINK = re.compile(r"http://127\.0\.0\.1:8000/console/sign-in/([\w-]{43})")


async def owed_mails(services: Services) -> list[Owed]:
    """The mails about the console that were ever owed, the oldest first."""
    async with services.database.reading() as reader:
        found = [
            one
            for state in ("waiting", "done", "dropped", "dead")
            for one in await outbox.page(reader, EVERYWHERE, state, b"", 100)
        ]
    return sorted(found, key=lambda one: one.id)


async def mailed(services: Services, postbox: Postbox, member: Member, browser: str = HERE) -> str:
    """The secret of a link that was asked for and has arrived."""
    await signing_in.ask(services, member.email, browser, NETWORK)
    await deliver(services)
    return secret_in(words_of(arrived(postbox)[-1], "plain"))


def secret_in(words: str) -> str:
    """The secret of the one link in a mail."""
    [secret] = set(LINK.findall(words))
    return str(secret)


async def acts(services: Services, site: str = SITE) -> list[tuple[str, str, dict[str, str]]]:
    """What the site's log says of people: by whom, what, about what."""
    async with services.database.reading() as reader:
        rows = await stored.page(reader, site, 0, 1000, 1000)
    found = [read_audit(row.payload) for row in rows if row.kind == "audit" and row.payload]
    return [(one.by, one.action, one.about) for one in found if not one.action.startswith("notice.")]


async def holds(services: Services, *words: str) -> bool:
    """Whether any row of any table holds any of the words, as text, as bytes or as hex."""
    async with services.database.reading() as reader:
        if services.database.engine == "sqlite":
            named = await reader.rows("SELECT name FROM sqlite_schema WHERE type = 'table'")
        else:
            named = await reader.rows("SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'")
        rows = [row for table in named for row in await reader.rows(f"SELECT * FROM {table['name']}")]
    assert len(named) > 20
    told = "".join(
        value.hex() + repr(value) if isinstance(value, bytes) else str(value) for row in rows for value in row
    )
    return any(each in told or each.encode().hex() in told for each in words)
