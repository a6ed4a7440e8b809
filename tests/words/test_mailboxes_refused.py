"""What is refused as an e-mail address, and the sentence that a reader is shown."""

from __future__ import annotations

import pytest

from consent.errors import Refused
from consent.mailboxes import FORMS, NO_ADDRESS, TOO_LONG, parse

EMPTY, UNSEEN, SEVERAL, NAMED, QUOTED, ENCODED, SPACED, ONE_AT = (message for _, message in FORMS)


def refusal(words: str) -> str:
    """The sentence that a reader is shown."""
    with pytest.raises(Refused) as caught:
        parse(words)
    [fault] = caught.value.faults
    assert fault.path == "email"
    return fault.message


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("", EMPTY),
        ("   ", EMPTY),
        ("reader@example.org\r\nBcc: victim@example.com", UNSEEN),
        ("reader@example.org\n", UNSEEN),
        ("reader\r@example.org", UNSEEN),
        ("reader\t@example.org", UNSEEN),
        ("reader\x00@example.org", UNSEEN),
        ("reader\x7f@example.org", UNSEEN),
        ("reader\x85@example.org", UNSEEN),
        ("reader\u2028@example.org", UNSEEN),
        ("reader\u202egro.elpmaxe@example.org", UNSEEN),  # right to left from here
        ("reader\u2066@example.org", UNSEEN),
        ("reader\u200f@example.org", UNSEEN),
        ("rea\u200bder@example.org", UNSEEN),  # no width
        ("rea\u200dder@example.org", UNSEEN),
        ("rea\u2060der@example.org", UNSEEN),
        ("\ufeffreader@example.org", UNSEEN),
        ("rea\u00adder@example.org", UNSEEN),  # a hyphen that may be
        ("reader@exam\u00adple.org", UNSEEN),
        ("reader@exam\u200cple.org", UNSEEN),
        ("rea\u3164der@example.org", UNSEEN),  # a letter that is none
        ("rea\u034fder@example.org", UNSEEN),
        ("rea\ufe0fder@example.org", UNSEEN),
        ("rea\U000e0041der@example.org", UNSEEN),
        ("rea\ud800der@example.org", UNSEEN),  # half of a pair
        ("rea\ue000der@example.org", UNSEEN),
        ("reader@example.org, victim@example.com", SEVERAL),
        ("reader@example.org,victim@example.com", SEVERAL),
        ("reader@example.org;victim@example.com", SEVERAL),
        ("reader\u037e@example.org", SEVERAL),  # a Greek question mark is a semicolon after NFC
        ("reader，x@example.org", SEVERAL),
        ("Reader <reader@example.org>", NAMED),
        ("<reader@example.org>", NAMED),
        ('"Visit http://example.com" <reader@example.org>', NAMED),
        ('"reader"@example.org', QUOTED),
        ('"rea der"@example.org', QUOTED),
        ('"a@b"@example.org', QUOTED),
        ("=?utf-8?q?reader?=@example.org", ENCODED),
        ("=?utf-8?q?=0D=0ABcc=3Ax?=@example.org", ENCODED),
        ("＝？utf-8?q?x?=@example.org", ENCODED),
        ("rea der@example.org", SPACED),
        ("reader @example.org", SPACED),
        ("rea\u00a0der@example.org", SPACED),
        ("rea\u3000der@example.org", SPACED),
        ("reader", ONE_AT),
        ("reader.example.org", ONE_AT),
        ("reader@@example.org", ONE_AT),
        ("reader@x@example.org", ONE_AT),
        ("reader＠x@example.org", ONE_AT),
        ("@example.org", NO_ADDRESS),
        ("reader@", NO_ADDRESS),
        (".reader@example.org", NO_ADDRESS),
        ("rea..der@example.org", NO_ADDRESS),
        ("reader.@example.org", NO_ADDRESS),
        ("reader(comment)@example.org", NO_ADDRESS),
        ("reader\\@example.org", NO_ADDRESS),
        ("mailto:reader@example.org", NO_ADDRESS),
        ("reader@example", NO_ADDRESS),
        ("reader@example.org.", NO_ADDRESS),
        ("reader@-example.org", NO_ADDRESS),
        ("reader@exa_mple.org", NO_ADDRESS),
        ("reader@☃.example.org", NO_ADDRESS),
        ("reader@xn--nn-a.example.org", NO_ADDRESS),
        ("reader@127.0.0.1", NO_ADDRESS),
        ("reader@[127.0.0.1]", NO_ADDRESS),
        ("reader@[IPv6:::1]", NO_ADDRESS),
        ("reader@localhost", NO_ADDRESS),
        ("reader@mail.localhost", NO_ADDRESS),
        ("reader@site.test", NO_ADDRESS),
        ("reader@site.invalid", NO_ADDRESS),
        ("reader@site.example", NO_ADDRESS),
        ("reader@site.local", NO_ADDRESS),
        ("reader@site.internal", NO_ADDRESS),
        ("reader@abcdef.onion", NO_ADDRESS),
        ("x" * 65 + "@example.org", NO_ADDRESS),
        ("reader@" + "x" * 64 + ".org", NO_ADDRESS),
        ("reader…x@example.org", NO_ADDRESS),  # three dots in one
        ("reader⑴@example.org", NO_ADDRESS),
        ("x" * 255, TOO_LONG),
        ("x" * 64 + "@" + ".".join(["y" * 60] * 4), TOO_LONG),
        ("ü" * 125 + "@example.org", TOO_LONG),
        ("x" * 1_000_000, TOO_LONG),
        (" " * 1_000_000, TOO_LONG),
    ],
)
def test_what_is_refused_and_in_which_words(words: str, message: str) -> None:
    assert refusal(words) == message


def test_what_a_reader_is_told_has_nothing_of_what_was_written() -> None:
    for message in (EMPTY, UNSEEN, SEVERAL, NAMED, QUOTED, ENCODED, SPACED, ONE_AT, NO_ADDRESS, TOO_LONG):
        assert message[0].isupper()
        assert message.endswith((".", ").")), message
    with pytest.raises(Refused) as caught:
        parse("secret-name@nowhere.test")
    assert "secret-name" not in str(caught.value)
