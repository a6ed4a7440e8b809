"""A restore puts everything back, and undoes nothing that somebody was promised."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from consent import auditing, keyring, newsletter
from consent.accounts import everywhere, people
from consent.archiving.form import messages
from consent.archiving.policy import POLICIES
from consent.archiving.restoring import Source
from consent.clock import DAY
from consent.errors import Misconfigured
from consent.services import Services
from consent.storage import copying, logs, members, passkeys
from consent.storage.engines import open_database
from consent.storage.migrations import missing_objects
from consent.storage.passkeys import StoredPasskey
from tests import acts
from tests.acts import GIVEN, SITE
from tests.archiving.drill import again, archive, checked, put_back
from tests.clock import SetClock
from tests.forgetting import erase_reader
from tests.reading import count, erase, verified
from tests.running import notice_of, running
from tests.signing_in import a_member
from tests.trips.newsletters import (
    EMAIL,
    SEEN,
    STORIES,
    ask,
    find_pending,
    find_subscriber,
    owed,
    states,
    subscribe,
    suppressed,
    unsubscribe_link,
)


class _Broken(Exception):
    """Ends a restore in its middle."""


OTHER = "other@example.org"
THIRD = "third@example.org"


async def give(services: Services, count_: int = 1) -> list[Any]:
    drafts = [acts.draft(notice_of(services), GIVEN) for _ in range(count_)]
    return list(await asyncio.gather(*map(services.recorder.give, drafts)))


async def emptied(services: Services) -> list[int]:
    """The numbers of the records that are empty."""
    async with services.database.reading() as reader:
        rows = await reader.rows("SELECT seq FROM records WHERE payload IS NULL ORDER BY seq")
    return [row["seq"] for row in rows]


async def checkpoint(services: Services) -> str:
    """The site's signed head."""
    async with services.database.reading() as reader:
        head = await logs.head(reader, SITE)
    assert head is not None
    return head.checkpoint


@pytest.fixture(params=["sqlite", "postgres"])
def other_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Another empty database, of either engine: every pair of engines is tried."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'elsewhere.db'}"
    url: str = request.getfixturevalue("other_postgres_url")
    return url


async def test_every_table_has_its_rule(services: Services) -> None:
    async with services.database.reading() as reader:
        there = await copying.tables(reader, services.database.engine)
    assert {table.table for table in there} == set(POLICIES)
    assert all(table.key for table in there)


async def test_all_of_it_is_there_in_a_database_of_either_engine(
    services: Services, clock: SetClock, other_url: str, tmp_path: Path
) -> None:
    """While visitors go on deciding; tokens, links and proofs hold, and what left does not leave again."""
    await give(services, 300)
    await subscribe(services, EMAIL)
    await ask(services, OTHER)
    key, _ = await keyring.make(services, SITE, frozenset({"read"}), actor=auditing.COMMAND)
    await erase(services, 7)
    writing = asyncio.create_task(give(services, 600))
    path = await archive(services, tmp_path / "a.consent")
    await writing
    found = checked(path)
    assert 302 <= found.logs[SITE].size <= 902
    link = await unsubscribe_link(services)
    done = await put_back(other_url, path, clock())
    assert (done.rows, done.had_before, done.lost) == (found.rows, False, {})
    async with again(other_url, clock) as restored:
        assert await verified(restored) == found.logs[SITE].size
        assert await emptied(restored) == [7]
        assert await states(restored) == {STORIES: "confirmed"}
        assert await missing_objects(restored.database) == []
        assert (await keyring.check(restored.database, clock, SITE, key, "read")).site == SITE
        await newsletter.unsubscribe(restored, link, SEEN)
        waiting = [one.what for one in await owed(restored) if one.state == "waiting"]
        assert waiting == ["goodbye"]  # what was due at the backup may have left: it waits for somebody's word
        assert {one.state for one in await owed(restored)} == {"dead", "waiting"}
        await give(restored)
        await verified(restored)


async def test_what_came_after_the_backup_is_kept_where_it_can_be_read(
    services: Services, clock: SetClock, tmp_path: Path
) -> None:
    """Records, publications, erasures, leavings and who was shut out; the log goes on without a fork."""
    url = services.settings.database
    await give(services, 260)
    subscribed = await subscribe(services, EMAIL)
    await subscribe(services, OTHER)
    path = await archive(services, tmp_path / "a.consent")
    clock.forward(DAY)
    later = await give(services, 300)
    await erase(services, 3)
    await erase_reader(services, EMAIL)
    await newsletter.unsubscribe(services, await unsubscribe_link(services, OTHER), SEEN)
    await subscribe(services, THIRD)
    size, head = await verified(services), await checkpoint(services)
    before = checked(path).logs[SITE].size
    done = await put_back(url, path, clock())
    assert (done.kept.records, done.lost, done.held) == (size - before, {}, 0)
    async with again(url, clock) as restored:
        assert (await verified(restored), await checkpoint(restored)) == (size, head)
        assert len(await emptied(restored)) == 2
        assert later[-1].record.seq <= size
        assert await find_subscriber(restored, EMAIL) is None
        assert await suppressed(restored, EMAIL) == {"*": "erased"}
        assert await states(restored, OTHER) == {STORIES: "unsubscribed"}
        assert await states(restored, THIRD) == {STORIES: "confirmed"}
        assert subscribed.email not in str(await owed(restored))
        await give(restored, 3)
        await verified(restored)


