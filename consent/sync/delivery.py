"""One thing to tell somebody, and the ways in which telling ends.

Invariant: a fault's text carries no address, no secret and nothing of what the other side answered but its status.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Literal, NoReturn

import msgspec

from consent.errors import ConsentError

SECOND, MINUTE, HOUR = 1_000, 60_000, 3_600_000
# Standard Webhooks, "Retry schedule": ten tries over 75 hours and 35 minutes.
SCHEDULE = (
    0,
    5 * SECOND,
    5 * MINUTE,
    30 * MINUTE,
    2 * HOUR,
    5 * HOUR,
    10 * HOUR,
    14 * HOUR,
    20 * HOUR,
    24 * HOUR,
)
"""Milliseconds to wait for the next try: `SCHEDULE[attempts]` after so many attempts; past its end there is none."""

How = Literal["unsubscribed", "bounced", "complained"]
LONGEST_WAIT = 24 * 3600
THROTTLED = frozenset({408, 425, 429})


class Told(ConsentError):
    """Somebody was not told; which way says what is to be done."""

    code = "delivery"


class Retry(Told):
    """Not now; `retry_after` seconds, when the other side said so."""

    code = "delivery_delayed"

    def __init__(self, detail: str, retry_after: int | None = None) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class Gone(Told):
    """The endpoint wants nothing any more (410)."""

    code = "endpoint_gone"


class Refused(Told):
    """This will never be taken."""

    code = "delivery_refused"


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """Where things are told, with what it takes: an endpoint with its secrets open."""

    url: str
    secrets: Mapping[str, str]
    lists: Mapping[str, str] = {}
    """Our list -> theirs."""

    def __repr__(self) -> str:
        return f"Account(url={self.url!r}, secrets=***)"

    def theirs(self, lists: tuple[str, ...]) -> tuple[str, ...]:
        """What the provider calls these lists; those it has no word for are left out."""
        return tuple(dict.fromkeys(self.lists[name] for name in lists if name in self.lists))

    def ours(self, theirs: str | None) -> frozenset[str] | None:
        """Our lists for theirs, or for all of theirs; None for every list there is."""
        if not self.lists:
            return None
        return frozenset(name for name, other in self.lists.items() if theirs is None or other == theirs)


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """What a mailing provider is told of one person: the address, the lists joined and those left."""

    email: str
    joins: tuple[str, ...] = ()
    leaves: tuple[str, ...] = ()
    stays: tuple[str, ...] = ()
    """All lists that the person is on: where a provider has but one membership, it ends with the last."""
    confirmed_at: int = 0
    """When the person proved to own the address, in milliseconds."""


class Left(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who left at a mailing provider; `theirs` is the list there, None for all of them."""

    id: str
    email: str
    theirs: str | None = None
    how: How = "unsubscribed"
    at: int | None = None
    """When, in milliseconds, if the provider says so."""


def check(status: int, headers: Mapping[str, str], now: int) -> None:
    """Nothing when the status says taken (2xx).

    Raises:
        Gone: 410.
        Retry: what may pass: everything else, redirects too, for these are not followed.
    """
    if 200 <= status < 300:
        return
    if status == 410:
        raise Gone("the endpoint answered 410: it is switched off")
    raise Retry(f"the endpoint answered {status}", retry_after(headers.get("retry-after", ""), now))


def settle(status: int, headers: Mapping[str, str], now: int) -> NoReturn:
    """The end of a provider's answer that means no success.

    Raises:
        Retry: its fault, a limit, or a key that an administrator can mend (401, 403).
        Refused: the request itself is wrong, and would be the next time.
    """
    if status in THROTTLED or status >= 500 or status < 400:
        raise Retry(f"the provider answered {status}", retry_after(headers.get("retry-after", ""), now))
    if status in (401, 403):
        raise Retry(f"the provider answered {status}: look whether its key is still good")
    raise Refused(f"the provider answered {status}")


def retry_after(words: str, now: int) -> int | None:
    """The seconds of a Retry-After header (RFC 9110, section 10.2.3), a day at most; None when it says nothing."""
    words = words.strip()
    if words.isascii() and words.isdecimal():
        return min(int(words[:9]), LONGEST_WAIT)
    try:
        until = datetime.strptime(words, "%a, %d %b %Y %H:%M:%S GMT").replace(tzinfo=UTC)
    except ValueError:
        return None
    seconds = (until - datetime.fromtimestamp(now / 1000, UTC)).total_seconds()
    return min(max(0, round(seconds)), LONGEST_WAIT)
