"""Signed checkpoints and seals: nobody without the key makes one, and no field can move into the next."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.checkpoints import ED25519, Checkpoint, LogKey, key_id, open_note, read_vkey, vkey
from consent.tree import EMPTY_ROOT

ORIGIN = "127.0.0.1:8000/log/news"
KEY = LogKey(ORIGIN, bytes(range(32)))
ROOT = bytes(range(100, 132))
NOTE = KEY.sign(7, ROOT)


def test_a_note_is_written_as_c2sp_says() -> None:
    """tlog-checkpoint's three lines, an empty one, and signed-note's signature line."""
    text, signature = NOTE.split("\n\n")
    assert text.split("\n") == [ORIGIN, "7", base64.b64encode(ROOT).decode()]
    dash, name, encoded = signature.rstrip("\n").split(" ")
    assert (dash, name) == ("—", ORIGIN)
    raw = base64.b64decode(encoded)
    assert raw[:4] == key_id(ORIGIN, KEY.public)
    assert len(raw) == 4 + 64
    assert NOTE.endswith("\n")


def test_a_published_verifier_key_is_read() -> None:
    """The example key of C2SP's signed-note specification and of Go's sumdb/note."""
    line = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
    origin, public = read_vkey(line)
    assert origin == "PeterNeumann"
    assert vkey(origin, public) == line
    note = (
        "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n"
        "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
    )
    with pytest.raises(ValueError, match="of another log"):  # the signature holds; the text is no checkpoint
        open_note(note, origin, public)
    with pytest.raises(ValueError, match="does not fit"):
        open_note(note.replace("answer", "anwser"), origin, public)


def test_a_note_opens_with_its_key_alone() -> None:
    assert open_note(NOTE, ORIGIN, KEY.public) == Checkpoint(ORIGIN, 7, ROOT)
    other = LogKey(ORIGIN, bytes(32))
    for note, origin, public in (
        (NOTE, ORIGIN, other.public),
        (NOTE, "elsewhere", KEY.public),
        (other.sign(7, ROOT), ORIGIN, KEY.public),
        (LogKey("elsewhere", bytes(range(32))).sign(7, ROOT), ORIGIN, KEY.public),
    ):
        with pytest.raises(ValueError, match="not signed by the log's key"):
            open_note(note, origin, public)


def test_signatures_of_others_beside_ours_do_no_harm() -> None:
    """Witnesses add lines of their own."""
    text, ours = NOTE.split("\n\n")
    witness = "— witness.example AAAAAAAA\n— x\n\n—\n"
    assert open_note(f"{text}\n\n{witness}{ours}", ORIGIN, KEY.public).size == 7
    assert open_note(f"{text}\n\n{ours}{witness}", ORIGIN, KEY.public).size == 7


@given(st.integers(0, len(NOTE) - 1), st.characters())
def test_one_changed_character_is_refused(place: int, character: str) -> None:
    """But for the slack in the last letter of base64, which changes nothing that is signed."""
    changed = NOTE[:place] + character + NOTE[place + 1 :]
    try:
        found = open_note(changed, ORIGIN, KEY.public)
    except ValueError:
        return
    assert found == Checkpoint(ORIGIN, 7, ROOT)


@given(st.text(max_size=200))
def test_anything_else_is_a_value_error(text: str) -> None:
    for note in (text, f"{text}\n\n{text}", f"{ORIGIN}\n{text}\n\n— {ORIGIN} {text}"):
        with pytest.raises(ValueError):
            open_note(note, ORIGIN, KEY.public)
    with pytest.raises(ValueError):
        read_vkey(text)


@pytest.mark.parametrize("change", ["x", "AA", "+A+"])
def test_an_altered_verifier_key_is_refused(change: str) -> None:
    line = vkey(ORIGIN, KEY.public)
    assert read_vkey(f" {line}\n") == (ORIGIN, KEY.public)
    for broken in (change + line, line + change, line.replace("+", change, 1), line[:-4]):
        with pytest.raises(ValueError):
            read_vkey(broken)
    of_another_kind = base64.b64encode(b"\x02" + KEY.public).decode()
    with pytest.raises(ValueError, match="not an Ed25519"):
        read_vkey(f"{ORIGIN}+{key_id(ORIGIN, KEY.public).hex()}+{of_another_kind}")
    assert ED25519 == b"\x01"


ids = st.binary(min_size=16, max_size=16)
rows = st.tuples(
    st.integers(1, 1 << 40), ids, ids, st.sampled_from(["cookies", "newsletter"]), st.integers(0, 1 << 44),
    st.binary(min_size=32, max_size=32),
)  # fmt: skip


@given(rows, rows)
def test_different_rows_have_different_seals(one: tuple[int, bytes, bytes, str, int, bytes], other: object) -> None:
    assert (KEY.seal(*one) == KEY.seal(*other)) is (one == other)  # type: ignore[misc]


@given(rows, st.integers(0, 16))
def test_no_byte_can_move_into_the_next_column(row: tuple[int, bytes, bytes, str, int, bytes], moved: int) -> None:
    seq, id_, subject, kind, at, leaf = row
    both = id_ + subject
    shifted = (seq, both[: 16 - moved], both[16 - moved :], kind, at, leaf)
    assert (KEY.seal(*shifted) == KEY.seal(*row)) is (moved == 0)


def test_seals_of_rows_and_erasures_and_of_other_logs_differ() -> None:
    leaf, seal = bytes(32), bytes(31) + b"\x01"
    erasure = KEY.erasure_seal(7, "cookies", leaf, seal, 5)
    others = (
        KEY.erasure_seal(8, "cookies", leaf, seal, 5),
        KEY.erasure_seal(7, "newsletter", leaf, seal, 5),
        KEY.erasure_seal(7, "cookies", seal, seal, 5),
        KEY.erasure_seal(7, "cookies", leaf, leaf, 5),
        KEY.erasure_seal(7, "cookies", leaf, seal, 6),
        LogKey(ORIGIN, bytes(32)).erasure_seal(7, "cookies", leaf, seal, 5),
        KEY.seal(7, bytes(16), bytes(16), "cookies", 5, leaf),
    )
    assert erasure not in others
    assert len(set(others)) == len(others)


def test_an_empty_log_has_a_root() -> None:
    assert open_note(KEY.sign(0, EMPTY_ROOT), ORIGIN, KEY.public) == Checkpoint(ORIGIN, 0, EMPTY_ROOT)
