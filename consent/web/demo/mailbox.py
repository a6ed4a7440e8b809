"""`/demo/mail`: the mails that the demo "sent", as they lie in the spool's folder.

A mail is shown as a mail program would: its HTML in a frame of its own, its text, its headers. Links in it work.

Invariant: nothing in a mail runs and nothing is loaded for it, whatever it holds; only a plain file of the folder
itself is ever opened.
"""

from __future__ import annotations

import asyncio
import re
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from consent.errors import Unknown
from consent.web.pages import engine, failures

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}\.eml")
SHOWN = 200
TOP_BYTES = 64 * 1024
RAW_POLICY = "default-src 'none'; frame-ancestors 'none'; sandbox"
HTML_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; frame-ancestors 'self';"
    " sandbox allow-popups allow-popups-to-escape-sandbox"
)
PAGE_POLICY = f"{engine.POLICY}; frame-src 'self'"
IN_NEW_TAB = '<base target="_blank">'
"""Else a link would open inside the frame, where our pages refuse to be shown."""
_ADDRESS = re.compile(r"(https?://[^\s<>\"]+)")


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the list."""

    name: str
    subject: str
    to: str
    date: str


class Mail(msgspec.Struct, frozen=True, kw_only=True):
    """A mail as it is read; `text` in pieces, every second one an address."""

    name: str
    subject: str
    headers: tuple[tuple[str, str], ...]
    text: tuple[str, ...]
    html: str


class Mailbox:
    """The folder, which need not be there before the first mail."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def page(self, request: Request) -> Response:
        """The list, the newest first."""
        return engine.page("demo/mailbox.html", mails=await asyncio.to_thread(self._list))

    async def mail(self, request: Request) -> Response:
        """One mail as a page; `?part=html` its HTML alone; `?part=raw`, or for a program, as it goes over the wire.

        Raises:
            Unknown: no such mail.
        """
        data = await asyncio.to_thread(self._read, request.path_params["name"])
        part = request.query_params.get("part")
        if part == "raw" or not failures.prefers_page(request):
            return _answer(data, RAW_POLICY, "text/plain; charset=utf-8")
        mail = _mail(request.path_params["name"], data)
        if part == "html":
            return _answer(_targeted(mail.html).encode(), HTML_POLICY, "text/html; charset=utf-8")
        return engine.page("demo/mail.html", headers={"Content-Security-Policy": PAGE_POLICY}, mail=mail)

    def _read(self, name: str) -> bytes:
        path = self._folder / name
        if not NAME.fullmatch(name) or path.is_symlink() or not path.is_file():
            raise Unknown("there is no such mail")
        return path.read_bytes()

    def _list(self) -> list[Line]:
        if not self._folder.is_dir():
            return []
        found = [path for path in self._folder.iterdir() if NAME.fullmatch(path.name) and path.is_file()]
        newest = sorted(found, key=lambda path: (path.stat().st_mtime_ns, path.name), reverse=True)
        return [_line(path) for path in newest[:SHOWN]]


def _line(path: Path) -> Line:
    with path.open("rb") as file:
        message = message_from_bytes(file.read(TOP_BYTES), policy=default)
    return Line(
        name=path.name,
        subject=_header(message.get("subject")),
        to=_header(message.get("to")),
        date=_header(message.get("date")),
    )


def _mail(name: str, data: bytes) -> Mail:
    message = message_from_bytes(data, policy=default)
    return Mail(
        name=name,
        subject=_header(message.get("subject")),
        headers=tuple((key, _header(value)) for key, value in message.items()),
        text=tuple(_ADDRESS.split(_body(message, "plain"))),
        html=_body(message, "html"),
    )


def _body(message: EmailMessage, kind: str) -> str:
    """The part's words, or what can be read of them."""
    part = message.get_body((kind,))
    if part is None:
        return ""
    payload = part.get_payload(decode=True)
    return payload.decode("utf-8", "replace") if isinstance(payload, bytes) else ""


def _targeted(html: str) -> str:
    head, found, rest = html.partition("<head>")
    return f"{head}{found}{IN_NEW_TAB}{rest}" if found else IN_NEW_TAB + html


def _answer(data: bytes, policy: str, media: str) -> Response:
    return Response(data, headers={"Content-Security-Policy": policy, "Vary": "Accept"}, media_type=media)


def _header(value: object) -> str:
    """A header as one line of at most 1000 characters; a broken one shows what of it can be read."""
    return " ".join(str(value or "").encode("utf-8", "replace").decode().split())[:1000]
