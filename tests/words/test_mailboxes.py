"""What is taken as an e-mail address, and by what a mailbox is found again."""

from __future__ import annotations

import string
import unicodedata

import msgspec
import pytest
from email_validator import EmailNotValidError, validate_email
from hypothesis import assume, example, given
from hypothesis import strategies as st

from consent.errors import Refused
from consent.mailboxes import PROVIDERS, Mailbox, inbox, is_disposable, parse, registrable, shown

names = st.text(string.ascii_lowercase + string.digits, min_size=1, max_size=20)
tags = st.text(string.ascii_letters + string.digits + "-_+", max_size=12)

locals_ = st.one_of(
    st.text(max_size=40),
    st.text(string.ascii_letters + ".+-=?_", max_size=20),
    st.text(st.characters().filter(str.isalnum), max_size=20),
)


@pytest.mark.parametrize(
    ("words", "address", "lookup"),
    [
        ("reader@example.org", "reader@example.org", "reader@example.org"),
        ("  reader@example.com ", "reader@example.com", "reader@example.com"),
        ("First.Last+News@Example.COM", "First.Last+News@example.com", "first.last+news@example.com"),
        ("V.ictim+1@gmail.com", "V.ictim+1@gmail.com", "victim@gmail.com"),
        ("vic.tim@googlemail.com", "vic.tim@googlemail.com", "victim@gmail.com"),
        ("A.B+x@outlook.com", "A.B+x@outlook.com", "a.b@outlook.com"),
        ("a+x@hotmail.co.uk", "a+x@hotmail.co.uk", "a@hotmail.co.uk"),
        ("a.b-x@yahoo.de", "a.b-x@yahoo.de", "a.b-x@yahoo.de"),  # what precedes the sign is no mailbox's name
        ("a+x@yahoo.de", "a+x@yahoo.de", "a+x@yahoo.de"),
        ("a.b+x@icloud.com", "a.b+x@icloud.com", "a.b@icloud.com"),
        ("a+x@fastmail.com", "a+x@fastmail.com", "a@fastmail.com"),
        ("a+x@pm.me", "a+x@pm.me", "a@proton.me"),
        ("a.b+x@gmx.de", "a.b+x@gmx.de", "a.b+x@gmx.de"),
        ("+x@gmail.com", "+x@gmail.com", "+x@gmail.com"),  # nothing but a tag is the whole name
    ],
)
def test_an_address_as_it_is_mailed_and_as_it_is_found(words: str, address: str, lookup: str) -> None:
    found = parse(words)
    assert (found.address, found.ascii, found.lookup) == (address, address, lookup)


@pytest.mark.parametrize(
    "words", ["leserin@bücher.example.org", "leserin@BÜCHER.Example.ORG", "Leserin@xn--bcher-kva.example.org"]
)
def test_a_domain_in_its_own_script(words: str) -> None:
    found = parse(words)
    assert found.address.lower() == "leserin@bücher.example.org"
    assert (found.ascii or "").lower() == found.lookup == "leserin@xn--bcher-kva.example.org"
    assert (found.domain, found.host) == ("example.org", "xn--bcher-kva.example.org")


def test_a_name_in_another_script_has_no_ascii_form() -> None:
    found = parse("Ελένη@example.org")
    assert (found.address, found.ascii, found.lookup) == ("Ελένη@example.org", None, "ελένη@example.org")
    assert parse("ΕΛΈΝΗ@example.org").lookup == parse("Ｅλένη@example.org".replace("Ｅ", "Ε")).lookup
    assert parse("ｒeader@example.org").lookup == "reader@example.org"


def test_composed_and_decomposed_are_one() -> None:
    composed, decomposed = "rené@example.org", unicodedata.normalize("NFD", "rené@example.org")
    assert composed != decomposed
    assert parse(composed) == parse(decomposed)
    assert parse(decomposed).address == composed


@given(st.data(), names, tags, st.sampled_from(["gmail.com", "googlemail.com"]))
def test_all_disguises_of_a_gmail_address_are_one(data: st.DataObject, name: str, tag: str, domain: str) -> None:
    dots = data.draw(st.lists(st.booleans(), min_size=len(name) - 1, max_size=len(name) - 1))
    upper = data.draw(st.lists(st.booleans(), min_size=len(name), max_size=len(name)))
    cased = [letter.upper() if is_upper else letter for letter, is_upper in zip(name, upper, strict=True)]
    dotted = "".join(letter + "." * dot for letter, dot in zip(cased, [*dots, False], strict=True))
    shouted = domain.upper() if data.draw(st.booleans()) else domain
    assert parse(f"{dotted}+{tag}@{shouted}").lookup == f"{name}@gmail.com"


@given(names, st.text(string.ascii_lowercase + "äöüßéñø", min_size=1, max_size=20), st.booleans())
@example("reader", "straße", True)
def test_punycode_and_its_script_are_one(name: str, label: str, is_upper: bool) -> None:
    domain = f"{label}.example.org"
    try:
        punycode = validate_email(f"{name}@{domain}", check_deliverability=False).ascii_domain
    except EmailNotValidError:
        assume(False)
        raise
    one, other = parse(f"{name}@{domain}"), parse(f"{name}@{punycode.upper() if is_upper else punycode}")
    assert one == other
    assert one.lookup == f"{name}@{punycode}"


