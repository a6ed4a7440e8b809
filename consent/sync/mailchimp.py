"""Mailchimp: told over its Marketing API; tells by a form posted to a secret address.

Invariant: only `status_if_new` is ever sent with an address, so that who left there stays so.
"""

from __future__ import annotations

import base64
import hashlib
import re
from datetime import UTC, datetime
from urllib.parse import parse_qs

from consent.errors import Malformed
from consent.sync.delivery import Account, How, Left, Member, settle
from consent.sync.guard import Answer, Guard

KEY = re.compile(r"[0-9A-Za-z]{16,64}-([a-z]{2,3}[0-9]{1,4})", re.ASCII)
# Those whom it will not take back without their own doing there.
ALONE = frozenset({"Member In Compliance State", "Forgotten Email Not Subscribed"})


def address_of(key: str) -> str | None:
    """The API's address, which the key names; None when it is no key."""
    found = KEY.fullmatch(key)
    return f"https://{found[1]}.api.mailchimp.com/3.0" if found else None


async def tell(guard: Guard, account: Account, member: Member, now: int) -> None:
    """Puts the person on the lists joined, unless they are known there, and unsubscribes from those left.

    Raises:
        Retry, Refused: it was not taken.
    """
    opted = f"{datetime.fromtimestamp(member.confirmed_at // 1000, UTC):%Y-%m-%d %H:%M:%S}"
    for theirs in account.theirs(member.joins):
        new = {"email_address": member.email, "status_if_new": "subscribed", "timestamp_opt": opted}
        answer = await _ask(guard, account, "PUT", _path(theirs, member.email), new)
        if answer.status != 200 and not _is_left_alone(answer):
            settle(answer.status, answer.headers, now)
    for theirs in account.theirs(member.leaves):
        answer = await _ask(guard, account, "PATCH", _path(theirs, member.email), {"status": "unsubscribed"})
        if answer.status not in (200, 404, 405) and not _is_left_alone(answer):
            settle(answer.status, answer.headers, now)


async def check(guard: Guard, account: Account, now: int) -> None:
    """Whether the key is good.

    Raises:
        Retry, Refused: it is not.
    """
    answer = await _ask(guard, account, "GET", "/ping")
    if answer.status != 200:
        settle(answer.status, answer.headers, now)


def left(body: bytes) -> list[Left]:
    """Who left, in a posted form.

    Raises:
        Malformed: it is none.
    """
    try:
        form = {name: values[-1] for name, values in parse_qs(body.decode("utf-8"), max_num_fields=200).items()}
    except ValueError:
        raise Malformed("the body is no form in UTF-8") from None
    email, theirs = form.get("data[email]", ""), form.get("data[list_id]")
    how: How
    match form.get("type"), form.get("data[reason]"):
        case "unsubscribe", _:
            how = "unsubscribed"
        case "cleaned", "abuse":
            how = "complained"
        case "cleaned", _:
            how = "bounced"
        case _:
            return []
    return [Left(id=hashlib.sha256(body).hexdigest(), email=email, theirs=theirs, how=how)] if email else []


async def _ask(guard: Guard, account: Account, method: str, path: str, body: object = None) -> Answer:
    key = base64.b64encode(f"consent:{account.secrets['key']}".encode()).decode()
    return await guard.ask_json(method, account.url.rstrip("/") + path, body, {"authorization": f"Basic {key}"})


def _path(theirs: str, email: str) -> str:
    digest = hashlib.md5(email.lower().encode(), usedforsecurity=False).hexdigest()
    return f"/lists/{theirs}/members/{digest}"


def _is_left_alone(answer: Answer) -> bool:
    said = answer.json() if answer.status == 400 else None
    return isinstance(said, dict) and said.get("title") in ALONE
