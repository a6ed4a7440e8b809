"""`/v1/sites/{site}/claims…` behind a key: people's requests, answered by whatever they bring.

Invariant: what a person is found by comes in a body, never in an address of the web; the answer to a request carries
its signed receipt, for the person to keep.
"""

from __future__ import annotations

import msgspec
from starlette.responses import Response

from consent import clock, ids
from consent.rights import Who, accessing, forgetting
from consent.rights.keeping import Kept
from consent.storage import claims
from consent.storage.claims import StoredClaim
from consent.web import cursors, replies
from consent.web.calls import Call, keyed
from consent.web.queries import PAGE, Cursor, Limit


class ErasureBody(Who, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who is erased; with `dry_run` it is only said what would go and what would stay."""

    dry_run: bool = False


class Erasing(msgspec.Struct, frozen=True, kw_only=True):
    """How much went, or would go, by kind; what stays and why; the receipt's link, once it is done."""

    is_done: bool
    counts: dict[str, int]
    kept: tuple[Kept, ...]
    claim: str | None


class ClaimsQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which claims."""

    after: Cursor | None = None
    limit: Limit = PAGE


class AnsweredClaim(msgspec.Struct, frozen=True, kw_only=True):
    """A request that was answered: when, by whom, and how much came of it; not whose it was."""

    id: str
    kind: str
    at: str
    actor: str
    """member:…, key:…, command, or person."""
    asked_by: tuple[str, ...]
    counts: dict[str, int]
    kept: tuple[str, ...]


class Claims(msgspec.Struct, frozen=True, kw_only=True):
    """Some claims, the newest first, and where the next page begins (`after`; null: this is the last)."""

    claims: tuple[AnsweredClaim, ...]
    next: str | None


_who = msgspec.json.Decoder(Who)
_erasure = msgspec.json.Decoder(ErasureBody)


@keyed("read")
async def access(call: Call) -> Response:
    """Everything that is kept of whom the body means."""
    who = await call.json(_who)
    return replies.json(await accessing.access(call.services, call.site, who, call.actor))


@keyed("erase")
async def erase(call: Call) -> Response:
    """Erases whom the body means, or says what that would do."""
    body = await call.json(_erasure)
    if body.dry_run:
        done = await forgetting.look(call.services, call.site, body)
    else:
        done = await forgetting.erase(call.services, call.site, body, call.actor)
    told = Erasing(is_done=not body.dry_run, counts=done.counts, kept=done.kept, claim=done.claim)
    return replies.json(told)


@keyed("read")
async def list_claims(call: Call) -> Response:
    """Requests that were answered, the newest first."""
    asked = call.query(ClaimsQuery)
    before = cursors.open_(call.request, asked.after, bytes) if asked.after else None
    async with call.services.database.reading() as reader:
        found = await claims.page(reader, call.site, before, asked.limit)
    next_ = cursors.make(call.request, found[-1].id) if len(found) == asked.limit else None
    return cursors.page(call.request, Claims(claims=tuple(map(answered, found)), next=next_), next_)


def answered(claim: StoredClaim) -> AnsweredClaim:
    """The claim as it is told."""
    return AnsweredClaim(
        id=ids.uuid_text(claim.id),
        kind=claim.kind,
        at=clock.text(claim.at),
        actor=claim.actor,
        asked_by=claim.asked_by,
        counts=dict(claim.counts),
        kept=claim.kept,
    )
