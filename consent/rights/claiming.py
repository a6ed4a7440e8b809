"""The receipt of a person's request: what was asked, when, and how much came of it, signed; nothing of the person.

Invariant: neither the receipt nor what is kept of a claim says who asked, or by which address, id or token.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from consent import clock, ids
from consent.records import Actor
from consent.services import Services
from consent.storage import claims
from consent.storage.claims import Kind, StoredClaim
from consent.storage.database import Writer
from consent.tokens import ClaimReceipt

PERSON = "person"
"""Who acts where nobody of the publisher's does."""


async def put(
    services: Services,
    writer: Writer,
    site: str,
    kind: Kind,
    *,
    actor: Actor | None,
    asked_by: Sequence[str],
    counts: Mapping[str, int],
    kept: Sequence[str] = (),
) -> ClaimReceipt:
    """Keeps that the request was answered, now; gives its receipt's content."""
    at = services.clock()
    claim = StoredClaim(
        id=ids.uuid7(at).bytes,
        kind=kind,
        at=at,
        actor=str(actor) if actor else PERSON,
        asked_by=tuple(asked_by),
        counts=dict(counts),
        kept=tuple(kept),
    )
    await claims.put(writer, site, claim)
    return receipt(site, claim)


def receipt(site: str, claim: StoredClaim) -> ClaimReceipt:
    """What the receipt of a claim says."""
    return ClaimReceipt(
        id=ids.uuid_text(claim.id),
        site=site,
        kind=claim.kind,
        at=clock.text(claim.at),
        asked_by=claim.asked_by,
        counts=dict(claim.counts),
        kept=claim.kept,
    )


def link(services: Services, said: ClaimReceipt) -> str:
    """The receipt as the address of its page."""
    return f"{services.settings.url}/claims/{services.tokens.sign('claim', said.site, said, clock.parse(said.at))}"


def read(services: Services, site: str, token: str) -> ClaimReceipt:
    """What a receipt says.

    Raises:
        BadToken, TokenExpired: it is none of this site, or too old.
    """
    return services.tokens.read("claim", site, token, ClaimReceipt)
