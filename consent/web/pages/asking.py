"""The pages to sign up on: the form, what everybody is told afterwards, and the check for who is in doubt.

Invariant: nothing here depends on whether an address is known; what was typed stands again only on the page that its
sender gets back.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal
from urllib.parse import quote

from msgspec import Struct
from starlette.responses import Response

from consent.challenges import Offer
from consent.directory import Published
from consent.errors import Fault
from consent.notices import MailingList, spoken
from consent.web.pages import engine, sheets

About = Literal["signup", "link"]
SCRIPTED = {"Content-Security-Policy": f"{engine.POLICY}; script-src 'self'"}
"""The policy of the one page that has a script."""


class Typed(Struct, frozen=True, kw_only=True):
    """What a form was sent with."""

    email: str = ""
    lists: tuple[str, ...] = ()
    next: str = ""
    variant: str = ""


NOTHING = Typed()


def lists(site: Published) -> tuple[MailingList, ...]:
    """The site's newsletters."""
    return sheets.lists_of(site.notice)


def message(site: Published, language: str) -> str:
    """What everybody is told who signs up, the same for every address."""
    return spoken(site.notice, "reader", language)("asked")


def form(
    site: Published, language: str, typed: Typed = NOTHING, faults: Sequence[Fault] = (), *, status: int = 200
) -> Response:
    """The form with all lists, none ticked but by its reader; a single one is named without a box."""
    shown = _shown(site, language)
    return engine.page(
        "pages/signup.html",
        status=status,
        **shown,
        title=spoken(site.notice, "signup", language)("title"),
        action=f"/v1/sites/{quote(site.id)}/signups",
        lists=sheets.choices(site.notice, language, typed.lists),
        all_names=sheets.names(site.notice, language, [each.id for each in lists(site)]),
        typed=typed,
        faults={fault.path.partition("[")[0] for fault in faults},
        digest=site.digest,
    )


def asked(
    site: Published,
    language: str,
    *,
    about: About = "signup",
    typed: str = "",
    faults: Sequence[Fault] = (),
    status: int = 200,
) -> Response:
    """After signing up, or after asking for a link; what was no address is asked for again."""
    words = spoken(site.notice, "reader", language)
    kind = {"signup": "asked", "link": "linked"}[about]
    return engine.page(
        "pages/asked.html",
        status=status,
        **_shown(site, language, typed, bool(faults)),
        title=words("link_title" if faults else "asked_title"),
        lead=None if faults else words(kind),
    )


def challenge(site: Published, language: str, fields: Sequence[tuple[str, str]], offer: Offer) -> Response:
    """The check: the browser works for a second, then sends the same form again."""
    return engine.page(
        "pages/challenge.html",
        status=403,
        headers=SCRIPTED,
        **_shown(site, language),
        title=spoken(site.notice, "reader", language)("challenge_title"),
        action=f"/v1/sites/{quote(site.id)}/signups",
        fields=[(name, value) for name, value in fields if name != "challenge"],
        offer=offer,
    )


def _shown(site: Published, language: str, typed: str = "", is_wrong: bool = False) -> dict[str, Any]:
    link = {
        "link_action": f"/newsletter/{quote(site.id)}/link",
        "link_typed": typed,
        "link_fault": is_wrong,
    }
    return {**sheets.shown(site.notice, language), **link}
