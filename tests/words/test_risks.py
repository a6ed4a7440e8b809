"""What follows from how a sign-up was asked for."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.risks import BITS, CHALLENGE_AT, DROP_AT, FREE_FROM_NET, Signals, Verdict, points, verdict

counts = st.integers(0, 10_000)
signals = st.builds(
    Signals,
    honeypot=st.booleans(),
    seconds=st.none() | st.floats(0, 1e9),
    recent_from_net=counts,
    recent_for_domain=counts,
    disposable=st.booleans(),
    has_mx=st.none() | st.booleans(),
    bounced_from_net=counts,
    bounced_domain=counts,
    pressure=st.integers(0, 2),
    solved=st.sampled_from([0, *BITS]),
)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, "accept"),
        ({"seconds": 8.0, "has_mx": True}, "accept"),
        ({"seconds": None}, "accept"),  # a plain form without a script
        ({"seconds": 2.0}, "accept"),
        ({"seconds": 0.5}, "challenge"),
        ({"honeypot": True}, "drop"),
        ({"honeypot": True, "solved": 10}, "drop"),
        ({"disposable": True}, "accept"),
        ({"has_mx": False}, "accept"),
        ({"disposable": True, "has_mx": False}, "challenge"),
        ({"disposable": True, "seconds": 2.0}, "challenge"),
        ({"recent_from_net": 7}, "accept"),
        ({"recent_from_net": 8}, "challenge"),
        ({"recent_from_net": 8, "solved": 6}, "accept"),
        ({"recent_from_net": 10_000, "solved": 6}, "accept"),
        ({"recent_for_domain": 499}, "accept"),
        ({"recent_for_domain": 500}, "challenge"),
        ({"bounced_from_net": 3}, "accept"),
        ({"bounced_from_net": 4}, "challenge"),
        ({"bounced_domain": 10_000}, "accept"),  # a large provider's always has some
        ({"bounced_domain": 10, "bounced_from_net": 2}, "challenge"),
        ({"pressure": 1}, "challenge"),
        ({"pressure": 1, "solved": 6}, "accept"),  # given before the pressure rose
        ({"pressure": 2, "solved": 6}, "challenge"),
        ({"pressure": 2, "solved": 8}, "accept"),
        ({"pressure": 2, "solved": 10}, "accept"),
    ],
)
def test_the_verdict(fields: dict[str, Any], expected: Verdict) -> None:
    assert verdict(Signals(**fields)) == expected


def test_the_first_eight_of_an_hour_are_free() -> None:
    verdicts = [verdict(Signals(recent_from_net=before)) for before in range(FREE_FROM_NET + 1)]
    assert verdicts == ["accept"] * 8 + ["challenge"]


@given(signals)
def test_a_solution_turns_a_challenge_into_acceptance_and_nothing_else(one: Signals) -> None:
    without, best = (verdict(msgspec.structs.replace(one, solved=bits)) for bits in (0, BITS[-1]))
    assert best == ("accept" if without == "challenge" else without)


@given(signals)
def test_the_verdict_follows_from_the_points(one: Signals) -> None:
    given_points = points(one)
    assert set(given_points) <= set(Signals.__struct_fields__)
    assert all(added > 0 for added in given_points.values())
    total = sum(given_points.values())
    assert (verdict(one) == "drop") == (total >= DROP_AT) == one.honeypot
    if total < CHALLENGE_AT:
        assert verdict(one) == "accept"


@given(signals, st.sampled_from(["recent_from_net", "recent_for_domain", "bounced_from_net", "bounced_domain"]), counts)
def test_more_is_never_less_suspicious(one: Signals, name: str, more: int) -> None:
    worse = msgspec.structs.replace(one, **{name: getattr(one, name) + more})
    assert sum(points(worse).values()) >= sum(points(one).values())


def test_nothing_is_asked_about_the_address_itself() -> None:
    """A new signal must say how something was asked, not for whom: then answers tell nothing about an address."""
    assert set(Signals.__struct_fields__) == {
        "honeypot", "seconds", "recent_from_net", "recent_for_domain", "disposable", "has_mx", "bounced_from_net",
        "bounced_domain", "pressure", "solved",
    }  # fmt: skip
