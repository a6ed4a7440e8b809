"""Ghost: told over its Admin API, where our lists are newsletters; tells by webhooks about its members.

Ghost does not say whether a member who lacks a newsletter left it or never had it. So whom it knows already gets no
newsletter from us, but one that we took away ourselves, which a label on the member remembers.

Invariant: a member is never put on a newsletter that we did not take away.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

import msgspec

from consent.errors import BadToken, Malformed
from consent.sync.delivery import Account, Left, Member, Retry, settle
from consent.sync.guard import Answer, Guard

KEY = re.compile(r"[0-9a-f]{24}:[0-9a-f]{64}", re.ASCII)
PATH = "/ghost/api/admin"
VERSION = "v5.0"
MARK = "left-by-consent-"
LIFE = 240
"""Seconds that a token lasts; Ghost takes five minutes at most."""
SIGNED = re.compile(r"sha256=([0-9a-f]{64}), ?t=([0-9]{1,16})", re.ASCII)


async def tell(guard: Guard, account: Account, member: Member, now: int) -> None:
    """Makes the person a member with the newsletters joined, and takes away those left.

    Raises:
        Retry, Refused: it was not taken.
    """
    if joins := account.theirs(member.joins):
        new = {"email": member.email, "newsletters": _ids(joins)}
        answer = await _ask(guard, account, "POST", "/members/", {"members": [new]}, now)
        if answer.status == 422:
            await _return(guard, account, member.email, joins, now)
        elif answer.status not in (200, 201):
            settle(answer.status, answer.headers, now)
    if leaves := account.theirs(member.leaves):
        await _take_away(guard, account, member.email, leaves, now)


async def check(guard: Guard, account: Account, now: int) -> None:
    """Whether address and key are right.

    Raises:
        Retry, Refused: they are not.
    """
    answer = await _ask(guard, account, "GET", "/newsletters/?limit=1", None, now)
    if answer.status != 200:
        settle(answer.status, answer.headers, now)


class _Member(msgspec.Struct, frozen=True):
    email: str = ""
    newsletters: list[dict[str, Any]] | None = None
    labels: list[dict[str, Any]] | None = None
    updated_at: str | None = None


class _Change(msgspec.Struct, frozen=True):
    current: _Member = _Member()
    previous: _Member = _Member()


class _Told(msgspec.Struct, frozen=True):
    member: _Change = _Change()


def left(account: Account, headers: Mapping[str, str], body: bytes) -> list[Left]:
    """Who left: a member who lacks newsletters that were there before and that we did not take away, or who is deleted.

    Raises:
        BadToken: not signed with the endpoint's webhook secret, when it has one.
        Malformed: no event.
    """
    if secret := account.secrets.get("webhook_secret"):
        _check_signature(secret, headers.get("x-ghost-signature", ""), body)
    try:
        said = msgspec.json.decode(body, type=_Told).member
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise Malformed("the body is no event in JSON") from None
    id_ = hashlib.sha256(body).hexdigest()
    if not said.current.email:
        return [Left(id=id_, email=said.previous.email)] if said.previous.email else []
    before, there = (_known(one.newsletters) for one in (said.previous, said.current))
    if said.current.newsletters is None:
        return []
    email = said.current.email
    marked = set(_names(said.current.labels)) - set(_names(said.previous.labels))  # with the same change
    gone = [one for one in before if one not in there and MARK + one not in marked]
    return [Left(id=f"{id_}:{theirs}", email=email, theirs=theirs) for theirs in gone]


def token(key: str, now: int) -> str:
    """The JSON Web Token (HS256) that one request carries.

    Raises:
        ValueError: the key is none of an integration.
    """
    if not KEY.fullmatch(key):
        raise ValueError("a Ghost Admin API key is 24 hex digits, a colon and 64 hex digits")
    id_, _, secret = key.partition(":")
    head = _part({"alg": "HS256", "kid": id_, "typ": "JWT"})
    said = _part({"aud": "/admin/", "exp": now // 1000 + LIFE, "iat": now // 1000})
    signature = hmac.digest(bytes.fromhex(secret), head + b"." + said, "sha256")
    return (head + b"." + said + b"." + _url_safe(signature)).decode()


async def _return(guard: Guard, account: Account, email: str, joins: Sequence[str], now: int) -> None:
    there = await _find(guard, account, email, now)
    if there is None or (there.get("email_suppression") or {}).get("suppressed"):
        return
    labels, known = _labels(there), _known(there.get("newsletters"))
    marked = {MARK + one for one in joins} & set(labels)
    back = [one for one in joins if MARK + one in marked and one not in known]
    if marked:  # also of those who came back there: who leaves there now is not to be taken for one of ours
        kept = [label for label in labels if label not in marked]
        await _change(guard, account, there, [*known, *back], kept, now)


async def _take_away(guard: Guard, account: Account, email: str, leaves: Sequence[str], now: int) -> None:
    there = await _find(guard, account, email, now)
    known = _known(there.get("newsletters")) if there else []
    gone = [one for one in leaves if one in known]  # no mark for what the member left there
    if there and gone:
        kept = [one for one in known if one not in gone]
        await _change(guard, account, there, kept, [*_labels(there), *(MARK + one for one in gone)], now)


async def _change(
    guard: Guard,
    account: Account,
    there: Mapping[str, Any],
    newsletters: Sequence[str],
    labels: Sequence[str],
    now: int,
) -> None:
    changed = {"newsletters": _ids(newsletters), "labels": [{"name": name} for name in labels]}
    answer = await _ask(guard, account, "PUT", f"/members/{there['id']}/", {"members": [changed]}, now)
    if answer.status != 200:
        settle(answer.status, answer.headers, now)


async def _find(guard: Guard, account: Account, email: str, now: int) -> dict[str, Any] | None:
    quoted = email.replace("\\", "\\\\").replace("'", "\\'")  # NQL's way
    words = urlencode({"filter": f"email:'{quoted}'", "include": "newsletters,labels", "limit": "1"})
    answer = await _ask(guard, account, "GET", f"/members/?{words}", None, now)
    if answer.status != 200:
        settle(answer.status, answer.headers, now)
    said = answer.json()
    members = said.get("members") if isinstance(said, dict) else None
    if not isinstance(members, list):
        raise Retry("the provider's answer cannot be read: look whether its address is right")
    return members[0] if members else None


async def _ask(guard: Guard, account: Account, method: str, path: str, body: object, now: int) -> Answer:
    headers = {"authorization": f"Ghost {token(account.secrets['key'], now)}", "accept-version": VERSION}
    return await guard.ask_json(method, account.url.rstrip("/") + PATH + path, body, headers)


def _check_signature(secret: str, words: str, body: bytes) -> None:
    found = SIGNED.fullmatch(words.strip())
    expected = hmac.digest(secret.encode(), body + found[2].encode(), "sha256").hex() if found else ""
    if not found or not hmac.compare_digest(expected, found[1]):
        raise BadToken("the message is not signed by whom it should be")


def _ids(newsletters: Sequence[str]) -> list[dict[str, str]]:
    return [{"id": one} for one in newsletters]


def _known(newsletters: Sequence[Mapping[str, Any]] | None) -> list[str]:
    return [str(one["id"]) for one in newsletters or [] if "id" in one]


def _labels(there: Mapping[str, Any]) -> list[str]:
    return _names(there.get("labels"))


def _names(labels: Sequence[Mapping[str, Any]] | None) -> list[str]:
    return [str(one["name"]) for one in labels or [] if "name" in one]


def _part(value: object) -> bytes:
    return _url_safe(msgspec.json.encode(value))


def _url_safe(value: bytes) -> bytes:
    return base64.urlsafe_b64encode(value).rstrip(b"=")
