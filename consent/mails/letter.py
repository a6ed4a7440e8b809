"""What a mail is made from, and what comes of it."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from consent.notices import Notice

MailKind = Literal["confirm", "reminder", "already", "welcome", "goodbye", "manage", "change"]


class Links(Struct, frozen=True, kw_only=True):
    """Where a mail leads, as whole addresses."""

    confirm: str | None = None
    """What the button opens of confirm and reminder, and of change (there `/change/…`)."""
    not_me: str | None = None
    unsubscribe: str | None = None
    """Of one list; a mail about several has only the way to all of them."""
    manage: str | None = None
    receipt: str | None = None


class Letter(Struct, frozen=True, kw_only=True):
    """One mail before it has words."""

    kind: MailKind
    language: str
    """The reader's; the site's first stands in for one that the site does not have."""
    site: Notice
    """The notice in force: who writes, in which words, about which lists."""
    lists: tuple[str, ...] = ()
    """Ids; one that the notice does not have any more is not named."""
    links: Links
    until: int | None = None
    """When the link that the button opens stops working."""


class Rendered(Struct, frozen=True, kw_only=True):
    """The mail's words; the subject is one line, lines of the text end with a line feed."""

    subject: str
    text: str
    html: str
