"""Access and erasure by whatever a person brings: the bundle proves itself, nothing is left, and what stays is said."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import pytest

from consent import auditing, canonical, ids, ledger, receipting, records, tree
from consent.checkpoints import open_note, read_vkey
from consent.errors import Refused, Unknown
from consent.rights import Who, accessing, claiming, forgetting, proving
from consent.rights.bundle import Bundle
from consent.rights.finding import sorted_out
from consent.services import Services
from consent.storage import claims
from tests import acts
from tests.acts import SITE
from tests.reading import all_records, verified
from tests.running import notice_of
from tests.trips.newsletters import (
    EMAIL,
    EVENTS,
    PAGE,
    STORIES,
    ask,
    find_subscriber,
    listen,
    subscribe,
    suppress,
    suppressed,
)
from tests.trips.watching import rows_of


async def chose(services: Services, subject: str, times: int = 2) -> list[str]:
    """A visitor's choices; gives the receipts."""
    made = []
    for _ in range(times):
        recorded = await services.recorder.give(acts.draft(notice_of(services), subject=subject))
        made.append(receipting.receipt(services.tokens, recorded.record))
    return made


def assert_proven(bundle: Bundle) -> None:
    """Every record's leaf is made of the record, and leads to the signed root."""
    origin, public = read_vkey(bundle.log.key)
    root = open_note(bundle.log.checkpoint, origin, public).root
    for subject in bundle.subjects:
        for one in subject.records:
            leaf = records.leaf(canonical.encode(one.record), bytes.fromhex(one.proof.salt))
            assert leaf.hex() == one.proof.leaf
            path = [bytes.fromhex(hash_) for hash_ in one.proof.path]
            assert tree.root_from_inclusion(leaf, one.record["seq"] - 1, bundle.log.size, path) == root


async def test_everything_is_given_by_any_of_what_a_person_brings(services: Services) -> None:
    await listen(services)
    subject = acts.new_id()
    receipts = await chose(services, subject)
    await chose(services, acts.new_id())
    reader = await subscribe(services, EMAIL, STORIES, page=PAGE)
    await ask(services, EMAIL, EVENTS)
    await suppress(services, "bounced", list_="other")
    first, last = (await all_records(services))[:2]
    bundle = await accessing.look(services, SITE, Who(emails=(EMAIL,)))
    assert bundle.claim is None
    for who in (
        Who(subjects=(subject,), emails=(EMAIL.upper(),)),
        Who(
            receipts=(f"https://consent.example/receipts/{receipts[0]}?format=proof",),
            subjects=(ids.uuid_text(reader.id),),
        ),
        Who(records=(first.id,), emails=(EMAIL,)),
    ):
        bundle = await accessing.access(services, SITE, who, auditing.COMMAND)
        assert bundle.counts == {
            "records": 3, "readers": 1, "subscriptions": 1, "waiting": 2, "suppressions": 1, "deliveries": 6,
        }  # fmt: skip
        assert_proven(bundle)
    assert bundle.subjects[0].status == last.status and bundle.subjects[0].is_current
    [told] = bundle.readers
    assert (told.email, [one.state for one in told.subscriptions]) == (EMAIL, ["confirmed"])
    assert [moment.what for moment in told.timeline][:3] == ["known", "asked", "confirm"]
    assert {one.to for one in bundle.deliveries} == {"", "webhook hooks.example.org"}
    [notice] = bundle.notices
    assert (notice.digest, notice.shown[0].language) == (notice_of(services), "en")
    assert notice.shown[0].purposes[1].name == "Performance and usage"
    assert {one.kind for one in bundle.recipients} == {"webhook", "mail by spool"}
    assert {one.kind: one.days for one in bundle.retention}["pending"] == 14
    assert {"15", "17", "77"} <= {one.article for one in bundle.rights}
    assert msgspec.json.decode(msgspec.json.encode(bundle), type=Bundle) == bundle


async def test_a_choice_leads_to_choices_and_a_mailboxs_answer_to_its_reader(services: Services) -> None:
    """Whoever knows a reader's id may have a choice recorded as that subject."""
    reader = await subscribe(services)
    [own] = await all_records(services)
    [receipt] = await chose(services, ids.uuid_text(reader.id), 1)
    forged = (await all_records(services))[1]
    for who in (Who(receipts=(receipt,)), Who(records=(forged.id,))):
        bundle = await accessing.look(services, SITE, who)
        assert (bundle.readers, [len(one.records) for one in bundle.subjects]) == ((), [1])
    for who in (
        Who(records=(own.id,)),
        Who(receipts=(receipting.receipt(services.tokens, own),)),
        Who(subjects=(ids.uuid_text(reader.id),)),
    ):
        bundle = await accessing.look(services, SITE, who)
        assert [one.email for one in bundle.readers] == [EMAIL]
        assert [record.record["kind"] for one in bundle.subjects for record in one.records] == ["newsletter"]
    done = await forgetting.erase(services, SITE, Who(receipts=(receipt,)))
    assert done.counts["records"] == 1 and await find_subscriber(services) == reader
    await chose(services, ids.uuid_text(reader.id), 1)
    planned = await forgetting.look(services, SITE, Who(emails=(EMAIL,)))
    done = await forgetting.erase(services, SITE, Who(emails=(EMAIL,)))
    assert (planned.counts, done.counts["records"]) == (done.counts, 1)
    async with services.database.reading() as db:
        left = await db.rows("SELECT kind FROM records WHERE payload IS NOT NULL")
    assert [row["kind"] for row in left] == ["cookies"]


