"""Signed tokens: one salt for each purpose, one key for each site, an age for each purpose.

A token is itsdangerous' URL-safe timed form over SHA-256, so that a publisher's own backend can check a
receipt with the site's key and that library alone. Secrets come as a list, oldest first: the last
signs, all verify.

Invariant: a token is good for one purpose at one site. Its text is malleable (base64 has slack), so
whatever must happen once is keyed on the signed id inside, never on the text.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from functools import lru_cache
from typing import Literal, TypeVar

import itsdangerous
import msgspec
from itsdangerous.encoding import base64_decode, base64_encode, int_to_bytes

from consent.canonical import encode
from consent.clock import DAY, Clock
from consent.errors import BadToken, TokenExpired

TokenPurpose = Literal[
    "receipt",
    "withdraw",
    "hand-off",
    "ticket",
    "confirm",
    "not-me",
    "unsubscribe",
    "manage",
    "change",
    "challenge",
    "claim",
]
T = TypeVar("T", bound=msgspec.Struct)

AGES: dict[TokenPurpose, int] = {
    "receipt": 5 * 365 * DAY,  # a proof is wanted long after the choice has expired
    "withdraw": 5 * 365 * DAY,
    "hand-off": 120_000,  # it stands in an address for as long as a page takes to load
    "ticket": 30 * DAY,  # the widget owes a record no longer
    "confirm": 7 * DAY,
    "not-me": 14 * DAY,  # as long as there is something to delete
    "unsubscribe": 10 * 365 * DAY,  # old mails are found again, and must still let their reader go
    "manage": 30 * DAY,
    "change": 7 * DAY,
    "challenge": 600_000,
    "claim": 5 * 365 * DAY,  # that a request was answered is wanted for as long as somebody may dispute it
}
LEEWAY = 300_000
"""Milliseconds by which another machine's clock may be ahead of ours; no more life to a token that lives shorter."""

MAX_LENGTH = 12_288  # a receipt over as many decisions as a site file may have


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """What a receipt says: this subject decided this, on this notice, then."""

    id: str
    seq: int
    site: str
    subject: str
    notice: str
    purposes: dict[str, bool]
    services: dict[str, bool] = {}
    recorded_at: str
    expires_at: str | None
    """None: until it is withdrawn."""
    lists: dict[str, bool] | msgspec.UnsetType = msgspec.UNSET
    """Of a newsletter; unset for cookies, so that their receipts' bytes stay what they were."""


class Reference(msgspec.Struct, frozen=True, kw_only=True):
    """A record that a link is about."""

    id: str
    site: str


class ClaimReceipt(msgspec.Struct, frozen=True, kw_only=True):
    """That a person's request was answered: what was asked, when, and how much came of it; nothing of the person."""

    id: str
    site: str
    kind: str
    """access or erasure."""
    at: str
    asked_by: tuple[str, ...]
    """The kinds of what the person was found by: email, subject, record, receipt."""
    counts: dict[str, int]
    kept: tuple[str, ...] = ()
    """What stays after an erasure, by its name in the program."""


class HandedOff(msgspec.Struct, frozen=True, kw_only=True):
    """A choice on its way to another site: the record at its source, and the site that it is for."""

    id: str
    site: str
    source: str


class LetterLink(msgspec.Struct, frozen=True, kw_only=True):
    """What a link in a mail is about; never the address itself."""

    id: str
    """Of what waits to be confirmed (confirm, not-me, change), or of the subscriber (unsubscribe, manage)."""
    site: str
    lists: tuple[str, ...] = ()
    """The lists that the mail names: no other is confirmed or left by it."""
    version: int = 0
    """How often the subscriber's address had changed when it was mailed: later, the link is somebody else's."""
    at: int = 0
    """When it was mailed: what cannot be undone wants a fresh link."""


class Ticket(msgspec.Struct, frozen=True, kw_only=True):
    """A choice that was opened at a site: where it was made, what it decides here, and how long it holds."""

    site: str
    source: str
    """The site and the record that it comes from: `site/id`."""
    material: str
    """The fingerprint of what the site asked when it was opened."""
    decided: str
    """The digest of what it decides, which may be too long to be said twice in one request."""
    until: int


class Tokens:
    """Signs and reads the service's tokens."""

    def __init__(self, secrets: Sequence[str], clock: Clock) -> None:
        self._secrets = tuple(secrets)
        self._clock = clock
        self._signers = lru_cache(maxsize=4096)(self._make_signers)
        self._newest_key = lru_cache(maxsize=4096)(lambda purpose, site: self._keys(purpose, site)[-1])

    def site_keys(self, site: str) -> list[str]:
        """The site's keys, oldest first: what a publisher's backend needs to check receipts."""
        return [hmac.digest(s.encode(), b"consent site key\0" + site.encode(), "sha256").hex() for s in self._secrets]

    def sign(self, purpose: TokenPurpose, site: str, content: msgspec.Struct, at: int) -> str:
        """A token over `content`, dated `at` (milliseconds); the same input gives the same token."""
        dated = b".".join((base64_encode(encode(content)), base64_encode(int_to_bytes(at // 1000))))
        signature = hmac.digest(self._newest_key(purpose, site), dated, "sha256")  # what its signer comes to
        return (dated + b"." + base64_encode(signature)).decode()

    def read(self, purpose: TokenPurpose, site: str, token: str, shape: type[T]) -> T:
        """What the token says.

        Raises:
            BadToken: not ours, or for another purpose or site.
            TokenExpired: older than its purpose allows.
        """
        if len(token) > MAX_LENGTH or not token.isascii():
            raise BadToken("not a token of this site")
        for signer in reversed(self._signers(purpose, site)):
            try:
                value, date = signer.unsign(token, return_timestamp=True)
            except itsdangerous.BadSignature:
                continue
            self._check_age(purpose, round(date.timestamp() * 1000))
            return _content(value, shape)
        raise BadToken("not a token of this site")

    def _check_age(self, purpose: TokenPurpose, dated: int) -> None:
        age = self._clock() - dated
        if age < -LEEWAY:
            raise BadToken("the token is dated in the future")
        if age > AGES[purpose] + (LEEWAY if AGES[purpose] > LEEWAY else 0):
            raise TokenExpired("the link is too old: ask for a new one")

    def _make_signers(self, purpose: TokenPurpose, site: str) -> list[itsdangerous.TimestampSigner]:
        return [
            itsdangerous.TimestampSigner(key, key_derivation="none", digest_method=hashlib.sha256)
            for key in self._keys(purpose, site)
        ]

    def _keys(self, purpose: TokenPurpose, site: str) -> list[bytes]:
        """The purpose's keys, one a secret, derived once (itsdangerous' own "hmac" way, which it repeats each time)."""
        return [hmac.digest(key.encode(), salt(purpose).encode(), "sha256") for key in self.site_keys(site)]


def salt(purpose: TokenPurpose) -> str:
    """The salt that keeps a purpose's tokens from passing for another's."""
    return f"consent.{purpose}"


def site_of(token: str) -> str:
    """The site that a token claims to be of, unchecked: it tells which keys to check it with.

    Raises:
        BadToken: no token at all.
    """
    try:
        return msgspec.json.decode(base64_decode(token.partition(".")[0]), type=Reference).site
    except (itsdangerous.BadData, msgspec.DecodeError, ValueError):
        raise BadToken("not a token of this service") from None


def _content(value: bytes, shape: type[T]) -> T:
    try:
        return msgspec.json.decode(base64_decode(value), type=shape)
    except (itsdangerous.BadData, msgspec.DecodeError, ValueError):
        raise BadToken("not a token of this kind") from None
