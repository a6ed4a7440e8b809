"""Rules of what is said and how: no shaming, no hurry, nothing to read twice, and every language its own words.

Invariant: labels are held to more than prose, for a label is what is pressed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from consent.lint import phrases
from consent.lint.finding import Objection, Rule
from consent.lint.spots import Said, asking, described, offered, replaced
from consent.notices import Notice, SiteFile
from consent.notices.wording import quoted

LABELS = {
    "notice": ("refuse", "choose", "close_refuse", "close_later", "acknowledge"),
    "preferences": ("save", "withdraw", "close"),
    "placeholder": ("once", "always"),
    "signup": ("decline", "later", "close"),
}
ALIKE_FROM = 20
"""Letters from which on equal words in two languages are no accident."""


def shaming(site: SiteFile, notice: Notice) -> Iterator[Objection]:
    """A no that its reader is to be ashamed of."""
    for one in replaced(site):
        if one.key in LABELS.get(one.section, ()) and (hit := phrases.said("shaming", one.language, one.text)):
            yield Objection(one.where, f"{quoted(one.text)} talks down who refuses ({quoted(hit)})")


def urgency(site: SiteFile, notice: Notice) -> Iterator[Objection]:
    """A choice that is to be made in a hurry."""
    for one in asking(site):
        if hit := phrases.said("urgency", one.language, one.text):
            yield Objection(one.where, f"{quoted(hit)} makes the choice look pressing")


def double_negative(site: SiteFile, notice: Notice) -> Iterator[Objection]:
    """A sentence that says no to a no."""
    for one in asking(site):
        if hit := phrases.said("double", one.language, one.text):
            yield Objection(one.where, f"{quoted(hit)} says no to a no")


def no_choice(site: SiteFile, notice: Notice) -> Iterator[Objection]:
    """A no that only puts off."""
    for one in replaced(site):
        if (one.section, one.key) == ("notice", "refuse") and phrases.is_all("later", one.language, one.text):
            yield Objection(one.where, f"{quoted(one.text)} puts the question off and refuses nothing")


def untranslated(site: SiteFile, notice: Notice) -> Iterator[Objection]:
    """The words of one language under another's name."""
    texts = (Said(f"{one.section}.{one.key}", one.language, one.text) for one in replaced(site))
    kept = {one.where: one.where.rpartition(".")[0] for one in (*described(site), *offered(site))}
    written = (Said(kept[one.where], one.language, one.text) for one in (*described(site), *offered(site)))
    yield from _copied(texts, "texts.{language}.{place}")
    yield from _copied(written, "{place}.{language}")


def _copied(words: Iterable[Said], path: str) -> Iterator[Objection]:
    first: dict[tuple[str, str], str] = {}
    for place, language, text in words:
        if len(text) < ALIKE_FROM:
            continue
        other = first.setdefault((place, text), language)
        if other.partition("-")[0] != language.partition("-")[0]:
            where = path.format(place=place, language=language)
            yield Objection(where, f"{quoted(text)} is word for word what {other} says")


RULES = (
    Rule(
        id="R22",
        words="Nobody is made to feel bad for refusing.",
        jurisdiction="EU, US-CA",
        source="EDPB 03/2022, stirring; 11 CCR 7004(a)(4)",
        mend='say only what the button does, such as "Refuse all" or "No thanks"',
        check=shaming,
    ),
    Rule(
        id="R22b",
        words="Nobody is hurried into a choice.",
        jurisdiction="EU, US-CA",
        source="EDPB 03/2022, stirring; 11 CCR 7004(a)(4)",
        mend="strike it: the question can wait",
        check=urgency,
    ),
    Rule(
        id="R22c",
        severity="warning",
        words="A choice is said without double negatives.",
        jurisdiction="EU, US-CA",
        source="EDPB 03/2022, left in the dark; 11 CCR 7004(a)(3)",
        mend="say what is done when something is on",
        check=double_negative,
    ),
    Rule(
        id="R25",
        words='"Yes" or "later" is no choice.',
        jurisdiction="US-CA, EU",
        source="11 CCR 7004(a)(2)(B)",
        mend='let the second button refuse, such as "Refuse all"; the X may ask later',
        check=no_choice,
    ),
    Rule(
        id="R37",
        severity="warning",
        words="Every language is written in its own words.",
        jurisdiction="EU",
        source="GDPR, articles 7(2) and 12(1): intelligible and easily accessible",
        mend="translate it",
        check=untranslated,
    ),
)
