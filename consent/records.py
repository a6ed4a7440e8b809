"""The consent record: what was asked, what was answered, and the bytes that prove it.

A record is one act of a subject against one notice. Its canonical bytes (RFC 8785) are stored as they
were committed to; the log's leaf is a salted commitment of them, so that erasing payload and salt
leaves a leaf that says nothing.

Invariant: every purpose of the notice that is not required is in a record, true or false; a refusal is
stored as firmly as a grant.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from functools import lru_cache
from typing import Annotated, Literal, NamedTuple
from urllib.parse import urlsplit

import msgspec

from consent import clock, tree
from consent.canonical import encode
from consent.errors import Fault, Refused
from consent.regimes import Regime, allowed

Action = Literal["accept_all", "reject_all", "save", "dismiss", "acknowledge", "gpc", "withdraw", "import"]
Status = Literal["given", "refused", "withdrawn"]

# `$` alone would let a line break pass at the end; JSON Schema knows no \Z.
Uuid = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$(?!\n)")]
Digest = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}$(?!\n)")]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
Time = Annotated[str, msgspec.Meta(max_length=40)]
Signal = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_~.\-]+$(?!\n)", max_length=4096)]
HandOff = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_.\-]+$(?!\n)", max_length=1024)]
Decisions = Annotated[dict[Name, bool], msgspec.Meta(max_length=200)]


class ConsentRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What a page sends when a visitor decided: the body of `POST …/consents`."""

    id: Uuid
    subject: Uuid
    notice: Digest
    language: Name
    action: Action
    purposes: Decisions
    services: Decisions = {}
    regime: Regime
    gpc: bool = False
    page: Annotated[str, msgspec.Meta(min_length=1, max_length=2048)] | None = None
    decided_at: Time | None = None
    tcf: Signal | None = None
    gpp: Signal | None = None
    hand_off: HandOff | None = None
    """With `import`: the ticket of the choice made at another site, as `…/hand-offs/open` gave it."""


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What a record must fit: the parts of a published notice that an answer is checked against."""

    notice: str
    languages: frozenset[str]
    optional: frozenset[str]
    """Purpose ids that need a decision."""
    services: Mapping[str, str]
    """Service id -> its purpose's id, for optional purposes."""
    sale_or_sharing: frozenset[str]
    regime: str
    """opt_in, opt_out, notice_only or auto."""
    expires_days: int
    refusal_days: int | None = None
    """How long a choice lasts that gives nothing, when that is not `expires_days`."""
    order: tuple[str, ...] = ()
    """The optional purposes as the notice lists them."""
    material: str = ""
    """The fingerprint of what the notice asks."""


