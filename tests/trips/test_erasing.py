"""Erasing a person: nothing is left that names one, the log still verifies, and who must not be mailed is not."""

from __future__ import annotations

import asyncio

import pytest

from consent import ids, newsletter
from consent.clock import DAY
from consent.errors import Unavailable, Unknown
from consent.newsletter import preferences
from consent.rights import trails
from consent.services import Services
from consent.storage import outbox
from tests import acts
from tests.acts import SITE
from tests.clock import SetClock
from tests.faults import FaultyDatabase, When
from tests.forgetting import erase_reader, erase_subject
from tests.reading import count, verified
from tests.running import notice_of, publish
from tests.trips.exported import export, found
from tests.trips.newsletters import (
    EMAIL,
    EVENTS,
    MINUTE,
    OTHER,
    PAGE,
    SEEN,
    STORIES,
    ask,
    events,
    find_pending,
    find_subscriber,
    key_of,
    listen,
    mails,
    manage_link,
    other_site,
    over,
    owed,
    states,
    subscribe,
    subscriber,
    suppress,
    suppressed,
    token,
    unsubscribe_link,
)
from tests.trips.watching import rows_of

WHENS: tuple[When, ...] = ("before", "after")
NEW = "new@example.net"


async def erase(services: Services, email: str = EMAIL) -> dict[str, int]:
    """Gives what there was to erase."""
    return {kind: number for kind, number in (await erase_reader(services, email)).items() if number}


async def emptied(services: Services) -> int:
    """How many records are empty."""
    async with services.database.reading() as reader:
        row = await reader.row("SELECT count(*) AS number FROM records WHERE payload IS NULL AND salt IS NULL")
    return int(row["number"]) if row else 0


async def test_a_reader_leaves_no_trace_but_leaves_and_a_keyed_hash(services: Services, clock: SetClock) -> None:
    await listen(services)
    found_ = await subscribe(services, EMAIL, STORIES, EVENTS, page=PAGE)
    await preferences.change_address(services, await manage_link(services), NEW)
    clock.forward(DAY)
    await newsletter.unsubscribe(services, await unsubscribe_link(services), SEEN)
    await ask(services, EMAIL, STORIES)
    await subscribe(services, "other@example.org")
    before = await owed(services, "webhook")
    counts = await erase(services)
    assert counts.pop("deliveries") > 0
    assert counts == {"records": 2, "readers": 1, "subscriptions": 2, "waiting": 2}  # a sign-up and a new address
    rows = await rows_of(services)
    subject = ids.uuid_text(found_.id)
    kept = {table: str(lines) for table, lines in rows.items() if table not in ("outbox", "budgets", "tallies")}
    for trace in (EMAIL, NEW, "reader", str(found_.id)):
        assert [table for table, lines in kept.items() if trace in lines] == []
    assert EMAIL not in str(rows["outbox"]) and NEW not in str(rows["outbox"])
    assert await suppressed(services) == {"*": "erased", STORIES: "unsubscribed"}
    assert await emptied(services) == 2
    assert await verified(services) == 3
    told = [one for one in await owed(services, "webhook") if one.id not in {old.id for old in before}]
    assert [(one.what, one.about["subscriber"], one.state) for one in told] == [
        ("subscriber.erased", subject, "waiting")
    ]
    assert services.vault.take(str(told[0].about["former"])) == EMAIL.encode()
    assert await states(services, "other@example.org") == {STORIES: "confirmed"}


async def test_nothing_that_was_owed_leaves_any_more(services: Services) -> None:
    await subscribe(services)
    await subscribe(services, "other@example.org")
    await erase(services)
    async with services.database.reading() as reader:
        waiting = await outbox.page(reader, SITE, "waiting", b"", 100)
    assert {one.key for one in waiting} == {key_of(services, "other@example.org")}


async def test_it_is_a_subjects_erasure_too(services: Services) -> None:
    """By the subscriber's id, as by the address."""
    found_ = await subscribe(services)
    assert await erase_subject(services, found_.id) == 1
    assert (await find_subscriber(services), await suppressed(services)) == (None, {"*": "erased"})
    assert await verified(services) == 1


async def test_a_visitors_records_are_emptied(services: Services, clock: SetClock) -> None:
    subject = acts.new_id()
    for _ in range(3):
        await services.recorder.give(acts.draft(notice_of(services), subject=subject))
        await services.recorder.give(acts.draft(notice_of(services)))
    assert await erase_subject(services, subject) == 3
    assert await erase_subject(services, subject) == 0
    assert (await emptied(services), await verified(services)) == (3, 6)
    assert found(await export(services)) == (6, 3, 6)


async def test_a_visitor_is_erased_once_by_many_at_once(services: Services) -> None:
    subject = acts.new_id()
    for _ in range(20):
        await services.recorder.give(acts.draft(notice_of(services), subject=subject))
    done = await asyncio.gather(*(erase_subject(services, subject) for _ in range(4)))
    assert sorted(done) == [0, 0, 0, 20]
    assert (await emptied(services), await verified(services)) == (20, 20)


async def test_many_records_of_one_subject(services: Services) -> None:
    subject = acts.new_id()
    drafts = [acts.draft(notice_of(services), subject=subject) for _ in range(trails.AT_ONCE + 3)]
    await asyncio.gather(*map(services.recorder.give, drafts))
    assert await erase_subject(services, subject) == len(drafts)
    assert await verified(services) == len(drafts)


