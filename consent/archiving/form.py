"""The inner form of an archive: what was there when, then table after table, then the sum of all.

A stream of messages, each its length (4 bytes, big end first) and MessagePack, compressed as one zlib stream: a
`Header`, for each table a `Begin`, its `Rows` in the order of its key and an `Ended`, last a `Total`. Rows are plain
values (text, whole numbers, bytes, nothing), so that no engine's own form is in it.

Invariant: a reader that came to the total has read every row that was written, and not more than a page at a time is in
memory.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import Annotated, Any, BinaryIO, Literal

import msgspec

from consent.archiving.sealing import SealedReader, SealedWriter
from consent.errors import Malformed
from consent.storage.copying import MOST_ROWS

FORMAT = 1
LONGEST = 32 << 20
"""Bytes of one message: a page is a megabyte, but a single row may be longer."""
LARGE = 2 << 20
"""Bytes of a message that is looked at before it is read: a list in a list takes sixty times its bytes of memory."""
AT_ONCE = 1 << 18
MOST_COLUMNS = 64
MOST_AT_ONCE = 1_000
"""Columns and names of migrations, at most; with the bounds of rows they keep a small file from filling the memory."""

Kind = Literal["whole", "erasures"]
Row = Annotated[list[Any], msgspec.Meta(max_length=MOST_COLUMNS)]


class Header(msgspec.Struct, frozen=True, kw_only=True, tag="header"):
    """What the archive is of."""

    format: int
    kind: Kind
    program: str
    engine: Literal["sqlite", "postgres"]
    made_at: int
    url: str
    schema: Annotated[list[tuple[str, str]], msgspec.Meta(max_length=MOST_AT_ONCE)]
    """The applied migrations: name and digest."""


class Begin(msgspec.Struct, frozen=True, kw_only=True, tag="table"):
    """A table follows."""

    table: str
    columns: Annotated[list[str], msgspec.Meta(max_length=MOST_COLUMNS)]


class Rows(msgspec.Struct, frozen=True, kw_only=True, tag="rows"):
    """Some rows of the table."""

    rows: Annotated[list[Row], msgspec.Meta(max_length=MOST_ROWS)]


class Ended(msgspec.Struct, frozen=True, kw_only=True, tag="ended"):
    """The table is over."""

    table: str
    rows: int
    sha256: bytes
    """Over the messages of its rows."""


class Total(msgspec.Struct, frozen=True, kw_only=True, tag="total"):
    """The archive is over."""

    tables: int
    rows: int
    sha256: bytes
    """Over every message before."""


class _Cells(msgspec.Struct, tag="rows"):
    """Rows, of which no value is read yet."""

    rows: Annotated[
        list[Annotated[list[msgspec.Raw], msgspec.Meta(max_length=MOST_COLUMNS)]], msgspec.Meta(max_length=MOST_ROWS)
    ]


Message = Header | Begin | Rows | Ended | Total
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Message).decode
_decode_cells = msgspec.msgpack.Decoder(_Cells).decode


class Sums:
    """Counts and digests of what goes by, the same for who writes and who reads."""

    def __init__(self) -> None:
        self._all, self._table = sha256(), sha256()
        self.rows = self.rows_of_table = self.tables = 0

    def take(self, message: Message, data: bytes) -> None:
        """A message went by."""
        self._all.update(data)
        if isinstance(message, Begin):
            self._table, self.rows_of_table = sha256(), 0
        elif isinstance(message, Rows):
            self._table.update(data)
            self.rows_of_table += len(message.rows)
            self.rows += len(message.rows)
        elif isinstance(message, Ended):
            self.tables += 1

    def ended(self, table: str) -> Ended:
        """What ends this table."""
        return Ended(table=table, rows=self.rows_of_table, sha256=self._table.digest())

    def total(self) -> Total:
        """What ends the archive."""
        return Total(tables=self.tables, rows=self.rows, sha256=self._all.digest())


class ArchiveWriter:
    """Writes messages to a file."""

    def __init__(self, file: BinaryIO, key: str | None, header: Header) -> None:
        self._sealed, self._zlib = SealedWriter(file, key), zlib.compressobj(6)
        self.sums = Sums()
        self._put(header)

    def begin(self, table: str, columns: Sequence[str]) -> None:
        """A table follows."""
        self._put(Begin(table=table, columns=list(columns)))

    def rows(self, rows: list[Row]) -> None:
        """More rows of it; so many as make a message that is read again."""
        message = Rows(rows=rows)
        if len(rows) > 1 and _size(rows) > LONGEST // 2:
            self.rows(rows[: len(rows) // 2])
            self.rows(rows[len(rows) // 2 :])
            return
        self._put(message)

    def end_table(self, table: str) -> None:
        """It is over."""
        self._put(self.sums.ended(table))

    def end(self) -> None:
        """All is over."""
        self._put(self.sums.total())
        self._sealed.write(self._zlib.flush())
        self._sealed.end()

    def _put(self, message: Message) -> None:
        data = _encode(message)
        self.sums.take(message, data)
        self._sealed.write(self._zlib.compress(len(data).to_bytes(4) + data))


def _size(rows: Sequence[Row]) -> int:
    return sum(4 * len(value) if isinstance(value, str | bytes) else 16 for row in rows for value in row)


def messages(file: BinaryIO, key: str | None) -> Iterator[Message]:
    """Every message; the counts and digests are checked on the way, and that there is an end.

    Raises:
        Malformed: not an archive, damaged, cut off, or of a later format.
        Misconfigured: it is encrypted, and the key is not the one.
    """
    sums, message = Sums(), None
    for data in _framed(_inflated(SealedReader(file, key))):
        message = _read(data, is_first=message is None)
        if isinstance(message, Ended) and message != sums.ended(message.table):
            raise Malformed(f"the archive's rows of {message.table} are not those it was made with: take another one")
        if isinstance(message, Total) and message != sums.total():
            raise Malformed("the archive is not what it was made as: take another one")
        sums.take(message, data)
        yield message
    if not isinstance(message, Total):
        raise Malformed("the archive is cut off before its end: take another one")


def _read(data: bytes, *, is_first: bool) -> Message:
    try:
        if len(data) > LARGE and any(_is_nested(cell) for row in _decode_cells(data).rows for cell in row):
            raise ValueError
        message: Message = _decode(data)
    except (msgspec.DecodeError, ValueError):
        raise Malformed("the archive holds what this program does not know: it may be of a newer one") from None
    if is_first != isinstance(message, Header):
        raise Malformed("the archive does not begin as one: take another one")
    if isinstance(message, Header) and message.format != FORMAT:
        raise Malformed(f"the archive's format is {message.format}, which this version of consent does not know")
    return message


def _is_nested(cell: msgspec.Raw) -> bool:
    """Whether the value is a list, a map or an extension: by its first byte, as MessagePack has it."""
    first = bytes(memoryview(cell)[:1])[0]
    return 0x80 <= first <= 0x9F or 0xC7 <= first <= 0xC9 or 0xD4 <= first <= 0xD8 or 0xDC <= first <= 0xDF


def _inflated(sealed: SealedReader) -> Iterator[bytes]:
    """The content in pieces of a bounded size, however much a chunk holds."""
    inflating = zlib.decompressobj()
    try:
        while chunk := sealed.read():
            while chunk:
                yield inflating.decompress(chunk, AT_ONCE)
                chunk = inflating.unconsumed_tail
        yield inflating.flush()
    except zlib.error:
        raise Malformed("the archive is damaged: take another one") from None


def _framed(pieces: Iterator[bytes]) -> Iterator[bytes]:
    held = bytearray()
    for piece in pieces:
        held += piece
        while len(held) >= 4 and len(held) >= 4 + (length := int.from_bytes(held[:4])):
            yield bytes(held[4 : 4 + length])
            del held[: 4 + length]
        if len(held) >= 4 and int.from_bytes(held[:4]) > LONGEST:
            raise Malformed("the archive is damaged: take another one")
    if held:
        raise Malformed("the archive is cut off before its end: take another one")
