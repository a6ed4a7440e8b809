"""An archive file is whole or it is told in one sentence what it is not; encrypted, nothing of it can be read."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consent.archiving.form import ArchiveWriter, Header, Rows, messages
from consent.archiving.sealing import CHUNK, HEAD, TAG, SealedReader, SealedWriter
from consent.canonical import sha256_hex
from consent.errors import Altered, Malformed, Misconfigured
from consent.services import Services
from consent.storage.migrations import bundled
from tests.acts import GIVEN, draft
from tests.archiving.drill import KEY, archive, checked, put_back
from tests.running import notice_of
from tests.storage.tampering import guarded
from tests.trips.newsletters import EMAIL, subscribe

PART = 5 + CHUNK + TAG
CANARY = b"canary-content"


def sealed(content: bytes, key: str | None) -> bytes:
    file = io.BytesIO()
    writer = SealedWriter(file, key)
    for start in range(0, len(content), 10_000):
        writer.write(content[start : start + 10_000])
    writer.end()
    return file.getvalue()


def opened(data: bytes, key: str | None) -> bytes:
    reader = SealedReader(io.BytesIO(data), key)
    return b"".join(iter(reader.read, b""))


@pytest.fixture(scope="module")
def content() -> bytes:
    return CANARY + bytes(range(256)) * 700


@pytest.mark.parametrize("key", [None, KEY], ids=["plain", "encrypted"])
def test_what_is_sealed_is_opened_again_and_no_other_way(content: bytes, key: str | None) -> None:
    data = sealed(content, key)
    assert opened(data, key) == content
    assert (CANARY in data) is (key is None)
    parts = [data[start : start + PART] for start in range(HEAD, len(data), PART)]
    swapped = data[:HEAD] + b"".join([parts[1], parts[0], *parts[2:]])
    for wrong, words in (
        (data[: HEAD + PART], "cut off"),
        (data[: HEAD + 2 * PART - 3], "cut off"),
        (data[: HEAD + 3], "cut off"),
        (swapped, "damaged or was changed, in its part 1"),
        (data[: HEAD + PART] + data[HEAD + 2 * PART :], "in its part 2"),
        (data[:-1] + bytes((data[-1] ^ 1,)), "in its part 3"),
        (data + b"x", "goes on after its end"),
        (b"SQLite format 3\0" + data, "no archive"),
        (b"", "no archive"),
    ):
        with pytest.raises(Malformed, match=words):
            opened(wrong, key)


def test_the_key_is_asked_for_and_a_wrong_one_told(content: bytes) -> None:
    data = sealed(content[:100], KEY)
    with pytest.raises(Misconfigured, match="is encrypted: set CONSENT_BACKUP_KEY"):
        opened(data, None)
    with pytest.raises(Misconfigured, match="is not the key that this archive was made with"):
        opened(data, KEY + "x")
    assert sealed(content[:100], KEY) != data  # a key of its own for each file


@settings(max_examples=30)
@given(st.data())
def test_no_flipped_bit_goes_unseen(content: bytes, data: st.DataObject) -> None:
    whole = bytearray(sealed(content[:3_000], None))
    place = data.draw(st.integers(0, len(whole) - 1))
    whole[place] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises((Malformed, Misconfigured)):
        opened(bytes(whole), None)


def test_messages_are_counted_and_summed() -> None:
    file = io.BytesIO()
    header = Header(format=1, kind="whole", program="x", engine="sqlite", made_at=1, url="", schema=[])
    writer = ArchiveWriter(file, None, header)
    writer.begin("sites", ["id"])
    for start in range(0, 5_000, 500):
        writer.rows([["a" * 50, number, None, b"\0"] for number in range(start, start + 500)])
    writer.end_table("sites")
    writer.end()
    read = list(messages(io.BytesIO(file.getvalue()), None))
    assert read[0] == header
    assert sum(len(one.rows) for one in read if isinstance(one, Rows)) == 5_000
    assert len(file.getvalue()) < 100_000


def put_in(table: str, columns: list[str], rows: list[list[object]]) -> io.BytesIO:
    """An archive of one table, whole in its form."""
    file = io.BytesIO()
    schema = [(one.name, sha256_hex(one.sql.encode())) for one in bundled("sqlite")]
    writer = ArchiveWriter(
        file, None, Header(format=1, kind="whole", program="x", engine="sqlite", made_at=1, url="", schema=schema)
    )
    writer.begin(table, columns)
    writer.rows(rows)
    writer.end_table(table)
    writer.end()
    file.seek(0)
    return file


@pytest.mark.parametrize(
    "rows",
    [[[]] * 2_001, [[None] * 65], [[[[]] * (3 << 20)]], [["x" * (33 << 20)]]],
    ids=["rows", "cells", "nested", "long"],
)
def test_a_small_file_does_not_fill_the_memory(rows: list[list[object]]) -> None:
    file = put_in("sites", ["id"], rows)
    assert len(file.getvalue()) < 200_000
    with pytest.raises(Malformed, match="damaged|does not know"):
        list(messages(file, None))


def test_a_page_of_long_rows_is_read_again() -> None:
    file = put_in("sites", ["id"], [["x" * (5 << 20)] for _ in range(8)])
    assert sum(len(one.rows) for one in messages(file, None) if isinstance(one, Rows)) == 8


@pytest.mark.parametrize(
    ("table", "columns"),
    [("members; DROP TABLE sites", ["id"]), ("sqlite_schema", ["sql"]), ("sites", ["id) SELECT 1 --"]), ("sites", []),
     ("sites", ["id", "id"])],
    ids=["statement", "engine's", "column", "none", "twice"],
)  # fmt: skip
async def test_no_name_of_an_archive_becomes_a_statement(tmp_path: Path, table: str, columns: list[str]) -> None:
    path = tmp_path / "a.consent"
    path.write_bytes(put_in(table, columns, []).getvalue())
    with pytest.raises(Malformed, match="not this program's"):
        await put_back(f"sqlite:///{tmp_path / 'c.db'}", path, 2)


async def test_a_backup_of_an_altered_log_is_not_taken_for_whole(services: Services, tmp_path: Path) -> None:
    """With the key; then a record is changed behind the log's back, and the backup says so before it is one."""
    await subscribe(services, EMAIL)
    await services.recorder.give(draft(notice_of(services), GIVEN))
    path = await archive(services, tmp_path / "a", KEY)
    data = path.read_bytes()
    assert EMAIL.encode() not in data
    assert checked(path, KEY).counts["subscribers"] == 1
    trigger = "" if services.database.engine == "sqlite" else " ON records"
    async with guarded(services.settings.database) as intruder:
        await intruder.execute(f"DROP TRIGGER records_keep{trigger}")
        await intruder.execute("UPDATE records SET payload = replace(payload, 'true', 'false') WHERE seq = 2")
    path = await archive(services, tmp_path / "b")
    with pytest.raises(Altered, match="record 2 of miami-new-times was altered"):
        checked(path)