async def test_again_it_changes_nothing(services: Services, clock: SetClock) -> None:
    await listen(services)
    await subscribe(services)
    await erase(services)
    before = await rows_of(services)
    clock.forward(DAY)
    assert await erase(services) == {}
    after = await rows_of(services)
    changed = {name for name in before if after[name] != before[name]}
    assert changed <= {"outbox", "claims"}  # that it was asked again is on record
    assert (await events(services)).count("subscriber.erased") == 1


async def test_no_address_is_left_once_its_erasure_is_told(services: Services) -> None:
    """Asked for twice before that: it is told all the same."""
    await listen(services)
    await subscribe(services)
    for _ in range(2):
        await erase(services)
    [told] = [one for one in await owed(services, "webhook") if one.what == "subscriber.erased"]
    assert (told.state, "former" in told.about) == ("waiting", True)
    async with services.database.writing() as writer:
        await outbox.done(writer, SITE, told.id, services.clock())
    assert not [one for one in await owed(services, "webhook") if "former" in one.about]


async def test_what_only_waits_is_erased_too(services: Services) -> None:
    await ask(services)
    assert await erase(services) == {"waiting": 1, "deliveries": 1}
    assert (await find_pending(services), await suppressed(services)) == (None, {"*": "erased"})


async def test_one_who_is_not_known_is_not_brought_in_by_an_import(services: Services) -> None:
    assert await erase(services) == {}
    assert await suppressed(services) == {"*": "erased"}


@pytest.mark.parametrize("reason", ["not_me", "bounced", "complained", "admin"])
async def test_who_must_not_be_mailed_is_not_after_it_either(services: Services, reason: str) -> None:
    await subscribe(services)
    await suppress(services, reason)
    await erase(services)
    assert await suppressed(services) == {"*": reason}
    before = len(await mails(services))
    await ask(services)
    assert (len(await mails(services)), await find_pending(services)) == (before, None)


async def test_not_me_survives_it(services: Services, clock: SetClock) -> None:
    await ask(services)
    found_ = await find_pending(services)
    assert found_ is not None
    await newsletter.not_me(services, token(services, "not-me", found_.id))
    await erase(services)
    clock.forward(30 * DAY)
    await ask(services)
    assert (await suppressed(services), await find_pending(services)) == ({"*": "not_me"}, None)


async def test_who_was_erased_may_sign_up_again_as_somebody_new(services: Services, clock: SetClock) -> None:
    first = await subscribe(services)
    clock.forward(MINUTE)
    await newsletter.unsubscribe(services, await unsubscribe_link(services), SEEN)
    await erase(services)
    clock.forward(DAY)
    again = await subscribe(services)
    assert again.id != first.id
    assert (await states(services), await suppressed(services)) == ({STORIES: "confirmed"}, {})
    assert (await count(services), await verified(services)) == (3, 3)


async def test_another_site_keeps_its_own(services: Services) -> None:
    await publish(services, other_site())
    await subscribe(services)
    await ask(services, site=OTHER)
    await erase(services)
    assert await find_pending(services, site=OTHER) is not None
    assert await suppressed(services, site=OTHER) == {}


async def test_there_is_no_such_site(services: Services) -> None:
    with pytest.raises(Unknown):
        await erase_reader(services, EMAIL, "nowhere")
    with pytest.raises(Unknown):
        await erase_subject(services, bytes(16), "nowhere")


@pytest.mark.parametrize("when", WHENS)
async def test_a_commit_that_fails_loses_and_invents_nothing(services: Services, when: When) -> None:
    await listen(services)
    await subscribe(services)
    failing = over(services, FaultyDatabase(services.database, at=[1], when=when))
    with pytest.raises(Unavailable):
        await erase(failing)
    assert await emptied(services) == (0 if when == "before" else 1)
    assert ("readers" in await erase(failing)) is (when == "before")
    assert (await emptied(services), await find_subscriber(services)) == (1, None)
    assert (await events(services)).count("subscriber.erased") == 1
    assert await verified(services) == 1


async def test_erasing_at_once_has_one_effect(services: Services) -> None:
    await listen(services)
    await subscribe(services, EMAIL, STORIES, EVENTS)
    done = await asyncio.gather(*(erase(services) for _ in range(8)))
    assert sum(one.get("records", 0) for one in done) == 1
    assert (await events(services)).count("subscriber.erased") == 1
    assert await verified(services) == 1


async def test_erasing_while_others_write(services: Services) -> None:
    """The log takes other records all the while, and the reader leaves and comes at the same time."""
    for number in range(4):
        await subscribe(services, f"reader-{number}@example.org")
    link = await unsubscribe_link(services, "reader-0@example.org")
    manage = await manage_link(services, "reader-1@example.org")
    save = preferences.save(services, manage, [EVENTS], SEEN)
    await asyncio.gather(
        *(erase(services, f"reader-{number}@example.org") for number in range(3)),
        *(services.recorder.give(acts.draft(notice_of(services))) for _ in range(50)),
        newsletter.unsubscribe(services, link, SEEN),
        save,
        return_exceptions=True,
    )
    assert (await subscriber(services, "reader-3@example.org")).email == "reader-3@example.org"
    for number in range(3):
        assert await find_subscriber(services, f"reader-{number}@example.org") is None
    await verified(services)
