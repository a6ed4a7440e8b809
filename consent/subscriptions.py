"""The states of a subscription, and what moves it from one to another: one table.

A sign-up that waits for its proof is no state of a subscription: it is kept apart, and changes nothing (`pending`).

Invariant: only the person's own proof (`confirm`) makes a subscription that somebody left, or complained about,
confirmed again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

State = Literal["confirmed", "unsubscribed", "bounced", "complained"]
Move = Literal["confirm", "unsubscribe", "bounce", "complain", "import", "restore"]
Reason = Literal["unsubscribed", "erased", "not_me", "bounced", "complained", "admin"]
"""Why an address is suppressed."""

MOVES: Mapping[Move, Mapping[State | None, State]] = {
    # The button in a mail, or a page behind a mailed link: whoever has it has the mailbox.
    "confirm": {
        None: "confirmed",
        "confirmed": "confirmed",
        "unsubscribed": "confirmed",
        "bounced": "confirmed",
        "complained": "confirmed",
    },
    # A complaint is the stronger no, and stays.
    "unsubscribe": {"confirmed": "unsubscribed", "bounced": "unsubscribed"},
    "bounce": {"confirmed": "bounced"},
    "complain": {"confirmed": "complained", "bounced": "complained", "unsubscribed": "complained"},
    # A list brought from elsewhere revives nobody.
    "import": {None: "confirmed"},
    # The publisher's word that a mailbox works again; it cannot take back what a person said.
    "restore": {"bounced": "confirmed"},
}

STRENGTH: Mapping[Reason, Literal[1, 2]] = {
    "unsubscribed": 1,
    "erased": 1,
    "not_me": 2,
    "bounced": 2,
    "complained": 2,
    "admin": 2,
}
"""1: nobody else revives it, but the person may sign up again; 2: nobody's sign-up is mailed."""


def after(state: State | None, move: Move) -> State | None:
    """The state after a move, from none (no such subscription yet) or one; None when the move changes nothing there."""
    return MOVES[move].get(state)
