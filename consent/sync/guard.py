"""The one way out to addresses that somebody else names: publishers' webhooks, mailing providers, certificates.

A name is resolved once, every address it has is looked at, and the connection goes to one of those very addresses, so
that a name that points elsewhere a moment later changes nothing (server-side request forgery, DNS rebinding).

Invariant: no request leaves for this machine or a private network unless the guard was opened for that network, and
none in clear for any other; no redirect is followed, no proxy of the environment is used, and no answer is longer or
later than the limits below.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec

from consent import __version__
from consent.addresses import Network
from consent.errors import Fault, Refused
from consent.sync.delivery import Retry
from consent.sync.reach import Answer, Resolve, is_public

if TYPE_CHECKING:
    from consent.sync.pinned import Pinned

__all__ = ["LIMIT", "Answer", "Guard", "Resolve"]

LIMIT = 64 * 1024
MAX_URL = 2048
REMEMBERED = 16
LOCAL = (".localhost", ".local", ".internal", ".home.arpa")
NAME = f"consent/{__version__}"


async def looked_up(host: str, port: int) -> Sequence[tuple[str, int]]:
    """The host's addresses by the system's resolver."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys((str(address[0]), int(address[1])) for *_, address in found))


class Guard:
    """Asks other services, one connection a request; what it `opens` besides the internet is for whoever makes it."""

    def __init__(
        self, *, opens: Sequence[Network] = (), resolve: Resolve = looked_up, tls: ssl.SSLContext | None = None
    ) -> None:
        self._opens = tuple(opens)
        self._lasting: dict[str, bytes] = {}
        self._resolve, self._tls = resolve, tls
        self._opened: Pinned | None = None

    def check_url(self, url: str) -> str:
        """The address, when requests may go to it at all.

        Raises:
            Refused: no https address of a host, one with a user or password in it, one that is too long.
        """
        from consent.sync.pinned import parsed as parsed_by_httpx  # as in `_pinned`

        parsed = parsed_by_httpx(url)
        if parsed is None or len(url) > MAX_URL or not url.isascii() or not url.isprintable() or parsed.fragment:
            raise Refused(Fault("url", "expected an https address"))
        if parsed.userinfo:
            raise Refused(Fault("url", "a name or password in the address would be shown: give secrets on their own"))
        if not self._may(parsed.scheme, parsed.host):
            raise Refused(Fault("url", "expected an https address that can be reached from the internet"))
        return url

    async def ask(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        limit: int = LIMIT,
    ) -> Answer:
        """One request and its answer, whatever the status.

        Raises:
            Retry: nobody answered in time; nothing of the address or the answer is in its text.
            Refused: a request may not go there.
        """
        self.check_url(url)
        sent = {"user-agent": NAME, "accept": "*/*", "accept-encoding": "identity", **(headers or {})}
        return await self._pinned.ask(method, url, sent, body, limit)

    async def ask_json(
        self,
        method: str,
        url: str,
        body: object = None,
        headers: Mapping[str, str] | None = None,
        *,
        limit: int = LIMIT,
    ) -> Answer:
        """As `ask`, with a JSON body when there is one."""
        sent = {"accept": "application/json", **(headers or {})}
        if body is None:
            return await self.ask(method, url, headers=sent, limit=limit)
        sent["content-type"] = "application/json"
        return await self.ask(method, url, headers=sent, body=msgspec.json.encode(body), limit=limit)

    async def lasting(self, url: str) -> bytes:
        """What never changes at its address, asked for once: a certificate.

        Raises:
            Retry, Refused: as `ask`; Retry too when the answer is none of success.
        """
        if url not in self._lasting:
            answer = await self.ask("GET", url)
            if answer.status != 200:
                raise Retry(f"a certificate cannot be had: {answer.status}")
            while len(self._lasting) >= REMEMBERED:
                del self._lasting[next(iter(self._lasting))]
            self._lasting[url] = answer.body
        return self._lasting[url]

    async def close(self) -> None:
        """Ends what is open."""
        if self._opened:
            await self._opened.close()

    @property
    def _pinned(self) -> Pinned:
        """Opened by the first request: most commands make none, and httpx takes longer to load than they do."""
        if self._opened is None:
            from consent.sync.pinned import Pinned

            self._opened = Pinned(self._opens, self._resolve, self._tls)
        return self._opened

    def _may(self, scheme: str, host: str) -> bool:
        """Whether it can be meant for where requests may go; its addresses are looked at when a request leaves."""
        if self._opens:
            return True
        try:
            address = ipaddress.ip_address(host.strip("[]"))
        except ValueError:
            return scheme == "https" and "." in host.strip(".") and not host.rstrip(".").endswith(LOCAL)
        return scheme == "https" and is_public(address)
