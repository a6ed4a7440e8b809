"""The connections of the guarded way out (`guard`): httpx's, each to an address that was looked at.

Invariant: no request leaves for an address that may not be connected to; certificate and Host stay those of the name.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import ssl
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

import httpx

from consent.addresses import Network
from consent.sync.delivery import Retry
from consent.sync.reach import Address, Answer, Resolve, is_public

SECONDS = 15
TIMEOUT = httpx.Timeout(SECONDS).as_dict()


class Pinned:
    """Asks, one connection a request."""

    def __init__(self, opens: Sequence[Network], resolve: Resolve, tls: ssl.SSLContext | None) -> None:
        # No client of httpx: it would log every address it goes to, keep cookies, and look into the environment.
        self._transport = _Transport(opens, resolve, tls or ssl.create_default_context())

    async def ask(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None, limit: int) -> Answer:
        """One request and its answer, whatever the status.

        Raises:
            Retry: nobody answered in time; nothing of the address or the answer is in its text.
        """
        request = httpx.Request(
            method, url, headers={**headers, "connection": "close"}, content=body, extensions={"timeout": TIMEOUT}
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

    async def close(self) -> None:
        """Ends what is open."""
        await self._transport.aclose()


class _Transport(httpx.AsyncBaseTransport):
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


def parsed(url: str) -> httpx.URL | None:
    """The parts of an address, as httpx will use them; None when it is none that can be asked."""
    try:
        found = httpx.URL(url)
    except (httpx.InvalidURL, ValueError):
        return None
    is_port = found.port is None or 0 < found.port < 1 << 16
    return found if found.scheme in ("http", "https") and found.host and is_port else None
