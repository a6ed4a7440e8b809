"""The courier when things go wrong: later and later, at worst one repeat, and no address in what is told of it."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator

import pytest

from consent import courier, ids
from consent.courier import attempting
from consent.courier.attempting import ATTEMPTS, BACK_OFF
from consent.errors import Unavailable
from consent.mail.http import HttpTransport
from consent.mail.resend import Resend
from consent.services import Services
from consent.storage import outbox, tallies
from consent.storage.engines import open_database
from tests import reading
from tests.acts import SITE
from tests.clock import SetClock
from tests.faults import FaultyDatabase
from tests.mail.api import answering
from tests.mail.smtp_server import Postbox
from tests.sync.receiver import Reply
from tests.trips import newsletters as readers
from tests.trips.newsletters import EMAIL, EVENTS, STORIES, ask, over, subscribe
from tests.trips.posting import arrived, deliver, posting, row

MARK = 4
"""Which commit of a round marks its one mail: two lanes lease, and ceilings count, before."""
GONE = "550 5.1.1 reader@example.org: nobody here called reader"


@pytest.fixture
async def post(
    database_url: str, clock: SetClock, postbox: Postbox, caplog: pytest.LogCaptureFixture
) -> AsyncIterator[Services]:
    """A service that mails there; nothing that it logs names the reader."""
    caplog.set_level(logging.DEBUG, logger="consent")
    async with posting(database_url, clock, postbox) as services:
        yield services
        said = [record.getMessage() + (record.exc_text or "") for record in caplog.records]
        faults = [one.fault for one in await readers.owed(services)]
        assert not [words for words in said + faults if "reader" in words or "example" in words]


async def test_a_server_in_trouble_is_asked_later_and_later_and_then_no_more(
    post: Services, postbox: Postbox, clock: SetClock
) -> None:
    postbox.answers["RCPT"] = "451 4.3.0 later, reader@example.org"
    await ask(post)
    waits = []
    for attempt in range(1, ATTEMPTS):
        await deliver(post)
        owed = await row(post, "confirm")
        assert (owed.state, owed.attempts) == ("waiting", attempt)
        assert owed.fault == "the mail server answers 451 4.3.0"
        waits.append(owed.due_at - clock())
        await deliver(post)  # not before it is due
        clock.forward(waits[-1])
    usual = [*BACK_OFF, BACK_OFF[-1]]
    assert all(least <= wait <= least * 5 / 4 for least, wait in zip(usual, waits, strict=True))
    assert len({wait % 1000 for wait in waits}) > 1  # jitter
    await deliver(post)
    owed = await row(post, "confirm")
    assert (owed.state, owed.attempts) == ("dead", ATTEMPTS)
    clock.forward(10 * BACK_OFF[-1])
    await deliver(post)
    assert postbox.taken == []


async def test_the_operator_is_told_once_a_minute_that_nothing_leaves(
    post: Services, postbox: Postbox, clock: SetClock, caplog: pytest.LogCaptureFixture
) -> None:
    postbox.answers["MAIL"] = "451 4.3.0 not now"
    for number in range(5):
        await ask(post, f"reader{number}@example.org")
    walking = courier.Courier(post)
    await walking.round()
    told = [record.getMessage() for record in caplog.records if "did not get through" in record.getMessage()]
    assert len(told) == 1
    assert told[0].endswith("tried again: the mail server answers 451 4.3.0 to the sender's address")
    clock.forward(2 * BACK_OFF[0])
    await walking.round()
    assert len([record for record in caplog.records if "did not get through" in record.getMessage()]) == 2


async def test_a_dead_mail_that_is_replayed_leaves(post: Services, postbox: Postbox, clock: SetClock) -> None:
    postbox.answers["DATA"] = "554 5.6.0 no"
    await ask(post)
    await deliver(post)
    owed = await row(post, "confirm")
    assert (owed.state, owed.fault) == ("dead", "the mail server answers 554 5.6.0")
    postbox.answers.clear()
    async with post.database.writing() as writer:
        assert await outbox.replay(writer, SITE, owed.id, clock()) == 1
    await deliver(post)
    assert (await row(post, "confirm")).state == "done"
    assert arrived(postbox)[0]["Message-ID"] == owed.message_id


async def test_a_server_that_goes_down_delays_the_mail(post: Services, postbox: Postbox, clock: SetClock) -> None:
    await ask(post, "one@example.org")
    await deliver(post)
    postbox.cut()
    postbox.answers["RSET"] = postbox.answers["MAIL"] = "421 4.3.2 going down"
    await ask(post, "two@example.org")
    await deliver(post)
    assert [one.state for one in await readers.owed(post)] == ["done", "waiting"]
    postbox.answers.clear()
    clock.forward(2 * BACK_OFF[0])
    await deliver(post)
    assert len(postbox.taken) == 2


async def test_an_address_that_nobody_has_is_never_mailed_again(post: Services, postbox: Postbox) -> None:
    await subscribe(post, EMAIL, STORIES)
    postbox.answers["RCPT"] = GONE
    await deliver(post)
    owed = await row(post, "welcome")
    assert (owed.state, owed.fault) == ("dropped", "the mail server answers 550 5.1.1")
    assert await readers.states(post) == {STORIES: "bounced"}
    assert await readers.suppressed(post) == {"*": "bounced"}
    last = (await reading.all_records(post))[-1]
    assert (last.action, last.lists) == ("bounce", {STORIES: False})
    postbox.answers.clear()
    await ask(post, EMAIL, STORIES)
    await deliver(post)
    assert postbox.taken == []


async def test_another_way_to_write_an_address_that_bounces_takes_nobody_off(post: Services, postbox: Postbox) -> None:
    """Servers do not all read an address as it is folded here: a stranger's spelling is not mailed to who is known."""
    await subscribe(post, "victim@gmail.com", STORIES)
    await deliver(post)
    await ask(post, "Vic.tim+gone@googlemail.com", EVENTS)
    assert (await readers.pending(post, "victim@gmail.com")).email == "victim@gmail.com"
    await deliver(post)
    assert {message["To"] for message in arrived(postbox)} == {"victim@gmail.com"}


