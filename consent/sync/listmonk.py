"""listmonk: told over its administrative API, and asked who left there, for it has no webhooks.

A reader who leaves here is taken off the list there; one who left there is marked `unsubscribed` or `blocklisted`, and
whoever is so marked is left alone: coming back is then a matter between that reader and listmonk.

Invariant: a subscriber there who is not enabled, or who unsubscribed from a list, is never put on it again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

from consent import clock
from consent.sync.delivery import Account, Left, Member, Retry, settle
from consent.sync.guard import Answer, Guard

PER_PAGE = 100
PAGES = 100
PAGE_LIMIT = 4 * 1024 * 1024
TAKEN = 409


async def tell(guard: Guard, account: Account, member: Member, now: int) -> None:
    """Puts the person on the lists joined, and takes them off those left.

    Raises:
        Retry, Refused: it was not taken.
    """
    joins, leaves = _numbers(account.theirs(member.joins)), _numbers(account.theirs(member.leaves))
    if joins:
        answer = await _ask(guard, account, "POST", "/api/subscribers", _new(member, joins))
        if answer.status == TAKEN:
            await _add(guard, account, member.email, joins, now)
        elif answer.status != 200:
            settle(answer.status, answer.headers, now)
    if leaves:
        await _remove(guard, account, member.email, leaves, now)


async def check(guard: Guard, account: Account, now: int) -> None:
    """Whether address and key are right.

    Raises:
        Retry, Refused: they are not.
    """
    _data(await _ask(guard, account, "GET", "/api/lists?per_page=1"), now)


async def left(guard: Guard, account: Account, since: int, now: int) -> list[Left]:
    """Who unsubscribed there, or was blocked, at or after `since` (milliseconds).

    Raises:
        Retry, Refused: it does not say.
    """
    found: list[Left] = []
    for theirs in dict.fromkeys(account.lists.values()):
        asked = {"list_id": theirs, "subscription_status": "unsubscribed", "order_by": "id", "order": "desc"}
        async for row in _Pages(guard, account, asked, now):
            found += [one for one in _unsubscribed(row, theirs) if one.at is None or one.at >= since]
    asked = {"query": "subscribers.status='blocklisted'", "order_by": "updated_at", "order": "desc"}
    async for row in _Pages(guard, account, asked, now):
        at = _instant(row.get("updated_at"))
        if at is not None and at < since:
            break
        found.append(Left(id=f"{row.get('id')}:blocked:{at}", email=str(row.get("email")), at=at))
    return found


class _Pages:
    """The subscribers that a question gives, page by page."""

    def __init__(self, guard: Guard, account: Account, asked: Mapping[str, str], now: int) -> None:
        self._guard, self._account, self._asked, self._now = guard, account, asked, now

    async def __aiter__(self) -> Any:
        for page in range(1, PAGES + 1):
            words = urlencode({**self._asked, "page": str(page), "per_page": str(PER_PAGE)})
            rows = _results(await _ask(self._guard, self._account, "GET", f"/api/subscribers?{words}"), self._now)
            for row in rows:
                yield row
            if len(rows) < PER_PAGE:
                return


async def _add(guard: Guard, account: Account, email: str, joins: list[int], now: int) -> None:
    there = await _find(guard, account, email, now)
    if there is None:
        raise Retry("the provider says that the address is there, and does not find it")
    known = _states(there)
    wanted = [one for one in joins if known.get(one) not in ("confirmed", "unsubscribed")]
    if there.get("status") == "enabled" and wanted:
        changed = {"ids": [there["id"]], "action": "add", "target_list_ids": wanted, "status": "confirmed"}
        _data(await _ask(guard, account, "PUT", "/api/subscribers/lists", changed), now)


async def _remove(guard: Guard, account: Account, email: str, leaves: list[int], now: int) -> None:
    there = await _find(guard, account, email, now)
    if there is None:
        return
    known = _states(there)
    gone = [one for one in leaves if known.get(one, "unsubscribed") != "unsubscribed"]  # their own mark stays
    if gone:
        changed = {"ids": [there["id"]], "action": "remove", "target_list_ids": gone}
        _data(await _ask(guard, account, "PUT", "/api/subscribers/lists", changed), now)


async def _find(guard: Guard, account: Account, email: str, now: int) -> dict[str, Any] | None:
    quoted = email.lower().replace("'", "''")  # what is asked for is SQL
    words = urlencode({"query": f"subscribers.email='{quoted}'", "page": "1", "per_page": "1"})
    rows = _results(await _ask(guard, account, "GET", f"/api/subscribers?{words}"), now)
    return rows[0] if rows else None


async def _ask(guard: Guard, account: Account, method: str, path: str, body: object = None) -> Answer:
    headers = {"authorization": f"token {account.secrets['user']}:{account.secrets['token']}"}
    return await guard.ask_json(method, account.url.rstrip("/") + path, body, headers, limit=PAGE_LIMIT)


def _new(member: Member, lists: list[int]) -> dict[str, Any]:
    return {
        "email": member.email,
        "name": member.email.partition("@")[0],  # it wants one, and would take this itself
        "status": "enabled",
        "lists": lists,
        "preconfirm_subscriptions": True,
    }


def _data(answer: Answer, now: int) -> Any:
    if answer.status != 200:
        settle(answer.status, answer.headers, now)
    value = answer.json()
    if not isinstance(value, dict) or "data" not in value:
        raise Retry("the provider's answer cannot be read: look whether its address is right")
    return value["data"]


def _results(answer: Answer, now: int) -> list[dict[str, Any]]:
    data = _data(answer, now)
    rows = data.get("results") if isinstance(data, dict) else None
    return [row for row in rows or [] if isinstance(row, dict) and "id" in row]


def _lists(row: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    yield from (one for one in row.get("lists") or [] if isinstance(one, dict))


def _states(row: Mapping[str, Any]) -> dict[int, str]:
    return {one["id"]: str(one.get("subscription_status")) for one in _lists(row) if isinstance(one.get("id"), int)}


def _unsubscribed(row: Mapping[str, Any], theirs: str) -> Iterator[Left]:
    for one in _lists(row):
        if str(one.get("id")) == theirs and one.get("subscription_status") == "unsubscribed":
            at = _instant(one.get("subscription_updated_at"))
            yield Left(id=f"{row['id']}:{theirs}:{at}", email=str(row.get("email")), theirs=theirs, at=at)


def _instant(words: object) -> int | None:
    try:
        return clock.parse(words) if isinstance(words, str) else None
    except ValueError:
        return None


def _numbers(lists: Iterable[str]) -> list[int]:
    return [int(one) for one in lists]
