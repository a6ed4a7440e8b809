"""Mails into a folder, one `.eml` each: the default, for trying out and for whatever else takes them from there.

Invariant: a file of that name is whole and on disk; the same mail sent again is the same file.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import tempfile
from pathlib import Path

from consent import ids
from consent.clock import Clock
from consent.errors import MailDelayed, MailRefused
from consent.mail.contract import Mail
from consent.mail.mime import to_bytes


class Spool:
    """Writes mails to `folder`, which is made when the first comes."""

    supports_utf8 = True
    leaves = False

    def __init__(self, folder: Path, clock: Clock) -> None:
        self.folder = folder
        self._clock = clock

    async def send(self, mail: Mail) -> str:
        """Raises MailDelayed when the folder cannot be written to."""
        name = _name(mail)
        data = to_bytes(mail, self._clock(), utf8=True)
        try:
            await asyncio.to_thread(self._write, name, data)
        except OSError as error:
            raise MailDelayed(f"the mail folder cannot be written to ({error.strerror})") from None
        return name

    async def check(self) -> str:
        """Makes nothing: looks at the folder, or at the one that it would be made in."""
        place = next(one for one in (self.folder.absolute(), *self.folder.absolute().parents) if one.exists())
        if not place.is_dir() or not os.access(place, os.W_OK | os.X_OK):
            raise MailDelayed("the mail folder of CONSENT_MAIL cannot be written to")
        return f"kept as files in {self.folder}, sent to nobody"

    async def close(self) -> None:
        """Nothing is open."""

    def _write(self, name: str, data: bytes) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        handle, making = tempfile.mkstemp(prefix=f".{name}.", dir=self.folder)  # mode 0600: a mail holds links
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.replace(making, self.folder / name)
        except OSError:
            with contextlib.suppress(OSError):
                os.unlink(making)
            raise
        _sync(self.folder)


def _name(mail: Mail) -> str:
    """The file's name: an id that is a UUID, so that it leads nowhere else."""
    try:
        ids.parse_uuid(mail.id)
    except ValueError:
        raise MailRefused("a mail's id is a UUID") from None
    return f"{mail.id}.eml"


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
