"""How much a sign-up looks like a robot's: points that add up, and what follows from them.

Invariant: a verdict follows from how something was asked, never from whom it was asked for: whether an address is
unknown, pending, confirmed or suppressed is not among the signals, so that no answer tells it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal

import msgspec

Verdict = Literal["accept", "challenge", "drop"]
CHALLENGE_AT = 10
DROP_AT = 100
FREE_FROM_NET = 8
"""Sign-ups an hour from one network address that nobody has to prove anything for."""
BITS = (6, 8, 10)
"""What a challenge asks for, by the site's pressure; see `challenges`."""


class Signals(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of one sign-up, but for whom it is."""

    honeypot: bool = False
    """The field that people do not see was filled in."""
    seconds: float | None = None
    """From the form's appearance to its sending; None when no script measured it."""
    recent_from_net: int = 0
    """Sign-ups of the last hour from the same network address (/64 with IPv6), without this one."""
    recent_for_domain: int = 0
    """The same for the same registrable domain."""
    disposable: bool = False
    has_mx: bool | None = None
    """Whether the domain takes mail; None when that is not known (yet)."""
    bounced_from_net: int = 0
    """Confirmation mails of the last days that came back, asked for from the same network address."""
    bounced_domain: int = 0
    """The same for the same registrable domain."""
    pressure: int = 0
    """The site's attack mode: 0, 1 or 2."""
    solved: int = 0
    """The bits of the challenge that came solved with it; 0 for none."""


_POINTS: Mapping[str, Callable[[Signals], int]] = {
    "honeypot": lambda signals: DROP_AT if signals.honeypot else 0,
    # With a mailbox that the browser fills in, people are quick too; nobody reads and presses within a second.
    "seconds": lambda signals: _at_most(signals.seconds, (1, 10), (3, 5)),
    "recent_from_net": lambda signals: 10 if signals.recent_from_net >= FREE_FROM_NET else 0,
    # So many that even a large provider's readers may be asked to prove that they are none's robot.
    "recent_for_domain": lambda signals: _at_least(signals.recent_for_domain, (500, 10), (50, 4)),
    "disposable": lambda signals: 5 if signals.disposable else 0,
    "has_mx": lambda signals: 5 if signals.has_mx is False else 0,
    "bounced_from_net": lambda signals: min(3 * signals.bounced_from_net, 12),
    "bounced_domain": lambda signals: min(signals.bounced_domain // 2, 5),
    "pressure": lambda signals: 10 * signals.pressure,
}


def points(signals: Signals) -> dict[str, int]:
    """What each signal adds; those that add nothing are left out."""
    given = {name: count(signals) for name, count in _POINTS.items()}
    return {name: added for name, added in given.items() if added}


def verdict(signals: Signals) -> Verdict:
    """What follows: it is taken, a proof of work is asked for, or it is dropped with the answer of all others."""
    total = sum(points(signals).values())
    if total >= DROP_AT:
        return "drop"
    # Pressure may have risen while somebody solved: the bits of the step below are still worth it.
    is_proven = signals.solved >= BITS[max(signals.pressure - 1, 0)]
    return "accept" if total < CHALLENGE_AT or is_proven else "challenge"


def _at_least(count: int, *steps: tuple[int, int]) -> int:
    """The points of the first step that the count reaches."""
    return next((added for step, added in steps if count >= step), 0)


def _at_most(seconds: float | None, *steps: tuple[float, int]) -> int:
    """The points of the first step that a span is below."""
    return next((added for step, added in steps if seconds is not None and seconds < step), 0)
