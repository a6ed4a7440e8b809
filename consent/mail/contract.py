"""What every way to send has in common: a mail, a transport, and what a mail must keep to leave at all.

Invariant: no value that becomes a header can end its line or smuggle an encoded word (RFC 2047) that some reader of
the mail would decode into one.
"""

from __future__ import annotations

import re
from typing import NamedTuple, Protocol

import msgspec

from consent import mailboxes
from consent.errors import MailRefused, Refused

# RFC 5322, section 3.6.8: what a header's name is made of. Those of OURS are made from the mail itself.
HEADER_NAME = re.compile(r"[!-9;-~]+")
OURS = frozenset(
    "from to cc bcc sender reply-to subject date message-id mime-version auto-submitted return-path".split()
)
# Every sign that some program takes for the end of a line, and all other controls.
CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
MESSAGE_ID = re.compile(r"<[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+@[A-Za-z0-9.-]+>")


class Mail(msgspec.Struct, frozen=True, kw_only=True):
    """One mail to one reader, rendered. What leaves is the same at every attempt but for its date."""

    id: str
    """The UUID of its row in the outbox: the idempotency key."""
    site: str
    sender: str
    """`Name <address>`, or an address alone."""
    to: str
    subject: str
    text: str
    html: str
    message_id: str
    """`<…@domain>` (RFC 5322), the same at every attempt."""
    headers: dict[str, str] = {}
    """More of them, such as List-Unsubscribe; none that the mail itself is made of."""

    def __repr__(self) -> str:
        """Without address and links: it may end in a log."""
        return f"Mail({self.id})"


class Sender(NamedTuple):
    """Whom a mail is from; no name when there is only the address."""

    name: str
    address: str


class Transport(Protocol):
    """One way to send. Its faults: MailDelayed, MailRefused, AddressRefused (`consent.errors`)."""

    @property
    def supports_utf8(self) -> bool:
        """Whether it can reach an address whose part before the @ is not ASCII (RFC 6531); True while not known."""

    @property
    def leaves(self) -> bool:
        """Whether mails go out to readers: then it is worth asking whether anybody takes them."""

    async def send(self, mail: Mail) -> str:
        """Hands the mail over; gives the id that the other side knows it by. Sending it again may repeat it, with the
        same Message-ID and, where there is such a thing, the same idempotency key.
        """

    async def check(self) -> str:
        """Says in words how mails leave, once it was seen to be possible.

        Raises:
            MailFault: it is not.
        """

    async def close(self) -> None: ...


def sender_of(mail: Mail) -> Sender:
    """The two parts of the mail's sender."""
    name, _, address = mail.sender.rpartition("<")
    return Sender(name.strip(), address.removesuffix(">"))


def recipient_of(mail: Mail, *, utf8: bool) -> str:
    """The address to give to a server: in ASCII where it has such a form.

    Raises:
        MailRefused: it has none, and this way of sending can only do ASCII (`utf8`); or it is no address.
    """
    try:
        mailbox = mailboxes.parse(mail.to)
    except Refused:
        raise MailRefused("what should be the reader's address is none") from None
    if mailbox.ascii is None and not utf8:
        raise MailRefused("the mail server cannot reach addresses with letters beyond ASCII before the @ (SMTPUTF8)")
    return mailbox.ascii or mailbox.address


def require_safe(mail: Mail) -> None:
    """Returns when the mail's headers are only what they are meant to be.

    Raises:
        MailRefused: a value holds a control or an encoded word, or a header is not one that may be given.
    """
    named = {"From": mail.sender, "To": mail.to, "Subject": mail.subject, "Message-ID": mail.message_id}
    for name, value in (named | mail.headers).items():
        if CONTROLS.search(value) or "=?" in value:
            raise MailRefused(f"the value of {name[:40]!r} has a line end, a control or an encoded word in it")
    for name in mail.headers:
        if not HEADER_NAME.fullmatch(name) or name.lower() in OURS or name.lower().startswith("content-"):
            raise MailRefused(f"{name[:40]!r} is no header that may be added to a mail")
    if not MESSAGE_ID.fullmatch(mail.message_id):
        raise MailRefused("the Message-ID is none")
