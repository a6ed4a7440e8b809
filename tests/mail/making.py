"""Mails to send."""

from __future__ import annotations

import email
import email.policy
from email.message import EmailMessage
from typing import Any

import msgspec

from consent.mail import Mail

READER = "reader@example.org"
ID = "0198d0c0-1111-7222-8333-444455556666"
MESSAGE_ID = f"<{ID}@news.example.com>"
LONG_LINK = f"<https://consent.example.org/unsubscribe/{'x' * 300}>"

MAIL = Mail(
    id=ID,
    site="miami-new-times",
    sender="Miami New Times <newsletter@news.example.com>",
    to=READER,
    subject="Please confirm",
    text="Press the button:\n.\nhttps://consent.example.org/confirm/abc\n",
    html="<p>Press the button</p>\n",
    message_id=MESSAGE_ID,
)


def mail(**changes: Any) -> Mail:
    """A mail that differs from the usual one in these fields."""
    return msgspec.structs.replace(MAIL, **changes)


def read(data: bytes) -> EmailMessage:
    """The mail as a mail program reads it."""
    message = email.message_from_bytes(data, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    assert message.defects == []
    return message


def words_of(message: EmailMessage, kind: str) -> str:
    """The text or HTML of a mail, with line feeds."""
    part = message.get_body((kind,))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")
