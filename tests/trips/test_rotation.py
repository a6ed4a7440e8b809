"""The secret is changed: the log's key stays, old receipts stay good, and the old secret can be dropped."""

from __future__ import annotations

import asyncio
import logging

import pytest

from consent import ledger, mailboxes, proofs
from consent.errors import BadToken, Misconfigured, Unavailable
from consent.records import Recorded
from consent.rewrapping import rewrap
from consent.services import Services
from consent.storage import logs
from consent.vault import Vault
from tests import acts
from tests.acts import SITE
from tests.reading import verified
from tests.running import notice_of, publish, running
from tests.web.stage import HARBOUR

OLD, NEW = "the-old-secret-0123456789-abcdefghijklmn", "the-new-secret-9876543210-nmlkjihgfedcba"


async def test_old_then_both_then_new(database_url: str) -> None:
    keys, receipts = set[str](), list[str]()
    for number, secrets in enumerate(((OLD,), (OLD, NEW), (NEW,)), 1):
        async with running(database_url, *secrets) as services:
            recorded = await services.recorder.give(acts.draft(notice_of(services)))
            receipts.append(ledger.receipt(services, recorded.record))
            keys.add((await proofs.checkpoint(services.database, SITE)).key)
            assert await verified(services) == number
            if secrets == (OLD, NEW):
                assert [ledger.read_receipt(services, SITE, each).seq for each in receipts] == [1, 2]
    assert len(keys) == 1
    async with running(database_url, NEW) as services:
        with pytest.raises(BadToken):
            ledger.read_receipt(services, SITE, receipts[0])
        assert ledger.read_receipt(services, SITE, receipts[1]).seq == 2


async def test_a_secret_dropped_too_early_says_what_to_do(database_url: str) -> None:
    async with running(database_url, OLD):
        pass
    with pytest.raises(Misconfigured, match="add the old one in front of CONSENT_SECRET"):
        async with running(database_url, NEW):
            pass
    async with running(database_url, OLD, NEW):
        pass
    async with running(database_url, NEW) as services:
        await services.recorder.give(acts.draft(notice_of(services)))
        assert await verified(services) == 1


async def test_hosts_with_the_old_list_and_the_new_one_record_side_by_side(database_url: str) -> None:
    """The documented way, with a host that was started before the secret was changed and has not signed yet."""
    async with running(database_url, OLD) as first:
        async with running(database_url, OLD, NEW) as second:
            for services in (first, second, first):
                await services.recorder.give(acts.draft(notice_of(services)))
            assert await kept_tokens(second) == 2
        async with running(database_url, OLD, NEW) as other, running(database_url, NEW) as last:
            for services in (other, last, other):
                await services.recorder.give(acts.draft(notice_of(services)))
            assert await kept_tokens(last) == 1
            assert await verified(last) == 6


async def test_a_key_that_does_not_open_any_more_is_for_its_site_alone(
    database_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    """The host was left behind by a change done in one step: its visitors ask again, and the operator is told once."""
    async with running(database_url, OLD) as behind:
        await publish(behind, HARBOUR.read_bytes())
        async with behind.database.writing() as writer:
            [log] = [one for one in await logs.all_logs(writer) if one.site == SITE]
            under_new = Vault([NEW]).put(behind.vault.take(log.private_key))
            assert await logs.rewrap(writer, SITE, log.private_key, under_new)
        harbour = acts.draft(notice_of(behind, "harbour-post"), site="harbour-post")
        drafts = [acts.draft(notice_of(behind)), harbour, acts.draft(notice_of(behind))]
        outcomes = await asyncio.gather(*map(behind.recorder.give, drafts), return_exceptions=True)
        assert [type(outcome) for outcome in outcomes] == [Unavailable, Recorded, Unavailable]
        await behind.recorder.store.check()
    [said] = [record for record in caplog.records if record.levelno == logging.CRITICAL]
    assert said.getMessage().startswith(f"nothing can be recorded for the site {SITE}: a key was encrypted")


async def test_two_that_start_at_once_leave_every_token(database_url: str) -> None:
    async with running(database_url, OLD) as first:
        assert not await _rewraps(first, "another's", "x")
        starting = [rewrap(first.database, Vault([OLD, NEW])) for _ in range(4)]
        await asyncio.gather(*starting)
        assert await kept_tokens(first) == 2


async def _rewraps(services: Services, before: str, after: str) -> bool:
    async with services.database.writing() as writer:
        return await logs.rewrap(writer, SITE, before, after)


async def kept_tokens(services: Services) -> int:
    """Under how many secrets the log's key is kept."""
    async with services.database.reading() as reader:
        log = await logs.find(reader, SITE)
    assert log is not None
    return len(log.private_key.split())


async def test_addresses_are_found_after_a_rotation(database_url: str) -> None:
    """Budgets and suppressions hang on the address's key, which is the same under every secret."""
    mailbox = mailboxes.parse("reader@example.org")
    async with running(database_url, OLD) as first:
        before = first.addresses.of(mailbox)
    async with running(database_url, OLD, NEW) as second:
        assert second.addresses.of(mailbox) == before
    async with running(database_url, NEW) as third:
        assert third.addresses.of(mailbox) == before
