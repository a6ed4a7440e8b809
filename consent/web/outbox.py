"""`…/outbox` behind a key: what the newsletter owes by mail and webhook, and trying again what was given up.

Invariant: a row tells whom it is about by ids alone.
"""

from __future__ import annotations

from typing import cast, get_args

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from consent import clock, ids
from consent.errors import Fault, Refused, Unknown
from consent.storage import outbox
from consent.storage.outbox import Owed, State
from consent.web import access, bodies, filters, replies
from consent.web import reader_answers as answers
from consent.web.requests import services_of

TOLD = ("pending", "subscriber", "lists", "record", "language")
"""What a row of the outbox tells of whom it is about; the rest is between the service and itself."""


class ReplayBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What is tried again: one of the dead, or all of them."""

    id: str | None = None


_replay = msgspec.json.Decoder(ReplayBody)


async def list_outbox(request: Request) -> Response:
    """What is owed (`?state=waiting`), given up (`dead`, as a rule asked for), done or dropped."""
    await access.key_of(request, "read")
    filters.check(request, {"state"} | filters.PAGING)
    state = cast(State, filters.one_of(request, "state", get_args(State), "dead"))
    limit, after = filters.limit(request), filters.raw_uuid(request, "after")
    async with services_of(request.scope).database.reading() as reader:
        found = await outbox.page(reader, request.path_params["site"], state, after, limit)
    rows = tuple(map(_owed, found))
    return replies.json(answers.Outbox(outbox=rows, next=rows[-1].id if len(rows) == limit else None))


async def replay(request: Request) -> Response:
    """Tries again what was given up: one by its id, or all."""
    await access.key_of(request, "write")
    services, site = services_of(request.scope), request.path_params["site"]
    bodies.check_media(request.scope)
    body = bodies.decode(await bodies.read(request.scope, request.receive), _replay)
    one = _raw(body.id) if body.id is not None else None
    async with services.database.writing() as writer:
        count = await outbox.replay(writer, site, one, services.clock())
    if one is not None and not count:
        raise Unknown("nothing dead has this id")
    services.nudge.set()
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
