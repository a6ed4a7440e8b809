"""What notices of another age did, as a site file may write it down: to be told why not, never to be done.

Invariant: nothing compiles these. The widget has no way of behaving so; the linter refuses each, with its reason, so
that whoever moves an old notice here learns what was wrong with it.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

REFUSED = "No other value is published: the linter says why."


def _said(what: str) -> Meta:
    return Meta(description=f"{what} {REFUSED}")


Consequence = Literal["nothing", "accepts"]


class Habits(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How an old notice behaved. The defaults are what this one does; all else is a wish that the linter refuses."""

    close: Annotated[Literal["refuses", "accepts"], _said("What the X was taken for.")] = "refuses"
    continuing: Annotated[Consequence, _said("What reading on was taken for.")] = "nothing"
    scrolling: Annotated[Consequence, _said("What scrolling was taken for.")] = "nothing"
    waiting: Annotated[Consequence, _said("What letting time pass was taken for.")] = "nothing"
    refuse: Annotated[
        Literal["button", "link", "settings", "none"],
        _said("Where the refusal stood: beside the yes, as a link, behind the settings, or nowhere."),
    ] = "button"
    prominent: Annotated[Literal["both", "accept"], _said("Which button was made to be seen first.")] = "both"
    choose: Annotated[bool, _said("Each purpose could be chosen on its own.")] = True
    wall: Annotated[bool, _said("Who refused could not read on.")] = False
    gpc: Annotated[bool, _said("Global Privacy Control was heard.")] = True
