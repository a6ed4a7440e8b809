"""Tokens: good for one purpose at one site, for a time; read by itsdangerous alone; malleable text, signed content."""

from __future__ import annotations

import base64
import hashlib
import itertools
import json
import zlib
from typing import get_args

import itsdangerous
import pytest

from consent.clock import DAY
from consent.errors import BadToken, TokenExpired
from consent.tokens import AGES, LEEWAY, MAX_LENGTH, Receipt, Reference, TokenPurpose, Tokens, salt, site_of
from tests.clock import START, SetClock

OLD, NEW = "the-old-secret-0123456789-abcdefghijklmn", "the-new-secret-9876543210-nmlkjihgfedcba"
PURPOSES: tuple[TokenPurpose, ...] = get_args(TokenPurpose)
REFERENCE = Reference(id="01a204af-28d0-7d54-9fc7-97c6441192f5", site="news")
RECEIPT = Receipt(
    id=REFERENCE.id,
    seq=7,
    site="news",
    subject="01a204af-28d0-7fae-90cf-bc6367bd446d",
    notice="0" * 64,
    purposes={"analytics": True, "content": False},
    recorded_at="2026-11-22T10:00:00.000Z",
    expires_at="2027-05-23T10:00:00.000Z",
)


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def tokens(clock: SetClock) -> Tokens:
    return Tokens([OLD], clock)


def is_good(tokens: Tokens, token: str, purpose: TokenPurpose = "receipt", site: str = "news") -> bool:
    try:
        return tokens.read(purpose, site, token, Reference) == REFERENCE
    except BadToken:
        return False


@pytest.fixture
def token(tokens: Tokens) -> str:
    return tokens.sign("receipt", "news", REFERENCE, START)


def test_what_was_signed_comes_back(tokens: Tokens) -> None:
    token = tokens.sign("receipt", "news", RECEIPT, START)
    assert tokens.read("receipt", "news", token, Receipt) == RECEIPT
    assert token == tokens.sign("receipt", "news", RECEIPT, START)
    assert site_of(token) == "news"


@pytest.mark.parametrize(("signed", "read"), [*itertools.product(PURPOSES, PURPOSES)])
def test_one_purpose_does_not_pass_for_another(tokens: Tokens, signed: TokenPurpose, read: TokenPurpose) -> None:
    token = tokens.sign(signed, "news", REFERENCE, START)
    assert is_good(tokens, token, read) is (signed == read)


def test_each_purpose_has_a_salt_and_an_age() -> None:
    assert AGES.keys() == set(PURPOSES)
    assert len({salt(purpose) for purpose in PURPOSES}) == len(PURPOSES)


def test_another_sites_token_looks_like_no_token_at_all(tokens: Tokens, token: str) -> None:
    said = set[str]()
    for site, each in (("other", token), ("news", "garbage"), ("news", ""), ("news.", token), ("", token)):
        with pytest.raises(BadToken) as caught:
            tokens.read("receipt", site, each, Reference)
        said.add(caught.value.detail)
    assert len(said) == 1


@pytest.mark.parametrize("purpose", PURPOSES)
def test_it_ends_with_its_age(tokens: Tokens, clock: SetClock, purpose: TokenPurpose) -> None:
    token = tokens.sign(purpose, "news", REFERENCE, START)
    clock.at = START + AGES[purpose] + (0 if purpose == "hand-off" else LEEWAY)
    assert is_good(tokens, token, purpose)
    clock.forward(1)
    with pytest.raises(TokenExpired, match="ask for a new one"):
        tokens.read(purpose, "news", token, Reference)


def test_another_machines_clock_may_be_a_little_ahead(tokens: Tokens, clock: SetClock, token: str) -> None:
    clock.at = START - LEEWAY
    assert is_good(tokens, token)
    clock.forward(-1)
    with pytest.raises(BadToken, match="future") as caught:
        tokens.read("receipt", "news", token, Reference)
    assert not isinstance(caught.value, TokenExpired)
    assert 60_000 <= LEEWAY < 3_600_000


def test_secrets_rotate(clock: SetClock, token: str) -> None:
    both, new = Tokens([OLD, NEW], clock), Tokens([NEW], clock)
    assert is_good(both, token)
    assert not is_good(new, token)
    later = both.sign("receipt", "news", REFERENCE, START)
    assert is_good(both, later)
    assert is_good(new, later)
    assert not is_good(Tokens([OLD], clock), later)
    assert both.site_keys("news") == [*Tokens([OLD], clock).site_keys("news"), *new.site_keys("news")]


def test_site_keys_differ_and_are_not_the_secret(tokens: Tokens) -> None:
    keys = [*tokens.site_keys("a"), *tokens.site_keys("b"), *Tokens([NEW], SetClock()).site_keys("a")]
    assert len(set(keys)) == 3
    assert all(len(key) == 64 and OLD not in key for key in keys)


def serializer(tokens: Tokens, **changes: object) -> itsdangerous.URLSafeTimedSerializer:
    """What a publisher's own backend uses: the site's key and itsdangerous, nothing of ours."""
    usual: dict[str, object] = {"key_derivation": "hmac", "digest_method": hashlib.sha256}
    return itsdangerous.URLSafeTimedSerializer(
        tokens.site_keys("news")[-1], salt="consent.receipt", signer_kwargs=usual | changes
    )


