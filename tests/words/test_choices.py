"""The cookie's text as the service prints it: the widget's own, to the byte."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.choices import DIGITS, LONGEST, in_36, text
from consent.records import Answer, Asked, ConsentRequest
from tests import acts

ASKED = Asked(
    notice="ab" * 32,
    languages=frozenset({"en"}),
    optional=frozenset({"analytics", "content", "advertising"}),
    services={"matomo": "analytics", "youtube": "content", "vimeo": "content", "ads": "advertising"},
    sale_or_sharing=frozenset({"advertising"}),
    regime="auto",
    expires_days=182,
    order=("analytics", "content", "advertising"),
    material="9b2e41c07d58f3a6",
)
ID, SUBJECT = "019a0b0c-0d0e-7f00-8000-000000000001", "019a0b0c-0d0e-7f00-8000-000000000002"
# What `print` of widget/src/choice.ts makes of the same choice.
GOLDEN = f"1~9b2e41c07d58f3a6~{SUBJECT}~{ID}~mwrnynvk~n3zq3p7k~analytics.!content.!advertising~youtube~eyJ.aS0.x_-y"


def request(**fields: Any) -> ConsentRequest:
    """A choice, its decisions in no order."""
    purposes = {"advertising": False, "content": False, "analytics": True}
    usual = {"id": ID, "subject": SUBJECT, "purposes": purposes, "services": {"ads": False, "youtube": True}}
    return acts.request("ab" * 32, **{**usual, "decided_at": "2026-11-22T09:58:00.032Z", **fields})


def answer(receipt: str = "eyJ.aS0.x_-y") -> Answer:
    """Recorded at another time by the service's clock than the browser told."""
    recorded, expires = "2026-11-22T10:00:00.123Z", "2027-05-23T10:00:00.123Z"
    return Answer(id=ID, seq=7, recorded_at=recorded, expires_at=expires, receipt=receipt)


def test_it_is_what_the_widget_writes() -> None:
    assert text(request(), answer(), ASKED) == GOLDEN


def test_times_are_the_services_where_the_browser_told_none() -> None:
    fields = text(request(decided_at=None), answer(), ASKED).split("~")
    assert [int(field, 36) for field in fields[4:6]] == [1795341600123, 1795341600123 + 182 * 86_400_000]


def test_a_choice_made_under_gpc_says_so() -> None:
    assert text(request(gpc=True), answer(), ASKED) == "1g" + GOLDEN[1:]


@pytest.mark.parametrize(
    ("services", "printed"),
    [
        ({}, ""),
        ({"matomo": True, "ads": False}, ""),
        ({"ads": True, "vimeo": True, "matomo": False}, "!matomo.vimeo.ads"),
    ],
)
def test_services_are_those_decided_otherwise_in_the_notices_order(services: dict[str, bool], printed: str) -> None:
    assert text(request(services=services), answer(), ASKED).split("~")[7] == printed


def test_a_receipt_that_makes_it_too_long_is_left_out() -> None:
    room = LONGEST - len(text(request(), answer(""), ASKED))
    longest = text(request(), answer("x" * room), ASKED)
    assert (len(longest), longest[-room:]) == (LONGEST, "x" * room)
    assert text(request(), answer("x" * (room + 1)), ASKED) == text(request(), answer(""), ASKED)


@given(st.integers(0, 1 << 60))
def test_a_number_in_36_digits_reads_back(number: int) -> None:
    assert int(in_36(number), 36) == number
    assert set(in_36(number)) <= set(DIGITS)
