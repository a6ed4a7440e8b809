"""What is to be said of a page: each rule looks at the elements and says what is right, odd or wrong.

Invariant: a rule says nothing of what it cannot see: what a tag container loads, what a script adds later.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Literal
from urllib.parse import urlsplit

import msgspec

from consent.inspection import tools
from consent.inspection.reading import Element, read
from consent.notices import Notice

Level = Literal["good", "warn", "bad"]
LATE = {"iframe": "src", "img": "src", "link": "href", "object": "data", "embed": "src", "video": "src", "audio": "src"}
FOLLOWED = ("stylesheet", "preload", "modulepreload", "prefetch")
WORST: tuple[Level, ...] = ("bad", "warn", "good")


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """What the page is held against."""

    site: str
    url: str
    """The service's public address."""
    notice: Notice
    partners: frozenset[str] = frozenset()
    """Origins of the site itself: what comes from there is its own."""


class Remark(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to say of the page."""

    level: Level
    about: Literal["tag", "gates", "way back", "newsletter", "policy", "traces"]
    words: str
    mend: str = ""
    line: int | None = None


class Inspection(msgspec.Struct, frozen=True, kw_only=True):
    """All that is to be said, the worst first."""

    remarks: tuple[Remark, ...]
    held: int
    """How many elements are held back for a purpose."""

    @property
    def level(self) -> Level:
        """The worst of them."""
        return next((level for level in WORST if any(one.level == level for one in self.remarks)), "good")


Rule = Callable[[Sequence[Element], Terms], Iterator[Remark]]


def inspect(html: str, terms: Terms) -> Inspection:
    """What the rules say of the page."""
    elements = read(html)
    said = [remark for rule in RULES for remark in rule(elements, terms)]
    held = sum(1 for one in elements if one["data-purpose"])
    return Inspection(remarks=tuple(sorted(said, key=lambda one: WORST.index(one.level))), held=held)


def _loads_us(element: Element, terms: Terms) -> bool:
    name = urlsplit(element["src"]).path.rpartition("/w/")[2]
    return element.tag == "script" and name.partition("@")[0] in {f"{terms.site}{end}" for end in ("", ".js", ".mjs")}


def the_tag(elements: Sequence[Element], terms: Terms) -> Iterator[Remark]:
    """The loader's tag is there, once, from this service, and early."""
    own = f'<script src="{terms.url}/w/{terms.site}.js" async></script>'
    found = [one for one in elements if _loads_us(one, terms) and "template" not in one.within]
    if not found:
        mend = f"Put this into the <head> of every page: {own}"
        yield Remark(level="bad", about="tag", words="The widget's tag is not on this page.", mend=mend)
        return
    first = found[0]
    if not first["src"].startswith((f"{terms.url}/", f"{terms.url.partition(':')[2]}/")):
        host = urlsplit(first["src"]).netloc or "the page itself"
        words = f"The tag loads the widget from {host}, not from this service."
        yield Remark(level="bad", about="tag", words=words, mend=f"Write {own}", line=first.line)
    elif first["data-purpose"] or first.gate or first["type"] == "text/plain":
        words = "The tag itself is held back: nobody would ever be asked."
        yield Remark(level="bad", about="tag", words=words, mend=f"Write {own}", line=first.line)
    else:
        yield Remark(level="good", about="tag", words="The widget's tag is there.", line=first.line)
    if "head" not in first.within:
        words = "The tag stands outside <head>: what comes before it may have run already."
        yield Remark(
            level="warn", about="tag", words=words, mend="Move it into <head>, before other scripts.", line=first.line
        )
    for again in found[1:]:
        words = "The tag is there twice; the second does nothing."
        yield Remark(level="warn", about="tag", words=words, mend="Take one away.", line=again.line)


def not_held(elements: Sequence[Element], terms: Terms) -> Iterator[Remark]:
    """A known tool that runs without waiting for anybody's choice."""
    for one in elements:
        name = _runs_at_once(one)
        if name and not _is_own(one, terms):
            example = _held_example(one, terms)
            yield Remark(
                level="bad",
                about="gates",
                words=f"{name} loads before anybody was asked.",
                mend=f"Hold it back: {example}",
                line=one.line,
            )


def _runs_at_once(one: Element) -> str:
    """Whose it is, when it runs as soon as the page is read."""
    if one.gate or "template" in one.within or one["data-purpose"]:
        return ""
    if one.tag == "script":
        is_inert = one["type"].lower() not in ("", "module", "text/javascript", "application/javascript")
        return "" if is_inert else tools.by_address(one["src"]) if one["src"] else tools.by_words(one.text)
    if one.tag == "link" and not any(word in one["rel"].lower().split() for word in FOLLOWED):
        return ""
    return tools.by_address(one[LATE[one.tag]]) if one.tag in LATE else ""


def _is_own(one: Element, terms: Terms) -> bool:
    parts = urlsplit(one["src"] or one["href"])
    return f"{parts.scheme}://{parts.netloc}" in terms.partners


def _held_example(one: Element, terms: Terms) -> str:
    purpose = next((each.id for each in terms.notice.purposes if not each.required), "analytics")
    if "noscript" in one.within:
        return "take it out: without scripts nobody can be asked, so it would count everybody"
    if one.tag == "script":
        return f'<script type="text/plain" data-purpose="{purpose}" …>'
    return f'<{one.tag} data-purpose="{purpose}" data-{LATE[one.tag]}="…">'


def held(elements: Sequence[Element], terms: Terms) -> Iterator[Remark]:
    """What is held back is held rightly: for a purpose of the notice, and so that it cannot run before."""
    purposes = {each.id: each for each in terms.notice.purposes}
    services = {service.id for each in terms.notice.purposes for service in each.services}
    gates = [one for one in elements if "data-purpose" in one]
    wrong = 0
    for one in gates:
        for remark in _of_gate(one, purposes, services):
            wrong += 1
            yield remark
    if gates and not wrong:
        yield Remark(level="good", about="gates", words=f"{_many(len(gates), 'element')} held back, rightly.")
    elif not gates:
        words = "Nothing on this page waits for a choice. That is right only if the page loads nothing optional."
        mend = "See “What waits for a choice” on the page Install."
        yield Remark(level="warn", about="gates", words=words, mend=mend)


def _of_gate(one: Element, purposes: Collection[str], services: Collection[str]) -> Iterator[Remark]:
    purpose, service = one["data-purpose"].removeprefix("!"), one["data-service"]

    def bad(words: str, mend: str) -> Remark:
        return Remark(level="bad", about="gates", words=words, mend=mend, line=one.line)

    if purpose not in purposes:
        words = f'data-purpose="{purpose[:64]}" is no purpose of the notice: it never opens.'
        yield bad(words, f"The notice has: {', '.join(sorted(purposes))}.")
    if service and service not in services:
        words = f'data-service="{service[:64]}" is no service of the notice: it never opens.'
        yield bad(words, f"The notice has: {', '.join(sorted(services))}.")
    if one.tag == "script" and one["type"].lower() != "text/plain":
        yield bad("This script runs at once, whatever its data-purpose says.", 'Add type="text/plain".')
    late = LATE.get(one.tag, "")
    if late and one[late]:
        yield bad(f"This <{one.tag}> loads at once: its address is in {late}.", f"Write data-{late} instead of {late}.")


def way_back(elements: Sequence[Element], terms: Terms) -> Iterator[Remark]:
    """A visitor can take back what was given, from this page."""
    found = next((one for one in elements if "data-consent-open" in one), None)
    if found is not None:
        yield Remark(level="good", about="way back", words="The page has a way back to the settings.", line=found.line)
    elif terms.notice.look.reopen:
        words = "The page has no link to the settings of its own: the widget's button stands in for it."
        mend = 'A link in the footer is found more easily: <a href="#" data-consent-open>Cookie settings</a>'
        yield Remark(level="good", about="way back", words=words, mend=mend)
    else:
        words = "There is no way back: no link on the page, and the widget's button is switched off."
        mend = 'Add <a href="#" data-consent-open>Cookie settings</a>, or set theme.reopen = true.'
        yield Remark(level="bad", about="way back", words=words, mend=mend)


def newsletters(elements: Sequence[Element], terms: Terms) -> Iterator[Remark]:
    """Places for the newsletter's form name lists that there are."""
    offered = terms.notice.newsletter
    known = {each.id for each in offered.lists} if offered is not msgspec.UNSET else set()
    for one in elements:
        for name in one["data-newsletter"].replace(",", " ").split():
            if name not in known:
                mend = f"The site has: {', '.join(sorted(known))}." if known else "Add the list to the notice first."
                words = f"data-newsletter names “{name[:64]}”, which is no list of this site."
                yield Remark(level="bad", about="newsletter", words=words, mend=mend, line=one.line)


def policy(elements: Sequence[Element], terms: Terms) -> Iterator[Remark]:
    """A content policy in the page lets the widget load and speak."""
    for one in elements:
        if one.tag != "meta" or one["http-equiv"].lower() != "content-security-policy":
            continue
        rules = {part[0].lower(): part[1:] for each in one["content"].split(";") if (part := each.split())}
        for name in ("script-src", "connect-src"):
            allowed = rules.get(name, rules.get("default-src"))
            if allowed is not None and not _lets(allowed, terms.url, with_nonce=name == "script-src"):
                said = f"The page's policy forbids the widget: {name} does not name {terms.url}."
                yield Remark(level="bad", about="policy", words=said, mend=f"Add {terms.url} to {name}.", line=one.line)


def _lets(allowed: Collection[str], url: str, *, with_nonce: bool) -> bool:
    scheme = urlsplit(url).scheme + ":"
    named = any(word in ("*", url, scheme, urlsplit(url).netloc) for word in allowed)
    return named or (with_nonce and any(word.startswith(("'nonce-", "'strict-dynamic'")) for word in allowed))


def _many(number: int, what: str) -> str:
    return f"1 {what} is" if number == 1 else f"{number} {what}s are"


RULES: tuple[Rule, ...] = (the_tag, not_held, held, way_back, newsletters, policy)
