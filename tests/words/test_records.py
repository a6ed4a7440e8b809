"""The record: what an answer must fit, what is kept of it, and the bytes that prove it."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

import msgspec
import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from consent import clock, records
from consent.errors import Refused
from consent.records import Asked, ConsentRecord, ConsentRequest
from tests import acts
from tests.acts import GIVEN, REFUSED
from tests.clock import START

NOTICE = "ab" * 32
ASKED = Asked(
    notice=NOTICE,
    languages=frozenset({"en", "es"}),
    optional=frozenset(GIVEN),
    services={"youtube": "content", "google-ads": "advertising"},
    sale_or_sharing=frozenset({"advertising"}),
    regime="auto",
    expires_days=182,
)


def faults(request: ConsentRequest, **asked: Any) -> set[str]:
    """The places of what is wrong with an answer."""
    try:
        records.check(request, msgspec.structs.replace(ASKED, **asked))
    except Refused as refused:
        return {fault.path for fault in refused.faults}
    return set()


GOOD: dict[str, dict[str, Any]] = {
    "all given": {"action": "accept_all"},
    "all refused": {"action": "reject_all", "purposes": REFUSED},
    "some": {"action": "save", "purposes": GIVEN | {"content": False}},
    "services": {"action": "save", "services": {"youtube": False, "google-ads": True}},
    "closed": {"action": "dismiss", "purposes": REFUSED},
    "closed where it is opt-out": {"action": "dismiss", "regime": "opt_out"},
    "seen": {"action": "acknowledge", "regime": "notice_only"},
    "a signal": {"action": "gpc", "purposes": GIVEN | {"advertising": False}, "regime": "opt_out", "gpc": True},
    "taken back": {"action": "withdraw", "purposes": REFUSED},
    "brought from elsewhere": {"action": "import"},
    "another language": {"language": "es"},
    "a page": {"page": "https://www.miaminewtimes.com/a?b#c"},
    "a time": {"decided_at": "2026-11-22T10:00:00.000Z"},
}

WRONG: dict[str, tuple[dict[str, Any], set[str]]] = {
    "one missing": ({"purposes": {"content": True, "analytics": True}}, {"purposes.advertising"}),
    "none": ({"purposes": {}}, {"purposes.advertising", "purposes.analytics", "purposes.content"}),
    "a foreign one": ({"purposes": GIVEN | {"spying": True}}, {"purposes.spying"}),
    "a foreign service": ({"services": {"tracker": True}}, {"services.tracker"}),
    "accept_all with a refusal": ({"action": "accept_all", "purposes": GIVEN | {"content": False}}, {"action"}),
    "accept_all with a service refused": ({"action": "accept_all", "services": {"youtube": False}}, {"action"}),
    "reject_all with a grant": ({"action": "reject_all", "purposes": REFUSED | {"content": True}}, {"action"}),
    "reject_all with a service": (
        {"action": "reject_all", "purposes": REFUSED, "services": {"youtube": True}},
        {"action"},
    ),
    "withdraw with a grant": ({"action": "withdraw"}, {"action"}),
    "closing gives nothing": ({"action": "dismiss"}, {"action"}),
    "seen where one must choose": ({"action": "acknowledge"}, {"action"}),
    "a signal that sells": ({"action": "gpc", "regime": "opt_out"}, {"action"}),
    "a language that was not shown": ({"language": "fr"}, {"language"}),
    "no time": ({"decided_at": "yesterday"}, {"decided_at"}),
    "no page": ({"page": "javascript:alert(1)"}, {"page"}),
    "a page without a host": ({"page": "https:///a"}, {"page"}),
    "a broken page": ({"page": "https://[x/"}, {"page"}),
    "a page with a line break": ({"page": "https://a.example/\u2028"}, {"page"}),
    "several": ({"language": "fr", "purposes": {}, "action": "save"}, {"language", *(f"purposes.{p}" for p in GIVEN)}),
}


@pytest.mark.parametrize("name", GOOD)
def test_what_fits_the_notice_is_taken(name: str) -> None:
    assert faults(acts.request(NOTICE, **GOOD[name])) == set()


@pytest.mark.parametrize("name", WRONG)
def test_what_does_not_is_refused_with_every_fault(name: str) -> None:
    fields, paths = WRONG[name]
    assert faults(acts.request(NOTICE, **fields)) == paths


def test_a_fixed_regime_takes_no_other() -> None:
    assert faults(acts.request(NOTICE), regime="opt_in") == set()
    assert faults(acts.request(NOTICE), regime="opt_out") == {"regime"}


@pytest.mark.parametrize(
    ("page", "kept"),
    [
        ("https://a.example/b?name=x#y", "https://a.example/b"),
        ("https://user:word@a.example/b", "https://a.example/b"),
        ("http://a.example:8080", "http://a.example:8080"),
        ("https://a.example/b;c=d", "https://a.example/b;c=d"),
    ],
)
def test_a_page_is_kept_without_what_may_name_a_person(page: str, kept: str) -> None:
    assert records.normal(acts.request(NOTICE, page=page)).page == kept
    assert records.normal(acts.request(NOTICE)).page is None


FIELDS = {
    "id": ["", "x", acts.new_id().upper(), acts.new_id() + "\n", 7, None],
    "subject": ["{" + acts.new_id() + "}", acts.new_id().replace("-", "")],
    "notice": ["ab" * 31, "AB" * 32, "ab" * 32 + "\n"],
    "language": ["", "x" * 65],
    "action": ["accept", "ACCEPT_ALL", ""],
    "purposes": [
        {"a": 1},
        {"a": "true"},
        {"a": None},
        {"": True},
        {"x" * 65: True},
        [],
        {str(n): True for n in range(201)},
    ],
    "regime": ["auto", ""],
    "gpc": [1, "true", None],
    "page": ["", "x" * 2049],
    "decided_at": ["x" * 41],
    "tcf": ["", "a b", "é", "x" * 4097, "abc\n"],
    "extra": [1],
}


@pytest.mark.parametrize("field", FIELDS)
def test_a_body_has_these_fields_and_no_others(field: str) -> None:
    good = json.loads(msgspec.json.encode(acts.request(NOTICE)))
    assert msgspec.json.decode(json.dumps(good), type=ConsentRequest).notice == NOTICE
    for value in FIELDS[field]:  # type: ignore[attr-defined]
        with pytest.raises(msgspec.ValidationError):
            msgspec.json.decode(json.dumps(good | {field: value}), type=ConsentRequest)


def made(seq: int = 7, **fields: Any) -> ConsentRecord:
    found = records.record(acts.draft(NOTICE, **fields), seq, START, {})
    assert isinstance(found, ConsentRecord)
    return found


def test_a_record_says_when_it_was_made_and_ends_by_our_clock() -> None:
    record = made(decided_at="2020-01-01T00:00:00Z")
    assert (record.recorded_at, record.decided_at) == (clock.text(START), "2020-01-01T00:00:00Z")
    assert record.expires_at == clock.text(START + 182 * clock.DAY)
    assert (record.country, record.device, record.gpc_header, record.seq) == ("US", "phone", True, 7)


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@given(texts, texts, st.dictionaries(st.text("abcz-_", min_size=1, max_size=8), st.booleans(), max_size=6))
def test_payloads_are_rfc_8785(page: str, country: str, decisions: dict[str, bool]) -> None:
    record = msgspec.structs.replace(made(), page=page or None, country=country, purposes=decisions, services=decisions)
    payload = records.payload(record)
    assert payload == rfc8785.dumps(json.loads(payload))
    assert records.read_payload(payload) == record


def test_fields_stand_in_canonical_order() -> None:
    names = ConsentRecord.__struct_fields__
    assert list(names) == sorted(names)


def test_a_leaf_is_a_salted_commitment() -> None:
    payload, salt = records.payload(made()), bytes(range(32))
    inner = hmac.new(salt, payload, hashlib.sha256).digest()
    assert records.leaf(payload, salt) == hashlib.sha256(b"\x00" + inner).digest()
    assert records.leaf(payload, bytes(32)) != records.leaf(payload, salt)
    assert records.leaf(payload + b" ", salt) != records.leaf(payload, salt)


def test_the_same_request_again_is_told_from_another() -> None:
    request = acts.request(NOTICE, page="https://a.example/b", services={"youtube": True}, gpc=True, tcf="CP")
    draft = msgspec.structs.replace(acts.draft(NOTICE), request=request)
    record = records.record(draft, 1, START, {})
    assert records.says_the_same(draft, record)
    assert not records.says_the_same(msgspec.structs.replace(draft, imported_from="elsewhere/1"), record)
    for name, value in (("page", None), ("tcf", "CQ"), ("gpc", False), ("services", {}), ("purposes", REFUSED)):
        another = msgspec.structs.replace(request, **{name: value})
        assert not records.says_the_same(msgspec.structs.replace(draft, request=another), record)
