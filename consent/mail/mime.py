"""A mail as the bytes that travel (RFC 5322): our own header lines over a body of text and HTML.

The library's header folding is not used: Python 3.11 turns any long word, such as a signed link in List-Unsubscribe,
into encoded words, which programs that look for the link do not decode.

Invariant: the same mail at the same instant is the same bytes; every line is at most 998 bytes, and all of it is ASCII
unless `utf8` was asked for.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP

from consent.errors import MailRefused
from consent.mail.contract import Mail, recipient_of, require_safe, sender_of

WIDTH = 76
LONGEST = 998  # RFC 5322, section 2.1.1
WORD_BYTES = 36  # an encoded word has at most 75 characters, its line 76 (RFC 2047, section 2): 4/3 of this, and frame
SPECIALS = frozenset('()<>[]:;@\\,."')
POLICY = SMTP.clone(cte_type="7bit")


def to_bytes(mail: Mail, at: int, *, utf8: bool = False) -> bytes:
    """The whole mail, dated `at`, with CRLF line ends; with `utf8`, its headers may be in UTF-8 (RFC 6532).

    Raises:
        MailRefused: a header's value could end its line, or there is no way to write the address.
    """
    require_safe(mail)
    sender, to = sender_of(mail), recipient_of(mail, utf8=utf8)
    headers = {
        "Date": str(POLICY.header_factory("Date", datetime.fromtimestamp(at // 1000, UTC))),
        "Message-ID": mail.message_id,
        "From": f"{phrase(sender.name)} <{sender.address}>" if sender.name else sender.address,
        "To": to,
        "Subject": unstructured(mail.subject),
        "Auto-Submitted": "auto-generated",  # RFC 3834: no program answers it
        **mail.headers,
    }
    head = "\r\n".join(folded(name, value) for name, value in headers.items()).encode()
    if not (utf8 or head.isascii()):
        raise MailRefused("a header has letters beyond ASCII that cannot be written otherwise")
    if max(map(len, head.split(b"\r\n"))) > LONGEST:
        raise MailRefused("a header has a word that is longer than a line may be")
    return head + b"\r\n" + _body(mail).as_bytes()


def _body(mail: Mail) -> EmailMessage:
    """Both forms of the words, and the headers that say so."""
    body = EmailMessage(policy=POLICY)
    body.set_content(mail.text)
    body.add_alternative(mail.html, subtype="html")
    for part in body.iter_parts():
        del part["MIME-Version"]
    body.set_boundary(f"={mail.id}")  # no other text has the id, and neither encoding lets "=" stand before it
    return body


def unstructured(words: str) -> str:
    """Free words for a header: as they are when ASCII, else as encoded words."""
    return words if words.isascii() else " ".join(_encoded(words))


def phrase(name: str) -> str:
    """A display name: as it is, in quotes, or as encoded words."""
    return quoted(name) if name.isascii() else " ".join(_encoded(name))


def quoted(name: str) -> str:
    """A display name of any letters, in quotes where it has special signs (RFC 5322, section 3.2.3)."""
    if not SPECIALS & set(name):
        return name
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _encoded(words: str) -> Iterator[str]:
    """Encoded words (RFC 2047), none of which cuts a character in two; the spaces between them are not part of it."""
    taken = b""
    for letter in words:
        raw = letter.encode()
        if len(taken) + len(raw) > WORD_BYTES:
            yield _word(taken)
            taken = b""
        taken += raw
    yield _word(taken)


def _word(raw: bytes) -> str:
    return f"=?utf-8?B?{b64encode(raw).decode()}?="


def folded(name: str, value: str) -> str:
    """A header as its lines, broken at spaces where it is wide; a word that is wider stays whole."""
    lines, line = [], f"{name}:"
    for place, word in enumerate(word for word in value.split(" ") if word):
        if place and len(line) + 1 + len(word) > WIDTH:
            lines.append(line)
            line = ""
        line += f" {word}"
    return "\r\n".join([*lines, line])
