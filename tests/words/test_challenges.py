"""The proof of work: what is a solution, in which form it comes, and how much it costs."""

from __future__ import annotations

import hashlib

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consent import risks
from consent.challenges import COST, FORM, Challenge, Offer, solve, solves, split
from consent.errors import BadToken

CHEAP = Challenge(id="019a0b0c-0d0e-7f00-8000-000000000001", site="a", salt="00ff" * 8, bits=4, cost=1)


def changed(**fields: object) -> Challenge:
    """The cheap one with other fields."""
    return msgspec.structs.replace(CHEAP, **fields)


def test_what_is_usual() -> None:
    usual = Challenge(id=CHEAP.id, site="a", salt="00" * 16, bits=risks.BITS[0])
    assert (usual.form, usual.cost, usual.bits) == (FORM, COST, 6) == ("signup", 5000, 6)
    assert solves(usual, solve(usual))


def test_a_solution_that_any_browser_finds_too() -> None:
    """By the definition alone: PBKDF2 with the number's digits as the password."""
    number = solve(CHEAP)
    keys = [
        hashlib.pbkdf2_hmac("sha256", str(one).encode("ascii"), bytes.fromhex(CHEAP.salt), CHEAP.cost)
        for one in range(number + 1)
    ]
    assert [key.hex()[0] == "0" for key in keys] == [False] * number + [True]


@settings(max_examples=30)
@given(st.binary(min_size=16, max_size=32), st.integers(0, 8), st.integers(1, 3))
def test_a_solution_solves(salt: bytes, bits: int, cost: int) -> None:
    challenge = changed(salt=salt.hex(), bits=bits, cost=cost)
    number = solve(challenge)
    assert solves(challenge, number)
    assert not any(solves(challenge, less) for less in range(number))


@pytest.mark.parametrize("bits", range(13))
def test_each_bit_counts(bits: int) -> None:
    """A number solves as many bits as its key has zeros in front, and not one more."""
    number = solve(changed(bits=bits))
    key = hashlib.pbkdf2_hmac("sha256", str(number).encode(), bytes.fromhex(CHEAP.salt), 1)
    zeros = 256 - int.from_bytes(key).bit_length()
    assert zeros >= bits
    assert solves(changed(bits=zeros), number)
    assert not solves(changed(bits=zeros + 1), number)


def test_a_solution_of_one_salt_is_none_of_another() -> None:
    number = solve(changed(bits=10))
    assert not solves(changed(bits=10, salt="01" * 16), number)
    assert not solves(changed(bits=10, cost=2), number)


@given(st.text("abcXYZ019-_.", min_size=1), st.integers(0, 2**32 - 1))
def test_a_solution_comes_as_the_token_and_the_number(token: str, number: int) -> None:
    assert split(f"{token}.{number}") == (token, number)


@pytest.mark.parametrize(
    "solution",
    [
        "",
        ".",
        ".1",
        "token",
        "token.",
        "token.x",
        "token.-1",
        "token.+1",
        "token.1.",
        "token.01",
        "token. 1",
        "token.1 ",
        "token.1\n",
        "token.1e3",
        "token.0x1",
        "token.١",
        "token.4294967296",
        "token." + "9" * 5000,
    ],
)
def test_what_is_no_solution(solution: str) -> None:
    with pytest.raises(BadToken):
        split(solution)


def test_what_a_browser_is_given() -> None:
    offer = Offer(challenge="t.o.k", salt="00" * 16, cost=COST, bits=6, expires_at="2026-11-22T10:10:00.000Z")
    assert msgspec.json.decode(msgspec.json.encode(offer)) == {
        "challenge": "t.o.k",
        "salt": "00" * 16,
        "cost": 5000,
        "bits": 6,
        "expires_at": "2026-11-22T10:10:00.000Z",
    }
