"""`…/outbox` behind a key: what the newsletter owes by mail and webhook, and trying again what was given up.

Invariant: a row tells whom it is about by ids alone.
"""

from __future__ import annotations

import msgspec
from starlette.responses import Response

from consent import clock, ids
from consent.errors import Fault, Refused, Unknown
from consent.storage import outbox
from consent.storage.outbox import Owed, State
from consent.web import cursors, queries, replies
from consent.web import reader_answers as answers
from consent.web.calls import Call, keyed

TOLD = ("pending", "subscriber", "lists", "record", "language")
"""What a row of the outbox tells of whom it is about; the rest is between the service and itself."""


class OutboxQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which rows: those in a state, the oldest first."""

    state: State = "dead"
    after: queries.Cursor | None = None
    limit: queries.Limit = queries.PAGE


class ReplayBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What is tried again: one of the dead, or all of them."""

    id: str | None = None


_replay = msgspec.json.Decoder(ReplayBody)


@keyed("read")
async def list_outbox(call: Call) -> Response:
    """What is owed (`?state=waiting`), given up (`dead`, as a rule asked for), done or dropped."""
    asked = call.query(OutboxQuery)
    after = cursors.open_(call.request, asked.after, bytes) if asked.after else b""
    async with call.services.database.reading() as reader:
        found = await outbox.page(reader, call.site, asked.state, after, asked.limit)
    next_ = cursors.make(call.request, found[-1].id) if len(found) == asked.limit else None
    return cursors.page(call.request, answers.Outbox(outbox=tuple(map(_owed, found)), next=next_), next_)


@keyed("write")
async def replay(call: Call) -> Response:
    """Tries again what was given up: one by its id, or all."""
    services, body = call.services, await call.json(_replay)
    one = _raw(body.id) if body.id is not None else None
    async with services.database.writing() as writer:
        count = await outbox.replay(writer, call.site, one, services.clock())
    if one is not None and not count:
        raise Unknown("nothing dead has this id")
    services.nudge.set()
    await call.note("delivery.replayed", {"count": count})
    return replies.json(answers.Replayed(replayed=count))


def _owed(one: Owed) -> answers.Owed:
    return answers.Owed(
        id=ids.uuid_text(one.id),
        kind=one.kind,
        what=one.what,
        about={name: _words(one.about[name]) for name in TOLD if name in one.about},
        state=one.state,
        message_id=one.message_id,
        attempts=one.attempts,
        created_at=clock.text(one.created_at),
        due_at=clock.text(one.due_at),
        done_at=_time(one.done_at),
        delivered_at=_time(one.delivered_at),
        fault=one.fault,
    )


def _words(value: object) -> str | list[str]:
    return [str(one) for one in value] if isinstance(value, list) else str(value)


def _raw(id_: str) -> bytes:
    try:
        return ids.parse_uuid(id_)
    except ValueError as error:
        raise Refused(Fault("id", str(error))) from None


def _time(at: int | None) -> str | None:
    return clock.text(at) if at is not None else None
