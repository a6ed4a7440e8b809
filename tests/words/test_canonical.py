"""Canonical JSON against an independent implementation of RFC 8785."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import msgspec
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from consent.canonical import encode, sha256_hex

texts = st.text(st.characters(exclude_categories=["Cs"]))
names = st.text(st.characters(max_codepoint=127), max_size=8)
values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-(1 << 53) + 1, (1 << 53) - 1) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=4),
    max_leaves=20,
)


@given(values)
def test_the_same_bytes_as_another_implementation(value: Any) -> None:
    assert encode(value) == rfc8785.dumps(value)
    assert json.loads(encode(value)) == value


@given(st.dictionaries(names, st.integers(0, 9), min_size=2))
def test_the_order_of_keys_does_not_matter(value: dict[str, int]) -> None:
    assert encode(dict(reversed(value.items()))) == encode(value)


class Thing(msgspec.Struct, omit_defaults=True):
    """Fields out of order, one of them usually absent."""

    zebra: int
    apple: str
    middle: str | None = None


def test_a_struct_is_its_dictionary() -> None:
    assert encode(Thing(1, "é\n\u2028")) == '{"apple":"é\\n\u2028","zebra":1}'.encode()
    assert encode(Thing(1, "", "x")) == rfc8785.dumps({"apple": "", "middle": "x", "zebra": 1})


def test_the_digest_is_sha_256_in_lower_case_hex() -> None:
    assert sha256_hex(b"abc") == hashlib.sha256(b"abc").hexdigest()
    assert sha256_hex(b"") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
