"""Reads a site file: bytes of TOML in, a `SiteFile` or every fault out.

Invariant: a file is taken whole or refused whole, and what is refused is said at its place; no file, however it is
made, takes long or ends in anything but `Refused`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from itertools import chain, islice

import msgspec

from consent.errors import Fault, Refused
from consent.notices.finding import Table
from consent.notices.rules import breaches
from consent.notices.shape import misfits
from consent.notices.sitefile import SiteFile

MOST_BYTES = 256 * 1024
MOST_FAULTS = 100

_SHAPE = msgspec.inspect.type_info(SiteFile)
# A key of very many parts makes tomllib's time grow with their square; no site file nests half as deep.
_STEP = r"""(?:[\w-]+|"[^"\n]*"|'[^'\n]*')[ \t]*\.[ \t]*"""
_DEEP = re.compile(rf"(?m)(?:^|[\[{{,])[ \t]*(?:{_STEP}){{16}}")
_POSITION = re.compile(r"^(.*?) \((?:at )?(line \d+, column \d+|(?:at )?end of document)\)$", re.DOTALL)


def read_site_file(data: bytes) -> SiteFile:
    """The site that the TOML bytes describe.

    Raises `Refused` with one `Fault` for each thing that is wrong: its path in the file (`purposes[1].name.es`, or
    `line 3, column 5` where it is not TOML), what was expected and what was found. At most 100 are told.
    """
    return site_file(site_tables(data))


def site_tables(data: bytes) -> Table:
    """The tables of the TOML bytes, whatever they say.

    Raises:
        Refused: they are no TOML; the fault's path is where.
    """
    return _tables(_text(data))


def site_faults(raw: Table) -> tuple[Fault, ...]:
    """Everything that is wrong with a site file, given as plain tables; at most 100 are told."""
    faults = list(islice(_first_at_each_place(chain(misfits(_SHAPE, raw), breaches(raw))), MOST_FAULTS + 1))
    if len(faults) > MOST_FAULTS:
        faults[MOST_FAULTS] = Fault("", f"there are more than {MOST_FAULTS} faults; mend these first")
    return tuple(faults)


def site_file(raw: Table) -> SiteFile:
    """The site that plain tables describe.

    Raises:
        Refused: as `read_site_file`.
    """
    if faults := site_faults(raw):
        raise Refused(*faults)
    return msgspec.convert(raw, SiteFile)


def _first_at_each_place(faults: Iterator[Fault]) -> Iterator[Fault]:
    """What has the wrong shape is not told its other faults too: they may go with the first."""
    told: set[str] = set()
    for fault in faults:
        if fault.path not in told:
            yield fault
        told.add(fault.path)


def _text(data: bytes) -> str:
    if len(data) > MOST_BYTES:
        raise Refused(Fault("", f"expected at most {MOST_BYTES} bytes, found {len(data)}"))
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise Refused(Fault(f"line {line}", "expected UTF-8, found bytes that are not")) from None


def _tables(text: str) -> Table:
    if deep := _DEEP.search(text):
        line = text.count("\n", 0, deep.start()) + 1
        raise Refused(Fault(f"line {line}", "a key of that many parts is in no site file"))
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise Refused(Fault("", "lists or tables are nested far too deep")) from None
    except tomllib.TOMLDecodeError as error:
        raise Refused(_syntax(str(error))) from None
    except ValueError:
        raise Refused(Fault("", "a number is far too long")) from None


def _syntax(message: str) -> Fault:
    place = _POSITION.match(message)
    what, where = place.groups() if place else (message, "")
    return Fault(where.removeprefix("at "), f"not TOML: {what[:1].lower()}{what[1:200]}")
