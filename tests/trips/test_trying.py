"""An experiment: begun over what is in force, drawn fairly, judged by acts alone, ended once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from consent import auditing, ids, notices
from consent.clock import DAY
from consent.directory import Published
from consent.editing import drafting, judging, trying
from consent.errors import ConsentError, Overtaken, Refused, Unknown
from consent.records import Actor, Circumstances
from consent.services import Services
from consent.storage import experiments
from consent.storage.experiments import Experiment, Hour
from tests.acts import SITE
from tests.clock import SetClock
from tests.reading import verified
from tests.running import MIAMI, publish
from tests.trips.test_auditing import acts_of

BY = auditing.by_member(ids.uuid7(1).bytes)
HOUR = 3_600_000
Change = Callable[[dict[str, Any]], None]


def other_words(tables: dict[str, Any]) -> None:
    tables["texts"]["en"]["notice"]["title"] = "Your privacy, your choice"


def another_look(tables: dict[str, Any]) -> None:
    tables["theme"]["radius"] = "14px"


def asks_more(tables: dict[str, Any]) -> None:
    tables["purposes"][1]["sale_or_sharing"] = not tables["purposes"][1].get("sale_or_sharing", False)


def other_settings(tables: dict[str, Any]) -> None:
    tables["origins"] = [*tables["origins"], "https://more.example.org"]


def nothing(tables: dict[str, Any]) -> None:
    pass


async def a_draft(services: Services, change: Change = other_words, by: Actor = BY) -> str:
    """A draft of what is in force, with this changed."""
    site_file = notices.read_site_file(MIAMI.read_bytes())
    tables: dict[str, Any] = deepcopy(dict(notices.plain(site_file)))
    tables["texts"] = tables.get("texts") or {"en": {"notice": {}}}
    change(tables)
    return await drafting.begin(services, SITE, by, tables)


def in_force(services: Services) -> Published:
    return services.directory.get(SITE)


async def begun(services: Services, change: Change = other_words) -> Experiment:
    await trying.begin(services, SITE, await a_draft(services, change), 1, BY)
    found = await trying.running(services, SITE)
    assert found is not None
    return found


async def test_one_begins_runs_and_is_ended(services: Services) -> None:
    first = in_force(services)
    one = await begun(services, another_look)
    site = in_force(services)
    assert site.second is not None
    assert (site.digest, site.second.digest) == (first.digest, one.second) == (one.first, one.second)
    assert notices.material(site.second.notice) == site.material, "nobody is asked again"
    assert await drafting.listed(services, SITE) == []
    with pytest.raises(Refused, match="another experiment runs"):
        await begun(services)
    await trying.end(services, SITE, ids.uuid_text(one.id), BY, is_adopted=False)
    assert in_force(services).second is None and in_force(services).revision == first.revision
    with pytest.raises(Unknown):
        await trying.end(services, SITE, ids.uuid_text(one.id), BY, is_adopted=True)
    [past] = await trying.past(services, SITE)
    assert (past.outcome, past.ended_by) == ("kept", str(BY))
    assert await verified(services) == 4  # both drafts, begun and ended, are in the log


async def test_one_that_is_adopted_is_published_whole(services: Services) -> None:
    one = await begun(services)
    await trying.end(services, SITE, ids.uuid_text(one.id), BY, is_adopted=True)
    site = in_force(services)
    assert (site.digest, site.second) == (one.second, None)
    told = [(each.action, each.by, each.about.get("experiment")) for each in (await acts_of(services))[-2:]]
    ended = (str(BY), ids.uuid_text(one.id))
    assert told == [("notice.published", *ended), ("experiment.ended", *ended)]
    assert site.notice.findings is notices.compile_notice(notices.read_site_file(MIAMI.read_bytes())).findings


async def test_of_two_who_end_it_one_is_told_that_it_has_ended(services: Services) -> None:
    one = await begun(services)
    id_ = ids.uuid_text(one.id)
    done = await asyncio.gather(
        trying.end(services, SITE, id_, BY, is_adopted=True),
        trying.end(services, SITE, id_, BY, is_adopted=False),
        return_exceptions=True,
    )
    assert sorted(type(each).__name__ for each in done) == ["NoneType", "Unknown"]
    [past] = await trying.past(services, SITE)
    is_adopted = in_force(services).digest == one.second
    assert past.outcome == ("adopted" if is_adopted else "kept")


async def test_a_publication_ends_it(services: Services) -> None:
    one = await begun(services)
    await publish(services, MIAMI.read_bytes().replace(b'radius = "6px"', b'radius = "2px"'))
    assert in_force(services).second is None
    assert await trying.running(services, SITE) is None
    with pytest.raises(Overtaken):
        await trying.end(services, SITE, ids.uuid_text(one.id), BY, is_adopted=True)
    again = await begun(services)
    assert in_force(services).second is not None
    async with services.database.reading() as reader:
        stale = await experiments.find(reader, SITE, one.id)
    assert stale is not None and stale.outcome is None and stale.ended_at is not None and again.id != one.id


@pytest.mark.parametrize("change", [asks_more, other_settings, nothing], ids=lambda one: str(one.__name__))
async def test_what_is_no_matter_of_words_and_looks_is_refused(services: Services, change: Change) -> None:
    with pytest.raises(Refused):
        await begun(services, change)
    assert in_force(services).second is None


async def test_what_was_not_looked_at_is_not_begun(services: Services) -> None:
    draft = await a_draft(services)
    with pytest.raises(Overtaken):
        await trying.begin(services, SITE, draft, 2, BY)
    with pytest.raises(ConsentError):
        await trying.begin(services, SITE, ids.uuid_text(ids.uuid7(2).bytes), 1, BY)


async def test_acts_are_compared_once_no_cache_has_the_older_loader(services: Services, clock: SetClock) -> None:
    one = await begun(services)

    def acts(notice: str, kind: str, number: int, **seen: Any) -> None:
        for _ in range(number):
            services.counting.note(
                SITE, services.clock(), kind, notice=notice, language="en", seen=Circumstances(**seen)
            )

    acts(one.first, "accepted", 500)
    clock.forward(DAY + 3 * HOUR)
    acts(one.first, "accepted", 100)
    acts(one.second, "accepted", 200)
    acts(one.second, "refused", 7)
    acts(one.second, "accepted", 1000, device="bot")
    found = await judging.compared(services, SITE, one)
    assert (found.first.accepted, found.second.accepted, found.second.refused) == (100, 200, 7)
    assert found.acts["accepted"].is_decided and found.acts["accepted"].low > 1
    assert not found.acts["refused"].is_decided
    assert found.decided.acts == 307


def test_hours_are_looked_at_in_the_order_of_time() -> None:
    """What was told apart at some hour stays told apart, whatever comes later."""
    one = Experiment(id=b"", first="a", second="b", file="", started_at=0, started_by="")
    hours = [Hour(hour=0, notice="a", kind="accepted", number=20), Hour(hour=0, notice="b", kind="accepted", number=90)]
    later = [Hour(hour=HOUR, notice="a", kind="accepted", number=70)]
    assert judging.weighed(hours, one).acts["accepted"].is_decided
    assert judging.weighed([*hours, *later], one).acts["accepted"].is_decided
    assert not judging.weighed([], one).decided.is_decided
