"""One field of a form for one place in a site file: what kind of box, its label and hint, what stands in it.

The kinds, limits, hints and choices come from the site file's own structs, so that a form offers what a file may say.

Invariant: `read` undoes `field`: a form that is sent as it was shown changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

from msgspec import UNSET, Struct, inspect
from msgspec.structs import replace

from consent.editing import labels
from consent.editing.places import Path, at, named, put
from consent.editing.spots import Spot, single, spot
from consent.notices import Table
from consent.notices.fitting import bare

Kind = Literal["line", "prose", "number", "choice", "flag", "lines", "several", "colour"]
LONG = 400  # characters; longer texts get a box of several rows


class Option(NamedTuple):
    """One thing to choose."""

    value: str
    label: str


class Field(Struct, frozen=True, kw_only=True):
    """A box of a form."""

    path: Path
    kind: Kind
    label: str
    hint: str
    value: Any
    """Text for most kinds, a bool for a flag, a list of texts for `lines` and `several`."""
    options: tuple[Option, ...] = ()
    most: int | None = None
    """Characters, or the largest number."""
    least: int | None = None
    placeholder: str = ""
    language: str = ""
    is_optional: bool = False
    """It may be left empty, and then nothing stands in its place."""

    @property
    def name(self) -> str:
        """The place as faults name it."""
        return named(self.path)


def field(raw: Table, path: Path, options: Sequence[Option] = (), **more: Any) -> Field:
    """The field for a place of these tables; `options` where the structs do not know what there is to choose."""
    place = spot(path)
    kind, shape = _kind(place, path, options), single(place.shape)
    found = at(raw, path)
    value = _shown(place.default if found is UNSET else found, kind)
    usual: dict[str, Any] = {
        "kind": kind,
        "label": labels.of(path),
        "hint": _hint(place, path),
        "options": tuple(options) or _options(shape, str(path[-1])),
        "most": getattr(shape, "max_length", None) or getattr(shape, "le", None),
        "least": getattr(shape, "ge", None),
        "placeholder": _example(place),
        "is_optional": place.default is UNSET and not place.is_needed,
    }
    return Field(path=path, value=value, **(usual | more))


def read(raw: Table, shown: Sequence[Field], sent: Sequence[tuple[str, str]]) -> Table:
    """The tables with what a form says; what it does not mention stays as it is."""
    values: dict[str, list[str]] = {}
    for name, value in sent:
        values.setdefault(name, []).append(value)
    for one in shown:
        if one.name in values:
            new = _read(one, values[one.name])
            raw = raw if new == one.value else _put(raw, one.path, new)
    return raw


def _read(one: Field, values: list[str]) -> Any:
    match one.kind:
        case "flag":
            return values[-1] == "yes"
        case "several":
            kept = [value for value in one.value if value in values]
            return [*kept, *(value for value in values if value and value not in kept)]
        case "lines":
            return [line.strip() for line in values[-1].splitlines() if line.strip()]
        case _:
            return " ".join(values[-1].split("\n")).replace("\r", "").strip()


def _put(raw: Table, path: Path, value: Any) -> Table:
    """What is empty is taken out; whole numbers are numbers."""
    if path[-2:-1] == ("about",):
        return _put_about(raw, path, value)
    if isinstance(bare(spot(path).shape), inspect.IntType) and value.isascii() and value.isdecimal() and len(value) < 7:
        value = int(value)
    changed: Table = put(raw, path, UNSET if value in ("", []) else value)
    return changed


def _put_about(raw: Table, path: Path, value: str) -> Table:
    """A cookie's words: a line alone stands for the first language, so that a site need not translate them."""
    place, language = path[:-1], str(path[-1])
    first = next(iter(languages(raw)), "")
    now = at(raw, place)
    words = {first: now} if isinstance(now, str) else dict(now) if isinstance(now, dict) else {}
    words = {key: each for key, each in ({**words, language: value}).items() if each}
    new = words[first] if list(words) == [first] else words or UNSET
    changed: Table = put(raw, place, new)
    return changed


def languages(raw: Table) -> list[str]:
    """The site's languages, as far as they can be told."""
    tags = at(raw, ("languages",))
    return [tag for tag in tags if isinstance(tag, str)] if isinstance(tags, list) else []


def translations(raw: Table, path: Path, **more: Any) -> list[Field]:
    """A field for each language of the site, and for each other one that words stand in."""
    found = at(raw, path)
    tags = languages(raw)
    if isinstance(found, str):
        raw = put(raw, path, {tags[0] if tags else "en": found})
    words = found if isinstance(found, dict) else {}
    every = dict.fromkeys((*tags, *words))
    label, hint = labels.of(path), labels.HINTS.get(str(path[-1]))
    more = more if hint is None else {"hint": hint, **more}
    shown = (labels.language(tag) for tag in every)
    made = [
        field(raw, (*path, tag), language=tag, label=f"{label}, {name}" if len(every) > 1 else label, **more)
        for tag, name in zip(every, shown, strict=True)
    ]
    # What it is for is said once.
    return [one if at_ == 0 else replace(one, hint="") for at_, one in enumerate(made)]


def _kind(place: Spot, path: Path, options: Sequence[Option]) -> Kind:
    match single(place.shape):
        case inspect.BoolType():
            return "flag"
        case inspect.IntType():
            return "number"
        case inspect.LiteralType():
            return "choice"
        case inspect.VarTupleType(item_type=item):
            return "several" if options or isinstance(bare(item), inspect.LiteralType) else "lines"
        case inspect.StrType(max_length=most) if path[-1] != "accent":
            return "prose" if (most or 0) > LONG and path[-1] not in PLAIN else "choice" if options else "line"
    return "colour"


PLAIN = ("privacy_policy", "cookie_policy", "postal_address")


def _options(shape: inspect.Type, key: str) -> tuple[Option, ...]:
    if isinstance(shape, inspect.VarTupleType):
        shape = bare(shape.item_type)
    if not isinstance(shape, inspect.LiteralType):
        return ()
    return tuple(Option(str(value), labels.choice(key, str(value))) for value in shape.values)


def _shown(value: Any, kind: Kind) -> Any:
    if kind == "flag":
        return value is True
    if kind in ("lines", "several"):
        return [str(each) for each in value] if isinstance(value, list | tuple) else []
    return "" if value is UNSET or isinstance(value, dict | list) else str(value)


def _hint(place: Spot, path: Path) -> str:
    """What the structs say to who writes a file, unless a form says it otherwise or the label says the same."""
    hint = labels.HINTS.get(str(path[-1]), str(place.about.get("description", "")))
    return "" if hint.removesuffix(".") == labels.of(path) else hint


def _example(place: Spot) -> str:
    examples = place.about.get("examples") or ()
    return f"such as {examples[0]}" if examples and isinstance(single(place.shape), inspect.StrType) else ""
