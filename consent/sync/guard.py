"""The one way out to addresses that somebody else names: publishers' webhooks, mailing providers, certificates.

A name is resolved once, every address it has is looked at, and the connection goes to one of those very addresses, so
that a name that points elsewhere a moment later changes nothing (server-side request forgery, DNS rebinding).

Invariant: no request leaves for this machine or a private network unless the guard was opened for that network, and
none in clear for any other; no redirect is followed, no proxy of the environment is used, and no answer is longer or
later than the limits below.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from typing import Any, NamedTuple

import httpx
import msgspec

from consent import __version__
from consent.addresses import Network
from consent.errors import Fault, Refused
from consent.sync.delivery import Retry
from consent.sync.reach import Address, is_public

SECONDS = 15
LIMIT = 64 * 1024
MAX_URL = 2048
REMEMBERED = 16
LOCAL = (".localhost", ".local", ".internal", ".home.arpa")
TIMEOUT = httpx.Timeout(SECONDS).as_dict()
NAME = f"consent/{__version__}"

Resolve = Callable[[str, int], Awaitable[Sequence[tuple[str, int]]]]
"""Host and port to the addresses there are, each with its port."""


class Answer(NamedTuple):
    """What came back; the body is cut at the limit."""

    status: int
    headers: httpx.Headers
    body: bytes

    def json(self) -> Any:
        """The body's value; None when it is no JSON."""
        try:
            return msgspec.json.decode(self.body)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return None


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
        # No client of httpx: it would log every address it goes to, keep cookies, and look into the environment.
        self._transport = _Pinned(self._opens, resolve, tls or ssl.create_default_context())

    def check_url(self, url: str) -> str:
        """The address, when requests may go to it at all.

        Raises:
            Refused: no https address of a host, one with a user or password in it, one that is too long.
        """
        parsed = _parsed(url)
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
        request = httpx.Request(
            method, url, headers=sent | {"connection": "close"}, content=body, extensions={"timeout": TIMEOUT}
        )
        try:
            async with asyncio.timeout(SECONDS):
                response = await self._transport.handle_async_request(request)
                try:
                    return Answer(response.status_code, response.headers, await _capped(response.aiter_raw(), limit))
                finally:
                    await response.aclose()
        except (TimeoutError, httpx.TimeoutException):
            raise Retry(f"no answer within {SECONDS} seconds") from None
        except httpx.HTTPError as error:
            raise Retry(f"no answer: {_WHY.get(type(error), 'the connection broke')}") from None

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
        await self._transport.aclose()

    def _may(self, scheme: str, host: str) -> bool:
        """Whether it can be meant for where requests may go; its addresses are looked at when a request leaves."""
        if self._opens:
            return True
        try:
            address = ipaddress.ip_address(host.strip("[]"))
        except ValueError:
            return scheme == "https" and "." in host.strip(".") and not host.rstrip(".").endswith(LOCAL)
        return scheme == "https" and is_public(address)


class _Pinned(httpx.AsyncBaseTransport):
    """Connects to the very address that was looked at; certificate and Host stay those of the name."""

    def __init__(self, opens: Sequence[Network], resolve: Resolve, tls: ssl.SSLContext) -> None:
        self._opens = opens
        self._resolve = resolve
        # No connection is kept: it would be found again by its address, and another name may live there.
        limits = httpx.Limits(max_connections=64, max_keepalive_connections=0)
        self._inner = httpx.AsyncHTTPTransport(verify=tls, trust_env=False, http2=False, limits=limits)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        host, is_secure = request.url.host, request.url.scheme == "https"
        addresses = await self._addresses(host, request.url.port or (443 if is_secure else 80), is_secure)
        extensions = {**request.extensions, "sni_hostname": host}
        for address in addresses[:-1]:
            with contextlib.suppress(httpx.ConnectError, httpx.ConnectTimeout):  # nothing was sent: another may serve
                return await self._inner.handle_async_request(_to(request, *address, extensions))
        return await self._inner.handle_async_request(_to(request, *addresses[-1], extensions))

    async def _addresses(self, host: str, port: int, is_secure: bool) -> Sequence[tuple[str, int]]:
        try:
            found = await self._resolve(host.strip("[]"), port)
        except (OSError, UnicodeError):
            raise _NoSuchName from None
        if not found:
            raise _NoSuchName
        if not all(self._is_allowed(ipaddress.ip_address(address), is_secure) for address, _ in found):
            raise _Private
        return found

    def _is_allowed(self, address: Address, is_secure: bool) -> bool:
        return (is_secure and is_public(address)) or any(address in network for network in self._opens)

    async def aclose(self) -> None:
        await self._inner.aclose()


def _to(request: httpx.Request, address: str, port: int, extensions: Mapping[str, Any]) -> httpx.Request:
    """The request to this address; its Host header was written from the name already."""
    url = request.url.copy_with(host=address, port=port)
    return httpx.Request(
        request.method, url, headers=request.headers, stream=request.stream, extensions=dict(extensions)
    )


class _NoSuchName(httpx.TransportError):
    """The name has no address."""

    def __init__(self) -> None:
        super().__init__("no address")


class _Private(httpx.TransportError):
    """The name points into a private network."""

    def __init__(self) -> None:
        super().__init__("a private address")


_WHY: dict[type[Exception], str] = {
    _NoSuchName: "its name is not found",
    _Private: "it is on a private network, or not to be asked in clear",
    httpx.ConnectError: "it cannot be connected to",
}


async def _capped(parts: AsyncIterator[bytes], limit: int) -> bytes:
    body = bytearray()
    async for part in parts:
        body += part
        if len(body) >= limit:
            break
    return bytes(body[:limit])


def _parsed(url: str) -> httpx.URL | None:
    try:
        parsed = httpx.URL(url)
    except (httpx.InvalidURL, ValueError):
        return None
    is_port = parsed.port is None or 0 < parsed.port < 1 << 16
    return parsed if parsed.scheme in ("http", "https") and parsed.host and is_port else None