def test_itsdangerous_alone_reads_a_receipt(tokens: Tokens) -> None:
    token = tokens.sign("receipt", "news", RECEIPT, START)
    found, signed_at = serializer(tokens).loads(token, return_timestamp=True)
    assert found["purposes"] == {"analytics": True, "content": False}
    assert (found["seq"], found["site"]) == (7, "news")
    assert signed_at.timestamp() * 1000 == START
    with pytest.raises(itsdangerous.BadSignature):
        serializer(Tokens([NEW], SetClock())).loads(token)


def test_another_digest_is_refused(tokens: Tokens) -> None:
    for changes in ({"digest_method": hashlib.sha1}, {"digest_method": hashlib.sha512}, {"key_derivation": "concat"}):
        forged = serializer(tokens, **changes).dumps({"id": REFERENCE.id, "site": "news"})
        assert not is_good(tokens, str(forged))


def test_every_prefix_is_refused(tokens: Tokens, token: str) -> None:
    assert is_good(tokens, token)
    assert not any(is_good(tokens, token[:length]) for length in range(len(token)))


def test_every_single_change_is_refused_but_for_the_slack_of_base64(tokens: Tokens, token: str) -> None:
    """43 characters of base64 have 258 bits, a signature 256: the last one has four spellings."""
    good = set[str]()
    for place, character in itertools.product(range(len(token)), "AQgw_-.=z0é\0\n "):
        changed = token[:place] + character + token[place + 1 :]
        if changed != token and is_good(tokens, changed):
            good.add(changed)
    assert all(changed[:-1] == token[:-1] for changed in good)


def test_other_spellings_carry_the_same_signed_content(tokens: Tokens, token: str) -> None:
    """Whoever must do a thing once keys it on the id inside: whatever text is accepted, that is the same."""
    head, _, signature = token.rpartition(".")
    spellings = [
        f"{token}=", f"{token}==", f"{token}é", f"{token}\n", f" {token}", f"{head}.{signature[:20]}!{signature[20:]}",
        *(token[:-1] + letter for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
    ]  # fmt: skip
    accepted = 0
    for spelling in spellings:
        try:
            found = tokens.read("receipt", "news", spelling, Reference)
        except BadToken:
            continue
        accepted += 1
        assert found == REFERENCE
    assert accepted >= 1


def signed(tokens: Tokens, payload: str) -> str:
    """Any payload under the right key."""
    signer = itsdangerous.TimestampSigner(
        tokens.site_keys("news")[-1], salt="consent.receipt", key_derivation="hmac", digest_method=hashlib.sha256
    )
    return signer.sign(payload).decode()


@pytest.mark.parametrize(
    "payload",
    ["", "e30", "bnVsbA", "W10", "ISE", "....", "A" * 33, base64.urlsafe_b64encode(b'{"id":7,"site":"news"}').decode()],
)
def test_signed_content_of_another_kind_is_refused(tokens: Tokens, clock: SetClock, payload: str) -> None:
    token = signed(tokens, payload)
    clock.at = int(itsdangerous.TimestampSigner("x").get_timestamp()) * 1000
    with pytest.raises(BadToken):
        tokens.read("receipt", "news", token, Reference)


def test_a_compressed_bomb_is_not_unpacked(tokens: Tokens, clock: SetClock) -> None:
    """itsdangerous marks a packed payload with a point. Ours are never packed; none is unpacked, whoever signed it."""
    content = json.dumps({"id": REFERENCE.id, "site": "news", "x": " " * 1_000_000}).encode()
    packed = "." + base64.urlsafe_b64encode(zlib.compress(content)).decode().rstrip("=")
    assert len(packed) < MAX_LENGTH
    token = signed(tokens, packed)
    clock.at = int(itsdangerous.TimestampSigner("x").get_timestamp()) * 1000
    with pytest.raises(BadToken):
        tokens.read("receipt", "news", token, Reference)


def test_formats_of_others_are_refused(tokens: Tokens) -> None:
    body = base64.urlsafe_b64encode(json.dumps({"id": REFERENCE.id, "site": "news"}).encode()).decode().rstrip("=")
    untimed = itsdangerous.URLSafeSerializer(
        tokens.site_keys("news")[0], salt="consent.receipt", signer_kwargs={"digest_method": hashlib.sha256}
    )
    for forged in (
        body,
        f"{body}..",
        f"eyJhbGciOiJub25lIn0.{body}.",
        str(untimed.dumps({"id": REFERENCE.id, "site": "news"})),
        "a" * (MAX_LENGTH + 1),
        "\ud800" * 3,
        "\0",
    ):
        assert not is_good(tokens, forged)


def test_a_token_that_claims_no_site_is_none() -> None:
    for text in ("", ".", "e30", "e30.x.y", "\ud800", "é", "bnVsbA.x", "...."):
        with pytest.raises(BadToken):
            site_of(text)


def test_receipts_outlive_any_choice() -> None:
    assert AGES["receipt"] > 2 * 365 * DAY
