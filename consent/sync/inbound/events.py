"""One form for what all mail providers tell.

Invariant: an event's id is the same whenever the provider repeats it.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Mapping
from typing import Any, Literal, NamedTuple, TypeVar

import msgspec

from consent import clock
from consent.errors import BadToken, Malformed

Kind = Literal["delivered", "bounced_hard", "bounced_soft", "complained", "unsubscribed"]
T = TypeVar("T")
NOT_GENUINE = "the message does not come from whom it should"


class Heard(NamedTuple):
    """A message as it came: header names in lower case, the very bytes of the body, the secret in the address."""

    headers: Mapping[str, str]
    body: bytes
    secret: str
    now: int


class MailEvent(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one mail to one address."""

    id: str
    kind: Kind
    address: str | None = None
    mail: str | None = None
    """The UUID of its row in the outbox, as we gave it to the provider."""
    site: str | None = None
    message_id: str | None = None
    """Our Message-ID, where the provider repeats it."""
    at: int | None = None


def decoded(body: bytes | str, shape: type[T]) -> T:
    """The body as its struct.

    Raises:
        Malformed: it is none.
    """
    try:
        return msgspec.json.decode(body, type=shape)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise Malformed("the body is no event of this provider") from None


def require_secret(expected: str, heard: Heard) -> None:
    """Returns when the message carries the secret: in its address, or as Basic or Bearer authorization.

    Raises:
        BadToken: it does not.
    """
    if not any(hmac.compare_digest(expected.encode(), one.encode()) for one in _given(heard)):
        raise BadToken(NOT_GENUINE)


def _given(heard: Heard) -> list[str]:
    scheme, _, words = heard.headers.get("authorization", "").partition(" ")
    given = [heard.secret]
    if scheme.lower() == "bearer":
        given.append(words.strip())
    if scheme.lower() == "basic":
        try:
            pair = base64.b64decode(words.strip(), validate=True).decode("utf-8")
        except (binascii.Error, UnicodeDecodeError):
            pair = ""
        given += [pair, pair.partition(":")[2]]
    return [one for one in given if one]


def bracketed(words: str | None) -> str | None:
    """A Message-ID with its angle brackets, which some leave out."""
    words = (words or "").strip()
    return f"<{words.strip('<>')}>" if words else None


def instant(value: Any) -> int | None:
    """Milliseconds of a text (RFC 3339) or of seconds since 1970; None when it is neither."""
    if isinstance(value, int | float) and 0 <= value < 1e11:
        return int(value * 1000)
    try:
        return clock.parse(value) if isinstance(value, str) else None
    except ValueError:
        return None
