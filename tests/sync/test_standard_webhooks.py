"""Standard Webhooks: the specification's own vector, and what must not pass."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.errors import BadToken
from consent.sync import standard_webhooks
from consent.sync.standard_webhooks import check, key_of, secret, sign

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
ID, AT = "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330
BODY = b'{"test": 2432232314}'
SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
NOW = AT * 1000


def test_the_specifications_vector() -> None:
    assert sign([SECRET], ID, NOW, BODY) == {
        "webhook-id": ID,
        "webhook-timestamp": str(AT),
        "webhook-signature": SIGNATURE,
    }
    check(SECRET, ID, str(AT), SIGNATURE, BODY, NOW)


@given(st.binary(min_size=24, max_size=64), st.binary(max_size=200), st.integers(0, 10**12))
def test_what_is_signed_is_genuine_and_what_is_changed_is_not(key: bytes, body: bytes, now: int) -> None:
    words = secret(key)
    signed = sign([words], "id", now, body)
    check(words, "id", signed["webhook-timestamp"], signed["webhook-signature"], body, now)
    for id_, changed in (("id2", body), ("id", body + b" ")):
        with pytest.raises(BadToken):
            check(words, id_, signed["webhook-timestamp"], signed["webhook-signature"], changed, now)


def test_two_secrets_give_two_signatures_and_either_one_passes() -> None:
    other = secret(b"o" * 32)
    signed = sign([SECRET, other], ID, NOW, BODY)["webhook-signature"]
    assert len(signed.split(" ")) == 2
    for one in (SECRET, other):
        check(one, ID, str(AT), f"v1a,AAAA {signed}", BODY, NOW)


@pytest.mark.parametrize("at", [NOW - 301_000, NOW + 301_000])
def test_an_old_message_is_a_replay(at: int) -> None:
    with pytest.raises(BadToken, match="too old"):
        check(SECRET, ID, str(AT), SIGNATURE, BODY, at)


@pytest.mark.parametrize(
    ("id_", "at", "signature"),
    [
        ("", str(AT), SIGNATURE),
        (ID, "", SIGNATURE),
        (ID, "-1", SIGNATURE),
        (ID, "٣", SIGNATURE),
        (ID, str(AT), ""),
        (ID, str(AT), SIGNATURE.replace("v1,", "v2,")),
        (ID, str(AT), SIGNATURE.replace("v1,", "")),
        (ID, str(AT), "v1,é"),
    ],
)
def test_what_is_not_signed_is_not_genuine(id_: str, at: str, signature: str) -> None:
    with pytest.raises(BadToken):
        check(SECRET, id_, at, signature, BODY, NOW)


@pytest.mark.parametrize("words", ["whsec_", "whsec_AAAA", "whsec_!!!!", "whsec_" + "A" * 100, ""])
def test_what_is_no_secret_is_refused(words: str) -> None:
    with pytest.raises(ValueError):
        key_of(words)


def test_the_tolerance_is_five_minutes() -> None:
    assert standard_webhooks.TOLERANCE == 5 * 60 * 1000
