"""A proof of work: a sum that costs a browser half a second, and a robot that wants thousands as many times as much.

It is PBKDF2-HMAC-SHA256 (RFC 8018), which WebCrypto and hashlib both have: whoever asks looks for a number that, taken
as the password, gives a key that begins with enough zeros. Nobody sees a puzzle.

Invariant: what is signed names the site and the form, so that a solution is of use nowhere else; that it is used only
once is for who keeps what was spent (`storage.spent`, by the challenge's id).
"""

from __future__ import annotations

import hashlib
import re
from itertools import count

import msgspec

from consent.errors import BadToken

COST = 5000
"""Rounds for one try: about a millisecond and a half."""
FORM = "signup"
_SOLUTION = re.compile(r"(?P<token>.+)\.(?P<number>0|[1-9][0-9]{0,9})", re.ASCII)
_LARGEST = (1 << 32) - 1


class Challenge(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be solved; signed, so that nothing of it can be changed."""

    id: str
    site: str
    salt: str
    """Hex digits."""
    bits: int
    """How many of the key's first bits are zero; two more make it four times the work."""
    form: str = FORM
    cost: int = COST


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """A challenge as it is given to a browser: what it needs to solve it, and the signed whole to send back."""

    challenge: str
    salt: str
    cost: int
    bits: int
    expires_at: str


def split(solution: str) -> tuple[str, int]:
    """The challenge's token and the number of a solution, `token.number`.

    Raises:
        BadToken: it has another form.
    """
    found = _SOLUTION.fullmatch(solution)
    if found is None or int(found["number"]) > _LARGEST:
        raise BadToken("the challenge is not solved: a solution is the challenge, a full stop and a number")
    return found["token"], int(found["number"])


def solves(challenge: Challenge, number: int) -> bool:
    """Whether the number is a solution; costs as much as one try."""
    key = hashlib.pbkdf2_hmac("sha256", str(number).encode(), bytes.fromhex(challenge.salt), challenge.cost, 32)
    return int.from_bytes(key) >> (256 - challenge.bits) == 0


def solve(challenge: Challenge) -> int:
    """The first number that is a solution: what a browser looks for, here for tests and for programs that sign up."""
    return next(number for number in count() if solves(challenge, number))
