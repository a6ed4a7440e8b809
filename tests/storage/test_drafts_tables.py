"""Drafts, their versions and the files of publications: the same on both engines, and one of many who save at once."""

from __future__ import annotations

import asyncio

import msgspec

from consent import ids
from consent.storage import drafts, site_files
from consent.storage.database import Database
from consent.storage.drafts import KEPT_VERSIONS, StoredDraft, StoredVersion
from consent.storage.site_files import Listed, StoredFile
from tests.clock import START
from tests.storage.newsletter import OTHER_SITE, SITE


def a_draft(file: str = "{}") -> StoredDraft:
    """A draft's first version."""
    return StoredDraft(
        id=ids.uuid7(START).bytes, version=1, begun_from=1, aside_of=None, aside_version=None, made_by="command",
        made_at=START, file=file, faults=0, saved_by="command", saved_at=START,
    )  # fmt: skip


def version(number: int) -> StoredVersion:
    """The version of this number."""
    return StoredVersion(version=number, file=f"{number}", faults=number, saved_by="command", saved_at=START + number)


async def test_of_many_who_saw_the_same_version_one_saves(tables: Database) -> None:
    draft = a_draft()
    async with tables.writing() as writer:
        await drafts.add(writer, SITE, draft)

    async def save(number: int) -> bool:
        async with tables.writing() as writer:
            mine = msgspec.structs.replace(version(2), file=f"mine {number}")
            return await drafts.follow(writer, SITE, draft.id, 1, 2, mine)

    took = await asyncio.gather(*map(save, range(8)))
    assert sum(took) == 1
    async with tables.reading() as reader:
        found = await drafts.find(reader, SITE, draft.id)
        assert found
        assert (found.version, found.begun_from, found.file) == (2, 2, f"mine {took.index(True)}")
        assert [one.version for one in await drafts.versions(reader, SITE, draft.id, 0)] == [1, 2]
        assert await drafts.version(reader, SITE, draft.id, 1) == StoredVersion(
            version=1, file="{}", faults=0, saved_by="command", saved_at=START
        )


async def test_so_many_versions_are_kept_and_all_go_with_their_draft(tables: Database) -> None:
    draft, other = a_draft(), a_draft()
    async with tables.writing() as writer:
        await drafts.add(writer, SITE, draft)
        await drafts.add(writer, OTHER_SITE, other)
        for number in range(2, KEPT_VERSIONS + 4):
            assert await drafts.follow(writer, SITE, draft.id, number - 1, 1, version(number))
    last = KEPT_VERSIONS + 3
    async with tables.writing() as writer:
        kept = [one.version for one in await drafts.versions(writer, SITE, draft.id, 0)]
        assert kept == list(range(4, last + 1))
        assert await drafts.find(writer, OTHER_SITE, draft.id) is None
        assert not await drafts.end(writer, SITE, draft.id, last - 1, 1, START), "another version came"
        assert not await drafts.end(writer, OTHER_SITE, draft.id, last, 1, START)
        assert [(one.id, one.faults) for one in await drafts.of_site(writer, SITE)] == [(draft.id, last)]
        assert await drafts.end(writer, SITE, draft.id, last, 7, START)
        assert not await drafts.end(writer, SITE, draft.id, last, 8, START), "it has ended"
        assert (await drafts.count(writer, SITE), await drafts.of_site(writer, SITE)) == (0, [])
        found = await drafts.find(writer, SITE, draft.id)
        assert found and (found.ended_at, found.begun_from) == (START, 7)
        assert await drafts.follow(writer, SITE, draft.id, last, 7, version(last + 1))
        assert await drafts.count(writer, SITE) == 1, "whoever still writes it opens it again"
        await drafts.purge(writer, SITE, START + 1)
        assert await drafts.end(writer, SITE, draft.id, last + 1, 7, START)
        await drafts.purge(writer, SITE, START)
        assert await drafts.find(writer, SITE, draft.id)
        await drafts.purge(writer, SITE, START + 1)
        assert await drafts.versions(writer, SITE, draft.id, 0) == []
        assert await drafts.count(writer, OTHER_SITE) == 1


async def test_publications_are_listed_with_whose_act_they_were(tables: Database) -> None:
    async with tables.writing() as writer:
        await writer.execute(
            "INSERT INTO notices (site, digest, material, document, published_at) VALUES ($1, $2, $3, $4, $5)",
            *(SITE, "d", "m", "{}", START),
        )
        for revision in (1, 2, 3):
            sql = (
                "INSERT INTO publications (site, revision, notice, settings, changes, published_at)"
                " VALUES ($1, $2, $3, $4, $5, $6)"
            )
            await writer.execute(sql, SITE, revision, "d", "{}", "[]", START + revision)
        await site_files.add(writer, SITE, StoredFile(revision=2, file="{}", published_by="key:k"))
    async with tables.reading() as reader:
        listed = await site_files.listed(reader, SITE, 3, 5)
        assert listed == [
            Listed(revision=at, notice="d", changes="[]", published_at=START + at, published_by=by)
            for at, by in ((2, "key:k"), (1, ""))
        ]
        assert await site_files.find(reader, SITE, 1) is None
        assert await site_files.settings(reader, SITE, 1) == ("{}", "d")
        assert await site_files.settings(reader, OTHER_SITE, 1) is None
