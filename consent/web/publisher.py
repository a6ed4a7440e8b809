"""`/v1/sites/{site}/…` behind a key: what a publisher reads of records, subjects and the log, and erases."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from starlette.responses import Response

from consent import exports, ids, ledger, proofs
from consent.errors import BadToken, Fault, Refused, Unknown
from consent.exports import Content, Selection
from consent.records import Digest, Name, Status
from consent.records.shape import Uuid
from consent.rights import Who, forgetting
from consent.web import cursors, filters, queries, replies
from consent.web.answers import ErasedSubject, Page, Subject, Verdict
from consent.web.calls import Call, keyed

EVERYTHING = 1 << 31
After = Annotated[
    str,
    msgspec.Meta(
        pattern=r"^([0-9]{1,16}|c[A-Za-z0-9_-]{1,400})$(?!\n)",
        description="What the page before gave as `next`; or the number of the record after which to begin.",
    ),
]
Country = Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{2}$(?!\n)", description="As the record names it.")]
Action = Annotated[str, msgspec.Meta(pattern=r"^[a-z_]{1,32}(\.[a-z_]{1,32})?$(?!\n)")]


class ConsentsQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which records. Whose and when is found at once; for the rest a page looks at no more than 10,000 records."""

    subject: Uuid | None = None
    since: queries.Since | None = None
    until: queries.Until | None = None
    kind: Literal["cookies", "newsletter", "audit"] | None = None
    action: Action | None = None
    purpose: Annotated[Name, msgspec.Meta(description="A purpose or list that is decided.")] | None = None
    decision: Annotated[Status, msgspec.Meta(description="How `purpose` is decided.")] | None = None
    country: Country | None = None
    language: Name | None = None
    notice: Digest | None = None
    order: Literal["asc", "desc"] = "asc"
    after: After | None = None
    limit: queries.Limit = queries.PAGE


class ProofQuery(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be proven: one of these."""

    record: Annotated[Uuid, msgspec.Meta(description="That this record is in the log.")] | None = None
    old: (
        Annotated[int, msgspec.Meta(ge=0, le=1 << 53, description="That the log of this size is how it began.")] | None
    ) = None


class TokenBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A receipt to check."""

    token: str


_token = msgspec.json.Decoder(TokenBody)


@keyed("read")
async def list_consents(call: Call) -> Response:
    """The site's records: a page of JSON, or all as JSON lines or CSV."""
    asked = call.query(ConsentsQuery)
    span = await exports.span(call.services.database, call.site, _selection(asked))
    media = filters.accepted(call.request, filters.FORMS)
    if asked.subject is not None and asked.after is None:
        await call.note("subject.accessed", {"subject": asked.subject})
    if media not in filters.STREAMS:
        return await _page(call, asked, span)
    filters.refuse(call.request, filters.PAGING, filters.ONLY_PAGES)
    if asked.subject is None:
        await call.note("consents.exported", {"form": media, "size": span.size})
    made, ending = (exports.csv_text, "csv") if media == "text/csv" else (exports.jsonl, "jsonl")
    chunks = made(call.services.database, span)
    return filters.stream(call.request, chunks, media, f"{call.site}-consents.{ending}")


@keyed("read")
async def get_subject(call: Call) -> Response:
    """Everything that is known of a subject."""
    subject = call.path("subject")
    history = await ledger.history(call.services, call.site, subject, EVERYTHING)
    if not history:
        raise Unknown("nothing is known of this subject")
    await call.note("subject.accessed", {"subject": subject, "records": len(history)})
    is_current = ledger.is_current(history[-1], call.services.clock())
    told = Subject(subject=subject, is_current=is_current, status=ledger.status(history), records=tuple(history))
    return replies.json(told)


@keyed("erase")
async def erase_subject(call: Call) -> Response:
    """Erases a subject, a subscriber with all that is kept of one; the log still verifies."""
    try:
        subject = ids.uuid_text(ids.parse_uuid(call.path("subject")))
    except ValueError as error:
        raise Unknown(str(error)) from None
    done = await forgetting.erase(call.services, call.site, Who(subjects=(subject,)), call.actor)
    return replies.json(ErasedSubject(records=done.counts["records"], claim=done.claim))


@keyed("read")
async def verify_token(call: Call) -> Response:
    """Whether a receipt is of this site, and what it says."""
    body = await call.json(_token)
    try:
        receipt = ledger.read_receipt(call.services, call.site, body.token)
    except BadToken as error:
        return replies.json(Verdict(valid=False, code=error.code))
    return replies.json(Verdict(valid=True, receipt=receipt))


@keyed("read")
async def get_checkpoint(call: Call) -> Response:
    """The log's newest signed head, as C2SP's signed note."""
    filters.check(call.request, ())
    head = await proofs.checkpoint(call.services.database, call.site)
    if filters.accepted(call.request, ("application/json",)):
        return replies.json(head, headers={"Vary": "Accept"})
    return Response(head.checkpoint, media_type="text/plain; charset=utf-8", headers={"Vary": "Accept"})


@keyed("read")
async def get_proof(call: Call) -> Response:
    """That a record is in the log (`record`), or that an older log is the beginning of it (`old`)."""
    asked, database = call.query(ProofQuery), call.services.database
    if asked.record is not None and asked.old is None:
        return replies.json(await proofs.inclusion(database, call.site, asked.record))
    if asked.old is not None and asked.record is None:
        return replies.json(await proofs.consistency(database, call.site, asked.old))
    raise Refused(Fault("record", "ask for ?record={id}, or for ?old={size}"))


async def _page(call: Call, asked: ConsentsQuery, span: exports.Span) -> Response:
    newest_first = asked.order == "desc"
    if asked.after is not None:
        span = _beyond(span, _place(call, asked.after), newest_first)
    found = await exports.find(call.services.database, span, asked.limit, newest_first=newest_first)
    lines = tuple(msgspec.Raw(exports.line(row).encode()) for row in found.rows)
    next_ = cursors.make(call.request, found.last) if found.last is not None else None
    return cursors.page(call.request, Page(consents=lines, next=next_, size=span.size), next_)


def _place(call: Call, after: str) -> int:
    return int(after) if after.isdecimal() else cursors.open_(call.request, after, int)


def _beyond(span: exports.Span, place: int, newest_first: bool) -> exports.Span:
    if newest_first:
        return msgspec.structs.replace(span, up_to=min(span.up_to, place - 1))
    return msgspec.structs.replace(span, after=max(span.after, place))


def _selection(asked: ConsentsQuery) -> Selection:
    return Selection(
        subject=asked.subject,
        since=queries.instant(asked.since, "since"),
        until=queries.instant(asked.until, "until"),
        content=Content(
            kind=asked.kind,
            action=asked.action,
            purpose=asked.purpose,
            decision=asked.decision,
            country=asked.country,
            language=asked.language,
            notice=asked.notice,
        ),
    )
