"""The choice as the text of its cookie: what `widget/src/choice.ts` prints, to the byte.

Invariant: what this prints, the widget reads as the choice that was recorded; nothing else makes the cookie's text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from consent import clock
from consent.records import Answer, Asked, ConsentRequest

COOKIE = "fc"
# Browsers drop a cookie of more than 4096 bytes, some with its attributes counted; the widget has the same bound.
LONGEST = 3900
DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


def text(request: ConsentRequest, answer: Answer, asked: Asked) -> str:
    """`1~material~subject~record~decided~expires~purposes~services~receipt`, without a receipt that makes it too long.

    The times are by the browser's clock when it told its own: the life of the choice is a span added to it.
    """
    recorded = clock.parse(answer.recorded_at)
    decided = clock.parse(request.decided_at) if request.decided_at else recorded
    expires = decided + clock.parse(answer.expires_at) - recorded
    purposes = {name: request.purposes[name] for name in asked.order}
    fields = (
        "1g" if request.gpc else "1",
        asked.material,
        request.subject,
        request.id,
        in_36(decided),
        in_36(expires),
        _decisions(purposes),
        _decisions(exceptions(purposes, request.services, asked)),
    )
    short = "~".join(fields) + "~"
    return short + answer.receipt if len(short) + len(answer.receipt) <= LONGEST else short


def has_later(cookies: str, text: str) -> bool:
    """Whether a request's `Cookie` line holds a choice that was made later than the one of this text."""
    parts = (part.strip().partition("=") for part in re.split("[;,]", cookies))
    return any(_decided_at(value) > _decided_at(text) for name, _, value in parts if name == COOKIE)


def _decided_at(text: str) -> int:
    """The instant of a cookie's text; 0 when it is not of ours."""
    try:
        return int(text.split("~")[4], 36)
    except (IndexError, ValueError):
        return 0


def exceptions(purposes: Mapping[str, bool], services: Mapping[str, bool], asked: Asked) -> dict[str, bool]:
    """The services of these purposes that are decided otherwise than their purpose, in the notice's order."""
    return {
        name: services[name]
        for name, purpose in asked.services.items()
        if name in services and purpose in purposes and services[name] != purposes[purpose]
    }


def in_36(number: int) -> str:
    """A whole number that is not negative, as JavaScript's `toString(36)` writes it: digits, then letters."""
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = DIGITS[digit] + digits
    return digits or "0"


def _decisions(decisions: Mapping[str, bool]) -> str:
    return ".".join(name if given else f"!{name}" for name, given in decisions.items())
