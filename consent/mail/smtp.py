"""Mails to an SMTP server, over one connection that is kept.

Certificates are checked against the system's authorities; `?tls=none` in CONSENT_MAIL is for a server on this machine.

Invariant: neither a password nor a mail leaves over a connection that is not encrypted, unless that was asked for; one
connection carries one mail at a time, and one whose state is not known is not used again.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import ssl
from collections.abc import AsyncIterator

import aiosmtplib
import msgspec

from consent.clock import Clock
from consent.errors import AddressRefused, MailDelayed, MailFault, MailRefused
from consent.mail.contract import Mail, recipient_of, require_safe, sender_of
from consent.mail.mime import to_bytes

SECONDS = 20
IDLE_MS = 60_000
"""After so long without a mail the connection is made anew: most servers would have ended it."""

NOBODY = {550, 551, 553}
ENHANCED = re.compile(r"\b[245]\.\d{1,3}\.\d{1,3}\b")
"""A second code that says what an answer is about (RFC 3463): 1 the address, 2 the mailbox, 7 what is allowed."""

FULL = ("5.2.2", "5.2.3")


class Server(msgspec.Struct, frozen=True, kw_only=True):
    """Where to, and as whom."""

    host: str
    port: int
    is_tls: bool
    """TLS from the first byte; else STARTTLS, which the server must have."""
    is_plain: bool = False
    """No TLS at all."""
    name: str | None = None
    password: str | None = None

    def __repr__(self) -> str:
        """Without the password."""
        return f"Server({self.host}:{self.port})"


class Smtp:
    """One server. `authorities` stand in for those that the system believes."""

    leaves = True

    def __init__(
        self, server: Server, clock: Clock, *, authorities: ssl.SSLContext | None = None, seconds: float = SECONDS
    ) -> None:
        self._server = server
        self._clock = clock
        self._authorities = authorities
        self._seconds = seconds
        self._client: aiosmtplib.SMTP | None = None
        self._used_at = 0
        self._turn = asyncio.Lock()
        self._has_utf8 = True

    @property
    def supports_utf8(self) -> bool:
        return self._has_utf8

    async def send(self, mail: Mail) -> str:
        """The server's answer is taken for what it says; after any other ending the mail is to be sent again."""
        require_safe(mail)
        async with self._turn, self._speaking() as client:
            to = recipient_of(mail, utf8=self._has_utf8)
            data = to_bytes(mail, self._clock(), utf8=not to.isascii())
            options = [] if to.isascii() else ["SMTPUTF8", "BODY=8BITMIME"]
            await client.sendmail(sender_of(mail).address, [to], data, mail_options=options)
        return mail.message_id

    async def check(self) -> str:
        async with self._turn, self._speaking() as client:
            await client.noop()
        how = "in clear" if self._server.is_plain else "encrypted"
        letters = "any address" if self._has_utf8 else "ASCII addresses only"
        return f"by SMTP to {self._server.host}:{self._server.port}, {how}, {letters}"

    async def close(self) -> None:
        async with self._turn:
            client, self._client = self._client, None
            if client is not None and client.is_connected:
                with contextlib.suppress(aiosmtplib.SMTPException, OSError):
                    await client.quit(timeout=1)
                client.close()

    @contextlib.asynccontextmanager
    async def _speaking(self) -> AsyncIterator[aiosmtplib.SMTP]:
        """A connection that works. What goes wrong on it is told in our own words, and ends it."""
        try:
            async with asyncio.timeout(self._seconds * 2):
                yield await self._connected()
            self._used_at = self._clock()
        except MailFault:
            raise
        except aiosmtplib.SMTPRecipientsRefused as error:
            raise fault_of(error.recipients[0]) from None
        except aiosmtplib.SMTPResponseException as error:
            self._drop()
            raise fault_of(error) from None
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            self._drop()
            raise MailDelayed(_in_words(error)) from None
        except asyncio.CancelledError:  # in the middle of a command: nobody knows what is read next
            self._drop()
            raise

    async def _connected(self) -> aiosmtplib.SMTP:
        """The connection that is open, when the server still answers on it; else a new one."""
        kept = self._client
        if kept is not None and kept.is_connected and 0 <= self._clock() - self._used_at < IDLE_MS:
            with contextlib.suppress(aiosmtplib.SMTPException, OSError):
                await kept.rset()
                return kept
        self._drop()
        self._client = client = self._make()
        await client.connect()
        if client.is_ehlo_or_helo_needed:  # what was said before STARTTLS is forgotten
            await client.ehlo()
        self._has_utf8 = client.supports_extension("smtputf8")
        return client

    def _make(self) -> aiosmtplib.SMTP:
        server = self._server
        return aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            username=server.name,
            password=server.password,
            use_tls=server.is_tls,
            start_tls=not (server.is_tls or server.is_plain),
            tls_context=self._authorities,
            timeout=self._seconds,
        )

    def _drop(self) -> None:
        if self._client is not None:
            self._client.close()
        self._client = None


def fault_of(error: aiosmtplib.SMTPResponseException) -> MailFault:
    """What an answer means for the mail. Its text is left out: servers repeat the address in it."""
    found = ENHANCED.search(error.message)
    enhanced = found[0] if found else ""
    said = f"the mail server answers {error.code} {enhanced}".strip()
    if isinstance(error, aiosmtplib.SMTPAuthenticationError):
        return MailDelayed(f"{said} to the user and password of CONSENT_MAIL")
    if isinstance(error, aiosmtplib.SMTPSenderRefused):
        return MailDelayed(f"{said} to the sender's address")
    is_answer = isinstance(error, aiosmtplib.SMTPRecipientRefused | aiosmtplib.SMTPDataError)
    if not is_answer or error.code < 500 or enhanced in FULL:
        return MailDelayed(said)
    if enhanced.startswith("5.1.") or (_is_about_reader(error) and not enhanced.startswith("5.7.")):
        return AddressRefused(said)
    return MailRefused(said)


def _is_about_reader(error: aiosmtplib.SMTPResponseException) -> bool:
    return isinstance(error, aiosmtplib.SMTPRecipientRefused) and error.code in NOBODY


def _in_words(error: BaseException) -> str:
    """What happened to the connection."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"the mail server's certificate is not good for its name: {cause.verify_message}"
        if isinstance(cause, ssl.SSLError):
            return "the mail server speaks no TLS that is safe"
        cause = cause.__cause__
    if isinstance(error, TimeoutError):
        return "the mail server did not answer in time"
    if "STARTTLS" in str(error):
        return "the mail server has no STARTTLS: use smtps://, or add ?tls=none for a server that needs none"
    if "AUTH" in str(error) or "authentication" in str(error):
        return "the mail server takes no user and password: take them out of CONSENT_MAIL"
    return f"the mail server could not be reached, or ended the connection ({type(error).__name__})"
