"""The trip of a choice that goes along to another site of the same controller: handed over, opened, brought in.

A visitor who follows a link from one site to another carries a token in the address. It names a record, not a person:
the other site learns what the visitor decides there now, and makes a new subject for it. With that it gets a ticket,
which proves what was opened for as long as a browser may owe the record: the source is not asked again.

Invariant: nothing is given at a site that its visitor did not expressly give, at a site that goes together with it, to
a purpose that asks for exactly the same; a choice that no longer holds there holds nowhere else.
"""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from consent import choices, ids, notices, records
from consent.canonical import encode, sha256_hex
from consent.clock import DAY
from consent.directory import Published
from consent.errors import BadToken, Fault, Refused
from consent.notices import Notice
from consent.records import Asked, ConsentRecord, ConsentRequest
from consent.regimes import Regime
from consent.services import Services
from consent.storage import records as stored
from consent.tokens import HandedOff, Receipt, Ticket

# Nobody expressed these: what they leave given was presumed, by a law that may not be the other site's.
PRESUMING = frozenset({"acknowledge", "dismiss", "gpc"})


class HandOffRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a page sends when its visitor leaves for a partner site."""

    receipt: str
    to: str
    """The origin that the visitor goes to."""


class HandOffToken(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A hand-off, for the address."""

    token: str


class OpenRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a page sends that was arrived at with a hand-off in the address."""

    token: str
    notice: str | None = None
    """Digest of the notice that the page has; the one in force when it names none."""


class Opened(msgspec.Struct, frozen=True, kw_only=True):
    """What the visitor's choice at the other site decides here; purposes that it does not decide are left out."""

    purposes: dict[str, bool]
    services: dict[str, bool]
    """Only those decided otherwise than their purpose."""
    ticket: str
    """What a record of exactly this says as `hand_off`; good for 30 days."""


class Decided(NamedTuple):
    """Decisions at a site: purposes, and the services decided otherwise than their purpose."""

    purposes: dict[str, bool]
    services: dict[str, bool]

    def digest(self) -> str:
        """The SHA-256 of both, 64 hex digits."""
        return sha256_hex(encode(self))


class Brought(msgspec.Struct, frozen=True, kw_only=True):
    """Where an import comes from (`site/record`), and how many days the choice lasts at most."""

    source: str
    days: int


NOTHING = Decided({}, {})


def hand_over(services: Services, site: Published, request: HandOffRequest) -> HandOffToken:
    """A token for the partner site at an origin, over the record that a receipt proves.

    Raises:
        BadToken, TokenExpired: no receipt of this site.
        Refused: no partner of this site is at that origin.
    """
    receipt = services.tokens.read("receipt", site.id, request.receipt, Receipt)
    partners = (services.directory.find(id_) for id_ in site.partners)
    target = next((partner for partner in partners if partner and partner.allows(request.to)), None)
    if target is None:
        raise Refused(Fault("to", "no site that this one goes together with has this origin"))
    content = HandedOff(id=receipt.id, site=target.id, source=site.id)
    return HandOffToken(token=services.tokens.sign("hand-off", target.id, content, services.clock()))


async def open_(services: Services, site: Published, request: OpenRequest, regime: Regime) -> Opened:
    """What the choice behind a token decides at this site now: an empty answer when it decides nothing.

    `regime` is how this site asks the visitor.

    Raises:
        BadToken, TokenExpired: no token for this site, or the two sites do not go together any more.
        Refused: the page has a notice that asks for something else, so a record of what is opened would be refused.
    """
    content = services.tokens.read("hand-off", site.id, request.token, HandedOff)
    if request.notice is not None and not await _asks_the_same(services, site, request.notice):
        raise Refused(Fault("notice", "the page has a notice that asks for something else than the one in force"))
    source = services.directory.find(content.source)
    if source is None or source.id not in site.partners:
        raise BadToken("these sites do not go together")
    latest, now = await _latest(services, content), services.clock()
    holds = latest is not None and await _holds(services, source, latest)
    decided = carried(latest, source.notice, site, regime) if latest and holds else NOTHING
    ticket = Ticket(
        site=site.id,
        source=f"{source.id}/{latest.id if latest else content.id}",
        material=site.material,
        decided=decided.digest(),
        until=records.until(latest) if latest else now,
    )
    signed = services.tokens.sign("ticket", site.id, ticket, now)
    return Opened(purposes=decided.purposes, services=decided.services, ticket=signed)


async def check(services: Services, site: Published, asked: Asked, request: ConsentRequest) -> Brought:
    """Where a request that names a ticket comes from; one that was recorded before is known without it.

    It lasts no longer than at its source, whenever it is recorded: not at all, when it comes too late for that.

    Raises:
        BadToken, TokenExpired: no ticket of this site, or too old.
        Refused: the request does not say what the ticket is over.
    """
    try:
        ticket = services.tokens.read("ticket", site.id, request.hand_off or "", Ticket)
    except BadToken:
        known = await _known(services, site.id, request.id)
        if known is None or known.imported_from is None:
            raise
        return Brought(source=known.imported_from, days=asked.expires_days)
    if ticket.material != asked.material:
        raise Refused(Fault("notice", "the choice was opened for a notice that asks for something else"))
    decided = Decided(request.purposes, choices.exceptions(request.purposes, request.services, asked))
    if ticket.decided != decided.digest():
        raise Refused(Fault("hand_off", "the decisions are not those that the ticket is over"))
    return Brought(source=ticket.source, days=max(0, (ticket.until - services.clock()) // DAY))


async def _holds(services: Services, source: Published, latest: ConsentRecord) -> bool:
    """Whether the source would not ask again: for a day at least, and what it asks now is what was decided."""
    shown = await services.directory.asked(source, latest.notice)
    lasts = records.until(latest) - services.clock() >= DAY
    return lasts and shown is not None and shown.material == source.material


def carried(record: ConsentRecord, there: Notice, here: Published, regime: Regime) -> Decided:
    """What a record at the one site decides at the other: purposes that ask for the same in both, with their services.

    A refusal counts in any case, a grant when it was expressed: what is saved where everything was on to begin with
    says nothing of what it leaves on to a site that has to ask first (CJEU C-673/17).
    """
    alike = notices.purposes_alike(there, here.notice)
    counts = [name for name in here.asked.order if name in alike and name in record.purposes]
    was_on = record.regime != "opt_in" and record.action != "accept_all"
    is_presumed = record.action in PRESUMING or (was_on and regime == "opt_in")
    purposes = {name: record.purposes[name] for name in counts if not (is_presumed and record.purposes[name])}
    return Decided(purposes, choices.exceptions(purposes, record.services, here.asked))


async def _asks_the_same(services: Services, site: Published, notice: str) -> bool:
    """Whether a notice, which a page still has, asks for what the one in force does."""
    shown = await services.directory.asked(site, notice)
    return shown is not None and shown.material == site.material


async def _latest(services: Services, content: HandedOff) -> ConsentRecord | None:
    """What the subject of the token's record decides now; None when it was erased meanwhile."""
    async with services.database.reading() as reader:
        found = await stored.by_id(reader, content.source, ids.parse_uuid(content.id))
        subject = found.subject if found and found.kind == "cookies" else None
        payload = await stored.latest(reader, content.source, subject, "cookies") if subject else None
    return records.read_payload(payload) if payload else None


async def _known(services: Services, site: str, id_: str) -> ConsentRecord | None:
    async with services.database.reading() as reader:
        found = await stored.by_id(reader, site, ids.parse_uuid(id_))
    return records.read_payload(found.payload) if found and found.payload and found.kind == "cookies" else None
