"""The groups of fields of a section, and those whose rows may come, go and move: purposes, services, cookies, lists.

Invariant: a group is made of the tables alone; what nobody should wish for is offered only to be taken back.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from msgspec import UNSET

from consent.editing.fields import Field, Option, field, languages, translations
from consent.editing.places import Path, at, named, rows
from consent.editing.spots import keys
from consent.notices import Table

WISHES = ("preset", "double_opt_in")
"""What only an old notice says otherwise: shown where a file has it."""


class Button(NamedTuple):
    """A way to change the rows: what it does (`remove:purposes[1]`), and its words."""

    does: str
    label: str


class Group(NamedTuple):
    """Fields that belong together."""

    title: str
    fields: tuple[Field, ...] = ()
    hint: str = ""
    buttons: tuple[Button, ...] = ()
    link: str = ""
    """The section that has the rest of it."""
    adds: tuple[Option, ...] = ()
    """What the `add` button can add, where that is chosen from a list."""
    path: str = ""
    """Where in the file its fields are."""


def single(raw: Table, path: Path, *without: str) -> tuple[Field, ...]:
    """The fields of all single values of the table at a place."""
    unsaid = [key for key in WISHES if at(raw, (*path, key)) is UNSET]
    return tuple(field(raw, (*path, key)) for key in keys(path) if key not in (*without, *unsaid))


def purposes(raw: Table) -> Iterator[Group]:
    """The purposes, in their order."""
    present = rows(raw, ("purposes",))
    for place in range(len(present)):
        count = len(rows(raw, ("purposes", place, "services")))
        hint = f"{count} service{'' if count == 1 else 's'}"
        buttons = moves("purposes", place, len(present))
        yield Group(title(raw, ("purposes", place)), hint=hint, buttons=buttons, link=f"purposes/{place}")
    yield Group("", buttons=(Button("add:purposes", "Add a purpose"),))


def purpose(raw: Table, path: Path) -> Iterator[Group]:
    """One purpose and its services."""
    yield Group("The purpose", single(raw, path), path=named(path))
    yield Group("Its words", (*translations(raw, (*path, "name")), *translations(raw, (*path, "description"))))
    present = rows(raw, (*path, "services"))
    for place in range(len(present)):
        inner = (*path, "services", place)
        count = len(rows(raw, (*inner, "cookies")))
        hint = f"{at(present[place], ('provider',)) or 'No recipient yet'}; {count} cookie{'' if count == 1 else 's'}"
        buttons = moves(named((*path, "services")), place, len(present))
        link = f"purposes/{path[1]}/services/{place}"
        yield Group(f"Service: {title(raw, inner)}", hint=hint, buttons=buttons, link=link)
    yield Group("", buttons=(Button(f"add:{named((*path, 'services'))}", "Add a service"),))


def service(raw: Table, path: Path) -> Iterator[Group]:
    """One service and its cookies."""
    yield Group("The service", single(raw, path), path=named(path))
    present = rows(raw, (*path, "cookies"))
    for place in range(len(present)):
        inner = (*path, "cookies", place)
        fields = (*single(raw, inner, "about"), *translations(raw, (*inner, "about")))
        buttons = moves(named((*path, "cookies")), place, len(present))
        yield Group(f"Cookie: {title(raw, inner)}", fields, buttons=buttons, path=named(inner))
    yield Group("", buttons=(Button(f"add:{named((*path, 'cookies'))}", "Add a cookie"),))


def newsletter(raw: Table) -> Iterator[Group]:
    """The newsletter, its lists and its prompt."""
    if "newsletter" not in raw:
        yield Group("No newsletter", hint="The site offers none.", buttons=(Button("add:newsletter", "Offer one"),))
        return
    path: Path = ("newsletter",)
    yield Group("Sender", single(raw, path), buttons=(Button("remove:newsletter", "Offer no newsletter"),))
    present = rows(raw, (*path, "lists"))
    for place in range(len(present)):
        inner = (*path, "lists", place)
        fields = (
            *single(raw, inner),
            *translations(raw, (*inner, "name")),
            *translations(raw, (*inner, "description")),
        )
        buttons = moves("newsletter.lists", place, len(present))
        yield Group(f"List: {title(raw, inner)}", fields, buttons=buttons, path=named(inner))
    yield Group("", buttons=(Button("add:newsletter.lists", "Add a list"),))
    yield _prompt(raw, [str(each["id"]) for each in present if isinstance(each, dict) and "id" in each])


def _prompt(raw: Table, lists: list[str]) -> Group:
    path: Path = ("newsletter", "prompt")
    if at(raw, path) is UNSET:
        return Group(
            "No prompt",
            hint="Pages offer no list by themselves.",
            buttons=(Button("add:newsletter.prompt", "Offer lists"),),
        )
    strays = [each for each in rows(raw, (*path, "lists")) if each not in lists]
    offered = field(raw, (*path, "lists"), [Option(each, each) for each in (*lists, *strays)])
    others = single(raw, path, "lists")
    return Group(
        "The prompt", (offered, *others), buttons=(Button("remove:newsletter.prompt", "Offer nothing by itself"),)
    )


def title(raw: Table, path: Path) -> str:
    """What a row is called: by its name in the first language, else its id."""
    name = at(raw, (*path, "name"))
    if isinstance(name, dict):
        name = next((name[tag] for tag in languages(raw) if name.get(tag)), "")
    return str(name) if isinstance(name, str) and name else str(at(raw, (*path, "id")) or "without a name")


def moves(where: str, place: int, count: int) -> tuple[Button, ...]:
    """The buttons of one of so many rows."""
    """The buttons of one of so many rows."""
    row = f"{where}[{place}]"
    up = (Button(f"up:{row}", "Up"),) if place else ()
    down = (Button(f"down:{row}", "Down"),) if place < count - 1 else ()
    return (*up, *down, Button(f"remove:{row}", "Remove"))
