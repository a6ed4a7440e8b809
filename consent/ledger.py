"""The trip of a consent: an answer is held against what was asked, recorded, and receipted.

Invariant: an answer to the page means the record is on disk; a receipt says nothing the record does not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from consent import clock, figures, handing_off, ids, receipting, records
from consent.errors import Fault, Refused, Unknown
from consent.records import Answer, Circumstances, ConsentRecord, ConsentRequest, Draft, Status
from consent.services import Services
from consent.storage import records as stored
from consent.tokens import Receipt, Reference


async def give(
    services: Services, site: str, request: ConsentRequest, circumstances: Circumstances
) -> tuple[Answer, bool]:
    """Records the act; gives the answer, and whether it is new (False: it came before and stands).

    Raises:
        Unknown: no such site.
        Refused: the request does not fit the notice it names, or the ticket that it names.
        BadToken: the ticket that it names is none, or too old.
        Contradiction, Busy, Unavailable: as `Recorder.give` says.
    """
    published = services.directory.get(site)
    asked = await services.directory.asked(published, request.notice)
    if asked is None:
        raise Refused(Fault("notice", "this site never published a notice with this digest"))
    records.check(request, asked)
    days, source = records.days(request, asked), None
    if request.hand_off is not None:
        brought = await handing_off.check(services, published, asked, request)
        days, source = min(days, brought.days), brought.source
    draft = Draft(
        site=site,
        request=records.normal(request),
        circumstances=circumstances,
        expires_days=days,
        imported_from=source,
    )
    recorded = await services.recorder.give(draft)
    if recorded.is_new:
        services.metrics.recorded(site, request.action)
        kind = figures.ACTIONS[request.action]
        services.counting.note(
            site, services.clock(), kind, notice=request.notice, language=request.language, seen=circumstances
        )
    return answer(services, recorded.record), recorded.is_new


def answer(services: Services, record: ConsentRecord) -> Answer:
    """What the page gets back, with the receipt; the same record always gives the same receipt."""
    return Answer(
        id=record.id,
        seq=record.seq,
        recorded_at=record.recorded_at,
        expires_at=record.expires_at or "",
        receipt=receipt(services, record),
    )


def receipt(services: Services, record: ConsentRecord) -> str:
    """The signed proof that the subject keeps."""
    return receipting.receipt(services.tokens, record)


async def find(services: Services, site: str, id_: str) -> ConsentRecord:
    """The site's record with this id.

    Raises:
        Unknown: none, or it was erased.
    """
    async with services.database.reading() as reader:
        found = await stored.by_id(reader, site, _raw(id_))
    if found is None or found.payload is None or found.kind == "audit":
        raise Unknown("there is no such record, or it was erased")
    return records.read_payload(found.payload)


async def history(services: Services, site: str, subject: str, limit: int = 500) -> list[ConsentRecord]:
    """The subject's records at the site, in order; the last says what holds."""
    async with services.database.reading() as reader:
        rows = await stored.page_of_subject(reader, site, _raw(subject), 0, 1 << 62, limit)
    return [records.read_payload(row.payload) for row in rows if row.payload]


async def withdraw(services: Services, site: str, id_: str) -> ConsentRecord:
    """Takes back everything that the record's subject gives now; repeating it changes nothing.

    The new record's id is derived from the subject's latest, so that links used at once withdraw once.
    """
    known = await find(services, site, id_)
    latest = await latest_of(services, site, known.subject, known.kind) or known
    if not any(latest.purposes.values()) and not any(latest.services.values()):
        return latest
    request = ConsentRequest(
        id=ids.derived(latest.id, "withdraw"),
        subject=latest.subject,
        notice=latest.notice,
        language=latest.language,
        action="withdraw",
        purposes=dict.fromkeys(latest.purposes, False),
        services=dict.fromkeys(latest.services, False),
        regime=latest.regime,
    )
    given, _ = await give(services, site, request, Circumstances())
    return await find(services, site, given.id)


async def latest_of(services: Services, site: str, subject: str, kind: str = "cookies") -> ConsentRecord | None:
    """The subject's newest record of the kind: what holds now."""
    async with services.database.reading() as reader:
        row = await stored.latest(reader, site, _raw(subject), kind)
    return records.read_payload(row) if row else None


def status(history: Sequence[ConsentRecord]) -> Mapping[str, Status]:
    """What holds after a subject's records, in their order: a choice decides all anew, a subscription its own lists."""
    last = history[-1]
    if last.kind == "cookies":
        return last.status
    return {name: state for record in history if record.kind == last.kind for name, state in record.status.items()}


def read_receipt(services: Services, site: str, token: str) -> Receipt:
    """What a receipt says, once its signature, site and age are checked.

    Raises:
        BadToken, TokenExpired: it is not a receipt of this site, or too old.
    """
    return services.tokens.read("receipt", site, token, Receipt)


def withdraw_link(services: Services, record: ConsentRecord) -> str:
    """A link that withdraws, good for as long as the receipt is."""
    reference = Reference(id=record.id, site=record.site)
    token = services.tokens.sign("withdraw", record.site, reference, clock.parse(record.recorded_at))
    return f"{services.settings.url}/withdraw/{token}"


def is_current(record: ConsentRecord, now: int) -> bool:
    """Whether the record has not expired."""
    return records.until(record) > now


def _raw(uuid: str) -> bytes:
    try:
        return ids.parse_uuid(uuid)
    except ValueError as error:
        raise Unknown(str(error)) from None
