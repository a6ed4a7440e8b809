"""The vault: what was put away under any listed secret can be taken out, and only so."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.errors import Misconfigured
from consent.vault import Vault

OLD, NEW = "the-old-secret-0123456789-abcdefghijklmn", "the-new-secret-9876543210-nmlkjihgfedcba"


@given(st.binary(max_size=200))
def test_what_was_put_away_comes_back(value: bytes) -> None:
    kept = Vault([OLD]).put(value)
    assert Vault([OLD]).take(kept) == value
    assert Vault([OLD, NEW]).take(kept) == value
    assert kept.isascii()
    assert len(value) < 8 or value not in kept.encode()


def test_it_is_kept_once_for_every_listed_secret() -> None:
    kept = Vault([OLD, NEW]).put(b"x")
    assert len(kept.split()) == 2
    assert [Vault([one]).take(kept) for one in (OLD, NEW)] == [b"x", b"x"]


@pytest.mark.parametrize(
    ("before", "after"), [([OLD], [OLD, NEW]), ([OLD, NEW], [NEW]), ([OLD, NEW], [OLD]), ([OLD, NEW], [NEW, OLD])]
)
def test_renewed_it_has_a_token_for_each_listed_secret_and_no_other(before: list[str], after: list[str]) -> None:
    kept = Vault(before).put(b"x")
    renewed = Vault(after).renewed(kept)
    assert len(renewed.split()) == len(after)
    assert [Vault([one]).take(renewed) for one in after] == [b"x"] * len(after)
    assert Vault(after).renewed(renewed) == renewed
    assert set(renewed.split()) & set(kept.split()), "what is good stays as it is"
    for dropped in set(before) - set(after):
        with pytest.raises(Misconfigured):
            Vault([dropped]).take(renewed)


def test_what_no_secret_opens_is_not_renewed() -> None:
    with pytest.raises(Misconfigured):
        Vault([NEW]).renewed(Vault([OLD]).put(b"x"))


def test_another_secret_does_not_open_it() -> None:
    with pytest.raises(Misconfigured, match="add the old one in front of CONSENT_SECRET") as caught:
        Vault([NEW]).take(Vault([OLD]).put(b"x"))
    assert OLD not in caught.value.detail
    assert NEW not in caught.value.detail


@given(st.data())
def test_an_altered_secret_is_not_taken(data: st.DataObject) -> None:
    kept = Vault([OLD]).put(b"a log's key, 32 bytes of it long")
    place = data.draw(st.integers(0, len(kept) - 5))
    letter = data.draw(st.sampled_from("ABCz09_-"))
    if letter != kept[place]:
        with pytest.raises(Misconfigured):
            Vault([OLD]).take(kept[:place] + letter + kept[place + 1 :])


def test_it_is_encrypted_differently_each_time() -> None:
    assert Vault([OLD]).put(b"x") != Vault([OLD]).put(b"x")
