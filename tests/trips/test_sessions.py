"""Sessions: over when idle and at their end, noted once a minute; and nothing that is kept opens anything."""

from __future__ import annotations

from consent import ids
from consent.accounts import everywhere, sessions, signing_in
from consent.accounts.sessions import ABSOLUTE_MS, IDLE_MS, TOUCH_MS
from consent.services import Services
from consent.storage import sessions as stored_sessions
from tests.clock import SetClock
from tests.mail.smtp_server import Postbox
from tests.signing_in import BROWSER, a_member
from tests.trips.accounts import ON_ONE_ENGINE, holds, mailed, owed_mails


async def test_a_session_ends_when_it_is_idle_and_at_its_end(services: Services, clock: SetClock) -> None:
    member = await a_member(services)
    async with services.database.writing() as writer:
        used, idle = [await signing_in.begin(services, writer, member, name) for name in ("Used", "Idle")]
    for _ in range(ABSOLUTE_MS // IDLE_MS * 2 - 1):
        clock.forward(IDLE_MS // 2)
        assert await sessions.find(services, used)
    assert await sessions.find(services, idle) is None
    assert [one.browser for one in await sessions.listed(services, member.id)] == ["Used"]
    clock.forward(IDLE_MS // 2 - 1)
    assert await sessions.find(services, used)
    clock.forward(1)
    assert await sessions.find(services, used) is None
    assert await sessions.listed(services, member.id) == []
    async with services.database.writing() as writer:
        assert await stored_sessions.purge(writer, clock(), 10) == 2


@ON_ONE_ENGINE
async def test_that_a_session_is_used_is_written_once_a_minute(services: Services, clock: SetClock) -> None:
    member = await a_member(services)
    async with services.database.writing() as writer:
        secret = await signing_in.begin(services, writer, member, BROWSER)
    made = clock()
    for ahead, seen in ((TOUCH_MS, 0), (1, TOUCH_MS + 1), (TOUCH_MS, TOUCH_MS + 1), (1, 2 * TOUCH_MS + 2)):
        clock.forward(ahead)
        assert await sessions.find(services, secret)
        [one] = await sessions.listed(services, member.id)
        assert one.seen_at - made == seen


async def test_what_is_kept_opens_nothing(post: Services, postbox: Postbox) -> None:
    """No session's id, link's secret or browser's cookie is in the database, nor an address in what is owed."""
    member = await a_member(post)
    browser = ids.secret()
    secret = await mailed(post, postbox, member, browser)
    assert not await holds(post, secret, browser)
    begun = await signing_in.use(post, secret, browser, BROWSER)
    printed = (await everywhere.link(post, member)).rpartition("/")[2]
    assert await holds(post, member.email)
    assert not await holds(post, begun, secret, browser, printed)
    [owed] = await owed_mails(post)
    assert member.email not in repr(owed)
