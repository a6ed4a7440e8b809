"""What a trip owes by mail and by event: rows of the outbox, in the transaction of the fact that owes them.

Invariant: nothing is sent from here, and nothing owed here names an address. With `is_real=False` the same statements
run and nothing is owed.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, get_args

from consent import ids
from consent.mails import AccountMail, MailKind
from consent.storage import endpoints, outbox
from consent.storage.database import Writer
from consent.storage.endpoints import WEBHOOK, Endpoint
from consent.storage.outbox import Owed

Event = Literal[
    "signup.pending",
    "signup.confirmed",
    "signup.cancelled",
    "subscription.unsubscribed",
    "subscription.bounced",
    "subscription.complained",
    "subscriber.erased",
    "subscriber.paused",
    "subscriber.changed",
]
EVENTS: tuple[str, ...] = get_args(Event)


async def owe_mail(
    writer: Writer,
    *,
    site: str,
    at: int,
    what: MailKind | AccountMail,
    about: dict[str, object],
    key: bytes,
    sender_domain: str,
    due_at: int | None = None,
    is_real: bool = True,
) -> bytes:
    """Owes one mail, due at once or then; gives its id, which its Message-ID carries at every attempt."""
    id_ = ids.uuid7(at).bytes
    owed = Owed(
        site=site,
        id=id_,
        kind="mail",
        what=what,
        about=about,
        key=key,
        message_id=f"<{ids.uuid_text(id_)}@{sender_domain}>",
        created_at=at,
        due_at=at if due_at is None else due_at,
    )
    await outbox.put(writer, owed, is_real=is_real)
    return id_


async def owe_event(
    writer: Writer, *, site: str, at: int, event: Event, about: dict[str, object], key: bytes, is_real: bool = True
) -> int:
    """Owes the event to each endpoint that wants it; gives how many do."""
    wanted = [one for one in await endpoints.all_of(writer, site) if _wants(one, event, about)]
    for endpoint in wanted:
        await owe_to(writer, endpoint, site=site, at=at, event=event, about=about, key=key, is_real=is_real)
    return len(wanted) if is_real else 0


async def owe_to(
    writer: Writer,
    endpoint: Endpoint,
    *,
    site: str,
    at: int,
    event: str,
    about: dict[str, object],
    key: bytes | None = None,
    is_real: bool = True,
) -> bytes:
    """Owes an event to this endpoint, wanted or not; gives the delivery's id."""
    id_ = ids.uuid7(at).bytes
    owed = Owed(
        site=site,
        id=id_,
        kind="webhook" if endpoint.kind == WEBHOOK else "sync",
        what=event,
        about=about,
        key=key,
        endpoint=endpoint.id,
        message_id=ids.uuid_text(id_),
        created_at=at,
        due_at=at,
    )
    await outbox.put(writer, owed, is_real=is_real)
    return id_


def _wants(endpoint: Endpoint, event: str, about: dict[str, object]) -> bool:
    """Whether it is in force, asks for such events, and is about one of the lists, if the event is about any."""
    if endpoint.disabled_at is not None or event not in endpoint.events:
        return False
    lists = about.get("lists")
    return not endpoint.lists or not isinstance(lists, Iterable) or any(list_ in endpoint.lists for list_ in lists)