async def test_a_confirmation_that_bounces_tells_of_where_it_was_asked(
    post: Services, postbox: Postbox, clock: SetClock
) -> None:
    postbox.answers["RCPT"] = GONE
    await ask(post)
    await deliver(post)
    assert await readers.suppressed(post) == {"*": "bounced"}
    net = (await row(post, "confirm")).about["net"]
    assert isinstance(net, str)
    async with post.database.reading() as reader:
        for about in ("", net):
            assert await tallies.recent(reader, SITE, "bounced", about, 0) == 1


async def test_what_was_taken_and_cannot_be_marked_is_marked_later_and_not_sent_again(
    post: Services, postbox: Postbox, clock: SetClock
) -> None:
    await ask(post)
    faulty = FaultyDatabase(post.database, at=(MARK,))
    walking = courier.Courier(over(post, faulty))
    await walking.round()
    assert faulty.commits == MARK
    assert (await row(post, "confirm")).state == "waiting"
    clock.forward(2 * courier.LEASE_MS)
    await walking.round()
    await walking.close()
    assert (await row(post, "confirm")).state == "done"
    assert len(postbox.taken) == 1


@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_process_that_dies_before_it_marks_lets_one_repeat_with_the_same_message_id(
    post: Services, postbox: Postbox, clock: SetClock, when: str
) -> None:
    await ask(post)
    faulty = FaultyDatabase(post.database, at=(MARK,), when="before" if when == "before" else "after")
    await deliver(over(post, faulty))  # its memory of it is gone with it
    await deliver(post)
    assert len(postbox.taken) == 1  # still leased
    clock.forward(courier.LEASE_MS)
    await deliver(post)
    await deliver(post)
    ids_ = [message["Message-ID"] for message in arrived(postbox)]
    assert ids_ == [(await row(post, "confirm")).message_id] * (2 if when == "before" else 1)
    first, last = postbox.data(0), postbox.data()
    dated = {line for line in first.split(b"\r\n") if line not in last.split(b"\r\n")}
    assert all(line.startswith(b"Date: ") for line in dated)


async def test_a_repeat_has_the_same_idempotency_key(database_url: str, clock: SetClock) -> None:
    async with answering(Reply(200, {"id": "49a3"})) as api:
        transport = HttpTransport(Resend("key", base_url=api.url), clock)
        async with posting(database_url, clock, transport) as services:
            await ask(services)
            await deliver(over(services, FaultyDatabase(services.database, at=(MARK,))))
            clock.forward(courier.LEASE_MS)
            await deliver(services)
            owed = await row(services, "confirm")
    assert owed.state == "done"
    assert [request.headers["idempotency-key"] for request in api.got] == [ids.uuid_text(owed.id)] * 2
    assert api.got[0].body == api.got[1].body
    assert json.loads(api.got[0].body)["headers"]["Message-ID"] == owed.message_id


async def test_a_process_that_is_stopped_in_the_middle_of_a_mail_leaves_it_to_another(
    post: Services, postbox: Postbox, clock: SetClock
) -> None:
    await ask(post)
    postbox.hangs_at = "RCPT"
    delivering = asyncio.create_task(deliver(post))
    await postbox.hung.wait()
    delivering.cancel()
    postbox.hangs_at = None
    postbox.cut()
    with pytest.raises(asyncio.CancelledError):
        await delivering
    clock.forward(2 * courier.LEASE_MS)
    await deliver(post)
    assert len(postbox.taken) == 1


async def test_nothing_is_sent_while_the_lease_cannot_be_committed(post: Services, postbox: Postbox) -> None:
    await ask(post)
    faulty = FaultyDatabase(post.database, at=(1,))
    with pytest.raises(Unavailable):
        await deliver(over(post, faulty))
    assert postbox.taken == []
    await deliver(post)
    assert len(postbox.taken) == 1


async def test_a_courier_outlives_a_store_that_fails(database_url: str, clock: SetClock, postbox: Postbox) -> None:
    faulty = FaultyDatabase(await open_database(database_url))
    async with posting(database_url, clock, postbox, database=faulty) as services:
        async with courier.running(services, look_seconds=0.02):
            await ask(services)
            faulty.at = (faulty.commits + 1,)
            await postbox.took.wait()
        assert (await row(services, "confirm")).state == "done"


async def test_a_mail_that_is_a_fault_of_the_program_ends_dead_and_holds_nothing_up(
    post: Services, postbox: Postbox, clock: SetClock
) -> None:
    await ask(post, "one@example.org")
    async with post.database.writing() as writer:
        await writer.execute("UPDATE outbox SET about = '{\"pending\": \"reader@example.org\"}' WHERE kind = 'mail'")
    await ask(post, "two@example.org")
    for _ in range(attempting.ATTEMPTS):
        await deliver(post)
        clock.forward(2 * BACK_OFF[-1])
    assert [message["To"] for message in arrived(postbox)] == ["two@example.org"]
    assert sorted(one.state for one in await readers.owed(post)) == ["dead", "done"]
    [dead] = [one for one in await readers.owed(post) if one.state == "dead"]
    assert dead.fault == "a fault of the program (ValueError)"
