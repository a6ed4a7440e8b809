"""Mailchimp: told over its Marketing API; tells by a form posted to a secret address.

A reader who leaves here, or pauses, is archived there with a tag of ours, so that the same reader may come back here.

From its API's documentation, not tried on an account of ours: DELETE of a member archives, which can be undone; who is
archived is answered as a member with that status; who unsubscribed there is in a "compliance state" that no request
ends. That `{"status": "subscribed"}` takes an archived member back, its users say. They differ on whether
`status_if_new` does, so that it is only sent of who is not there at all.

Invariant: a `status` is only ever sent of who is archived with our tag; who left there stays so.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs

from consent.errors import Malformed
from consent.sync.delivery import Account, How, Left, Member, Retry, settle
from consent.sync.guard import Answer, Guard

MARK = "left-by-consent"
ON = frozenset({"subscribed", "pending"})
KEY = re.compile(r"[0-9A-Za-z]{16,64}-([a-z]{2,3}[0-9]{1,4})", re.ASCII)
# Those whom it will not take back without their own doing there.
ALONE = frozenset({"Member In Compliance State", "Forgotten Email Not Subscribed"})


def address_of(key: str) -> str | None:
    """The API's address, which the key names; None when it is no key."""
    found = KEY.fullmatch(key)
    return f"https://{found[1]}.api.mailchimp.com/3.0" if found else None


async def tell(guard: Guard, account: Account, member: Member, now: int) -> None:
    """Puts the person on the lists joined, unless they left them there, and archives them on those left.

    Raises:
        Retry, Refused: it was not taken.
    """
    for theirs in account.theirs(member.joins):
        await _join(guard, account, member, theirs, now)
    for theirs in account.theirs(member.leaves):
        await _leave(guard, account, _path(theirs, member.email), now)


async def check(guard: Guard, account: Account, now: int) -> None:
    """Whether the key is good.

    Raises:
        Retry, Refused: it is not.
    """
    answer = await _ask(guard, account, "GET", "/ping")
    if answer.status != 200:
        settle(answer.status, answer.headers, now)


async def left(guard: Guard, account: Account, body: bytes, now: int) -> list[Left]:
    """Who left, in a posted form. Of a member taken away it is asked who did so: it tells us of our own doing too.

    Raises:
        Malformed: it is none.
        Retry: Mailchimp does not say now.
    """
    try:
        form = {name: values[-1] for name, values in parse_qs(body.decode("utf-8"), max_num_fields=200).items()}
    except ValueError:
        raise Malformed("the body is no form in UTF-8") from None
    email, theirs, how = form.get("data[email]", ""), form.get("data[list_id]"), _how(form)
    if how is None or not email:
        return []
    if form.get("data[action]") == "delete" and theirs is not None and theirs in account.lists.values():
        there = await _find(guard, account, _path(theirs, email), now)
        if there and _is_ours(there):
            return []
    return [Left(id=hashlib.sha256(body).hexdigest(), email=email, theirs=theirs, how=how)]


def _how(form: Mapping[str, str]) -> How | None:
    match form.get("type"), form.get("data[reason]"):
        case "unsubscribe", _:
            return "unsubscribed"
        case "cleaned", "abuse":
            return "complained"
        case "cleaned", _:
            return "bounced"
    return None


async def _join(guard: Guard, account: Account, member: Member, theirs: str, now: int) -> None:
    path = _path(theirs, member.email)
    there = await _find(guard, account, path, now)
    if there is None:
        opted = f"{datetime.fromtimestamp(member.confirmed_at // 1000, UTC):%Y-%m-%d %H:%M:%S}"
        new = {"email_address": member.email, "status_if_new": "subscribed", "timestamp_opt": opted}
        await _send(guard, account, "PUT", path, new, now)
    elif _is_ours(there):
        if await _send(guard, account, "PATCH", path, {"status": "subscribed"}, now):
            await _tag(guard, account, path, now, is_on=False)
    elif MARK in _tags(there) and there.get("status") == "subscribed":
        # Came back by themselves, or the tag could not be taken away the last time: a later archive is not ours.
        await _tag(guard, account, path, now, is_on=False)


async def _leave(guard: Guard, account: Account, path: str, now: int) -> None:
    there = await _find(guard, account, path, now)
    if there is None or there.get("status") not in ON:
        return  # who left there gets no mark
    await _tag(guard, account, path, now, is_on=True)  # first: an archive without it could never be told from theirs
    answer = await _ask(guard, account, "DELETE", path)
    if answer.status not in (204, 404, 405):
        settle(answer.status, answer.headers, now)


async def _tag(guard: Guard, account: Account, path: str, now: int, *, is_on: bool) -> None:
    tags = {"tags": [{"name": MARK, "status": "active" if is_on else "inactive"}]}
    answer = await _ask(guard, account, "POST", f"{path}/tags", tags)
    if answer.status not in (200, 204, 404):
        settle(answer.status, answer.headers, now)


async def _send(guard: Guard, account: Account, method: str, path: str, body: object, now: int) -> bool:
    """Whether it was taken; False for those whom it does not take from us."""
    answer = await _ask(guard, account, method, path, body)
    if answer.status == 200:
        return True
    if not _is_left_alone(answer):
        settle(answer.status, answer.headers, now)
    return False


async def _find(guard: Guard, account: Account, path: str, now: int) -> dict[str, Any] | None:
    answer = await _ask(guard, account, "GET", path)
    if answer.status == 404:
        return None
    if answer.status != 200:
        settle(answer.status, answer.headers, now)
    there = answer.json()
    if not isinstance(there, dict) or "status" not in there:
        raise Retry("the provider's answer cannot be read")
    return there


def _is_ours(there: Mapping[str, Any]) -> bool:
    """Whether we archived the member."""
    return there.get("status") == "archived" and MARK in _tags(there)


def _tags(there: Mapping[str, Any]) -> list[str]:
    return [str(tag["name"]) for tag in there.get("tags") or [] if isinstance(tag, dict) and "name" in tag]


async def _ask(guard: Guard, account: Account, method: str, path: str, body: object = None) -> Answer:
    key = base64.b64encode(f"consent:{account.secrets['key']}".encode()).decode()
    return await guard.ask_json(method, account.url.rstrip("/") + path, body, {"authorization": f"Basic {key}"})


def _path(theirs: str, email: str) -> str:
    digest = hashlib.md5(email.lower().encode(), usedforsecurity=False).hexdigest()
    return f"/lists/{theirs}/members/{digest}"


def _is_left_alone(answer: Answer) -> bool:
    said = answer.json() if answer.status == 400 else None
    return isinstance(said, dict) and said.get("title") in ALONE
