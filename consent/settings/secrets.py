"""The secrets: given, or kept beside the SQLite file, made on the first start.

Invariant: a secret prints as stars, and the file gets its name only when it is whole and on disk.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path

from consent import ids
from consent.errors import Misconfigured

MIN_SECRET = 32


class NotStarted(Misconfigured):
    """There is no secret because there is nothing yet that it could open."""


class Secret(str):
    """A text that does not print itself."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "'***'"


def secrets_of(given: str | None, database: str, makes_secret: bool) -> tuple[Secret, ...]:
    if given is None and database.startswith("sqlite:///"):
        given = _secret_beside(Path(database.removeprefix("sqlite:///")), makes_secret)
    secrets = tuple(Secret(word) for word in (given or "").split())
    if not secrets:
        raise Misconfigured("CONSENT_SECRET is not set: give it a random text of 32 characters or more")
    if any(len(secret) < MIN_SECRET or len(set(secret)) < 10 for secret in secrets):
        raise Misconfigured("CONSENT_SECRET is too easy to guess: give it a random text of 32 characters or more")
    return secrets


def checked_backup_key(given: str | None) -> Secret | None:
    """The key that backups are encrypted with; None when there is none.

    Raises:
        Misconfigured: it is too easy to guess.
    """
    if given is None:
        return None
    if len(given) < MIN_SECRET or len(set(given)) < 10:
        raise Misconfigured("CONSENT_BACKUP_KEY is too easy to guess: give it a random text of 32 characters or more")
    return Secret(given)


def _secret_beside(database: Path, makes_secret: bool) -> str:
    """The secret kept beside the database; made once, by whichever process comes first."""
    path = Path(f"{database}.secret")
    try:
        with contextlib.suppress(FileNotFoundError):
            return path.read_text("utf-8")
        if (
            database.is_file() and database.stat().st_size and not path.exists()
        ):  # a new one would open none of its keys
            raise Misconfigured(f"the database's secret is not at {path}: put it back there, or set CONSENT_SECRET")
        if not makes_secret:
            raise NotStarted(f"there is no secret at {path}: start the service first, or set CONSENT_SECRET")
        _make_secret(path)
        return path.read_text("utf-8")
    except OSError as error:
        raise Misconfigured(f"the secret cannot be kept at {path} ({error.strerror}): set CONSENT_SECRET") from None
    except UnicodeDecodeError:
        raise Misconfigured(f"the secret at {path} is not text: put the right one back") from None


def _make_secret(path: Path) -> None:
    """It gets its name only when it is whole and on disk, so that no other process reads half of it and no power cut
    leaves an empty one behind.
    """
    handle, making = tempfile.mkstemp(prefix=f"{path.name}.", dir=path.parent)  # mode 0600
    try:
        with os.fdopen(handle, "w") as file:
            file.write(ids.secret())
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(making, path)
    finally:
        os.unlink(making)
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
