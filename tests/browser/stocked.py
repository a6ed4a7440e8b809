"""A site as it is after a month: visitors who decided, readers, keys, webhooks, people, drafts; and every page of it.

Invariant: the same pages each time; what can be seen of them hangs on nothing but the clock.
"""

from __future__ import annotations

from collections.abc import Mapping
from random import Random

import msgspec

from consent import auditing, ids, keyring
from consent.clock import DAY
from consent.connections import connecting
from consent.connections.connecting import EndpointRequest
from consent.editing import drafting, trying
from consent.records import Actor
from consent.rights import accessing
from consent.rights.finding import Who
from consent.services import Services
from consent.storage import attempts, figures, funnel, outbox
from consent.storage.attempts import Attempt
from consent.storage.figures import Count, Group
from consent.storage.funnel import Step
from consent.storage.outbox import Owed
from tests import acts
from tests.acts import GIVEN, REFUSED, SITE
from tests.running import MIAMI, notice_of, publish
from tests.signing_in import a_member
from tests.trips.newsletters import EVENTS, STORIES
from tests.trips.newsletters import subscribe as sign_up
from tests.trips.readers import ask, key
from tests.trips.test_drafts import saved
from tests.trips.test_trying import a_draft, another_look, other_words
from tests.web.stage import Stage

HOUR = 3_600_000
DAYS = 28
COUNTRIES = (("US", 0.6), ("CA", 0.14), ("DE", 0.1), ("ES", 0.08), ("GB", 0.05), ("MT", 0.0006))
DEVICES = (("phone", 0.62), ("desktop", 0.31), ("tablet", 0.07))
DONE = (
    ("accepted", 0.31),
    ("refused", 0.26),
    ("chosen", 0.07),
    ("dismissed", 0.03),
    ("gpc", 0.02),
    ("withdrawn", 0.004),
)
FORMS = (("shown", 8_410), ("asked", 612), ("sent", 604), ("confirmed", 449), ("left", 7))


class Stocked(msgspec.Struct, frozen=True, kw_only=True):
    """What the pages' addresses are made of."""

    draft: str
    aside: str
    """What another person wrote into the same draft."""
    endpoint: str
    reader: str
    subject: str


async def stock(stage: Stage) -> Stocked:
    """Fills the Miami site."""
    services = stage.services
    await publish(services, MIAMI.read_bytes().replace(b"Google Ireland Limited", b"Google LLC"))
    await publish(services)
    await _count(services, notice_of(services), 0)
    subject = await _decide(services)
    reader = await sign_up(services, "ada.lovelace@example.org", STORIES, EVENTS)
    for name in ("grace.hopper", "katherine.johnson", "annie.easley"):
        await sign_up(services, f"{name}@example.org", STORIES)
    await ask(services, "waits@example.org", STORIES)
    editor = auditing.by_member((await a_member(services, "editor")).id)
    dpo = auditing.by_member((await a_member(services, "dpo")).id)
    for name in ("Night export", "Newsroom"):
        await keyring.make(services, SITE, frozenset({"read"}), actor=auditing.COMMAND, name=name)
    endpoint = await _connect(services)
    await accessing.access(services, SITE, Who(subjects=(subject,)), auditing.SERVICE)
    draft = await a_draft(services, another_look, editor)
    theirs = await drafting.begin(services, SITE, editor)
    await saved(services, theirs, 1, editor, ("controller.name", "Miami New Times, Inc."))
    aside = await saved(services, theirs, 1, dpo, ("controller.name", "Voice Media Group"))
    await _count(services, await _try(services, editor), 0.03)
    return Stocked(draft=draft, aside=aside.draft, endpoint=endpoint, reader=ids.uuid_text(reader.id), subject=subject)