@given(locals_, st.sampled_from(["example.org", "gmail.com", "yahoo.com", "bücher.example.org"]))
def test_whatever_passes_is_one_plain_address(local: str, domain: str) -> None:
    try:
        found = parse(f"{local}@{domain}")
    except Refused as refused:
        assert all(fault.message for fault in refused.faults)
        return
    assert parse(found.address) == found
    assert parse(found.address).lookup == found.lookup
    assert unicodedata.is_normalized("NFC", found.address)
    assert len(found.address.encode()) <= 254
    assert found.lookup.isascii() or found.ascii is None
    for text in (found.address, unicodedata.normalize("NFKC", found.address), found.lookup):
        assert text.count("@") == 1
        assert text.isprintable()
        assert not set(text) & set(' ,;<>"()[]\\\r\n')
        assert "=?" not in text


@given(st.text(max_size=40))
def test_no_words_break_it(words: str) -> None:
    try:
        parse(words)
    except Refused:
        return


@given(names, st.sampled_from(sorted(set("".join(map(chr, range(0x3000)))) - set(string.printable))))
def test_folding_what_is_folded_changes_nothing(name: str, letter: str) -> None:
    try:
        found = parse(f"{name}{letter}@example.org")
    except Refused:
        return
    assert parse(found.lookup).lookup == found.lookup
    assert parse(found.address.swapcase()).lookup == found.lookup or letter.swapcase().casefold() != letter.casefold()


def test_the_longest_address_passes() -> None:
    longest = "x" * 64 + "@" + ".".join(["y" * 61, "y" * 61, "y" * 61, "org"])
    assert len(longest) == 254
    assert parse(longest).address == longest


def test_a_report_of_it_does_not_say_who_it_is() -> None:
    assert repr(parse("secret-name@example.org")) == str([parse("secret-name@example.org")])[1:-1]
    assert "secret" not in repr(parse("secret-name@example.org"))


def test_it_passes_through_json() -> None:
    found = parse("leserin@bücher.example.org")
    assert msgspec.json.decode(msgspec.json.encode(found), type=Mailbox) == found


@pytest.mark.parametrize(
    ("host", "domain"),
    [
        ("example.org", "example.org"),
        ("mail.example.org", "example.org"),
        ("students.uni.ac.uk", "uni.ac.uk"),
        ("ac.uk", "ac.uk"),  # nobody's own, so itself
        ("a.b.xn--bcher-kva.com", "xn--bcher-kva.com"),
        ("example.nosuchsuffix", "example.nosuchsuffix"),
    ],
)
def test_whose_domain_it_is(host: str, domain: str) -> None:
    assert registrable(host) == domain


@pytest.mark.parametrize(
    ("domain", "expected"),
    [
        ("yopmail.com", True),
        ("YOPMAIL.com", True),
        ("a.b.yopmail.com", True),
        ("notyopmail.com", False),
        ("yopmail.com.example.org", False),
        ("gmail.com", False),
        ("example.org", False),
        ("mozmail.com", False),
        ("abc.mozmail.com", False),
        ("privaterelay.appleid.com", False),
        ("icloud.com", False),
        ("com", False),
    ],
)
def test_what_is_thrown_away(domain: str, expected: bool) -> None:
    assert is_disposable(domain) is expected


def test_no_provider_that_people_keep_their_mail_with_is_disposable() -> None:
    domains = [domain for provider in PROVIDERS for domain in provider.domains]
    assert [domain for domain in domains if is_disposable(domain)] == []
    assert len(domains) == len(set(domains))
    assert [domain for domain in domains if parse(f"a@{domain}").host != domain] == []


@pytest.mark.parametrize(
    ("domain", "name"),
    [
        ("gmail.com", "Gmail"),
        ("googlemail.com", "Gmail"),
        ("hotmail.fr", "Outlook"),
        ("yahoo.co.uk", "Yahoo"),
        ("me.com", "iCloud"),
        ("proton.me", "Proton Mail"),
        ("gmx.de", "GMX"),
        ("web.de", "WEB.DE"),
    ],
)
def test_where_mail_is_read(domain: str, name: str) -> None:
    found = inbox(domain)
    assert found is not None
    assert found[0] == name
    assert found[1].startswith("https://")


def test_where_mail_is_read_is_not_guessed() -> None:
    assert inbox("example.org") is None
    assert inbox("mail.gmail.com") is None
    assert inbox("gmail.com.example.org") is None


def test_a_mailbox_as_its_owner_knows_it() -> None:
    assert shown("reader@example.org") == "r•••@example.org"
    assert shown("r@example.org") == "r•••@example.org"
    assert shown("Ελένη@bücher.example.org") == "Ε•••@bücher.example.org"
