"""The states of a subscription and what moves it: every combination."""

from __future__ import annotations

from itertools import product
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.subscriptions import MOVES, STRENGTH, Move, Reason, State, after

STATES: tuple[State | None, ...] = (None, *get_args(State))
TABLE = """
             confirm    unsubscribe   bounce   complain    import     restore
none         confirmed  -             -        -           confirmed  -
confirmed    confirmed  unsubscribed  bounced  complained  -          -
unsubscribed confirmed  -             -        complained  -          -
bounced      confirmed  unsubscribed  -        complained  -          confirmed
complained   confirmed  -             -        -           -          -
"""
moves = st.sampled_from(get_args(Move))


def test_every_move_from_every_state() -> None:
    header, *rows = (line.split() for line in TABLE.strip().splitlines())
    assert set(header) == set(get_args(Move)) == set(MOVES)
    expected = {(row[0], move): cell for row in rows for move, cell in zip(header, row[1:], strict=True)}
    for state, move in product(STATES, get_args(Move)):
        assert (after(state, move) or "-") == expected[state or "none", move], (state, move)


@given(st.lists(moves.filter(lambda move: move != "confirm")))
def test_who_left_or_complained_comes_back_by_the_own_proof_alone(sequence: list[Move]) -> None:
    for left in ("unsubscribed", "complained"):
        state: State = left
        for move in sequence:
            state = after(state, move) or state
            assert state in ("unsubscribed", "complained")
            assert left == "unsubscribed" or state == "complained"
        assert after(state, "confirm") == "confirmed"


@given(st.lists(moves))
def test_a_move_twice_is_the_move_once(sequence: list[Move]) -> None:
    state: State | None = None
    for move in sequence:
        once = after(state, move) or state
        assert (after(once, move) or once) == once
        state = once


@pytest.mark.parametrize("reason", get_args(Reason))
def test_every_reason_has_a_strength(reason: Reason) -> None:
    """The person's own leaving is the weak one; what a stranger must not undo is strong."""
    assert STRENGTH[reason] == (1 if reason in ("unsubscribed", "erased") else 2)


def test_what_ends_a_subscription_is_a_reason_too() -> None:
    assert set(get_args(State)) - {"confirmed"} <= set(get_args(Reason)) == set(STRENGTH)
