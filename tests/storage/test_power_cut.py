"""A power cut after any answer loses nothing that was answered.

Killing a process cannot show this: the kernel keeps what was written and not synced. So the recorder runs under strace,
its files are rebuilt from synced bytes alone as of each answer, and SQLite is asked what it finds in them.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from consent import ids
from consent.storage.sqlite_library import dbapi
from tests.provision.needs import STRACE, Missing
from tests.storage import syscalls

ACTS = 40


def trace(folder: Path, *words: str) -> list[bytes]:
    """What a recording process asked of the system; its database lies in the folder."""
    output = folder / "trace"
    try:
        strace = STRACE.path()
    except Missing as fault:
        pytest.fail(str(fault), pytrace=False)
    url = f"sqlite:///{folder / 'consent.db'}"
    command = [str(strace), "-f", "-y", "-xx", "-s", "1000000", "-e", f"trace={syscalls.CALLS}", "-o", str(output)]
    recorder = [sys.executable, "-m", "tests.storage.recording", url, str(ACTS), "4", *words]
    subprocess.run([*command, *recorder], check=True, stdout=subprocess.DEVNULL, timeout=120)
    return output.read_bytes().splitlines()


def found_in(files: dict[str, bytes], folder: Path, place: Path) -> set[str]:
    """The ids that SQLite finds in the database and its write-ahead log as they were synced."""
    place.mkdir()
    for name in ("consent.db", "consent.db-wal"):
        content = files.get(str(folder / name))
        if content is not None:
            (place / name).write_bytes(content)
    connection = dbapi.connect(place / "consent.db")
    try:
        assert connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'records'").fetchone():
            return set()
        return {ids.uuid_text(row[0]) for row in connection.execute("SELECT id FROM records")}
    finally:
        connection.close()


def lost_after_each_answer(folder: Path, *words: str) -> list[int]:
    """How many answered acts are lost when the power goes right after an answer; one number an answer."""
    lost = []
    for number, cut in enumerate(syscalls.cuts(trace(folder, *words))):
        answered = set(cut.said.decode().split()) - {"ready"}
        if answered:
            lost.append(len(answered - found_in(cut.files, folder, folder / str(number))))
    return lost


def test_a_power_cut_loses_nothing_that_was_answered(tmp_path: Path) -> None:
    assert lost_after_each_answer(tmp_path) == [0] * ACTS


def test_a_recorder_that_does_not_sync_is_caught(tmp_path: Path) -> None:
    """The control: the same process with SQLite's syncing off loses answered acts, and the replay shows it."""
    lost = lost_after_each_answer(tmp_path, "careless")
    assert len(lost) == ACTS
    assert sum(lost) > 0


def test_a_power_cut_keeps_only_what_was_synced() -> None:
    """The replay itself, on a trace by hand: a sync covers what was written before it began, and its own file."""
    lines = [
        rb'10 pwrite64(3</d/a>, "\x61\x62\x63", 3, 0) = 3',
        rb"10 fdatasync(3</d/a> <unfinished ...>",
        rb'11 pwrite64(3</d/a>, "\x58", 1, 1) = 1',
        rb'11 pwrite64(4</d/b>, "\x62", 1, 0) = 1',
        rb"10 <... fdatasync resumed>) = 0",
        rb'10 write(1<pipe:[1]>, "\x31\x0a", 2) = 2',
        rb"11 fsync(3</d/a>) = -1 EIO (Input/output error)",
        rb'10 write(1<pipe:[1]>, "\x32\x0a", 2) = 2',
        rb"11 fsync(3</d/a>) = 0",
        rb"11 ftruncate(3</d/a>, 2) = 0",
        rb'10 write(1<pipe:[1]>, "\x33\x0a", 2) = 2',
        rb"11 fsync(3</d/a>) = 0",
        rb'10 write(1<pipe:[1]>, "\x34\x0a", 2) = 2',
        rb"10 +++ exited with 0 +++",
    ]
    found = [(cut.said, cut.files) for cut in syscalls.cuts(lines)]
    assert found == [
        (b"1\n", {"/d/a": b"abc"}),
        (b"1\n2\n", {"/d/a": b"abc"}),
        (b"1\n2\n3\n", {"/d/a": b"aXc"}),
        (b"1\n2\n3\n4\n", {"/d/a": b"aX"}),
    ]
