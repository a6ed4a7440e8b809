"""`/demo/mail`: the mails that the demo "sent", as they lie in the spool's folder.

Invariant: a mail is shown as text, whatever it holds; only a plain file of the folder itself is ever opened.
"""

from __future__ import annotations

import asyncio
import re
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from consent.errors import Unknown
from consent.web.pages import engine

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}\.eml")
SHOWN = 200
TOP_BYTES = 64 * 1024
POLICY = "default-src 'none'; frame-ancestors 'none'; sandbox"


class Mail(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the list."""

    name: str
    subject: str
    to: str
    date: str


class Mailbox:
    """The folder, which need not be there before the first mail."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def page(self, request: Request) -> Response:
        """The list, the newest first."""
        return engine.page("demo/mailbox.html", mails=await asyncio.to_thread(self._list))

    async def mail(self, request: Request) -> Response:
        """One mail, as it would go over the wire.

        Raises:
            Unknown: no such mail.
        """
        name = request.path_params["name"]
        path = self._folder / name
        if not NAME.fullmatch(name) or path.is_symlink() or not path.is_file():
            raise Unknown("there is no such mail")
        data = await asyncio.to_thread(path.read_bytes)
        return Response(data, headers={"Content-Security-Policy": POLICY}, media_type="text/plain; charset=utf-8")

    def _list(self) -> list[Mail]:
        if not self._folder.is_dir():
            return []
        found = [path for path in self._folder.iterdir() if NAME.fullmatch(path.name) and path.is_file()]
        newest = sorted(found, key=lambda path: (path.stat().st_mtime_ns, path.name), reverse=True)
        return [_mail(path) for path in newest[:SHOWN]]


def _mail(path: Path) -> Mail:
    with path.open("rb") as file:
        message = message_from_bytes(file.read(TOP_BYTES), policy=default)
    return Mail(
        name=path.name,
        subject=_header(message.get("subject")),
        to=_header(message.get("to")),
        date=_header(message.get("date")),
    )


def _header(value: object) -> str:
    """A header as one line of at most 200 characters; a broken one shows what of it can be read."""
    return " ".join(str(value or "").encode("utf-8", "replace").decode().split())[:200]