class Circumstances(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the service itself saw of the request."""

    gpc_header: bool = False
    country: str | None = None
    region: str | None = None
    device: str | None = None
    ip: str | None = None


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """A checked answer on its way to the log."""

    site: str
    request: ConsentRequest
    circumstances: Circumstances
    expires_days: int
    imported_from: str | None = None


class ConsentRecord(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line of the log. Fields stand in alphabetical order: they are the canonical order too."""

    action: Action
    country: str | None
    decided_at: str | None = None
    device: str | None
    expires_at: str
    gpc: bool
    gpc_header: bool
    gpp: str | None = None
    id: str
    imported_from: str | None = None
    """The site and the record that a hand-off brought this choice from: `site/id`."""
    ip: str | None = None
    kind: Literal["cookies", "newsletter"]
    language: str
    notice: str
    page: str | None = None
    purposes: dict[str, bool]
    recorded_at: str
    regime: Regime
    region: str | None = None
    seq: int
    services: dict[str, bool] = {}
    site: str
    status: dict[str, Status]
    subject: str
    tcf: str | None = None


class Recorded(NamedTuple):
    """A record that is on disk, and whether this request put it there."""

    record: ConsentRecord
    is_new: bool


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What the page gets back once its act is on disk."""

    id: str
    seq: int
    recorded_at: str
    expires_at: str
    receipt: str


def check(request: ConsentRequest, asked: Asked) -> None:
    """Holds an answer against the notice it names.

    Raises:
        Refused: with one fault for each purpose that is missing or unknown, a foreign language, …
    """
    faults = [*_decision_faults(request, asked), *_action_faults(request, asked)]
    if request.language not in asked.languages:
        faults.append(Fault("language", f"the notice has no '{request.language}'"))
    if request.regime not in allowed(asked.regime):
        faults.append(Fault("regime", f"the site's is {asked.regime}"))
    if request.decided_at is not None and not _is_time(request.decided_at):
        faults.append(Fault("decided_at", "expected a time in UTC like 2026-11-22T10:00:00.123Z"))
    if request.hand_off is not None and request.action != "import":
        faults.append(Fault("hand_off", "belongs to the action import"))
    if request.page is not None and not _is_page(request.page):
        faults.append(Fault("page", "expected an http or https address"))
    if faults:
        raise Refused(*faults)


def days(request: ConsentRequest, asked: Asked) -> int:
    """How long the choice lasts: one that gives nothing may have a life of its own."""
    if asked.refusal_days is None or any(request.purposes.values()) or any(request.services.values()):
        return asked.expires_days
    return asked.refusal_days


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


def record(draft: Draft, seq: int, at: int, before: Mapping[str, str]) -> ConsentRecord:
    """The draft as the log's record number `seq`, made at `at` (milliseconds); `before` is the subject's status."""
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


# A token's text is malleable: what a hand-off brought is told by what was recorded of it.
_REPEATED = tuple(name for name in ConsentRequest.__struct_fields__ if name != "hand_off")


def says_the_same(draft: Draft, recorded: ConsentRecord) -> bool:
    """Whether a draft that comes again is the one that was recorded under its id."""
    same = all(getattr(draft.request, name) == getattr(recorded, name) for name in _REPEATED)
    return same and draft.imported_from == recorded.imported_from


def payload(recorded: ConsentRecord) -> bytes:
    """The record's canonical bytes (RFC 8785)."""
    return encode(recorded)


read_payload = msgspec.json.Decoder(ConsentRecord).decode


def leaf(data: bytes, salt: bytes) -> bytes:
    """The log's leaf hash for a payload: SHA-256(0x00 || HMAC-SHA256(salt, payload))."""
    return tree.leaf_hash(hmac.digest(salt, data, "sha256"))


def _decision_faults(request: ConsentRequest, asked: Asked) -> list[Fault]:
    decided, services = request.purposes.keys(), request.services
    if decided == asked.optional and not services:
        return []
    missing = [Fault(f"purposes.{name}", "missing: expected true or false") for name in asked.optional - decided]
    foreign = [Fault(f"purposes.{name}", "the notice asks for no such purpose") for name in decided - asked.optional]
    unknown = [name for name in services if name not in asked.services]
    return [*missing, *foreign, *(Fault(f"services.{name}", "the notice has no such service") for name in unknown)]


def _action_faults(request: ConsentRequest, asked: Asked) -> list[Fault]:
    decisions = [*request.purposes.values(), *request.services.values()]
    match request.action:
        case "accept_all" if not all(decisions):
            return [Fault("action", "accept_all, but something is refused")]
        case "reject_all" | "withdraw" if any(decisions):
            return [Fault("action", f"{request.action}, but something is given")]
        case "dismiss" if request.regime == "opt_in" and any(decisions):
            return [Fault("action", "closing the notice gives nothing under opt_in")]
        case "acknowledge" if request.regime != "notice_only":
            return [Fault("action", "acknowledge belongs to notice_only")]
        case "gpc" if any(request.purposes.get(name) for name in asked.sale_or_sharing):
            return [Fault("action", "gpc refuses what is sold or shared")]
    return []


def _is_time(words: str) -> bool:
    """Whether it is RFC 3339 in UTC, the one form that times have here."""
    try:
        clock.parse(words)
    except ValueError:
        return False
    return words.endswith(("Z", "+00:00"))


@lru_cache(maxsize=1024)  # many decide on the same few pages
def _is_page(page: str) -> bool:
    try:
        parts = urlsplit(page)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and page.isprintable()