def pages(stocked: Stocked, digest: str) -> Mapping[str, str]:
    """Every page of a site, by a name for its picture: what follows the site's home in its address."""
    return {
        "overview": "",
        "notice": "/notice",
        "notice-edit": f"/notice/edit/{stocked.draft}/site",
        "notice-edit-purposes": f"/notice/edit/{stocked.draft}/purposes",
        "notice-edit-texts": f"/notice/edit/{stocked.draft}/texts",
        "notice-edit-look": f"/notice/edit/{stocked.draft}/look",
        "notice-compare": "/notice/compare",
        "notice-publish": f"/notice/publish/{stocked.draft}",
        "notice-merge": f"/notice/merge/{stocked.aside}",
        "notice-roll-back": "/notice/roll-back/2",
        "notice-import": "/notice/import",
        "notice-experiments": "/notice/experiments",
        "notice-words": f"/notices/{digest}",
        "records": "/records",
        "record": "/records/2",
        "record-audit": "/records/10",
        "readers": "/readers",
        "reader": f"/readers/{stocked.reader}",
        "readers-suppressions": "/readers/suppressions",
        "readers-outbox": "/readers/outbox",
        "readers-import": "/readers/import",
        "requests": "/requests",
        "settings-install": "/settings",
        "settings-cookies": "/settings/cookies",
        "settings-keys": "/settings/keys",
        "settings-people": "/settings/people",
        "settings-webhooks": "/settings/webhooks",
        "settings-webhook": f"/settings/webhooks/{stocked.endpoint}",
        "settings-webhook-new": "/settings/webhooks/new",
        "settings-retention": "/settings/retention",
        "settings-audit": "/settings/audit",
    }


async def _try(services: Services, by: Actor) -> str:
    """An experiment that has run for two weeks; gives the digest of the second notice."""
    await trying.begin(services, SITE, await a_draft(services, other_words, by), 1, by)
    running = await trying.running(services, SITE)
    assert running is not None
    async with services.database.writing() as writer:
        await writer.execute("UPDATE experiments SET started_at = $1", services.clock() - 14 * DAY)
    return running.second


async def _count(services: Services, notice: str, more: float) -> None:
    """What some thousands of visitors a day did who were shown the notice, `more` of whom accepted than usual."""
    random, today = Random(5), services.clock() // DAY * DAY
    counts: list[tuple[Count, int]] = []
    for day in range(DAYS):
        shown = 2400 + random.randrange(900) - (700 if day % 7 in (5, 6) else 0)
        for country, in_country in COUNTRIES:
            for device, on_device in DEVICES:
                group = Group(notice, "es" if country == "ES" else "en", country, device)
                number = round(shown * in_country * on_device)
                for kind, usual in (("shown", 1.0), *DONE):
                    share = usual + more * (kind == "accepted")
                    there = round(number * share * random.uniform(0.85, 1.15)) if kind != "shown" else number
                    counts.append((Count(SITE, today - day * DAY + 9 * HOUR, kind, group), there))
    async with services.database.writing() as writer:
        await figures.add(writer, [each for each in counts if each[1]])
        await funnel.add(writer, [(Step(SITE, today, step, "inline"), count // 2) for step, count in FORMS])


async def _decide(services: Services) -> str:
    """A visitor who gave, chose and withdrew, among others; gives the subject."""
    subject, notice = acts.new_id(), notice_of(services)
    for purposes, more in (
        (GIVEN, {"subject": subject, "action": "accept_all"}),
        ({**GIVEN, "advertising": False}, {"subject": subject}),
        (REFUSED, {"action": "reject_all"}),
        (REFUSED, {"subject": subject, "action": "withdraw"}),
        (GIVEN, {"action": "accept_all", "language": "es"}),
    ):
        page = "https://www.miaminewtimes.com/news/story"
        await services.recorder.give(acts.draft(notice, purposes, page=page, **more))
    return subject


async def _connect(services: Services) -> str:
    """A webhook that took one event, and gave another up."""
    wanted = EndpointRequest(url="https://hooks.example.org/consent")
    made = await connecting.connect(services, SITE, wanted)
    at, endpoint = services.clock(), ids.parse_uuid(made.endpoint.id)
    async with services.database.writing() as writer:
        for number, fault in enumerate(("", "it answered 500")):
            id_ = ids.uuid7(at - number).bytes
            owed = Owed(
                site=SITE, id=id_, kind="webhook", what="signup.confirmed", about={}, endpoint=endpoint,
                key=key(services, "ada.lovelace@example.org"), message_id=acts.new_id(), created_at=at, due_at=at + DAY,
            )  # fmt: skip
            await outbox.put(writer, owed)
            how = "again" if fault else "done"
            await attempts.add(writer, SITE, id_, Attempt(number=1, ended_at=at, how=how, fault=fault))
            await (outbox.dead(writer, SITE, id_, at, fault) if fault else outbox.done(writer, SITE, id_, at))
    return made.endpoint.id
