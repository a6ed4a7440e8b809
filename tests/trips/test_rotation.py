"""The secret is changed: the log's key stays, old receipts stay good, and the old secret can be dropped."""

from __future__ import annotations

import pytest

from consent import ledger, proofs
from consent.errors import BadToken, Misconfigured
from tests import acts
from tests.acts import SITE
from tests.reading import verified
from tests.running import notice_of, running

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
