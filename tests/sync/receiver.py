"""A real HTTP server on this machine: keeps what it is sent, and answers as the test says."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import ssl
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any, NamedTuple

import msgspec

from consent.sync.guard import Guard

HOST = "127.0.0.1"
LOOPBACK = (ipaddress.ip_network("127.0.0.0/8"),)


class Got(NamedTuple):
    """One request; header names in lower case, of two with one name the last."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The body's value."""
        return msgspec.json.decode(self.body)


class Reply(NamedTuple):
    """One answer; a body that is no bytes is sent as JSON."""

    status: int = 200
    body: Any = b""
    headers: Mapping[str, str] = {}


Answering = Callable[[Got], Reply | None]
"""None: no answer at all."""


class Receiver:
    """What it was sent, and how it answers."""

    def __init__(self, answering: Answering | None = None) -> None:
        self.got: list[Got] = []
        self.answering = answering or (lambda _: Reply())
        self.port = 0
        self.scheme = "http"
        self.is_asked = asyncio.Event()

    @property
    def url(self) -> str:
        """Where it is."""
        return f"{self.scheme}://{HOST}:{self.port}"

    def answer(self, *replies: Reply) -> None:
        """These, one after the other, and the last one from then on."""
        left = list(replies)
        self.answering = lambda _: left.pop(0) if len(left) > 1 else left[0]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, one request."""
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            got = await _read(reader)
            self.got.append(got)
            self.is_asked.set()
            reply = self.answering(got)
            if reply is None:
                await reader.read()  # until the other side gives up
            else:
                writer.write(_written(reply))
                await writer.drain()
        writer.close()
        with contextlib.suppress(ConnectionError, ssl.SSLError):
            await writer.wait_closed()


@contextlib.asynccontextmanager
async def receiving(answering: Answering | None = None, tls: ssl.SSLContext | None = None) -> AsyncIterator[Receiver]:
    """A server while the block lasts."""
    receiver = Receiver(answering)
    server = await asyncio.start_server(receiver.serve, HOST, 0, ssl=tls)
    receiver.port = server.sockets[0].getsockname()[1]
    receiver.scheme = "https" if tls else "http"
    try:
        yield receiver
    finally:
        server.close()
        await server.wait_closed()


@contextlib.asynccontextmanager
async def opened(**given: Any) -> AsyncIterator[Guard]:
    """A guard that may go to this machine, unless `opens` says otherwise; closed at the end."""
    guard = Guard(**{"opens": LOOPBACK, **given})
    try:
        yield guard
    finally:
        await guard.close()


async def _read(reader: asyncio.StreamReader) -> Got:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    method, path, _ = head[0].split(" ")
    pairs = [line.split(": ", 1) for line in head[1:] if line]
    headers = {name.lower(): value for name, value in pairs}
    return Got(method, path, headers, await reader.readexactly(int(headers.get("content-length", "0"))))


def _written(reply: Reply) -> bytes:
    body = reply.body if isinstance(reply.body, bytes) else msgspec.json.encode(reply.body)
    headers = {"content-length": str(len(body)), "connection": "close", **reply.headers}
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"HTTP/1.1 {reply.status} Said\r\n{lines}\r\n".encode() + body
