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


def test_the_newest_secret_encrypts_and_tells_what_is_old() -> None:
    old, new = Vault([OLD]).put(b"x"), Vault([OLD, NEW]).put(b"x")
    both = Vault([OLD, NEW])
    assert Vault([NEW]).take(new) == b"x"
    assert both.is_old(old)
    assert not both.is_old(new)


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
