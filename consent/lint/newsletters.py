"""Rules of newsletters: asked for apart from cookies, by a box that nobody ticked, and proven by the mailbox.

Invariant: what a form must name (who, what, the way out) is looked for in the site's own words only; ours have it.
"""

from __future__ import annotations

from collections.abc import Iterator

from consent.lint import phrases
from consent.lint.finding import Objection, Rule
from consent.lint.spots import labels, replaced
from consent.notices import Notice, SiteFile
from consent.notices.wording import joined, quoted

NAMES = {
    "privacy": ("{controller}", "{lists}", "{policy}"),
    "confirm_sentence": ("{controller}", "{lists}", "{address}"),
    "confirm_several": ("{controller}", "{address}"),
}


def together(site: SiteFile, notice: Notice) -> Iterator[Objection]:
    """A newsletter that comes with the cookies."""
    for at, purpose in enumerate(site.purposes):
        for language, name in purpose.name.items():
            if hit := phrases.said("newsletter", language, name):
                where = joined(f"purposes[{at}].name", language)
                yield Objection(where, f"{quoted(hit)} is asked for together with cookies")
                break
    for label in labels(site, "accept"):
        if hit := phrases.said("newsletter", label.language, label.text):
            yield Objection(label.where, f"one button says yes to cookies and to {quoted(hit)}")


def ticked(site: SiteFile, notice: Notice) -> Iterator[Objection]:
    """Boxes that somebody else ticked."""
    if site.newsletter and site.newsletter.preset:
        yield Objection("newsletter.preset", "the lists are ticked before their reader chose")


def unproven(site: SiteFile, notice: Notice) -> Iterator[Objection]:
    """An address that nobody has proven."""
    if site.newsletter and not site.newsletter.double_opt_in:
        why = "who types somebody else's address would subscribe them, and nothing would prove consent"
        yield Objection("newsletter.double_opt_in", why)


def unnamed(site: SiteFile, notice: Notice) -> Iterator[Objection]:
    """A form that does not say who writes what."""
    literal = {"{controller}": site.controller.name}
    for one in (each for each in replaced(site) if each.section == "signup"):
        for named in NAMES.get(one.key, ()):
            if named not in one.text and literal.get(named, named) not in one.text:
                yield Objection(one.where, f"{quoted(one.text)} does not name {named}", f"keep {named} in the sentence")


RULES = (
    Rule(
        id="R34",
        words="A newsletter is asked for apart from cookies.",
        jurisdiction="EU",
        source="GDPR, articles 4(11) and 7(2)",
        mend="make it a list under [newsletter]: its form asks for it, and keeps its own record",
        check=together,
    ),
    Rule(
        id="R34b",
        words="The box of a newsletter is ticked by its reader alone.",
        jurisdiction="EU",
        source="CJEU C-673/17 (Planet49); GDPR, recital 32",
        mend="leave newsletter.preset out: no box is ticked",
        check=ticked,
    ),
    Rule(
        id="R34c",
        words="An address is written to once its mailbox has answered.",
        jurisdiction="EU, DE",
        source="GDPR, article 7(1); UWG, section 7",
        mend="leave double_opt_in out: every sign-up is confirmed by a button in a mail",
        check=unproven,
    ),
    Rule(
        id="R34d",
        words="The form says who writes, what, and where the policy is.",
        jurisdiction="EU",
        source="GDPR, articles 7 and 13",
        check=unnamed,
    ),
)
