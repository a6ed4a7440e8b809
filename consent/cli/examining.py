"""What `consent doctor` finds: each thing it looked at, in words, with the mend where it is not in order."""

from __future__ import annotations

from typing import Literal

import click
import msgspec

from consent.errors import ConsentError

Level = Literal["ok", "warn", "bad"]
COLOURS = {"ok": "green", "warn": "yellow", "bad": "red"}

MENDS = (
    ("is locked", "end the program that holds the database: `fuser` with the file's name shows which"),
    ("disk is full", "make room on the disk, or move the database"),
    ("not a database", "CONSENT_DATABASE names another kind of file: correct it, or put a backup in its place"),
    ("malformed", "stop the service, move the file away, and `consent restore` the newest backup"),
    ("readonly", "give the service's user the right to write the file and its folder"),
    ("does not exist", "check CONSENT_DATABASE, and create the folder it names"),
    ("there is no database", "check CONSENT_DATABASE; `consent migrate` makes a new database there"),
    ("cannot be opened", "check CONSENT_DATABASE, and the rights of the file and its folder"),
    ("cannot be reached", "check CONSENT_DATABASE, that the server runs, and that it is reachable from here"),
    ("refuses the user", "check the user, the password and the database's name in CONSENT_DATABASE"),
    ("fsync=off", "set fsync=on in postgresql.conf and restart the server"),
    ("is newer than", "install the version of consent that wrote it"),
    ("was edited", "install consent anew: a released migration's text never changes"),
    ("the schema is not", "consent migrate"),
)
"""What a fault's words show to be wrong, and what mends just that."""


class Finding(msgspec.Struct, frozen=True):
    """One thing looked at; `mend` says what to do when it is not in order."""

    what: str
    level: Level
    words: str
    mend: str = ""


def good(what: str, words: str) -> Finding:
    """It is in order."""
    return Finding(what, "ok", words)


def weak(what: str, words: str, mend: str) -> Finding:
    """It works, but should be looked at."""
    return Finding(what, "warn", words, mend)


def bad(what: str, words: str, mend: str) -> Finding:
    """It does not work, or is not safe."""
    return Finding(what, "bad", words, mend)


def fault(what: str, error: ConsentError) -> Finding:
    """What the engine said, with the mend for just that."""
    mend = next((mend for words, mend in MENDS if words in error.detail), "check CONSENT_DATABASE, and its server")
    return bad(what, error.detail, mend)


def show(finding: Finding) -> None:
    """Two lines for people, one where nothing is to be mended."""
    mark = click.style(
        f"{finding.level if finding.level == 'ok' else finding.level.upper():<4}", fg=COLOURS[finding.level]
    )
    click.echo(f"{mark} {finding.what:<10} {finding.words}")
    if finding.mend:
        click.echo(f"     {'':<10} mend: {finding.mend}")
