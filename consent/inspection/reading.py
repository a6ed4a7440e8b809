"""From HTML to the elements that matter here, with where they stand.

A reader of tags alone, after the WHATWG's tokenizer: it goes through the text once, forwards. The standard library's
goes back at each tag that does not end, and takes hours for a page that somebody made so.

Invariant: never raises, however broken the HTML is; the time is in proportion to its length.
"""

from __future__ import annotations

import html as entities
import re
from collections.abc import Iterator, Mapping

import msgspec

HELD = frozenset({"template", "noscript", "svg", "head"})
DEEPEST = 32
"""Levels of `HELD` that are told apart."""
RAW = frozenset({"script", "style", "textarea", "title", "xmp", "iframe", "noembed", "noframes"})
"""What these hold is text, up to their own end tag."""

_NAME = re.compile(r"[A-Za-z][^\s/>]*")
_BLANK = re.compile(r"[\s/]*")
_KEY = re.compile(r"[^\s/>][^\s/>=]*")
_BEFORE_VALUE = re.compile(r"\s*=\s*")
_BARE = re.compile(r"[^\s>]*")


class Element(msgspec.Struct, frozen=True, kw_only=True):
    """An element's start tag, and of a script its text."""

    tag: str
    attributes: Mapping[str, str]
    """By lower-case name; the first of two with one name, as browsers take it."""
    line: int
    within: frozenset[str]
    """Which of `HELD` it stands in."""
    gate: str = ""
    """The `data-purpose` of the template that it stands in."""
    text: str = ""

    def __getitem__(self, name: str) -> str:
        """The attribute's value, or nothing."""
        return self.attributes.get(name, "").strip()

    def __contains__(self, name: str) -> bool:
        """Whether it has the attribute."""
        return name in self.attributes


class _Tag(msgspec.Struct, frozen=True):
    """A start tag, or an end tag without attributes; `end` is the place after it."""

    name: str
    attributes: Mapping[str, str]
    is_end: bool
    start: int
    end: int


def read(html: str) -> list[Element]:
    """The page's elements, in order."""
    found: list[Element] = []
    stands = [("", frozenset[str](), "")]
    """What it stands in, the outermost first: the name, with all those further out, and the gate of the template."""
    line, counted = 1, 0
    for tag, text in _tags(html):
        if tag.is_end:
            _leave(stands, tag.name)
            continue
        line, counted = line + html.count("\n", counted, tag.start), tag.start
        _, within, gate = stands[-1]
        found.append(Element(tag=tag.name, attributes=tag.attributes, line=line, within=within, gate=gate, text=text))
        if tag.name in HELD and len(stands) <= DEEPEST:
            inner = tag.attributes.get("data-purpose", "") if tag.name == "template" else ""
            stands.append((tag.name, within | {tag.name}, inner or gate))
    return found


def _leave(stands: list[tuple[str, frozenset[str], str]], name: str) -> None:
    for place in range(len(stands) - 1, 0, -1):
        if stands[place][0] == name:
            del stands[place:]
            return


def _tags(html: str) -> Iterator[tuple[_Tag, str]]:
    """Each tag with the text that it holds, if it is one that holds only text."""
    at = html.find("<")
    while at >= 0:
        if html.startswith("<!--", at):
            end = html.find("-->", at + 4)
            at = html.find("<", end) if end >= 0 else -1
            continue
        if html[at + 1 : at + 2] in ("!", "?"):
            end = html.find(">", at)
            at = html.find("<", end) if end >= 0 else -1
            continue
        tag = _tag(html, at)
        if tag is None:  # no tag at all, or the text ends inside of it
            at = html.find("<", at + 1) if not _NAME.match(html, at + 1 + html.startswith("</", at)) else -1
            continue
        text, end = _raw(html, tag)
        yield tag, text
        at = html.find("<", end)


def _raw(html: str, tag: _Tag) -> tuple[str, int]:
    """The text up to the tag's own end, of those that hold text alone."""
    if tag.is_end or tag.name not in RAW:
        return "", tag.end
    closing = re.compile(rf"</{tag.name}(?=[\s/>])", re.IGNORECASE).search(html, tag.end)
    end = closing.start() if closing else len(html)
    return html[tag.end : end], end


def _tag(html: str, at: int) -> _Tag | None:
    """The tag that begins here; None when there is none that ends."""
    is_end = html.startswith("</", at)
    name = _NAME.match(html, at + 1 + is_end)
    if name is None:
        return None
    attributes: dict[str, str] = {}
    place = _blank(html, name.end())
    while place < len(html) and html[place] != ">":
        key = _KEY.match(html, place)
        if key is None:
            return None
        value, place = _value(html, key.end())
        if place < 0:
            return None
        attributes.setdefault(key[0].lower(), value)
        place = _blank(html, place)
    if place >= len(html):
        return None
    return _Tag(name[0].lower(), {} if is_end else attributes, is_end, at, place + 1)


def _blank(html: str, at: int) -> int:
    found = _BLANK.match(html, at)
    return found.end() if found else at


def _value(html: str, at: int) -> tuple[str, int]:
    """An attribute's value and the place after it; -1 when its quotation never ends."""
    begins = _BEFORE_VALUE.match(html, at)
    if begins is None:
        return "", at
    start = begins.end()
    quote = html[start : start + 1]
    if quote in ('"', "'"):
        end = html.find(quote, start + 1)
        return (entities.unescape(html[start + 1 : end]), end + 1) if end >= 0 else ("", -1)
    bare = _BARE.match(html, start)
    return (entities.unescape(bare[0]), bare.end()) if bare else ("", start)
