"""Brevo's contacts: told over its API; tells by webhooks to a secret address.

Invariant: who is blocked there, or left a list there, is looked for first, and stays so.
"""

from __future__ import annotations

import hashlib
from typing import Any
from urllib.parse import quote

import msgspec

from consent.errors import Malformed
from consent.sync.delivery import Account, How, Left, Member, Retry, settle
from consent.sync.guard import Answer, Guard

ADDRESS = "https://api.brevo.com/v3"
HOW: dict[str, How] = {
    "unsubscribe": "unsubscribed",
    "unsubscribed": "unsubscribed",
    "spam": "complained",
    "complaint": "complained",
    "hard_bounce": "bounced",
    "hardBounce": "bounced",
}


async def tell(guard: Guard, account: Account, member: Member, now: int) -> None:
    """Puts the person on the lists joined, and takes them off those left.

    Raises:
        Retry, Refused: it was not taken.
    """
    joins = [int(one) for one in account.theirs(member.joins)]
    if joins:
        there = await _find(guard, account, member.email, now)
        missing = joins if there is None else _missing(there, joins)
        if missing:
            contact = {"email": member.email, "listIds": missing, "updateEnabled": True}
            answer = await _ask(guard, account, "POST", "/contacts", contact)
            if answer.status not in (200, 201, 204):
                settle(answer.status, answer.headers, now)
    for theirs in account.theirs(member.leaves):
        answer = await _ask(
            guard, account, "POST", f"/contacts/lists/{theirs}/contacts/remove", {"emails": [member.email]}
        )
        if answer.status not in (200, 201, 204, 400, 404):  # 400, 404: it was not on the list
            settle(answer.status, answer.headers, now)


async def check(guard: Guard, account: Account, now: int) -> None:
    """Whether the key is good.

    Raises:
        Retry, Refused: it is not.
    """
    answer = await _ask(guard, account, "GET", "/account")
    if answer.status != 200:
        settle(answer.status, answer.headers, now)


class _Told(msgspec.Struct, frozen=True):
    event: str = ""
    email: str = ""
    ts_event: int | None = None


def left(body: bytes) -> list[Left]:
    """Who left, in a webhook's body. One who unsubscribes there is blocked for all lists.

    Raises:
        Malformed: it is none.
    """
    try:
        said = msgspec.json.decode(body, type=_Told)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise Malformed("the body is no event in JSON") from None
    how = HOW.get(said.event)
    if how is None or not said.email:
        return []
    at = said.ts_event * 1000 + 999 if said.ts_event else None  # it counts whole seconds
    return [Left(id=hashlib.sha256(body).hexdigest(), email=said.email, how=how, at=at)]


async def _find(guard: Guard, account: Account, email: str, now: int) -> dict[str, Any] | None:
    answer = await _ask(guard, account, "GET", f"/contacts/{quote(email, safe='')}")
    if answer.status == 404:
        return None
    if answer.status != 200:
        settle(answer.status, answer.headers, now)
    there = answer.json()
    if not isinstance(there, dict):
        raise Retry("the provider's answer cannot be read")
    return there


def _missing(there: dict[str, Any], joins: list[int]) -> list[int]:
    """The lists to add; none for a contact that is blocked, and none that the contact left or is on."""
    if there.get("emailBlacklisted") is not False:
        return []
    known = {*(there.get("listIds") or []), *(there.get("listUnsubscribed") or [])}
    return [one for one in joins if one not in known]


async def _ask(guard: Guard, account: Account, method: str, path: str, body: object = None) -> Answer:
    return await guard.ask_json(method, account.url.rstrip("/") + path, body, {"api-key": account.secrets["key"]})
