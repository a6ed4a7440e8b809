"""Mails to a provider's HTTP API: what is the same for all of them.

A provider says how a mail is asked for and what its answers mean; this sends the request. No proxy and no
redirect is followed, and of an answer no more is read than can matter.

Invariant: no words of an answer go any further, for providers repeat the address in them; only codes do.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Protocol

import httpx
import msgspec

from consent.clock import Clock
from consent.errors import AddressRefused, MailDelayed, MailFault, MailRefused
from consent.mail.contract import Mail, recipient_of, require_safe, sender_of
from consent.mail.mime import quoted

SECONDS = 20
MOST_BYTES = 65_536
CODE = re.compile(r"[A-Za-z0-9_.-]{1,64}")


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A request: all are POSTs."""

    url: str
    headers: dict[str, str]
    body: bytes


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What came back; `body` is the JSON object in it, empty when there is none."""

    status: int
    headers: Mapping[str, str]
    body: dict[str, Any]


class Provider(Protocol):
    """One provider's API."""

    @property
    def name(self) -> str: ...

    def asked(self, mail: Mail, to: str, at: int) -> Asked:
        """The request for a mail to `to`, made at `at`."""

    def id_of(self, answer: Answer) -> str:
        """The provider's id, of an answer that says yes."""

    def code_of(self, answer: Answer) -> str:
        """The provider's own code for what is wrong, of an answer that says no."""

    dead: frozenset[str]
    """Codes that mean that nobody can be reached at the address."""
    ours: frozenset[str]
    """Codes that are about the publisher's account or sender: not this mail's fault, so it is tried again."""
    taken: frozenset[str]
    """Codes that mean that the mail was taken before."""


class HttpTransport:
    """Sends by a provider's API."""

    supports_utf8 = False
    leaves = True

    def __init__(self, provider: Provider, clock: Clock, *, seconds: float = SECONDS) -> None:
        self._provider = provider
        self._clock = clock
        self._client = httpx.AsyncClient(timeout=seconds, trust_env=False, follow_redirects=False)

    async def send(self, mail: Mail) -> str:
        """Sending again carries the same idempotency key, where the provider knows such a thing."""
        require_safe(mail)
        asked = self._provider.asked(mail, recipient_of(mail, utf8=False), self._clock())
        answer = await self._post(asked)
        if 200 <= answer.status < 300:
            return self._provider.id_of(answer)
        return self._id_or_fault(mail, answer)

    async def check(self) -> str:
        """Nothing is asked: no provider has a question that only tells whether a key is good to send with."""
        return f"by {self._provider.name}'s API"

    async def close(self) -> None:
        await self._client.aclose()

    async def _post(self, asked: Asked) -> Answer:
        try:
            async with self._client.stream("POST", asked.url, headers=asked.headers, content=asked.body) as response:
                taken = b""
                async for part in response.aiter_bytes():
                    taken = (taken + part)[:MOST_BYTES]
                    if len(taken) == MOST_BYTES:
                        break
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            words = f"{self._provider.name} could not be reached, or did not answer ({type(error).__name__})"
            raise MailDelayed(words) from None
        return Answer(status=response.status_code, headers=response.headers, body=_object(taken))

    def _id_or_fault(self, mail: Mail, answer: Answer) -> str:
        code = self._provider.code_of(answer)
        if code in self._provider.taken:
            return mail.id
        raise fault_of(self._provider, answer, code if CODE.fullmatch(code) else "")


def fault_of(provider: Provider, answer: Answer, code: str) -> MailFault:
    """What an answer that says no means for the mail."""
    said = f"{provider.name} answers {answer.status} {code}".strip()
    if code in provider.dead:
        return AddressRefused(said)
    if answer.status in (401, 403):
        return MailDelayed(f"{said}: check the key in CONSENT_MAIL")
    if code in provider.ours:
        return MailDelayed(f"{said}: look at the account there")
    if answer.status in (400, 413, 422):
        return MailRefused(said)
    return MailDelayed(said, retry_after(answer.headers.get("retry-after", "")))


def retry_after(words: str) -> int | None:
    """The seconds of a Retry-After; None for a date or none at all."""
    return int(words) if words.isascii() and words.isdecimal() and len(words) < 6 else None


def named_sender(mail: Mail) -> str:
    """The sender in one line, its name in any letters: the provider encodes them."""
    sender = sender_of(mail)
    return f"{quoted(sender.name)} <{sender.address}>" if sender.name else sender.address


def own_headers(mail: Mail) -> dict[str, str]:
    """The headers that a provider would not add by itself."""
    return {"Auto-Submitted": "auto-generated", **mail.headers}


def json_request(url: str, content: object, headers: dict[str, str]) -> Asked:
    """A request whose body is JSON."""
    kind = {"Content-Type": "application/json", "Accept": "application/json"}
    return Asked(url=url, headers=kind | headers, body=msgspec.json.encode(content))


def text_in(body: Mapping[str, Any], key: str) -> str:
    """What stands under a key, as text; empty when it is nothing of the kind."""
    value = body.get(key)
    return str(value) if isinstance(value, str | int) else ""


def _object(data: bytes) -> dict[str, Any]:
    try:
        found = msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
