"""Reads an archive to its end, and shows that it is what it says: every row counted, every log as it was signed.

Invariant: nothing of an archive is used before it went through here whole; of the logs nothing is believed that can be
computed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, BinaryIO

import msgspec

from consent import records
from consent.address_keys import NAME as ADDRESSES
from consent.archiving.form import Begin, Header, Row, Rows, messages
from consent.checkpoints import erasure_text, is_signed, open_note
from consent.clock import text as instant
from consent.errors import Altered, Malformed, Misconfigured
from consent.tree import Tree
from consent.vault import Vault

Progress = Callable[[int], object]
SEALED = {"logs": "private_key", "instance_keys": "sealed", "endpoints": "sealed"}
"""Where secrets lie that only the service's own secret opens."""


class Log(msgspec.Struct, kw_only=True):
    """A log in an archive."""

    origin: str
    public_key: bytes
    size: int = 0
    root: bytes = b""
    tree: Tree = msgspec.field(default_factory=Tree)
    roots: dict[int, bytes] = msgspec.field(default_factory=dict)
    """The roots at the sizes that were asked for."""


class Checked(msgspec.Struct, frozen=True, kw_only=True):
    """An archive that is whole."""

    header: Header
    rows: int
    logs: dict[str, Log]
    counts: dict[str, int]
    address_key: str | None
    """The sealed key of addresses: two services differ in it."""


def check(
    file: BinaryIO,
    key: str | None,
    vault: Vault | None = None,
    *,
    sizes: Mapping[str, int] | None = None,
    tell: Progress = lambda done: None,
) -> Checked:
    """Reads it whole; with a vault, whatever is sealed in it must open; gives the logs' roots at `sizes` too.

    Raises:
        Malformed: it is damaged or no archive.
        Altered: a log in it is not what was signed.
        Misconfigured: it is encrypted under another key, or sealed under other secrets.
    """
    checking = _Checking(vault, sizes or {})
    columns: list[str] = []
    table, rows = "", 0
    for message in messages(file, key):
        match message:
            case Header():
                checking.header = message
            case Begin():
                table, columns = message.table, message.columns
            case Rows():
                checking.take(table, columns, message.rows)
                rows += len(message.rows)
                tell(rows)
    return checking.checked(rows)


class _Checking:
    """What is known of the archive so far."""

    def __init__(self, vault: Vault | None, sizes: Mapping[str, int]) -> None:
        self.header: Header | None = None
        self._vault, self._sizes = vault, sizes
        self._logs: dict[str, Log] = {}
        self._counts: dict[str, int] = {}
        self._emptied: dict[tuple[str, int], tuple[str, bytes, bytes]] = {}
        self._address_key: str | None = None

    def take(self, table: str, columns: list[str], rows: list[Row]) -> None:
        self._counts[table] = self._counts.get(table, 0) + len(rows)
        if any(len(row) != len(columns) for row in rows):
            raise Malformed(f"the archive's rows of {table} do not fit its columns: take another one")
        if table not in ("logs", "heads", "records", "erasures", "instance_keys", "endpoints"):
            return
        for row in rows:
            named = dict(zip(columns, row, strict=True))
            self._open_sealed(table, named)
            self._learn(table, named)

    def _learn(self, table: str, row: Mapping[str, Any]) -> None:
        match table:
            case "logs":
                self._logs[row["site"]] = Log(origin=row["origin"], public_key=row["public_key"])
            case "heads":
                self._head(row)
            case "records":
                self._record(row)
            case "erasures":
                self._erasure(row)
            case "instance_keys" if row["name"] == ADDRESSES:
                self._address_key = row["sealed"]

    def checked(self, rows: int) -> Checked:
        assert self.header is not None  # `messages` begins with one
        if self.header.kind == "whole":
            self._check_whole()
        return Checked(
            header=self.header, rows=rows, logs=self._logs, counts=self._counts, address_key=self._address_key
        )

    def _check_whole(self) -> None:
        """All records are there that the logs signed, and what is empty was erased."""
        for site, log in self._logs.items():
            if log.tree.size != log.size or log.tree.root() != log.root:
                raise Altered(f"the archive's records of {site} are not those that its log signed")
        for site, seq in self._emptied:
            raise Altered(f"record {seq} of {site} was emptied, but not by an erasure of this service", seq)

    def _open_sealed(self, table: str, row: Mapping[str, Any]) -> None:
        if self._vault and (column := SEALED.get(table)) and row.get(column):
            try:
                self._vault.take(row[column])
            except Misconfigured:
                raise Misconfigured(
                    "the archive's keys are sealed under another secret: put the one it was made under in front of"
                    " CONSENT_SECRET, separated by a space"
                ) from None

    def _log_of(self, row: Mapping[str, Any]) -> Log:
        try:
            return self._logs[row["site"]]
        except KeyError:
            raise Altered(f"the archive has rows of a log that is not in it: {row['site']}") from None

    def _head(self, row: Mapping[str, Any]) -> None:
        log = self._log_of(row)
        try:
            signed = open_note(row["checkpoint"], log.origin, log.public_key)
        except (ValueError, TypeError, AttributeError) as error:
            raise Altered(f"the head of the log of {row['site']} was altered: {error}") from None
        if signed.size != row["size"]:
            raise Altered(f"the head of the log of {row['site']} says {row['size']}, but {signed.size} were signed")
        log.size, log.root = signed.size, signed.root

    def _record(self, row: Mapping[str, Any]) -> None:
        log, site, seq = self._log_of(row), row["site"], row["seq"]
        if seq != log.tree.size + 1:
            raise Altered(f"record {log.tree.size + 1} of {site} is missing in the archive", log.tree.size + 1)
        if row["payload"] is None:
            self._emptied[site, seq] = (row["kind"], row["leaf"], row["seal"])
        elif not _is_committed(row):
            raise Altered(f"record {seq} of {site} was altered: its content is not what was committed to", seq)
        log.tree.append([row["leaf"]])
        if self._sizes.get(site) == seq:
            log.roots[seq] = log.tree.root()

    def _erasure(self, row: Mapping[str, Any]) -> None:
        if self.header and self.header.kind == "erasures":
            return
        kept = self._emptied.pop((row["site"], row["seq"]), None)
        if kept is None or not fits(self._log_of(row), row, *kept):
            raise Altered(f"the erasure of record {row['seq']} of {row['site']} is not the service's", row["seq"])


def _is_committed(row: Mapping[str, Any]) -> bool:
    try:
        return bool(records.leaf(row["payload"].encode(), row["salt"]) == row["leaf"])
    except (TypeError, AttributeError):
        return False


def fits(log: Log, erasure: Mapping[str, Any], kind: str, leaf: bytes, seal: bytes) -> bool:
    """Whether the service signed that this very record was erased."""
    text = erasure_text(log.origin, erasure["seq"], kind, leaf, seal, instant(erasure["erased_at"]))
    return is_signed(text, erasure["seal"], log.public_key)
