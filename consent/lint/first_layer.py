"""Rules of the first layer: that it can be refused there as easily as accepted, and says what has to be said there.

Invariant: wishes (`[notice]` of the site file) are refused here and done nowhere; words are held against what they
must name.
"""

from __future__ import annotations

from collections.abc import Iterator

from consent.lint import phrases
from consent.lint.finding import Objection, Rule
from consent.lint.spots import Replaced, labels, replaced
from consent.notices import Notice, SiteFile, packaged_words
from consent.notices.wording import quoted

REFUSALS = {
    "link": "refusing is a link and accepting is a button",
    "settings": "accepting takes one click, refusing takes a second layer first",
    "none": "the notice can be accepted and not refused",
}
SAYING: tuple[phrases.Theme, ...] = ("no", "settings")
# What the site's words must still name, as a key's usual words do.
NAMES = {
    ("notice", "intro"): "{controller}",
    ("notice", "intro_presumed"): "{controller}",
    ("notice", "withdraw"): "{settings}",
    ("notice", "sale"): "{purposes}",
    ("notice", "together"): "{sites}",
}


def no_refusal(site: SiteFile, notice: Notice) -> Iterator[Objection]:
    """No refusal on the first layer, or one that a label hides."""
    if site.notice.refuse in ("settings", "none"):
        yield Objection("notice.refuse", REFUSALS[site.notice.refuse])
    for label in labels(site, "refuse"):
        yield from _unclear(label, notice.texts[label.language]["notice"]["accept"])
    for label in labels(site, "accept"):
        if not any(True for one in labels(site, "refuse") if one.language == label.language):
            yield from _same(label, notice.texts[label.language]["notice"]["refuse"], "the button that refuses")


def _unclear(label: Replaced, accept: str) -> Iterator[Objection]:
    yield from _same(label, accept, "the button that accepts")
    refuses = phrases.said("no", label.language, label.text)
    hides = phrases.said("settings", label.language, label.text)
    if hides and not refuses:
        yield Objection(label.where, f"{quoted(label.text)} promises settings ({quoted(hides)}), not a refusal")


def _same(label: Replaced, other: str, whose: str) -> Iterator[Objection]:
    if phrases.plain(label.text) == phrases.plain(other):
        yield Objection(label.where, f"{quoted(label.text)} is what {whose} says as well")


def mute_refusal(site: SiteFile, notice: Notice) -> Iterator[Objection]:
    """A label that does not say that it refuses."""
    for label in labels(site, "refuse"):
        is_known = label.language.partition("-")[0] in phrases.tongues()
        says = any(phrases.said(theme, label.language, label.text) for theme in SAYING)
        if is_known and not says and not phrases.is_all("later", label.language, label.text):
            yield Objection(label.where, f"{quoted(label.text)} has no word that refuses")


def refusal_as_link(site: SiteFile, notice: Notice) -> Iterator[Objection]:
    """A refusal that is less of a button."""
    if site.notice.refuse == "link":
        yield Objection("notice.refuse", REFUSALS["link"])


def one_button_louder(site: SiteFile, notice: Notice) -> Iterator[Objection]:
    """One button that is made to be seen first."""
    if site.notice.prominent == "accept":
        yield Objection("notice.prominent", "the yes is made to be seen before the no")


def lengths_apart(site: SiteFile, notice: Notice) -> Iterator[Objection]:
    """A label so much longer than the other that the buttons are no longer alike."""
    for label in (one for key in ("accept", "refuse") for one in labels(site, key)):
        words = notice.texts[label.language]["notice"]
        short, long = sorted((len(words["accept"]), len(words["refuse"])))
        if len(label.text) == long and long > 3 * short and long > 30:
            yield Objection(label.where, f"this label has {long} letters and its counterpart {short}")


def unnamed(site: SiteFile, notice: Notice) -> Iterator[Objection]:
    """Words of the first layer that leave out what they are there to name."""
    for one in replaced(site):
        named = NAMES.get((one.section, one.key), "")
        literal = {"{controller}": site.controller.name, "{settings}": notice.texts[one.language]["notice"]["reopen"]}
        if named and named not in one.text and literal.get(named, named) not in one.text:
            usual = packaged_words(one.language).get(one.section, {}).get(one.key, "")
            mend = f"keep {named} in the sentence" + (f", as in {quoted(usual)}" if usual else "")
            yield Objection(one.where, f"{quoted(one.text)} does not name {named}", mend)


RULES = (
    Rule(
        id="R02",
        words="The first layer has a refusal beside the yes: the same kind of button, one click away.",
        jurisdiction="EU, UK",
        source="EDPB cookie banner taskforce, type A; CNIL 2020-092",
        mend='leave notice.refuse out (it is "button"), and let the label say what it does, such as "Refuse all"',
        check=no_refusal,
    ),
    Rule(
        id="R02b",
        severity="warning",
        words="A button that refuses says that it refuses.",
        jurisdiction="EU, UK",
        source="EDPB 03/2022, left in the dark; CNIL 2020-092",
        mend='use a word that refuses, such as "Refuse all" or "Continue without accepting"',
        check=mute_refusal,
    ),
    Rule(
        id="R03",
        words="The refusal is a button, not a link in the text or outside the notice.",
        jurisdiction="EU",
        source="EDPB cookie banner taskforce, types D and E",
        mend='leave notice.refuse out: it is "button"',
        check=refusal_as_link,
    ),
    Rule(
        id="R05b",
        words="Yes and no are equal: in size, weight, colour and contrast.",
        jurisdiction="EU, TCF",
        source="EDPB cookie banner taskforce, type F; Garante, 10 June 2021; TCF policies",
        mend="leave notice.prominent out: both buttons are worn alike, and theme.accent colours both",
        check=one_button_louder,
    ),
    Rule(
        id="R05c",
        severity="warning",
        words="The labels of yes and no are of one weight.",
        jurisdiction="EU",
        source="EDPB cookie banner taskforce, type F",
        mend="shorten the longer label",
        check=lengths_apart,
    ),
    Rule(
        id="R11",
        words="The first layer names who answers for the data, the purposes, and where a choice is withdrawn.",
        jurisdiction="FR, EU",
        source="CNIL 2020-091; GDPR, article 7(3)",
        check=unnamed,
    ),
)
