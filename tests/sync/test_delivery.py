"""How a delivery ends: what each status means, and when the next try is due."""

from __future__ import annotations

import pytest

from consent.sync.delivery import SCHEDULE, Account, Gone, Refused, Retry, check, retry_after, settle
from tests.clock import START


def test_the_schedule_is_ten_tries_over_75_hours_and_35_minutes() -> None:
    assert len(SCHEDULE) == 10
    assert sum(SCHEDULE) == (75 * 3600 + 35 * 60 + 5) * 1000


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_every_success_is_one(status: int) -> None:
    check(status, {}, START)


@pytest.mark.parametrize("status", [100, 301, 302, 307, 308, 400, 401, 403, 404, 409, 429, 500, 502, 503, 504])
def test_everything_else_is_tried_again_redirects_too(status: int) -> None:
    with pytest.raises(Retry, match=str(status)):
        check(status, {}, START)


def test_gone_is_gone() -> None:
    with pytest.raises(Gone):
        check(410, {}, START)


@pytest.mark.parametrize(
    ("words", "seconds"),
    [
        ("120", 120),
        ("0", 0),
        ("999999999999", 24 * 3600),
        ("Sun, 22 Nov 2026 10:02:00 GMT", 120),
        ("Sun, 22 Nov 2026 10:02:00", None),
        ("Sun, 22 Nov 2026 09:00:00 GMT", 0),
        ("Fri, 22 Nov 2126 09:00:00 GMT", 24 * 3600),
        ("", None),
        ("-5", None),
        ("soon", None),
        ("٣", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(words: str, seconds: int | None) -> None:
    assert retry_after(words, START) == seconds
    with pytest.raises(Retry) as caught:
        check(503, {"retry-after": words}, START)
    assert caught.value.retry_after == seconds


@pytest.mark.parametrize("status", [302, 401, 403, 408, 425, 429, 500, 503])
def test_a_providers_fault_or_an_administrators_is_tried_again(status: int) -> None:
    with pytest.raises(Retry):
        settle(status, {"retry-after": "7"}, START)


@pytest.mark.parametrize("status", [400, 404, 405, 409, 413, 422])
def test_a_request_that_is_wrong_is_not(status: int) -> None:
    with pytest.raises(Refused):
        settle(status, {}, START)


def test_an_account_does_not_print_its_secrets() -> None:
    account = Account(url="https://example.org", secrets={"key": "hidden"})
    assert "hidden" not in repr(account) and "hidden" not in str(account)


def test_lists_are_told_by_the_providers_names() -> None:
    account = Account(url="", secrets={}, lists={"news": "3", "events": "3", "sport": "4"})
    assert account.theirs(("news", "events", "unknown")) == ("3",)
    assert account.ours("3") == frozenset({"news", "events"}) and account.ours(None) == frozenset(
        {"news", "events", "sport"}
    )
    assert account.ours("5") == frozenset() and Account(url="", secrets={}).ours(None) is None
