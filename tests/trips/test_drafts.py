"""Drafts: several people write them, and nothing of anybody's is lost; publications keep their files."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from consent import deeds, ids, ledger, notices, publishing
from consent.canonical import encode
from consent.clock import DAY
from consent.directory import read_settings
from consent.editing import comparing, drafting, files, places, reaching, releasing, settling
from consent.editing.drafting import Saved
from consent.errors import Overtaken, Refused, Unknown
from consent.notices import Table, plain, read_site_file
from consent.records import Actor, Circumstances
from consent.services import Services
from consent.storage import logs, sites
from tests import acts
from tests.acts import GIVEN, REFUSED, SITE
from tests.clock import SetClock
from tests.running import MIAMI, notice_of, publish

ANA = Actor(kind="member", id=ids.uuid_text(bytes(15) + b"a"))
BEN = Actor(kind="member", id=ids.uuid_text(bytes(15) + b"b"))
MIAMI_TABLES = plain(read_site_file(MIAMI.read_bytes()))


def puts(*changes: tuple[str, object]) -> Callable[[Table], Table]:
    """What sets these places of a file."""

    def change(raw: Table) -> Table:
        for place, value in changes:
            raw = places.put(raw, places.parsed(place), value)
        return raw

    return change


async def saved(services: Services, draft: str, seen: int, actor: Actor, *changes: tuple[str, object]) -> Saved:
    return await drafting.save(services, SITE, draft, seen, puts(*changes), actor)


async def acted(services: Services) -> list[tuple[str, str, dict[str, str]]]:
    """The audit trail: what was done, by whom, about what."""
    async with services.database.reading() as reader:
        sql = "SELECT payload FROM records WHERE site = $1 AND kind = 'audit' ORDER BY seq"
        rows = [msgspec.json.decode(row["payload"]) for row in await reader.rows(sql, SITE)]
    return [(row["action"], row["by"], row["about"]) for row in rows]


async def test_a_draft_begins_as_what_is_in_force_and_keeps_what_is_wrong(services: Services) -> None:
    draft = await drafting.begin(services, SITE, ANA)
    first = await drafting.opened(services, SITE, draft)
    assert (first.version, first.begun_from, first.saved_by, first.faults) == (1, 1, str(ANA), ())
    assert first.tables == MIAMI_TABLES
    done = await saved(services, draft, 1, BEN, ("controller.name", msgspec.UNSET), ("consent.expires_days", "soon"))
    assert done == Saved(draft=draft, version=2, is_new=True)
    again = await drafting.opened(services, SITE, draft)
    assert [fault.path for fault in again.faults] == ["controller.name", "consent.expires_days"]
    assert (await saved(services, draft, 2, ANA)).is_new is False
    with pytest.raises(Refused):
        await releasing.publish(services, SITE, draft, 2, 1, ANA)
    await drafting.discard(services, SITE, draft, BEN)
    await drafting.discard(services, SITE, draft, BEN)
    assert await drafting.listed(services, SITE) == []
    with pytest.raises(Unknown):
        await drafting.opened(services, SITE, acts.new_id())
    assert await acted(services) == [
        ("draft.begun", str(ANA), {"draft": draft}),
        ("draft.discarded", str(BEN), {"draft": draft}),
    ]


async def test_two_who_write_in_different_places_are_brought_together(services: Services) -> None:
    draft = await drafting.begin(services, SITE, ANA)
    await saved(services, draft, 1, ANA, ("theme.accent", "#112233"), ("purposes[1].name.en", "Ana's"))
    done = await saved(services, draft, 1, BEN, ("controller.name", "Ben's"), ("purposes[1].name.es", "De Ben"))
    assert (done.version, done.is_aside) == (3, False)
    assert [(one.version, one.saved_by) for one in done.brought] == [(2, str(ANA))]
    assert done.places == ("purpose “analytics” › name › English", "theme › accent")
    both = (await drafting.opened(services, SITE, draft)).tables
    wanted = ("#112233", "Ben's", {"en": "Ana's", "es": "De Ben"})
    found = [places.at(both, places.parsed(place)) for place in ("theme.accent", "controller.name", "purposes[1].name")]
    assert tuple(found) == wanted


async def test_two_who_write_in_the_same_place_both_keep_what_they_wrote(services: Services) -> None:
    draft = await drafting.begin(services, SITE, ANA)
    await saved(services, draft, 1, ANA, ("controller.name", "Ana's"), ("theme.accent", "#112233"))
    done = await saved(services, draft, 1, BEN, ("controller.name", "Ben's"), ("name", "Ben's Times"))
    assert done.is_aside
    assert done.draft != draft
    assert {one.id for one in await drafting.listed(services, SITE)} == {draft, done.draft}
    met = await settling.meeting(services, SITE, done.draft)
    assert met
    [conflict] = met.merged().conflicts
    assert (conflict.where, conflict.ours, conflict.theirs) == ("controller.name", "Ben's", "Ana's")
    with pytest.raises(Refused):
        await settling.settle(services, SITE, done.draft, met.seen, {}, BEN)
    await saved(services, draft, 2, ANA, ("theme.radius", "2px"))
    with pytest.raises(Overtaken):
        await settling.settle(services, SITE, done.draft, met.seen, {conflict.where: "theirs"}, BEN)
    met = await settling.meeting(services, SITE, done.draft)
    assert met
    settled = await settling.settle(services, SITE, done.draft, met.seen, {conflict.where: "theirs"}, BEN)
    assert (settled.draft, settled.version) == (draft, 4)
    whole = (await drafting.opened(services, SITE, draft)).tables
    assert (places.at(whole, ("controller", "name")), whole["name"]) == ("Ana's", "Ben's Times")
    assert whole["theme"] == {"accent": "#112233", "radius": "2px"}
    assert [one.id for one in await drafting.listed(services, SITE)] == [draft]


async def test_a_version_too_old_to_be_kept_is_no_licence_to_undo_what_came_since(services: Services) -> None:
    draft = await drafting.begin(services, SITE, ANA)
    await saved(services, draft, 1, ANA, ("theme.radius", "9px"))
    async with services.database.writing() as writer:
        await writer.execute("DELETE FROM draft_versions WHERE version = 1")
    done = await saved(services, draft, 1, BEN, ("name", "Ben's"))
    assert done.is_aside
    met = await settling.meeting(services, SITE, done.draft)
    assert met
    assert {one.where for one in met.merged().conflicts} == {"name"}


async def test_a_publication_from_elsewhere_is_brought_together_with_the_draft(services: Services) -> None:
    draft = await drafting.begin(services, SITE, ANA)
    await saved(services, draft, 1, ANA, ("controller.email", "ana@miaminewtimes.com"), ("theme.radius", "2px"))
    assert await settling.meeting(services, SITE, draft) is None
    text = MIAMI.read_text().replace("privacy@miami", "git@miami").replace('"#c8102e"', '"#0a5c8f"')
    assert (await publish(services, text.encode())).revision == 2
    with pytest.raises(Overtaken):
        await releasing.publish(services, SITE, draft, 2, 1, ANA)
    met = await settling.meeting(services, SITE, draft)
    assert met
    assert (met.their_name, met.by) == ("publication 2", "command")
    [conflict] = met.merged().conflicts
    assert conflict.where == "controller.email"
    await settling.settle(services, SITE, draft, met.seen, {conflict.where: "ours"}, ANA)
    whole = await drafting.opened(services, SITE, draft)
    assert whole.begun_from == 2
    assert whole.tables["theme"] == {"accent": "#0a5c8f", "radius": "2px"}
    assert places.at(whole.tables, ("controller", "email")) == "ana@miaminewtimes.com"
    assert await settling.meeting(services, SITE, draft) is None


async def test_publishing_and_rolling_back(services: Services) -> None:
    first = notice_of(services)
    draft = await drafting.begin(services, SITE, ANA)
    await saved(services, draft, 1, ANA, ("controller.name", "Another, LLC"), ("records.ip", "hash"))
    with pytest.raises(Overtaken):
        await releasing.publish(services, SITE, draft, 1, 1, ANA)
    done = await releasing.publish(services, SITE, draft, 2, 1, ANA)
    assert (done.revision, done.asks_again, services.directory.get(SITE).settings.ip) == (2, True, "hash")
    assert await drafting.listed(services, SITE) == []
    with pytest.raises(Overtaken):
        await releasing.roll_back(services, SITE, 1, 1, BEN)
    back = await releasing.roll_back(services, SITE, 1, 2, BEN)
    assert (back.revision, back.digest, services.directory.get(SITE).settings.ip) == (3, first, "none")
    about = {"revision": "2", "notice": done.digest, "draft": draft}
    assert (await acted(services))[1:] == [
        ("notice.published", str(ANA), about),
        ("notice.rolled_back", str(BEN), {"to": "1", "revision": "3", "notice": first}),
    ]
    async with services.database.reading() as reader:
        assert [await files.published_by(reader, SITE, at) for at in (1, 2, 3)] == ["command", str(ANA), str(BEN)]
        assert await files.published(reader, SITE, 3) == MIAMI_TABLES
        with pytest.raises(Unknown):
            await files.published(reader, SITE, 4)


async def test_who_writes_the_notice_does_not_shorten_how_long_proofs_are_kept(services: Services) -> None:
    draft = await drafting.begin(services, SITE, ANA)
    await saved(services, draft, 1, ANA, ("retention.audit_days", 365))
    with pytest.raises(Refused, match="changed by an owner.*audit_days 1825 -> 365"):
        await releasing.publish(services, SITE, draft, 2, 1, ANA)
    assert (await drafting.opened(services, SITE, draft)).version == 2, "the draft stays"
    done = await releasing.publish(services, SITE, draft, 2, 1, BEN, may_change_periods=True)
    with pytest.raises(Refused, match="audit_days 365 -> 1825"):
        await releasing.roll_back(services, SITE, 1, 2, ANA)
    publisher = publishing.Publisher(
        database=services.database, vault=services.vault, clock=services.clock, url=services.settings.url
    )
    await publishing.publish(publisher, read_site_file(MIAMI.read_bytes()), by=deeds.COMMAND)
    assert [one for one in await acted(services) if one[0] == "retention.changed"] == [
        ("retention.changed", str(BEN), {"audit_days": "1825 -> 365", "revision": "2", "notice": done.digest}),
        ("retention.changed", "command", {"audit_days": "365 -> 1825", "revision": "3", "notice": done.digest}),
    ]
    with pytest.raises(Refused, match="365"):
        read_site_file(MIAMI.read_bytes() + b"\n[retention]\naudit_days = 364\n")


async def test_who_still_writes_a_draft_that_was_published_loses_nothing(services: Services, clock: SetClock) -> None:
    draft = await drafting.begin(services, SITE, ANA)
    await saved(services, draft, 1, ANA, ("theme.radius", "2px"))
    await releasing.publish(services, SITE, draft, 2, 1, ANA)
    assert (await drafting.opened(services, SITE, draft)).has_ended
    await saved(services, draft, 1, BEN, ("name", "Ben's Times"))
    [again] = await drafting.listed(services, SITE)
    assert (again.id, again.begun_from) == (draft, 2)
    whole = await drafting.opened(services, SITE, draft)
    assert not whole.has_ended
    found = await comparing.compare(services, SITE, whole.tables)
    assert [(one.place, one.after) for one in found.shown] == [("name", "Ben's Times")]
    await drafting.discard(services, SITE, draft, ANA)
    clock.forward(drafting.KEPT + 1)
    await drafting.begin(services, SITE, ANA)
    with pytest.raises(Unknown):
        await saved(services, draft, 3, BEN, ("name", "Too late"))


async def test_a_draft_of_another_site_is_not_published_here(services: Services) -> None:
    draft = await drafting.begin(services, SITE, ANA, puts(("id", "another"))(MIAMI_TABLES))
    with pytest.raises(Refused, match="this site"):
        await releasing.publish(services, SITE, draft, 1, 1, ANA)


async def test_a_publication_without_its_file_is_made_again_from_what_was_kept(services: Services) -> None:
    for text in (
        MIAMI.read_bytes(),
        MIAMI.read_bytes().replace(b'"auto"', b'"opt_in"\ncookie_domain = "miaminewtimes.com"'),
    ):
        await publish(services, text)
        async with services.database.writing() as writer:
            await writer.execute("DELETE FROM site_files")
        async with services.database.reading() as reader:
            row = await sites.find(reader, SITE)
            assert row
            made = notices.site_file(await files.published(reader, SITE, row.revision))
        assert made == read_site_file(text)
        assert encode(publishing.settings_of(made)) == encode(read_settings(row.settings))


async def test_what_would_change_is_told_in_words_with_who_is_asked_again(services: Services) -> None:
    for purposes in (GIVEN, REFUSED, GIVEN):
        await ledger.give(services, SITE, acts.request(notice_of(services), purposes), Circumstances())
    twice = acts.new_id()
    for _ in range(2):
        await ledger.give(services, SITE, acts.request(notice_of(services), subject=twice), Circumstances())
    new = puts(
        ("purposes[1].services[0].provider", "Other Ltd"),
        ("theme.accent", "#112233"),
        ("origins", ["https://a.example"]),
    )(MIAMI_TABLES)
    found = await comparing.compare(services, SITE, new)
    assert [(one.place, one.before, one.after, one.is_material) for one in found.shown] == [
        ("look › accent", "#c8102e", "#112233", False),
        (
            "purpose “analytics” › service “google-analytics” › provider",
            "Google Ireland Limited",
            "Other Ltd",
            True,
        ),
    ]
    assert [(one.place, one.kind) for one in found.behind] == [
        ("origin “https://www.miaminewtimes.com”", "removed"),
        ("origin “http://localhost:*”", "removed"),
        ("origin “http://127.0.0.1:*”", "removed"),
        ("origin “https://a.example”", "added"),
    ]
    assert found.reach == reaching.Reach(people=4, is_exact=True)
    cosmetic = await comparing.compare(services, SITE, puts(("theme.accent", "#112233"))(MIAMI_TABLES))
    assert (cosmetic.reach, cosmetic.is_same) == (None, False)
    assert (await comparing.compare(services, SITE, MIAMI_TABLES)).is_same
    broken = await comparing.compare(services, SITE, puts(("name", ""))(MIAMI_TABLES))
    assert ([fault.path for fault in broken.faults], [one.place for one in broken.behind]) == (["name"], ["name"])


async def test_who_is_asked_again_is_estimated_from_few_places_of_a_long_log(
    services: Services, clock: SetClock
) -> None:
    first = notice_of(services)
    for _ in range(30):
        await ledger.give(services, SITE, acts.request(first), Circumstances())
    clock.forward(200 * DAY)  # those have expired
    for _ in range(60):
        await ledger.give(services, SITE, acts.request(first), Circumstances())
    async with services.database.reading() as reader:
        head = await logs.head(reader, SITE)
    assert head
    assert head.size == 90
    other = notices.compile_notice(notices.site_file(puts(("controller.name", "Other"))(MIAMI_TABLES)))
    exact = await reaching.reach(services, SITE, other)
    assert exact == reaching.Reach(people=60, is_exact=True)
    some = await reaching.reach(services, SITE, other, sample=9)
    assert (some.people, some.is_exact) == (60, False)
    assert 20 <= some.margin <= 30
    same: Any = services.directory.get(SITE).notice
    assert await reaching.reach(services, SITE, same, sample=9) == reaching.Reach(people=0, is_exact=False, margin=30)
