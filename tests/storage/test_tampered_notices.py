"""The words shown altered with plain SQL: verify names them, and the service does not serve them."""

from __future__ import annotations

import asyncio
import logging

import pytest

from consent.errors import Altered, Unknown
from consent.services import Services, open_services
from consent.storage import sites
from tests import acts
from tests.acts import SITE
from tests.reading import verdict
from tests.running import MIAMI, notice_of, publish, settings
from tests.storage.tampering import altering, intruding, put_row

REWRITE = "UPDATE notices SET document = replace(document, 'cookies', 'biscuits')"
ALTERED_NOTICES = (
    (REWRITE, "its words are not what its digest names"),
    ("UPDATE notices SET document = document || ' '", "its words are not what its digest names"),
    ("UPDATE notices SET document = ''", "its words are not what its digest names"),
    ("UPDATE notices SET material = 'x'", "its material fingerprint is not that of its words"),
)


@pytest.fixture
async def republished(log: Services) -> Services:
    """A log with two notices, both answered, and two publications."""
    await publish(log, MIAMI.read_bytes().replace(b"expires_days = 182", b"expires_days = 181"))
    await log.recorder.give(acts.draft(notice_of(log)))
    assert await verdict(log) == "in order"
    return log


async def digests(services: Services) -> list[str]:
    """The notices that were put in force, in order."""
    async with services.database.reading() as reader:
        return [row["notice"] for row in await sites.publication_rows(reader, SITE)]


async def test_a_rewritten_notice_is_named(republished: Services) -> None:
    for digest in await digests(republished):
        for change, said in ALTERED_NOTICES:
            async with altering(republished.settings.database, "notices") as intruder:
                await intruder.execute(f"{change} WHERE digest = '{digest}'")
                assert await verdict(republished) == f"the notice {digest} was altered: {said}"
            assert await verdict(republished) == "in order"


async def test_a_notice_that_is_gone_is_told_by_the_first_record_that_answers_it(republished: Services) -> None:
    first, second = await digests(republished)
    for digest, seq in ((first, 1), (second, 13)):
        async with altering(republished.settings.database, "notices") as intruder:
            await intruder.execute(f"DELETE FROM notices WHERE digest = '{digest}'")
            assert await verdict(republished) == seq
        assert await verdict(republished) == "in order"


PUBLICATIONS = (
    ("DELETE FROM publications WHERE revision = 1", "publication 1 is missing"),
    ("UPDATE publications SET revision = 3 WHERE revision = 2", "publication 2 is missing"),
    ("DELETE FROM publications WHERE revision = 2", "the site's revision is not that of its last publication, 1"),
    ("DELETE FROM publications", "the site's publications are missing"),
    (
        "UPDATE publications SET notice = 'x' WHERE revision = 1",
        "the notice x, which publication 1 put in force, is missing",
    ),
)
SITES = (
    ("revision = 1", "revision"),
    ("revision = 3", "revision"),
    ("settings = replace(settings, 'miaminewtimes', 'elsewhere')", "settings"),
    ("notice = (SELECT notice FROM publications WHERE revision = 1)", "notice"),
    ("published_at = published_at + 1", "published_at"),
)


async def test_altered_publications_are_told(republished: Services) -> None:
    for change, said in PUBLICATIONS:
        async with altering(republished.settings.database, "publications") as intruder:
            await intruder.execute(change)
            assert await verdict(republished) == said
        assert await verdict(republished) == "in order"


async def test_a_site_that_is_not_as_published_is_told(republished: Services) -> None:
    for change, column in SITES:
        async with altering(republished.settings.database, "sites") as intruder:
            await intruder.execute(f"UPDATE sites SET {change}")
            said = f"the site's {column} is not that of its last publication, 2"
            assert await verdict(republished) == said
        assert await verdict(republished) == "in order"


async def test_what_no_site_is_without_is_told_when_it_is_gone(log: Services) -> None:
    for table, words in {"sites": "the row", "logs": "the log", "heads": "the log's head"}.items():
        async with altering(log.settings.database, table) as intruder:
            await intruder.execute(f"DELETE FROM {table}")
            said = f"{words} of the site '{SITE}' is missing, while it is still in: "
            assert str(await verdict(log)).startswith(said)
        assert await verdict(log) == "in order"
    with pytest.raises(Unknown):
        await verdict(log, "nowhere")


async def test_every_name_under_which_anything_is_stored_is_found(log: Services) -> None:
    async with intruding(log.settings.database) as intruder:
        [row] = await intruder.rows("SELECT * FROM heads")
        for site in ("zoo", "abc"):
            await put_row(intruder, "heads", dict(row) | {"site": site})
        await intruder.execute("UPDATE records SET site = 'lost' WHERE seq > 9")
    async with log.database.reading() as reader:
        assert await sites.names(reader) == ["abc", "lost", SITE, "zoo"]
    assert str(await verdict(log, "lost")).startswith("the row and the log and the log's head of the site 'lost'")


async def test_an_altered_notice_is_given_to_nobody(republished: Services) -> None:
    first, second = await digests(republished)
    async with intruding(republished.settings.database) as intruder:
        await intruder.execute(REWRITE)
    async with republished.database.reading() as reader:
        for digest in (first, second):
            with pytest.raises(Altered, match="its words are not what its digest names"):
                await sites.notice(reader, SITE, digest)
    with pytest.raises(Altered):
        await republished.directory.asked(republished.directory.get(SITE), first)


async def test_a_running_site_stays_as_it_was_and_the_log_says_so_once(
    log: Services, caplog: pytest.LogCaptureFixture
) -> None:
    before = log.directory.get(SITE)
    async with intruding(log.settings.database) as intruder:
        await intruder.execute(REWRITE)
        await intruder.execute("UPDATE sites SET revision = 2")
    await asyncio.gather(*(log.directory.refresh() for _ in range(3)))
    assert log.directory.get(SITE) is before
    assert [one.levelname for one in caplog.records if "cannot be taken up" in one.message] == ["CRITICAL"]


async def test_a_site_with_altered_words_is_not_served_at_start(
    log: Services, caplog: pytest.LogCaptureFixture
) -> None:
    await publish(log, MIAMI.read_bytes().replace(b'id = "miami-new-times"', b'id = "other"'))
    async with intruding(log.settings.database) as intruder:
        await intruder.execute(f"{REWRITE} WHERE site = '{SITE}'")
    with caplog.at_level(logging.CRITICAL):
        async with open_services(settings(log.settings.database)) as second:
            assert second.directory.find(SITE) is None
            assert second.directory.get("other").id == "other"
    assert "consent verify miami-new-times" in caplog.text
