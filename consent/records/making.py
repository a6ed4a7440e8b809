"""From a draft to the record, its canonical bytes (RFC 8785) and the leaf that commits to them.

Invariant: a pure function of the draft, its place, its instant and the subject's status before.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from urllib.parse import urlsplit

import msgspec

from consent import clock, tree
from consent.canonical import encode
from consent.records.audit import AuditDraft, AuditRecord
from consent.records.shape import ConsentRecord, ConsentRequest, Draft, NewsletterDraft, Status

AnyDraft = Draft | NewsletterDraft | AuditDraft
AnyRecord = ConsentRecord | AuditRecord


def without_query(page: str) -> str:
    """A page's address without query, fragment and credentials, which may name a person."""
    parts = urlsplit(page)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def normal(request: ConsentRequest) -> ConsentRequest:
    """The request as it is recorded: without what must not be kept."""
    if request.page is None:
        return request
    return msgspec.structs.replace(request, page=without_query(request.page))


def status(purposes: Mapping[str, bool], before: Mapping[str, str]) -> dict[str, Status]:
    """Each purpose's state after this act: a refusal of what was given until now is a withdrawal."""
    return {
        purpose: "given" if given else "withdrawn" if before.get(purpose) == "given" else "refused"
        for purpose, given in purposes.items()
    }


def record(draft: AnyDraft, seq: int, at: int, before: Mapping[str, str]) -> AnyRecord:
    """The draft as the log's record number `seq`, made at `at` (milliseconds); `before` is the subject's status."""
    match draft:
        case Draft():
            return _cookies(draft, seq, at, before)
        case NewsletterDraft():
            return _newsletter(draft, seq, at)
        case AuditDraft():
            return _audit(draft, seq, at)


def _audit(draft: AuditDraft, seq: int, at: int) -> AuditRecord:
    return AuditRecord(
        about=draft.about,
        action=draft.action,
        by=str(draft.actor),
        id=draft.id,
        recorded_at=clock.text(at),
        seq=seq,
        site=draft.site,
        subject=draft.subject,
    )


def _cookies(draft: Draft, seq: int, at: int, before: Mapping[str, str]) -> ConsentRecord:
    asked, seen = draft.request, draft.circumstances
    return ConsentRecord(
        action=asked.action,
        country=seen.country,
        decided_at=asked.decided_at,
        device=seen.device,
        expires_at=clock.text(at + draft.expires_days * clock.DAY),
        gpc=asked.gpc,
        gpc_header=seen.gpc_header,
        gpp=asked.gpp,
        id=asked.id,
        imported_from=draft.imported_from,
        ip=seen.ip,
        kind="cookies",
        language=asked.language,
        notice=asked.notice,
        page=asked.page,
        purposes=asked.purposes,
        recorded_at=clock.text(at),
        regime=asked.regime,
        region=seen.region,
        seq=seq,
        services=asked.services,
        site=draft.site,
        status=status(asked.purposes, before),
        subject=asked.subject,
        tcf=asked.tcf,
    )


def _newsletter(draft: NewsletterDraft, seq: int, at: int) -> ConsentRecord:
    seen = draft.circumstances
    return ConsentRecord(
        action=draft.action,
        address=draft.address,
        asked_at=draft.asked_at,
        asked_ip=draft.asked_ip,
        confirmed_language=draft.confirmed_language,
        confirmed_notice=draft.confirmed_notice,
        country=seen.country,
        device=seen.device,
        expires_at=None,
        gpc=False,
        gpc_header=seen.gpc_header,
        id=draft.id,
        ip=seen.ip,
        kind="newsletter",
        language=draft.language,
        lists=draft.lists,
        notice=draft.notice,
        offered=draft.offered,
        page=draft.page,
        provenance=draft.provenance,
        purposes={},
        recorded_at=clock.text(at),
        regime="opt_in",
        region=seen.region,
        seq=seq,
        site=draft.site,
        source=draft.source,
        status={name: "given" if given else "withdrawn" for name, given in draft.lists.items()},
        subject=draft.subject,
        variant=draft.variant,
        via=draft.via,
    )


# A token's text is malleable: what a hand-off brought is told by what was recorded of it.
_REPEATED = tuple(name for name in ConsentRequest.__struct_fields__ if name != "hand_off")


def says_the_same(draft: AnyDraft, recorded: AnyRecord) -> bool:
    """Whether a draft that comes again is the one that was recorded under its id."""
    if isinstance(draft, AuditDraft) or isinstance(recorded, AuditRecord):
        return False  # an act is recorded once
    if isinstance(draft, NewsletterDraft):
        return all(getattr(draft, name) == getattr(recorded, name) for name in ("subject", "action", "lists"))
    same = all(getattr(draft.request, name) == getattr(recorded, name) for name in _REPEATED)
    return same and draft.imported_from == recorded.imported_from


FOREVER = 253_402_300_799_999
"""The last instant of the year 9999."""


def until(recorded: ConsentRecord) -> int:
    """The instant that what was decided holds until, unless it is taken back before."""
    return clock.parse(recorded.expires_at) if recorded.expires_at else FOREVER


def payload(recorded: AnyRecord) -> bytes:
    """The record's canonical bytes (RFC 8785)."""
    return encode(recorded)


read_payload = msgspec.json.Decoder(ConsentRecord).decode
read_audit = msgspec.json.Decoder(AuditRecord).decode


def read_any(kind: str, payload: str) -> AnyRecord:
    """The record, of whatever kind."""
    return read_audit(payload) if kind == "audit" else read_payload(payload)


def leaf(data: bytes, salt: bytes) -> bytes:
    """The log's leaf hash for a payload: SHA-256(0x00 || HMAC-SHA256(salt, payload))."""
    return tree.leaf_hash(hmac.digest(salt, data, "sha256"))
