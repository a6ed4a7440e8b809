"""A publisher's own endpoint: an event as Standard Webhooks has it, posted and signed.

Invariant: the same event has the same id and says when it happened, however often it is tried.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from consent import canonical, clock
from consent.sync import standard_webhooks
from consent.sync.delivery import Account, check
from consent.sync.guard import Guard


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """What happened: `id` for the receiver to know a repeat by, `at` in milliseconds."""

    id: str
    type: str
    at: int
    data: Mapping[str, object]


async def tell(guard: Guard, account: Account, event: Event, now: int) -> None:
    """One attempt.

    Raises:
        Retry, Gone: it was not taken.
    """
    body = canonical.encode({"type": event.type, "timestamp": clock.text(event.at), "data": dict(event.data)})
    signed = standard_webhooks.sign(account.secrets["signing"].split(), event.id, now, body)
    answer = await guard.ask("POST", account.url, headers={"content-type": "application/json", **signed}, body=body)
    check(answer.status, answer.headers, now)
