"""Buttondown: told over its API, where our lists are tags; tells by signed webhooks that name a subscriber's id.

A reader who leaves here is unsubscribed there with a mark of ours, so that the same reader may come back here.

Invariant: the collision header is never sent, for it revives; who unsubscribed there without our mark stays so.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import msgspec

from consent.errors import BadToken, Malformed
from consent.sync.delivery import Account, How, Left, Member, Retry, settle
from consent.sync.guard import Answer, Guard

ADDRESS = "https://api.buttondown.com/v1"
MARK = "left_by_consent"
ON = frozenset({"regular", "premium", "gifted", "trialed", "churning", "past_due", "unpaid", "paused"})
HOW: dict[str, How] = {
    "unsubscribed": "unsubscribed",
    "removed": "unsubscribed",
    "complained": "complained",
    "undeliverable": "bounced",
}


async def tell(guard: Guard, account: Account, member: Member, now: int) -> None:
    """Puts the person on the newsletter with the tags joined; takes tags away, and with the last list the membership.

    Raises:
        Retry, Refused: it was not taken.
    """
    if member.joins:
        await _join(guard, account, member, now)
    if member.leaves:
        await _leave(guard, account, member, now)


async def check(guard: Guard, account: Account, now: int) -> None:
    """Whether the key is good.

    Raises:
        Retry, Refused: it is not.
    """
    answer = await _ask(guard, account, "GET", "/ping")
    if answer.status != 200:
        settle(answer.status, answer.headers, now)


class _Subject(msgspec.Struct, frozen=True):
    subscriber: str = ""


class _Told(msgspec.Struct, frozen=True):
    event_type: str = ""
    data: _Subject = _Subject()


async def left(guard: Guard, account: Account, headers: Mapping[str, str], body: bytes, now: int) -> list[Left]:
    """Who left: the webhook names an id, and what holds is what Buttondown says of it now.

    Raises:
        BadToken: not signed with the endpoint's webhook secret, when it has one.
        Malformed: no event.
        Retry: Buttondown does not say now.
    """
    if secret := account.secrets.get("webhook_secret"):
        expected = "sha256=" + hmac.digest(secret.encode(), body, "sha256").hex()
        if not hmac.compare_digest(expected.encode(), headers.get("x-buttondown-signature", "").encode()):
            raise BadToken("the message is not signed by whom it should be")
    try:
        said = msgspec.json.decode(body, type=_Told)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise Malformed("the body is no event in JSON") from None
    id_ = said.data.subscriber
    if not said.event_type.startswith("subscriber.") or not id_:
        return []
    there = await _find(guard, account, id_, now)
    how = HOW.get(str(there.get("type"))) if there else None
    if there is None or how is None or (how == "unsubscribed" and _is_ours(there)):
        return []
    return [Left(id=f"{id_}:{said.event_type}:{how}", email=str(there.get("email_address")), how=how)]


async def _join(guard: Guard, account: Account, member: Member, now: int) -> None:
    tags = list(account.theirs(member.joins))
    answer = await _ask(
        guard, account, "POST", "/subscribers", {"email_address": member.email, "type": "regular", "tags": tags}
    )
    if answer.status in (200, 201):
        return
    there = await _find(guard, account, member.email, now) if answer.status in (400, 409) else None
    if there is None:
        settle(answer.status, answer.headers, now)
    metadata = dict(there.get("metadata") or {})
    is_marked, is_ours = metadata.pop(MARK, None) is not None, _is_ours(there)
    missing = [tag for tag in tags if tag not in _tags(there)]
    changed: dict[str, Any] = {"tags": [*_tags(there), *missing]} if missing else {}
    if there.get("type") == "unactivated" or is_ours:
        changed |= {"type": "regular", "metadata": metadata}
    elif there.get("type") not in ON:
        return
    elif is_marked:  # came back there: who unsubscribes there now is not to be taken for one of ours
        changed |= {"metadata": metadata}
    if changed:
        await _change(guard, account, there, changed, now)


async def _leave(guard: Guard, account: Account, member: Member, now: int) -> None:
    there = await _find(guard, account, member.email, now)
    if there is None or there.get("type") not in ON | {"unactivated"}:
        return
    gone = set(account.theirs(member.leaves)) - set(account.theirs(member.stays))
    kept = [tag for tag in _tags(there) if tag not in gone]
    changed: dict[str, Any] = {"tags": kept} if kept != _tags(there) else {}
    if not member.stays:
        changed |= {"type": "unsubscribed", "metadata": {**(there.get("metadata") or {}), MARK: "yes"}}
    if changed:
        await _change(guard, account, there, changed, now)


async def _change(guard: Guard, account: Account, there: Mapping[str, Any], changed: object, now: int) -> None:
    answer = await _ask(guard, account, "PATCH", f"/subscribers/{quote(str(there['id']), safe='')}", changed)
    if answer.status != 200:
        settle(answer.status, answer.headers, now)


async def _find(guard: Guard, account: Account, who: str, now: int) -> dict[str, Any] | None:
    answer = await _ask(guard, account, "GET", f"/subscribers/{quote(who, safe='')}")
    if answer.status == 404:
        return None
    if answer.status != 200:
        settle(answer.status, answer.headers, now)
    there = answer.json()
    if not isinstance(there, dict) or "id" not in there:
        raise Retry("the provider's answer cannot be read")
    return there


def _is_ours(there: Mapping[str, Any]) -> bool:
    """Whether we unsubscribed the person: it tells us of our own doing too."""
    return there.get("type") == "unsubscribed" and bool((there.get("metadata") or {}).get(MARK))


def _tags(there: Mapping[str, Any]) -> list[str]:
    return [str(tag) for tag in there.get("tags") or []]


async def _ask(guard: Guard, account: Account, method: str, path: str, body: object = None) -> Answer:
    headers = {"authorization": f"Token {account.secrets['key']}"}
    return await guard.ask_json(method, account.url.rstrip("/") + path, body, headers)
