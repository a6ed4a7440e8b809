"""The mails about the console itself, to the publisher's own people: an invitation, and a link to sign in. In English.

Invariant: nothing that a stranger typed appears in one; each has one link, which says how long and where it is good.
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from consent.mails.letter import Rendered
from consent.mails.rendering import DARK_INK, LIGHT_INK, Action, Content, Paragraph, drawn

AccountMail = Literal["invitation", "sign-in"]


class AccountLetter(Struct, frozen=True, kw_only=True):
    """A mail about the console before it has words."""

    kind: AccountMail
    link: str
    host: str
    """Where the console is: what its reader should see in the browser's address line."""
    place: str = ""
    """What an invitation is to, in words: a site's name, or every site."""
    role: str = ""


class _Words(Struct, frozen=True):
    subject: str
    lead: str
    button: str
    after: tuple[str, ...]


WORDS: dict[AccountMail, _Words] = {
    "invitation": _Words(
        "Invitation to the consent console of {place}",
        "You have been invited to the consent console of {place} at {host}, as {role}.",
        "Open the console",
        (
            "The link works once, within 72 hours. After that, sign in at {host}/console with this e-mail address.",
            "If you do not know what this is about, do nothing: nobody gets in without the link.",
        ),
    ),
    "sign-in": _Words(
        "Sign in to the consent console",
        "Somebody asked to sign in to the consent console at {host} with this e-mail address.",
        "Sign in",
        (
            "The link works once, within 15 minutes, and only in the browser where it was asked for.",
            "If that was not you, do nothing: the link is of no use to whoever asked, and is in this mail alone.",
        ),
    ),
}


def render_account(letter: AccountLetter) -> Rendered:
    """The mail."""
    words = WORDS[letter.kind]
    values = {"host": letter.host, "place": letter.place, "role": letter.role}
    return drawn(
        Content(
            language="en",
            direction="ltr",
            site="consent",
            subject=" ".join(words.subject.format(**values).split()),
            lead=_paragraph(words.lead.format(**values)),
            lists=(),
            button=Action(label=words.button, address=letter.link),
            copy="Or copy this address into your browser:",
            after=tuple(_paragraph(each.format(**values)) for each in words.after),
            aside=None,
            footer=(),
            controller="The consent console",
            postal_address=letter.host,
            accent=LIGHT_INK,
            on_accent="#ffffff",
            edge=LIGHT_INK,
            edge_dark=DARK_INK,
        )
    )


def _paragraph(text: str) -> Paragraph:
    return Paragraph(pieces=((text, ""),), text=text)