async def test_the_erasures_of_a_database_that_is_gone_come_from_a_small_file(
    services: Services, clock: SetClock, other_url: str, tmp_path: Path
) -> None:
    await give(services, 20)
    for email in (EMAIL, OTHER):
        await subscribe(services, email)
    await ask(services, THIRD)
    shut_out = await let_in(services)
    path = await archive(services, tmp_path / "a.consent")
    clock.forward(DAY)
    await shut_out()
    await erase(services, 3)
    for email in (EMAIL, THIRD):
        await erase_reader(services, email)
    await newsletter.unsubscribe(services, await unsubscribe_link(services, OTHER), SEEN)
    await give(services, 5)
    small = await archive(services, tmp_path / "b.consent", kind="erasures")
    data = b"".join(str(row).encode() for row in rows_in(small))
    for trace in (EMAIL, OTHER, THIRD, "private_key", "@example.org", "public_key of a passkey"):
        assert trace.encode() not in data
    plan: dict[str, Any] = {"erasures": Source(path=small, key=None)}
    with pytest.raises(Misconfigured, match=r"would be lost \(\d+ of miami-new-times\): give --lose-records"):
        await put_back(other_url, path, clock(), **plan)
    done = await put_back(other_url, path, clock(), **plan, lose_records=True)
    assert done.lost == {SITE: (await verified(services)) - checked(path).logs[SITE].size}
    assert (done.kept.erasures, done.kept.people, done.kept.misfits) == (2, 1, 0)
    async with again(other_url, clock) as restored:
        assert await may(restored) == [("dpo", False, 0), ("owner", False, 1), ("owner", True, 0)]
        await verified(restored)
        assert len(await emptied(restored)) == 2
        assert await find_subscriber(restored, EMAIL) is None
        assert await find_pending(restored, THIRD) is None
        assert await states(restored, OTHER) == {STORIES: "unsubscribed"}
        assert await suppressed(restored, EMAIL) == {"*": "erased"}


async def let_in(services: Services) -> Callable[[], Awaitable[object]]:
    """People of the console; gives what shuts each of them out, lowers one and leaves one alone."""
    kept, gone, lowered, barred = [await a_member(services) for _ in range(4)]
    async with services.database.writing() as writer:
        for member in (kept, barred):
            key = StoredPasskey(
                id=member.id, member=member.id, name="", public_key=b"public_key of a passkey", sign_count=0, made_at=1
            )
            await passkeys.add(writer, key)

    async def shut_out() -> None:
        await people.remove(services, SITE, gone.id, auditing.COMMAND)
        await people.change(services, SITE, lowered.id, "dpo", auditing.COMMAND)
        await everywhere.disable(services, barred, may_sign_in=False)
        async with services.database.writing() as writer:
            await passkeys.remove(writer, barred.id, barred.id)
        await people.invite(services, SITE, "who-came-later@example.org", "owner", auditing.COMMAND)

    return shut_out


async def may(services: Services) -> list[tuple[str, bool, int]]:
    """Who may use the console: as what, whether barred, with how many passkeys."""
    async with services.database.reading() as reader:
        return sorted(
            [
                (one.role, one.member.disabled_at is not None, len(await passkeys.of_member(reader, one.member.id)))
                for one in await members.of_site(reader, SITE)
            ]
        )


async def test_an_older_list_and_another_services_shut_nobody_out(
    services: Services, clock: SetClock, tmp_path: Path
) -> None:
    small = await archive(services, tmp_path / "b.consent", kind="erasures")
    clock.forward(DAY)
    await a_member(services)
    path = await archive(services, tmp_path / "a.consent")
    plan: dict[str, Any] = {"erasures": Source(path=small, key=None), "lose_records": True}
    url = f"sqlite:///{tmp_path / 'c.db'}"
    await put_back(url, path, clock(), **plan)
    async with again(url, clock) as restored:
        assert await may(restored) == [("owner", False, 0)]
    async with running(f"sqlite:///{tmp_path / 'd.db'}", clock=clock) as other:
        plan["erasures"] = Source(path=await archive(other, tmp_path / "d.consent", kind="erasures"), key=None)
    url = f"sqlite:///{tmp_path / 'e.db'}"
    await put_back(url, path, clock(), **plan)
    async with again(url, clock) as restored:
        assert await may(restored) == [("owner", False, 0)]


def rows_in(path: Path) -> Any:
    """What is in an archive, message by message."""
    with path.open("rb") as file:
        yield from messages(file, None)


async def test_a_database_that_is_not_of_the_same_log_is_not_replaced_by_mistake(
    services: Services, clock: SetClock, tmp_path: Path, other_url: str
) -> None:
    await give(services, 3)
    path = await archive(services, tmp_path / "a.consent")
    async with running(other_url, clock=clock) as other:
        await give(other, 4)
        with pytest.raises(Misconfigured, match="give --lose-records"):
            await put_back(other_url, path, clock())
        await give(other)
    done = await put_back(other_url, path, clock(), lose_records=True)
    assert (done.lost, done.kept.records) == ({SITE: 2}, 0)
    async with again(other_url, clock) as restored:
        assert await count(restored) == 3
        await verified(restored)


async def test_a_failed_restore_leaves_the_database_as_it_was(
    services: Services, clock: SetClock, tmp_path: Path
) -> None:
    """What fails in the middle of it is rolled back with the schema."""
    await give(services, 30)
    path = await archive(services, tmp_path / "a.consent")
    await give(services, 3)
    database = await open_database(services.settings.database)
    with contextlib.suppress(_Broken):
        async with database.writing() as writer:
            await copying.tear_down(writer, database.engine)
            raise _Broken
    await database.close()
    assert await verified(services) == 33
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    with pytest.raises(Exception, match="cut off"):
        await put_back(services.settings.database, path, clock())
    assert await verified(services) == 33
