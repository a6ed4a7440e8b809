"""The tables of people: one mailbox one row, things that are taken once, and what goes with whom."""

from __future__ import annotations

import asyncio

from consent.clock import DAY
from consent.errors import Duplicate, Rejected
from consent.storage import members, passkeys, sessions, sign_in_links
from consent.storage.database import Database
from consent.storage.members import EVERYWHERE, Member
from consent.storage.passkeys import StoredPasskey
from consent.storage.sessions import StoredSession
from consent.storage.sign_in_links import StoredLink

AT = 1_000_000
ANN = Member(id=b"\1" * 16, email="ann@example.org", key=b"a" * 32, created_at=AT)
BOB = Member(id=b"\2" * 16, email="bob@example.org", key=b"b" * 32, created_at=AT)


async def peopled(tables: Database) -> None:
    """Both members, at a site each; Ann owns it."""
    async with tables.writing() as writer:
        for member, role in ((ANN, "owner"), (BOB, "viewer")):
            assert await members.add(writer, member) == member
            await members.join(writer, "here", member, role, AT)


async def test_one_mailbox_is_one_row_whoever_comes_first(tables: Database) -> None:
    others = [Member(id=bytes([n]) * 16, email=f"Ann+{n}@example.org", key=ANN.key, created_at=AT) for n in range(3, 9)]

    async def add(member: Member) -> Member:
        async with tables.writing() as writer:
            return await members.add(writer, member)

    added = await asyncio.gather(*map(add, others))
    assert len({one.id for one in added}) == 1
    assert added[0] in others
    async with tables.reading() as reader:
        assert await members.all_of(reader) == added[:1]
        assert await members.by_key(reader, ANN.key) == added[0]


async def test_who_has_no_role_left_is_gone_with_all_that_was_theirs(tables: Database) -> None:
    await peopled(tables)
    async with tables.writing() as writer:
        await members.join(writer, EVERYWHERE, ANN, "dpo", AT)
        session = StoredSession(id=b"s" * 16, member=ANN.id, browser="", made_at=AT, seen_at=AT)
        await sessions.add(writer, b"h" * 32, session)
        key = StoredPasskey(id=b"k", member=ANN.id, name="", public_key=b"p", sign_count=0, made_at=AT)
        await passkeys.add(writer, key)
        await passkeys.pose(writer, b"c" * 32, ANN.id, AT + DAY)
        link = StoredLink(
            member=ANN.id, kind="invitation", browser=None, asking=b"1" * 16, made_at=AT, expires_at=AT + DAY
        )
        await sign_in_links.add(writer, b"l" * 32, link)
        assert await members.roles(writer, ANN.id) == {EVERYWHERE: "dpo", "here": "owner"}
        assert await members.leave(writer, "here", ANN.id)
        assert not await members.leave(writer, "here", ANN.id)
        assert await members.by_id(writer, ANN.id) == ANN
        assert await members.leave(writer, EVERYWHERE, ANN.id)
        assert await members.by_id(writer, ANN.id) is None
        assert await sessions.by_hash(writer, b"h" * 32, made_since=0, seen_since=0) is None
        assert await passkeys.by_id(writer, b"k") is None
        assert await sign_in_links.by_hash(writer, b"l" * 32, AT) is None
        assert not await passkeys.take(writer, b"c" * 32, ANN.id, AT)
        assert [one.member for one in await members.of_site(writer, "here")] == [BOB]
        assert await members.disable(writer, BOB.id, AT)
        assert await members.leave(writer, "here", BOB.id)
        assert await members.by_id(writer, BOB.id), "who is barred is not forgotten"
        assert await members.disable(writer, BOB.id, None)
        assert await members.by_id(writer, BOB.id) is None


async def test_links_and_challenges_are_taken_once(tables: Database) -> None:
    await peopled(tables)
    async with tables.writing() as writer:
        link = StoredLink(member=ANN.id, kind="sign-in", browser=b"b", asking=b"1", made_at=AT, expires_at=AT + 10)
        await sign_in_links.add(writer, b"l", link)
        await passkeys.pose(writer, b"c", None, AT + 10)
        assert not await passkeys.take(writer, b"c", ANN.id, AT)
        assert not await passkeys.take(writer, b"c", None, AT + 10)

    async def take() -> tuple[StoredLink | None, bool]:
        async with tables.writing() as writer:
            return await sign_in_links.spend(writer, b"l", AT), await passkeys.take(writer, b"c", None, AT)

    taken = await asyncio.gather(*(take() for _ in range(5)))
    assert [one for one, _ in taken if one] == [link]
    assert sum(was_taken for _, was_taken in taken) == 1


async def test_an_older_asking_ends_nothing_of_a_newer_one(tables: Database) -> None:
    await peopled(tables)
    later, earlier = b"2" * 16, b"1" * 16
    async with tables.writing() as writer:
        for hash_, asking, browser in ((b"l", later, b"b"), (b"e", earlier, b"b"), (b"o", earlier, b"other")):
            link = StoredLink(
                member=ANN.id, kind="sign-in", browser=browser, asking=asking, made_at=AT, expires_at=AT + 10
            )
            await sign_in_links.add(writer, hash_, link)
        assert await sign_in_links.has_newer(writer, ANN.id, "sign-in", b"b", earlier)
        assert not await sign_in_links.has_newer(writer, ANN.id, "sign-in", b"b", later)
        assert not await sign_in_links.has_newer(writer, ANN.id, "sign-in", b"other", earlier)
        assert not await sign_in_links.has_newer(writer, BOB.id, "sign-in", b"b", earlier)
        assert await sign_in_links.by_hash(writer, b"l", AT)
        newest = StoredLink(
            member=ANN.id, kind="sign-in", browser=b"b", asking=b"3" * 16, made_at=AT, expires_at=AT + 10
        )
        await sign_in_links.add(writer, b"n", newest)
        left = [one for one in (b"l", b"e", b"o", b"n") if await sign_in_links.by_hash(writer, one, AT)]
        assert left == [b"o", b"n"]


async def test_old_rows_go_and_others_stay(tables: Database) -> None:
    await peopled(tables)
    async with tables.writing() as writer:
        for number in range(4):
            at = AT + number
            session = StoredSession(id=bytes([number]) * 16, member=ANN.id, browser="", made_at=at, seen_at=at)
            await sessions.add(writer, bytes([number]), session)
            await passkeys.pose(writer, bytes([number]), None, at)
            link = StoredLink(
                member=ANN.id, kind="sign-in", browser=bytes([number]), asking=b"1", made_at=at, expires_at=at
            )
            await sign_in_links.add(writer, bytes([number]), link)
        for purge in (sessions.purge, passkeys.purge, sign_in_links.purge):
            assert [await purge(writer, AT + 3, 2) for _ in range(3)] == [2, 1, 0]


async def test_what_the_tables_cannot_hold_is_refused(tables: Database) -> None:
    await peopled(tables)
    wrong: list[tuple[str, tuple[object, ...]]] = [
        ("INSERT INTO memberships (site, member, role, since) VALUES ('here', $1, 'admin', 1)", (b"\1" * 16,)),
        ("INSERT INTO memberships (site, member, role, since) VALUES ('here', $1, 'owner', 1)", (b"\7" * 16,)),
    ]
    for sql, args in wrong:
        try:
            async with tables.writing() as writer:
                await writer.execute(sql, *args)  # type: ignore[arg-type]
        except (Rejected, Duplicate):
            continue
        raise AssertionError(sql)
