"""A letter's words: which ones each kind has, and in which order.

Invariant: text and HTML come of one `Content`, so that they say the same; what the notice's author wrote is escaped.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Literal

from msgspec import UNSET, Struct

from consent.mails.letter import Letter, MailKind, Rendered
from consent.notices import MailingList, Newsletter, Spoken, faint_on, ink_on, spoken

if TYPE_CHECKING:
    from jinja2 import Environment

LIGHT_INK, DARK_INK = "#1d1c1a", "#eceae4"
Target = Literal["confirm", "not_me", "unsubscribe", "manage", "receipt"]


class Form(Struct, frozen=True):
    """What a kind of mail consists of, by the keys of its words."""

    subject: str
    text: str
    button: tuple[str, Target] | None = None
    after: tuple[str, ...] = ()
    """Below the lists and the button; one that names a date only where there is one."""
    aside: tuple[str, str, Target] | None = None
    """What else may be done, where the letter has the link for it: somebody else asked, or it was a mistake."""
    footer: tuple[Target, ...] = ()
    names_lists: bool = True


CONFIRM: tuple[str, Target] = ("confirm_button", "confirm")
NOT_ME: tuple[str, str, Target] = ("not_me", "not_me_link", "not_me")
FORMS: dict[MailKind, Form] = {
    "confirm": Form("confirm_subject", "confirm_text", CONFIRM, ("confirm_until",), NOT_ME),
    "reminder": Form("reminder_subject", "reminder_text", CONFIRM, ("confirm_until",), NOT_ME),
    "already": Form("already_subject", "already_text", None, ("already_hint",), footer=("manage", "unsubscribe")),
    "welcome": Form(
        "welcome_subject", "welcome_text", None, ("welcome_tip",), footer=("manage", "unsubscribe", "receipt")
    ),
    "goodbye": Form("goodbye_subject", "goodbye_text", aside=("goodbye_hint", "manage", "manage"), footer=("receipt",)),
    "manage": Form(
        "manage_subject", "manage_text", ("manage_button", "manage"), ("manage_until", "not_asked"), names_lists=False
    ),
    "change": Form(
        "change_subject", "change_text", ("change_button", "confirm"), ("link_until", "not_asked"), names_lists=False
    ),
}
DATED = frozenset({"confirm_until", "manage_until", "link_until"})
"""Words that are left out where the link has no end."""


class Action(Struct, frozen=True, kw_only=True):
    """A link with its words."""

    label: str
    address: str


class Named(Struct, frozen=True, kw_only=True):
    """A list as its readers know it."""

    name: str
    description: str


class Paragraph(Struct, frozen=True, kw_only=True):
    """Words in pieces: each with what is filled in behind it, a name that may run the other way."""

    pieces: tuple[tuple[str, str], ...]
    text: str


class Content(Struct, frozen=True, kw_only=True):
    """All that a mail says, in order."""

    language: str
    direction: str
    site: str
    subject: str
    lead: Paragraph
    lists: tuple[Named, ...]
    button: Action | None
    copy: str
    after: tuple[Paragraph, ...]
    aside: tuple[Paragraph, Action] | None
    footer: tuple[Action, ...]
    controller: str
    postal_address: str
    accent: str
    on_accent: str
    edge: str
    edge_dark: str
    """The button's, in both schemes: the accent, or the ink where that can hardly be seen."""

    @property
    def start(self) -> str:
        """Which side lines begin at, for clients that know no `start`."""
        return "right" if self.direction == "rtl" else "left"


def render(letter: Letter) -> Rendered:
    """The mail.

    Raises:
        ValueError: the site has no newsletter, or the letter lacks the link that its button opens.
    """
    return drawn(_content(letter))


def drawn(content: Content) -> Rendered:
    """What a mail says, as text and as HTML."""
    text, html = (_environment().get_template(f"letter.{form}").render(mail=content) for form in ("txt", "html"))
    return Rendered(subject=content.subject, text=text, html=html)


def _content(letter: Letter) -> Content:
    notice, form = letter.site, FORMS[letter.kind]
    newsletter = notice.newsletter
    if newsletter is UNSET:
        raise ValueError("a site without a newsletter sends no mails")
    words = spoken(notice, "letters", letter.language)
    values = _values(letter, newsletter, words)
    return Content(
        language=words.language,
        direction=words.direction,
        site=notice.name,
        subject=" ".join(words(form.subject, site=notice.name).splitlines()),
        lead=_paragraph(words, form.text, values),
        lists=tuple(_named(newsletter.lists, letter.lists, words.language)) if form.names_lists else (),
        button=_button(letter, form, words),
        copy=words("link_copy"),
        after=tuple(_paragraph(words, key, values) for key in form.after if key not in DATED or letter.until),
        aside=_aside(letter, form, words, values),
        footer=tuple(_footer(letter, form, words)),
        controller=notice.controller.name,
        postal_address=newsletter.postal_address,
        accent=notice.look.accent,
        on_accent=ink_on(notice.look.accent),
        edge=_edge(notice.look.accent, "light", LIGHT_INK),
        edge_dark=_edge(notice.look.accent, "dark", DARK_INK),
    )


def _edge(accent: str, scheme: str, ink: str) -> str:
    return ink if scheme in faint_on(accent) else accent


def _values(letter: Letter, newsletter: Newsletter, words: Spoken) -> dict[str, str]:
    values = {"site": letter.site.name, "sender": newsletter.sender.rpartition("<")[2].removesuffix(">")}
    if letter.until is not None:
        values["date"] = words.day(letter.until)
    return values


def _paragraph(words: Spoken, key: str, values: dict[str, str]) -> Paragraph:
    pieces = tuple((text, values.get(name, "")) for text, name in words.pieces(key))
    return Paragraph(pieces=pieces, text=words.plain(key, **values))


def _named(lists: tuple[MailingList, ...], wanted: tuple[str, ...], language: str) -> list[Named]:
    """The lists in the notice's order."""
    found = [each for each in lists if each.id in wanted]
    return [Named(name=each.name[language], description=each.description[language]) for each in found]


def _button(letter: Letter, form: Form, words: Spoken) -> Action | None:
    if form.button is None:
        return None
    label, target = form.button
    address = getattr(letter.links, target)
    if address is None:
        raise ValueError(f"a mail of the kind {letter.kind} needs the link {target}")
    return Action(label=words(label), address=address)


def _aside(letter: Letter, form: Form, words: Spoken, values: dict[str, str]) -> tuple[Paragraph, Action] | None:
    if form.aside is None:
        return None
    key, label, target = form.aside
    address = getattr(letter.links, target)
    return (_paragraph(words, key, values), Action(label=words(label), address=address)) if address else None


def _footer(letter: Letter, form: Form, words: Spoken) -> list[Action]:
    linked = [(words(target), getattr(letter.links, target)) for target in form.footer]
    policy = (words.of("notice")("privacy_policy"), letter.site.controller.privacy_policy)
    return [Action(label=label, address=address) for label, address in (*linked, policy) if address]


@cache
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape  # only once a mail is made

    return Environment(
        loader=PackageLoader("consent.mails"),
        autoescape=select_autoescape(("html",)),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
