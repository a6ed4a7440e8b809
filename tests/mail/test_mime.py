"""A mail's bytes: read back they say what was meant, and no value of a header says anything more."""

from __future__ import annotations

from email import message_from_bytes
from email.header import decode_header, make_header

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.errors import MailRefused
from consent.mail.contract import require_safe
from consent.mail.mime import LONGEST, folded, phrase, to_bytes, unstructured
from tests.clock import START
from tests.mail.making import LONG_LINK, MAIL, MESSAGE_ID, READER, mail, read, words_of

HEADERS = {"List-Unsubscribe": LONG_LINK, "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}


def test_a_mail_is_what_a_mail_program_expects() -> None:
    data = to_bytes(mail(headers=HEADERS), START)
    message = read(data)
    assert message["Message-ID"] == MESSAGE_ID
    assert message["From"] == MAIL.sender
    assert message["To"] == READER
    assert message["Subject"] == MAIL.subject
    assert message["Date"] == "Sun, 22 Nov 2026 10:00:00 +0000"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["MIME-Version"] == "1.0"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    assert words_of(message, "plain") == MAIL.text
    assert words_of(message, "html") == MAIL.html


def test_the_same_mail_is_the_same_bytes() -> None:
    assert to_bytes(MAIL, START) == to_bytes(MAIL, START)


def test_a_long_link_in_a_header_stays_one_plain_word() -> None:
    """Python 3.11 makes encoded words of it, which providers that look for a link to leave by do not decode."""
    data = to_bytes(mail(headers=HEADERS), START)
    assert f"List-Unsubscribe: {LONG_LINK}\r\n".encode() in data
    assert b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" in data


WORDS = {
    "plain": "Please confirm",
    "umlauts": "Bestätigen Sie Ihre Anmeldung für die täglichen Nachrichten, bitte möglichst gleich",
    "Greek": "Επιβεβαιώστε την εγγραφή σας στο ενημερωτικό δελτίο της εφημερίδας",
    "Japanese": "ニュースレターの登録を確認してください。ボタンを押すまで何も送信されません。",
    "Arabic": "أكّد اشتراكك في النشرة الإخبارية",
    "beyond the plane": "📰 " * 40,
}


@pytest.mark.parametrize("name", WORDS)
def test_words_of_every_script_arrive_in_subject_name_and_both_bodies(name: str) -> None:
    words = WORDS[name].strip()
    sender = f"{words} <news@example.com>"
    data = to_bytes(mail(subject=words, sender=sender, text=f"{words}\n", html=f"<p>{words}</p>\n"), START)
    assert data.isascii()
    message = read(data)
    assert message["Subject"] == words
    # Not by the newer parser: in a name it takes the space between two encoded words for one of the name's.
    assert str(make_header(decode_header(str(message_from_bytes(data)["From"])))) == f"{words} <news@example.com>"
    assert words_of(message, "plain") == f"{words}\n"
    assert words_of(message, "html") == f"<p>{words}</p>\n"
    for line in data.split(b"\r\n"):
        assert len(line) <= (76 if b"=?" in line else LONGEST)


def test_a_name_with_special_signs_is_quoted() -> None:
    assert phrase('Miami "New" Times, Inc.') == '"Miami \\"New\\" Times, Inc."'
    message = read(to_bytes(mail(sender="St. Louis (daily) <news@example.com>"), START))
    assert message["From"].addresses[0].display_name == "St. Louis (daily)"


SMUGGLED = {
    "a line end": "Hello\r\nBcc: victim@example.com",
    "a line feed": "Hello\nBcc: victim@example.com",
    "a carriage return": "Hello\rBcc: victim@example.com",
    "an encoded line end": "Hello =?utf-8?q?=0D=0ABcc:_victim@example.com?=",
    "an encoded word": "=?utf-8?B?SGVsbG8=?=",
    "half an encoded word": "Hello =?",
    "a NUL": "Hello\0",
    "an escape": "Hello\x1b[2J",
    "Unicode's line end": "Hello\u2028Bcc: victim@example.com",
    "the next line of C1": "Hello\u0085Bcc: victim@example.com",
    "half a character": "Hello \ud83d",
}


@pytest.mark.parametrize("name", SMUGGLED)
@pytest.mark.parametrize("field", ["subject", "sender", "to", "message_id", "List-Help"])
def test_no_value_smuggles_a_header(name: str, field: str) -> None:
    value = SMUGGLED[name]
    made = mail(headers={field: value}) if field == "List-Help" else mail(**{field: value})
    for check in (require_safe, lambda unsafe: to_bytes(unsafe, START), lambda unsafe: to_bytes(unsafe, 0, utf8=True)):
        with pytest.raises(MailRefused) as caught:
            check(made)
        assert "victim" not in caught.value.detail


@pytest.mark.parametrize(
    "name", ["Bcc", "to", "Subject", "Content-Type", "MIME-Version", "X Y", "X:Y", "", "Ünsub", "X\r\nBcc", "From"]
)
def test_no_header_takes_the_place_of_one_that_the_mail_is_made_of(name: str) -> None:
    with pytest.raises(MailRefused):
        to_bytes(mail(headers={name: "value"}), START)


@pytest.mark.parametrize("message_id", ["", "0198@example.org", "<a b@example.org>", "<a@b>c", "<ä@example.org>"])
def test_a_message_id_is_one(message_id: str) -> None:
    with pytest.raises(MailRefused):
        to_bytes(mail(message_id=message_id), START)


def test_an_address_goes_in_the_form_that_the_way_allows() -> None:
    assert read(to_bytes(mail(to="reader@bücher.de"), START))["To"] == "reader@xn--bcher-kva.de"
    assert read(to_bytes(mail(to="reader@bücher.de"), START, utf8=True))["To"] == "reader@xn--bcher-kva.de"
    with pytest.raises(MailRefused, match="SMTPUTF8"):
        to_bytes(mail(to="jörg@example.org"), START)
    assert "To: jörg@example.org\r\n".encode() in to_bytes(mail(to="jörg@example.org"), START, utf8=True)


def test_a_header_is_ascii_or_refused() -> None:
    with pytest.raises(MailRefused, match="beyond ASCII"):
        to_bytes(mail(headers={"List-Id": "Grüße <top.example.org>"}), START)
    with pytest.raises(MailRefused, match="longer than a line"):
        to_bytes(mail(headers={"List-Help": f"<https://{'x' * 1000}>"}), START)


@given(st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1, max_size=300))
def test_free_words_come_back_as_they_were(words: str) -> None:
    words = words.replace("=?", "")
    written = unstructured(words)
    assert written.isascii()
    back = str(make_header(decode_header(written)))
    assert back == (words if not words.isascii() else back)
    assert all(len(line) <= 76 for line in folded("Subject", written).split("\r\n") if "=?" in line)


@given(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r"), max_size=3000),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r"), max_size=300),
)
def test_any_text_arrives_in_lines_that_any_server_takes(text: str, html: str) -> None:
    data = to_bytes(mail(text=f"{text}\n", html=f"{html}\n"), START)
    assert data.isascii()
    lines = data.split(b"\r\n")
    assert all(len(line) <= LONGEST and b"\n" not in line and b"\r" not in line for line in lines)
    assert words_of(read(data), "plain") == f"{text}\n"
