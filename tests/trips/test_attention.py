"""What needs attention: each thing that can be known to be wrong is said once, and a site in order has none."""

from __future__ import annotations

import msgspec
import pytest

from consent import attention, ids, keyring
from consent.clock import DAY
from consent.notices.notice import Warned
from consent.records import Actor
from consent.services import Services
from consent.storage import backups, endpoints, figures, outbox
from consent.storage.backups import Backup
from consent.storage.figures import Count, Group
from tests.acts import SITE
from tests.clock import SetClock
from tests.running import notice_of
from tests.storage import newsletter as some

HOUR = 3_600_000


async def said(services: Services) -> list[tuple[str, bool, str]]:
    """What is said now: the place, whether it is bad, the words."""
    found = await attention.look(services, services.directory.get(SITE))
    return [(worry.place, worry.is_bad, worry.words) for worry in found]


async def owe(services: Services, **fields: object) -> None:
    now = services.clock()
    usual = {"id": some.new_id(now), "site": SITE, "created_at": now, "due_at": now}
    async with services.database.writing() as writer:
        await outbox.put(writer, some.owed(**(usual | fields)))


async def show(services: Services, at: int, number: int, bot: int = 0) -> None:
    hour = at // HOUR * HOUR
    async with services.database.writing() as writer:
        await figures.add(writer, [(Count(SITE, hour, "shown", Group(notice_of(services), "en", bot=bot)), number)])


async def test_a_site_in_order_has_nothing_but_warnings_that_its_notice_was_published_with(
    services: Services, clock: SetClock
) -> None:
    await keyring.make(services, SITE, frozenset({"read"}), actor=Actor(kind="command"))
    await owe(services, kind="mail")
    await show(services, clock() - 20 * HOUR, 500)
    clock.forward(10 * 60_000)
    assert await said(services) == []
    site, now = services.directory.get(SITE), services.clock()
    findings = tuple(Warned(rule=rule, where="notice", why="…") for rule in ("R06", "R06", "R20"))
    warned = msgspec.structs.replace(site, notice=msgspec.structs.replace(site.notice, findings=findings))
    worries = [*attention.noticed(warned, now, now)]
    assert [worry.words for worry in worries] == ["The notice in force was published with 3 warnings (R06, R20)."]


async def test_mail_that_does_not_leave_or_was_given_up(services: Services, clock: SetClock) -> None:
    await owe(services, kind="mail")
    dead = some.new_id(clock())
    await owe(services, kind="webhook", id=dead, endpoint=some.new_id(clock()))
    async with services.database.writing() as writer:
        await outbox.dead(writer, SITE, dead, clock(), "gone")
    clock.forward(3 * HOUR)
    assert await said(services) == [
        ("outbox", True, "Mails do not leave: the oldest has been due for 3 hours."),
        ("outbox", True, "1 event could not be delivered and was given up."),
    ]


async def test_endpoints_switched_off_and_keys_that_nobody_uses_or_that_end(
    services: Services, clock: SetClock
) -> None:
    async with services.database.writing() as writer:
        for disabled_at in (None, clock(), clock()):
            await endpoints.put(writer, SITE, some.endpoint(id=some.new_id(clock()), disabled_at=disabled_at))
    off = ("webhooks", True, "2 endpoints are switched off after too many failures.")
    actor = Actor(kind="command")
    await keyring.make(services, SITE, frozenset({"read"}), actor=actor, name="idle")
    _, gone = await keyring.make(services, SITE, frozenset({"read"}), actor=actor)
    await keyring.revoke(services, SITE, gone.id, actor=actor)
    clock.forward(80 * DAY)
    await keyring.make(services, SITE, frozenset({"read"}), actor=actor, name="nightly", expires_at=clock() + 20 * DAY)
    assert await said(services) == [off]
    clock.forward(11 * DAY)
    assert await said(services) == [
        off,
        ("keys", False, "1 key was not used for 90 days: revoke what is idle."),
        ("keys", False, "The key “nightly” ends in 9 days."),
    ]


async def test_a_tag_that_is_gone(services: Services, clock: SetClock) -> None:
    """Robots that still come change nothing."""
    for back in range(7):
        await show(services, clock() - back * DAY, 20)
    assert await said(services) == []
    clock.forward(30 * HOUR)
    await show(services, clock(), 50, bot=1)
    words = "The notice has not been shown for 30 hours, though it was before: is the tag still there?"
    assert await said(services) == [("install", True, words)]


@pytest.mark.parametrize(
    ("a_week", "hours", "is_said"),
    [(140, 30, True), (140, 20, False), (7, 30, False), (7, 24 * 12, True), (0, 24 * 99, False)],
)
def test_a_silence_is_strange_where_so_much_was_to_be_expected(a_week: int, hours: int, is_said: bool) -> None:
    assert len([*attention.silent(0, a_week, hours * HOUR)]) == is_said
    assert [*attention.silent(None, 0, hours * HOUR)] == []


async def test_what_fails_comes_first_then_an_old_notice_and_an_old_backup(services: Services, clock: SetClock) -> None:
    services.pulse.beat("courier")
    services.pulse.beat("sweeper")
    made = Backup(
        id=ids.uuid7(clock()).bytes, kind="whole", made_at=clock(), bytes=1, rows_kept=1, is_encrypted=1,
        checked_at=clock(),
    )  # fmt: skip
    async with services.database.writing() as writer:
        await backups.add(writer, made)
    clock.forward(400 * DAY)
    services.pulse.beat("sweeper")
    assert await said(services) == [
        ("operator", True, "Courier gave no sign of life lately: see /readyz and the log."),
        ("notice", False, "The notice was last published 13 months ago: does it still say what the site does?"),
        ("operator", False, "The last backup was made 13 months ago."),
    ]
