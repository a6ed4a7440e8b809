"""The mails that readers get, and those about the console, as text and as HTML. Pure: a letter in, its words out.

Invariant: nothing that a stranger typed appears in a mail, and nothing in it is loaded from anywhere: no picture, no
tracking, no font. It stands on the site's own words, name, accent and postal address.
"""

from consent.mails.accounts import AccountLetter, AccountMail, render_account
from consent.mails.letter import Letter, Links, MailKind, Rendered
from consent.mails.rendering import render

__all__ = ["AccountLetter", "AccountMail", "Letter", "Links", "MailKind", "Rendered", "render", "render_account"]
