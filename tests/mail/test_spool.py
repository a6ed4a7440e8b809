"""The mail folder: a mail is a whole file, or none."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from consent.errors import MailDelayed, MailRefused
from consent.mail.spool import Spool
from tests.clock import SetClock
from tests.mail.making import ID, MAIL, MESSAGE_ID, mail, read, words_of


async def test_a_mail_is_a_file_named_by_its_message_id(tmp_path: Path, clock: SetClock) -> None:
    spool = Spool(tmp_path / "deep" / "mail", clock)
    assert await spool.check() == f"kept as files in {tmp_path / 'deep' / 'mail'}, sent to nobody"
    assert not (tmp_path / "deep").exists()
    name = await spool.send(MAIL)
    assert name == f"{ID}.eml"
    assert MESSAGE_ID.startswith(f"<{ID}@")
    file = tmp_path / "deep" / "mail" / name
    assert words_of(read(file.read_bytes()), "plain") == MAIL.text
    assert os.stat(file).st_mode & 0o077 == 0  # a mail holds links that act for its reader


async def test_a_mail_sent_again_is_one_file(tmp_path: Path, clock: SetClock) -> None:
    spool = Spool(tmp_path, clock)
    await asyncio.gather(*(spool.send(MAIL) for _ in range(5)))
    assert os.listdir(tmp_path) == [f"{ID}.eml"]


async def test_letters_beyond_ascii_before_the_at_are_no_matter(tmp_path: Path, clock: SetClock) -> None:
    spool = Spool(tmp_path, clock)
    assert spool.supports_utf8
    await spool.send(mail(to="jörg@example.org"))
    assert read((tmp_path / f"{ID}.eml").read_bytes())["To"] == "jörg@example.org"


@pytest.mark.parametrize("id_", ["../../etc/passwd", "", "a/b", f"{ID}/..", ID.upper()])
async def test_no_id_leads_out_of_the_folder(tmp_path: Path, clock: SetClock, id_: str) -> None:
    with pytest.raises(MailRefused):
        await Spool(tmp_path / "mail", clock).send(mail(id=id_))
    assert not (tmp_path / "mail").exists()


async def test_a_folder_that_cannot_be_written_to_delays_the_mail(tmp_path: Path, clock: SetClock) -> None:
    """A directory stands where the file should: the writing is whole, its naming fails, nothing is left over."""
    (tmp_path / f"{ID}.eml").mkdir()
    with pytest.raises(MailDelayed, match="cannot be written to"):
        await Spool(tmp_path, clock).send(MAIL)
    assert os.listdir(tmp_path) == [f"{ID}.eml"]
    (tmp_path / "file").write_text("")
    spool = Spool(tmp_path / "file" / "mail", clock)
    with pytest.raises(MailDelayed):
        await spool.send(MAIL)
    with pytest.raises(MailDelayed, match="CONSENT_MAIL"):
        await spool.check()


async def test_whoever_looks_meanwhile_sees_whole_mails_alone(tmp_path: Path, clock: SetClock) -> None:
    spool = Spool(tmp_path, clock)
    big = mail(text="x" * 70 + "\n" + ("y" * 70 + "\n") * 5000)
    writing = asyncio.gather(*(spool.send(big) for _ in range(10)))
    seen = set()
    while not writing.done():
        seen |= {len(file.read_bytes()) for file in tmp_path.glob("*.eml")}
        await asyncio.sleep(0)
    await writing
    seen |= {len(file.read_bytes()) for file in tmp_path.glob("*.eml")}
    assert len(seen) == 1
