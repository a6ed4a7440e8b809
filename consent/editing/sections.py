"""The sections of the editor: which fields each shows of a site file's tables, and in which groups.

A section's name is part of its address: `site`, `languages`, `purposes`, `purposes/1`, `purposes/1/services/0`,
`newsletter`, `texts/es`, `look`, `regimes`, `advanced`.

Invariant: every value that a site file may have is in exactly one section (a test walks a file that has all of them).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from consent.editing import groups, labels
from consent.editing.fields import Field, Option, field, languages
from consent.editing.groups import Button, Group, single
from consent.editing.places import Path, at, table
from consent.errors import Unknown
from consent.notices import Table, packaged_words
from consent.notices.catalogue import measure


class Section(NamedTuple):
    """A page of the editor."""

    name: str
    title: str
    groups: tuple[Group, ...]

    @property
    def fields(self) -> tuple[Field, ...]:
        """All its fields."""
        return tuple(one for group in self.groups for one in group.fields)


SHORT = 60  # characters of English words that fit one line
TITLES = {
    "site": "Site and controller",
    "languages": "Languages",
    "purposes": "Purposes",
    "texts": "Words",
    "look": "Look",
    "regimes": "Regimes and lifetimes",
    "newsletter": "Newsletter",
    "advanced": "Advanced",
}


def section(raw: Table, name: str) -> Section:
    """The section of that name.

    Raises:
        Unknown: there is none, or none any more.
    """
    head, *rest = name.split("/")
    places = _places(rest)
    if head not in TITLES or places is None:
        raise Unknown("there is no such section of the editor")
    if head == "purposes" and len(places) in (2, 4):
        return _row(raw, name, places)
    if head == "texts" and len(rest) == 1:
        tag = rest[0]
        return Section(name, f"Words in {labels.language(tag)}", tuple(_texts(raw, tag)))
    if rest:
        raise Unknown("there is no such section of the editor")
    return Section(name, TITLES[head], tuple(_MADE[head](raw)))


def of_place(where: str) -> str:
    """The section that shows the place of a fault."""
    steps = where.replace("[", ".").replace("]", "").split(".")
    match steps:
        case ["purposes", at, "services", inner, *_] if at.isdecimal() and inner.isdecimal():
            return f"purposes/{at}/services/{inner}"
        case ["purposes", at, *_] if at.isdecimal():
            return f"purposes/{at}"
        case ["texts", tag, *_]:
            return f"texts/{tag}"
        case ["theme", *_]:
            return "look"
        case ["consent", "regime" | "expires_days" | "refusal_days" | "close" | "children", *_] | ["notice", *_]:
            return "regimes"
        case [("languages" | "purposes" | "newsletter" | "texts") as head, *_]:
            return head
        case ["id" | "name" | "origins" | "controller" | "", *_]:
            return "site"
    return "advanced"


def _places(rest: list[str]) -> Path | None:
    """`1/services/0` as steps; None for what is none. Words are `texts`' own matter."""
    match rest:
        case [at] if at.isdecimal() and len(at) < 5:
            return ("purposes", int(at))
        case [at, "services", inner] if at.isdecimal() and inner.isdecimal() and len(at + inner) < 8:
            return ("purposes", int(at), "services", int(inner))
        case [] | [_]:
            return ()
    return None


def _site(raw: Table) -> Iterator[Group]:
    yield Group("The site", (field(raw, ("name",)), field(raw, ("origins",))))
    yield Group("Who answers for it", single(raw, ("controller",)), "The controller: the legal entity behind the site.")


def _languages(raw: Table) -> Iterator[Group]:
    present = languages(raw)
    for place, tag in enumerate(present):
        buttons = groups.moves("languages", place, len(present))
        without = "" if packaged_words(tag) else "No words come with the service for it: write all of them."
        first = "The first one is shown where none fits." if place == 0 else ""
        yield Group(f"{labels.language(tag)} ({tag})", hint=first or without, buttons=buttons, link=f"texts/{tag}")
    left = tuple(Option(tag, labels.language(tag)) for tag in labels.LANGUAGES if tag not in present)
    yield Group("Another language", adds=left, buttons=(Button("add:languages", "Add the language"),))


def _row(raw: Table, name: str, path: Path) -> Section:
    if not isinstance(at(raw, path), dict):
        raise Unknown("there is no such purpose or service in this draft any more")
    found = groups.service(raw, path) if "services" in path else groups.purpose(raw, path)
    return Section(name, groups.title(raw, path), tuple(found))


def _words(raw: Table) -> Iterator[Group]:
    for tag in dict.fromkeys((*languages(raw), *table(raw, ("texts",)))):
        own = sum(len(each) for each in table(raw, ("texts", tag)).values() if isinstance(each, dict))
        hint = (
            f"{own} of your own"
            if own
            else "The usual words"
            if packaged_words(tag)
            else "None yet: all are yours to write"
        )
        yield Group(labels.language(tag), hint=hint, link=f"texts/{tag}")


def _texts(raw: Table, tag: str) -> Iterator[Group]:
    """Every word there is, the site's own in the box and the usual one beside it."""
    ours = packaged_words(tag)
    known = measure(newsletter="newsletter" in raw)
    written = table(raw, ("texts", tag))
    for part in dict.fromkeys((*known, *(name for name in written if name in measure()))):
        english = measure()[part]
        yield Group(
            labels.sentence(part),
            tuple(
                field(
                    raw,
                    ("texts", tag, part, key),
                    language=tag,
                    label=labels.sentence(key),
                    hint=english[key],
                    kind="prose" if len(english[key]) > SHORT else "line",
                    placeholder=ours.get(part, {}).get(key, ""),
                )
                for key in english
            ),
            path=f"texts.{tag}.{part}",
        )


def _look(raw: Table) -> Iterator[Group]:
    yield Group("", single(raw, ("theme",)))


def _regimes(raw: Table) -> Iterator[Group]:
    asked = ("regime", "close", "expires_days", "refusal_days", "children")
    yield Group("", tuple(field(raw, ("consent", key)) for key in asked))
    if "notice" in raw:
        hint = "What the old notice did, as the file has it. None of it is published: choose what this notice does."
        yield Group("Wishes of an old notice", single(raw, ("notice",)), hint)


def _advanced(raw: Table) -> Iterator[Group]:
    cookie = ("cookie_domain", "cookie_from", "reload", "together")
    yield Group("The choice’s cookie", tuple(field(raw, ("consent", key)) for key in cookie))
    yield Group("What records keep", single(raw, ("records",)))
    yield Group("How long data is kept", single(raw, ("retention",)))
    yield Group("Tools that are told what was decided", single(raw, ("signals",)))


_MADE: dict[str, Callable[[Table], Iterator[Group]]] = {
    "site": _site,
    "languages": _languages,
    "purposes": groups.purposes,
    "newsletter": groups.newsletter,
    "texts": _words,
    "look": _look,
    "regimes": _regimes,
    "advanced": _advanced,
}
