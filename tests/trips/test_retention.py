"""Retention: each kind of data goes in its time and no sooner, the log verifies, and what is due next is said."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from consent import auditing, ids, sweeping
from consent.clock import DAY
from consent.records import Circumstances
from consent.rights import Who, forgetting
from consent.services import Services
from consent.storage import subscribers, sweeps
from consent.storage.records import verify_page
from consent.sweeping import retaining
from tests import acts
from tests.acts import SITE
from tests.clock import SetClock
from tests.reading import verified
from tests.running import MIAMI, notice_of, publish
from tests.trips.newsletters import suppressed
from tests.trips.readers import subscribe, subscriptions_of, suppress

SHORT = b"""
[retention]
records_days = 100
ip_days = 10
unsubscribed_days = 50
bounced_days = 20
pending_days = 7
audit_days = 365
claims_days = 95
"""
LIFE = 182
"""Days that a choice lasts, in `acts`."""


async def gone(services: Services, **more: bool) -> Mapping[str, int]:
    """What a sweep takes now of the site's, once a rehearsal has said the same."""
    rehearsed = await sweeping.sweep(services, is_dry=True)
    swept = await sweeping.sweep(services, **more)
    assert more or swept == rehearsed
    return {kind: number for kind, number in swept.retained.get(SITE, {}).items() if number}


async def emptied(services: Services) -> list[int]:
    """The numbers of the records that are empty."""
    async with services.database.reading() as reader:
        return [row["seq"] for row in await verify_page(reader, SITE, 0, 99) if row["payload"] is None]


async def test_records_go_when_the_proof_of_them_is_owed_no_longer(services: Services, clock: SetClock) -> None:
    digest = (await publish(services, MIAMI.read_bytes() + SHORT)).digest
    assert digest == notice_of(services), "periods are not in the notice"
    subject = acts.new_id()
    with_ip = acts.draft(digest, subject=subject)
    seen = Circumstances(ip="1234abcd", country="US")
    await services.recorder.give(msgspec.structs.replace(with_ip, circumstances=seen))  # record 1
    await services.recorder.give(acts.draft(digest, subject=subject))  # record 2
    await auditing.note(services, SITE, auditing.COMMAND, "key.made", {"key": "k"})  # record 3
    clock.forward(80 * DAY)
    later = msgspec.structs.replace(acts.draft(digest), expires_days=1)
    await services.recorder.give(later)  # record 4, which lasts a day
    # It runs out on day 81, and is kept for 100 days more; the first two run out on day 182.
    start, seen_gone = clock.at - 80 * DAY, {}
    for day in (180, 181, 191, 192, 281, 282, 364, 365):
        clock.at = start + day * DAY
        if found := await gone(services):
            seen_gone[day] = found
    assert seen_gone == {181: {"records": 1}, 192: {"ip": 1}, 282: {"records": 1}, 365: {"audit": 1}}
    assert await emptied(services) == [1, 2, 3, 4]
    assert await verified(services) == 4
    async with services.database.reading() as reader:
        assert await sweeps.retired_among(reader, SITE, 1, 9) == {1, 2, 3, 4}
        assert (await sweeps.of(reader, SITE))["records"].reached == 4
    await services.recorder.give(acts.draft(digest))
    [kept] = [one for one in await retaining.outlook(services, SITE) if one.kind == "records"]
    assert (kept.due, kept.next_at, kept.days) == (0, clock.at + (LIFE + 100) * DAY, 100)
    assert kept.last and (kept.last.gone, kept.last.gone_at) == (1, start + 282 * DAY)


async def test_readers_go_after_their_last_list_and_never_before(services: Services, clock: SetClock) -> None:
    await publish(services, MIAMI.read_bytes() + SHORT)
    await subscribe(services, "left@example.org", "events", "top-stories", state="unsubscribed")
    await subscribe(services, "bounced@example.org", "events", state="bounced")
    await subscribe(services, "half@example.org", "events", state="unsubscribed")
    await subscribe(services, "half@example.org", "top-stories")
    await suppress(services, "bounced@example.org", "bounced")
    clock.forward(20 * DAY)
    assert await gone(services) == {}
    clock.forward(1)
    assert await gone(services) == {"bounced": 1}
    assert await suppressed(services, "bounced@example.org") == {"*": "bounced"}
    clock.forward(30 * DAY)
    assert await gone(services) == {"unsubscribed": 1}
    assert await suppressed(services, "left@example.org") == {"*": "erased"}
    assert set(await subscriptions_of(services, "half@example.org")) == {"events", "top-stories"}
    clock.forward(999 * DAY)
    assert await gone(services) == {}


async def test_who_comes_back_meanwhile_is_kept(services: Services, clock: SetClock) -> None:
    await publish(services, MIAMI.read_bytes() + SHORT)
    one = await subscribe(services, "back@example.org", "events", state="unsubscribed")
    clock.forward(51 * DAY)
    async with services.database.writing() as writer:
        await subscribers.set_state(writer, SITE, one.id, "events", "confirmed", clock.at)
    assert await gone(services) == {}


async def test_many_records_go_page_by_page_and_beside_an_erasure(services: Services, clock: SetClock) -> None:
    subject = acts.new_id()
    for number in range(700):
        who = subject if number % 7 == 0 else acts.new_id()
        await services.recorder.give(acts.draft(notice_of(services), subject=who))
    done = await forgetting.erase(services, SITE, Who(subjects=(subject,)))
    assert done.counts["records"] == 100
    clock.forward((LIFE + 1825) * DAY)
    assert await gone(services) == {"records": 600, "claims": 1}
    assert await verified(services) == 700
    async with services.database.reading() as reader:
        row = await reader.row("SELECT count(*) AS number FROM retired WHERE site = $1", SITE)
    assert row and row["number"] == 600


async def test_a_site_is_swept_once_a_day_beside_the_service(services: Services, clock: SetClock) -> None:
    await gone(services)
    await services.recorder.give(acts.draft(notice_of(services)))
    assert SITE not in (await sweeping.sweep(services, daily=True)).retained
    clock.forward(DAY)
    assert SITE in (await sweeping.sweep(services, daily=True)).retained
    clock.forward((LIFE + 1825) * DAY)
    assert await gone(services, daily=True) == {"records": 1}


async def test_nobody_is_erased_for_an_id_alone(services: Services) -> None:
    """What an unknown subject brings is nothing, and nothing is suppressed by it."""
    done = await forgetting.erase(services, SITE, Who(subjects=(ids.uuid_text(bytes(16)),)))
    assert (done.is_empty, [one.name for one in done.kept]) == (True, ["counts", "claim", "backups"])
