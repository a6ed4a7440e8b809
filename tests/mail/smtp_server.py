"""A real SMTP server in the test's own loop, which answers as the test has it."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from collections.abc import AsyncIterator
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from consent.mail.smtp import Server

NAME, PASSWORD = "postbox", "pa55 w:rd@/?"


class Postbox:
    """Keeps what it takes. `answers` holds what to say instead of yes, by command (RCPT, DATA, MAIL, RSET)."""

    def __init__(self) -> None:
        self.taken: list[Envelope] = []
        self.answers: dict[str, str] = {}
        self.hangs_at: str | None = None
        self.hung, self.go_on, self.took = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self.connections = 0
        self.was_encrypted = False
        self.port = 0
        self.streams: list[asyncio.Transport] = []

    async def handle_MAIL(  # noqa: N802 - aiosmtpd finds it by this name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return await self._answer("MAIL")

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.rcpt_tos.append(address)
        return await self._answer("RCPT")

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        stream = server.transport
        self.was_encrypted = isinstance(stream, asyncio.Transport) and bool(stream.get_extra_info("sslcontext"))
        answer = await self._answer("DATA")
        if answer.startswith("250"):
            self.taken.append(envelope)
            self.took.set()
        return answer

    async def _answer(self, command: str) -> str:
        if self.hangs_at == command:
            self.hung.set()
            await self.go_on.wait()
        return self.answers.get(command, "250 OK")

    async def count(self, number: int) -> None:
        """Waits until so many mails were taken."""
        while len(self.taken) < number:
            self.took.clear()
            await self.took.wait()

    def data(self, place: int = -1) -> bytes:
        """The bytes of a mail it took."""
        content = self.taken[place].content
        assert isinstance(content, bytes)
        return content

    def cut(self) -> None:
        """Ends all connections without a word."""
        for stream in self.streams:
            stream.abort()


class _Speaker(SMTP):
    """One connection, which the postbox counts."""

    def __init__(self, postbox: Postbox, **options: Any) -> None:
        super().__init__(postbox, **options)
        self._postbox = postbox

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if self.transport is None:  # it comes again after STARTTLS
            self._postbox.connections += 1
        if isinstance(transport, asyncio.Transport):
            self._postbox.streams.append(transport)
        super().connection_made(transport)


def authenticate(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
    """One name and password are good."""
    is_good = isinstance(data, LoginPassword) and data == LoginPassword(NAME.encode(), PASSWORD.encode())
    return AuthResult(success=is_good, handled=is_good)


@contextlib.asynccontextmanager
async def serving(
    *,
    starttls: ssl.SSLContext | None = None,
    tls: ssl.SSLContext | None = None,
    utf8: bool = True,
    auth: bool = False,
    bound: socket.socket | None = None,
) -> AsyncIterator[Postbox]:
    """A server on a port of its own, or on `bound`: with STARTTLS, with TLS from the first byte, or in clear."""
    postbox = Postbox()
    options: dict[str, Any] = {
        "hostname": "mx.test",
        "enable_SMTPUTF8": utf8,
        "tls_context": starttls,
        "require_starttls": starttls is not None,
        "authenticator": authenticate if auth else None,
        "auth_required": auth,
        "auth_require_tls": starttls is not None,
    }
    loop = asyncio.get_running_loop()
    before = asyncio.all_tasks()
    server = await loop.create_server(lambda: _Speaker(postbox, **options), sock=bound or bind(), ssl=tls)
    postbox.port = server.sockets[0].getsockname()[1]
    try:
        yield postbox
    finally:
        server.close()
        postbox.cut()
        await server.wait_closed()
        for task in asyncio.all_tasks() - before - {asyncio.current_task()}:
            if "aiosmtpd" in getattr(getattr(task.get_coro(), "cr_code", None), "co_filename", ""):
                task.cancel()


def bind() -> socket.socket:
    """A port that nobody else gets; who connects is refused until a server listens there."""
    bound = socket.socket()
    bound.bind(("127.0.0.1", 0))
    return bound


def at(postbox: Postbox, *, is_tls: bool = False, is_plain: bool = False, auth: bool = False) -> Server:
    """Where the postbox is."""
    return Server(
        host="127.0.0.1",
        port=postbox.port,
        is_tls=is_tls,
        is_plain=is_plain,
        name=NAME if auth else None,
        password=PASSWORD if auth else None,
    )
