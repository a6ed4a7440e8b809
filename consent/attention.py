"""What needs attention at a site, as far as the service can know it: a sentence each, and where it is mended.

Invariant: only what is seen in the service's own tables is said; what looks well is not mentioned.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Literal

import msgspec

from consent import discovering
from consent.clock import DAY, HOUR
from consent.directory import Published
from consent.services import Services
from consent.storage import backups, endpoints, figures, keys, outbox, sites
from consent.storage.database import Reader
from consent.storage.discoveries import StoredDiscovery
from consent.storage.endpoints import Endpoint
from consent.storage.keys import StoredKey

LATE = HOUR // 4
"""How long mail or an event may be due before somebody is told: a mail server may be away for some minutes."""
UNUSED, ENDING = 90 * DAY, 14 * DAY
OLD = 365 * DAY
"""After a year a notice should be held against what the site really does, even if nobody changed it."""
SILENT, USUAL, LOOKED_BACK = DAY, 7 * DAY, 60 * DAY
MISSED = 10
"""No showing for a day is strange where, by the week before, at least so many were to be expected."""
BACKUP = 2 * DAY
LISTED = 5

Place = Literal["notice", "outbox", "webhooks", "keys", "install", "cookies", "operator"]
"""Where it is mended: a page of the console, or by whoever runs the service."""


class Worry(msgspec.Struct, frozen=True, kw_only=True):
    """One thing; `is_bad`: something is failing now, else it should be looked at."""

    place: Place
    words: str
    is_bad: bool = False


async def look(services: Services, site: Published) -> tuple[Worry, ...]:
    """All that needs attention at the site, what fails first."""
    now = services.clock()
    await services.counting.flush()
    async with services.database.reading() as reader:
        row = await sites.find(reader, site.id)
        newest = await backups.newest(reader)
        found = [
            *owed(await outbox.standing(reader, site.id), now),
            *disabled(await endpoints.all_of(reader, site.id)),
            *silent(*await _shown(reader, site.id, now), now),
            *attacked(services.pressure.level(site.id)),
            *beside(services.pulse.late()),
            *noticed(site, row.published_at if row else now, now),
            *discovered(await discovering.known(reader, site.id, site.notice)),
            *unused(await keys.of_site(reader, site.id), now),
            *backed_up(newest.made_at if newest else None, now),
        ]
    return tuple(sorted(found, key=lambda worry: not worry.is_bad))


def owed(standing: Mapping[tuple[str, str], tuple[int, int]], now: int) -> Iterator[Worry]:
    """Mail and events that were given up, or that do not leave."""
    for kinds, one, many in ((("mail",), "mail", "mails"), (("webhook", "sync"), "event", "events")):
        dead = sum(standing.get((kind, "dead"), (0, 0))[0] for kind in kinds)
        due = min((standing[kind, "waiting"][1] for kind in kinds if (kind, "waiting") in standing), default=now)
        if now - due > LATE:
            yield Worry(
                place="outbox",
                words=f"{many.capitalize()} do not leave: the oldest has been due for {_span(now - due)}.",
                is_bad=True,
            )
        if dead:
            yield Worry(
                place="outbox",
                words=f"{_number(dead, one, many)} could not be delivered and {_were(dead)} given up.",
                is_bad=True,
            )


def disabled(found: Sequence[Endpoint]) -> Iterator[Worry]:
    """Endpoints that are told nothing any more."""
    off = sum(one.disabled_at is not None for one in found)
    if off:
        verb = "is" if off == 1 else "are"
        words = f"{_number(off, 'endpoint', 'endpoints')} {verb} switched off after too many failures."
        yield Worry(place="webhooks", words=words, is_bad=True)


def silent(last: int | None, number: int, now: int) -> Iterator[Worry]:
    """The tag may be gone: the last hour in which the notice was shown, and how often it was in the week before."""
    silence = now - last if last is not None else 0
    if silence > SILENT and number * silence >= MISSED * USUAL:
        words = f"The notice has not been shown for {_span(silence)}, though it was before: is the tag still there?"
        yield Worry(place="install", words=words, is_bad=True)


def attacked(level: int) -> Iterator[Worry]:
    """Sign-ups come as from robots."""
    if level:
        words = "Sign-ups come in as if made by robots; readers in doubt are asked to solve a challenge until it ends."
        yield Worry(place="operator", words=words)


def beside(late: Sequence[str]) -> Iterator[Worry]:
    """What runs beside the requests."""
    if late:
        words = f"{' and '.join(sorted(late))} gave no sign of life lately: see /readyz and the log.".capitalize()
        yield Worry(place="operator", words=words, is_bad=True)


def noticed(site: Published, published_at: int, now: int) -> Iterator[Worry]:
    """The notice in force: what the linter holds against it, and its age."""
    findings = () if isinstance(site.notice.findings, msgspec.UnsetType) else site.notice.findings
    if findings:
        rules = ", ".join(dict.fromkeys(one.rule for one in findings))
        number = _number(len(findings), "warning", "warnings")
        yield Worry(place="notice", words=f"The notice in force was published with {number} ({rules}).")
    if now - published_at > OLD:
        words = f"The notice was last published {_span(now - published_at)} ago: does it still say what the site does?"
        yield Worry(place="notice", words=words)


def discovered(found: Sequence[StoredDiscovery]) -> Iterator[Worry]:
    """What pages keep in browsers without telling, or without leave."""
    early = {one.name for one in found if one.how == "early"}
    undeclared = {one.name for one in found if one.how == "undeclared"}
    if early:
        words = f"{_number(len(early), 'name', 'names')} {_were(len(early))} kept in a browser before it was allowed"
        yield Worry(place="cookies", words=f"{words}: {_listed(early)}.", is_bad=True)
    if undeclared:
        words = f"{_number(len(undeclared), 'name that is', 'names that are')} kept in browsers"
        verb = "is" if len(undeclared) == 1 else "are"
        yield Worry(place="cookies", words=f"{words} {verb} not in the notice: {_listed(undeclared)}.", is_bad=True)


def _listed(names: Collection[str]) -> str:
    more = f" and {len(names) - LISTED} more" if len(names) > LISTED else ""
    return ", ".join(sorted(names)[:LISTED]) + more


def unused(found: Sequence[StoredKey], now: int) -> Iterator[Worry]:
    """Keys that nobody uses, and keys that soon open nothing any more."""
    held = [key for key in found if key.revoked_at is None and (key.expires_at is None or key.expires_at > now)]
    idle = [key for key in held if now - (key.used_at or key.created_at) > UNUSED]
    ending = [key for key in held if key.expires_at is not None and key.expires_at - now < ENDING and key not in idle]
    if idle:
        verb = "was" if len(idle) == 1 else "were"
        yield Worry(
            place="keys", words=f"{_number(len(idle), 'key', 'keys')} {verb} not used for 90 days: revoke what is idle."
        )
    for key in ending:
        name = f"“{key.name}”" if key.name else key.id[:13]
        yield Worry(place="keys", words=f"The key {name} ends in {_span((key.expires_at or now) - now)}.")


def backed_up(made_at: int | None, now: int) -> Iterator[Worry]:
    """The last backup that this service made itself; of others it knows nothing, so none is no worry."""
    if made_at is not None and now - made_at > BACKUP:
        words = f"The last backup was made {_span(now - made_at)} ago."
        yield Worry(place="operator", words=words)


async def _shown(reader: Reader, site: str, now: int) -> tuple[int | None, int]:
    last = await figures.last_hour(reader, site, "shown", now - LOOKED_BACK)
    if last is None:
        return None, 0
    totals = await figures.totals(reader, site, last - USUAL, last + HOUR, "notice")
    return last, sum(total.number for total in totals if total.kind == "shown")


def _number(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"


def _were(number: int) -> str:
    return "was" if number == 1 else "were"


def _span(milliseconds: int) -> str:
    """In the largest unit that there are two of, or in minutes."""
    for unit, name in ((30 * DAY, "months"), (DAY, "days"), (HOUR, "hours")):
        if milliseconds >= 2 * unit:
            return f"{milliseconds // unit} {name}"
    minutes = max(1, milliseconds // 60_000)
    return f"{minutes} minute{'s' if minutes > 1 else ''}"