async def test_what_several_receipts_open_is_told_once(services: Services) -> None:
    subject = acts.new_id()
    receipts = await chose(services, subject, 3)
    for brought, number, has_older in (((2, 1), 2, True), ((1, 0, 2), 3, False)):
        bundle = await accessing.look(services, SITE, Who(receipts=tuple(receipts[one] for one in brought)))
        assert ([len(one.records) for one in bundle.subjects], bundle.has_older) == ([number], has_older)
    last = Who(receipts=(receipts[2],), subjects=(subject,))
    assert (await forgetting.erase(services, SITE, last)).counts["records"] == 3


async def test_a_look_keeps_nothing_and_a_request_keeps_no_person(services: Services) -> None:
    subject, who = acts.new_id(), Who(emails=(EMAIL,))
    await chose(services, subject)
    before = await rows_of(services)
    await accessing.look(services, SITE, Who(subjects=(subject,), emails=(EMAIL,)))
    await forgetting.look(services, SITE, who)
    assert await rows_of(services) == before
    bundle = await accessing.access(services, SITE, who)  # nothing is known of the address: that is an answer
    assert bundle.is_empty and bundle.claim
    said = claiming.read(services, SITE, bundle.claim.rpartition("/")[2])
    assert (said.kind, said.asked_by, said.counts["records"]) == ("access", ("email",), 0)
    async with services.database.reading() as reader:
        [kept] = await claims.page(reader, SITE, None, 9)
    assert (kept.actor, claiming.receipt(SITE, kept)) == ("person", said)
    assert EMAIL not in str(await rows_of(services))


async def test_all_that_is_brought_is_erased_at_once_and_said(services: Services) -> None:
    subject = acts.new_id()
    await chose(services, subject)
    await subscribe(services)
    who = Who(subjects=(subject,), emails=(EMAIL,))
    plan = await forgetting.look(services, SITE, who)
    done = await forgetting.erase(services, SITE, who, auditing.by_key("k1"))
    assert (plan.counts, plan.kept) == (done.counts, done.kept)
    assert (done.counts["records"], done.counts["readers"]) == (3, 1)
    assert [one.name for one in done.kept][:2] == ["log", "suppression"]
    assert (await find_subscriber(services), await suppressed(services)) == (None, {"*": "erased"})
    assert await verified(services) == 4  # the audit record of the erasure is the fourth
    rows = str(await rows_of(services))
    assert subject not in rows and EMAIL not in rows
    bundle = await accessing.look(services, SITE, who)
    assert (bundle.counts["records"], bundle.readers, bundle.subjects) == (0, (), ())
    async with services.database.reading() as reader:
        last = await reader.row(
            "SELECT payload FROM records WHERE site = $1 AND kind = 'audit' ORDER BY seq DESC", SITE
        )
    assert last
    act = records.read_audit(last["payload"])
    assert (act.action, act.by, act.about["records"], act.about["by"]) == (
        "subscriber.erased", "key:k1", "3", "email subject",
    )  # fmt: skip
    again = await forgetting.erase(services, SITE, who)
    assert again.counts["records"] == 0 and again.claim


async def test_one_erasure_of_many_at_once_takes_all(services: Services) -> None:
    subject = acts.new_id()
    await chose(services, subject, 10)
    done = await asyncio.gather(*(forgetting.erase(services, SITE, Who(subjects=(subject,))) for _ in range(4)))
    assert sorted(one.counts["records"] for one in done) == [0, 0, 0, 10]
    assert await verified(services) == 10


@pytest.mark.parametrize(
    ("who", "place"),
    [
        ({}, ""),
        ({"emails": ["x"]}, "emails[0]"),
        ({"subjects": ["x"]}, "subjects[0]"),
        ({"receipts": ["x.y.z"], "records": ["1"]}, "receipts[0]"),
    ],
    ids=["nothing", "email", "subject", "receipt"],
)
async def test_what_cannot_be_read_is_refused(services: Services, who: dict[str, Any], place: str) -> None:
    for trip in (accessing.access, forgetting.erase, forgetting.look):
        with pytest.raises(Refused) as refused:
            await trip(services, SITE, msgspec.convert(who, Who))
        assert refused.value.faults[0].path == place
        assert "x" not in refused.value.faults[0].message.split()
        with pytest.raises(Unknown):
            await trip(services, "nowhere", Who(subjects=(acts.new_id(),)))


async def test_what_is_brought_is_told_apart_by_its_looks(services: Services) -> None:
    subject = acts.new_id()
    [receipt] = await chose(services, subject, 1)
    record = (await all_records(services))[0].id
    lines = ["", f" {EMAIL} ", subject.upper(), record, receipt]
    assert await sorted_out(services, SITE, lines) == Who(
        emails=(EMAIL,), subjects=(subject,), records=(record,), receipts=(receipt,)
    )


async def test_a_receipt_is_a_file_that_proves_itself(services: Services) -> None:
    [receipt] = await chose(services, acts.new_id(), 1)
    await chose(services, acts.new_id(), 5)
    held = ledger.read_receipt(services, SITE, receipt)
    file = await proving.receipt_file(services, SITE, held.seq, receipt)
    origin, public = read_vkey(file.key)
    checkpoint = open_note(file.checkpoint, origin, public)
    leaf = records.leaf(canonical.encode(file.record), bytes.fromhex(file.proof.salt))
    path = [bytes.fromhex(hash_) for hash_ in file.proof.path]
    assert tree.root_from_inclusion(leaf, held.seq - 1, checkpoint.size, path) == checkpoint.root
    assert (file.record["id"], file.token, checkpoint.size) == (held.id, receipt, 6)
