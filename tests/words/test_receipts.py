"""The JSON-LD receipt: the shape of the standard's, and nothing that the record does not say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pyld import jsonld

from consent import clock, records
from consent.notices import Notice, compile_notice, digest, read_site_file
from consent.receipts import CONTEXT, Sources, kantara, receipt
from consent.records import Circumstances, ConsentRecord
from tests import acts
from tests.clock import START
from tests.running import MIAMI

VECTOR = json.loads(Path(__file__).with_name("vectors").joinpath("dpv27560-receipt.json").read_bytes())
SOURCES = Sources(
    receipt="https://consent.example/receipts/abc.def.ghi",
    withdraw="https://consent.example/withdraw/abc.def.ghi",
    token="abc.def.ghi",
    notice_published_at=clock.text(START - clock.DAY),
)
MIXED = {"analytics": True, "content": False, "advertising": False}


@pytest.fixture(scope="module")
def notice() -> Notice:
    return compile_notice(read_site_file(MIAMI.read_bytes()))


def recorded(notice: Notice, before: dict[str, str] | None = None, country: str | None = "US", **fields: Any) -> Any:
    """A record of the Miami site, as the log would have it."""
    draft = acts.draft(digest(notice), fields.pop("purposes", MIXED), **fields)
    seen = Circumstances(country=country)
    return records.record(_with(draft, seen), 7, START, before or {})


def _with(draft: records.Draft, seen: Circumstances) -> records.Draft:
    return records.Draft(site=draft.site, request=draft.request, circumstances=seen, expires_days=182)


def states(record: ConsentRecord, notice: Notice) -> list[list[str]]:
    """The types of each purpose's status, in the notice's order."""
    made = receipt(record, notice, SOURCES)
    return [status["@type"] for status in made["dpv:hasRecordOfActivity"]["dpv:hasConsentStatus"]]


def terms(value: Any) -> set[str]:
    """Every name in a JSON-LD object that belongs to a vocabulary: keys, types, ids."""
    if isinstance(value, dict):
        return set(value) | {term for each in value.values() for term in terms(each)}
    if isinstance(value, list):
        return {term for each in value for term in terms(each)}
    return {value} if isinstance(value, str) and value.startswith(("dpv:", "loc:", "schema:", "xsd:")) else set()


def test_it_has_every_part_that_the_standard_demands(notice: Notice) -> None:
    made = receipt(recorded(notice), notice, SOURCES)
    theirs = VECTOR["receipt"]
    assert set(theirs) <= set(made)
    not_claimed = {"dpv:hasApplicableLaw"}
    assert set(theirs["dpv:hasRecordOfActivity"]) - not_claimed <= set(made["dpv:hasRecordOfActivity"])
    [their_process] = theirs["dpv:hasRecordOfActivity"]["dpv:hasProcess"]
    for process in made["dpv:hasRecordOfActivity"]["dpv:hasProcess"]:
        assert set(their_process) <= set(process)
    [their_status] = theirs["dpv:hasRecordOfActivity"]["dpv:hasConsentStatus"]
    for status in made["dpv:hasRecordOfActivity"]["dpv:hasConsentStatus"]:
        assert set(their_status) <= set(status)


def test_every_prefix_it_uses_is_in_its_context(notice: Notice) -> None:
    record = recorded(notice, page="https://www.miaminewtimes.com/film/her", services=acts.SERVICES)
    used = {term.partition(":")[0] for term in terms(receipt(record, notice, SOURCES)) if ":" in term}
    assert used <= set(CONTEXT) | {"_"}


def test_each_state_has_the_vocabularys_word(notice: Notice) -> None:
    record = recorded(notice, before={"content": "given"})
    assert states(record, notice) == [
        ["dpv:ConsentGiven", "dpv:ExpressedConsent"],
        ["dpv:ConsentWithdrawn", "dpv:ExpressedConsent"],
        ["dpv:ConsentRefused", "dpv:ExpressedConsent"],
    ]
    known = VECTOR["consentStatus_terms"]["valid"] + VECTOR["consentStatus_terms"]["invalid"]
    assert all(state in known for state, _ in states(record, notice))
    assert all(kind in VECTOR["consent_types"] for _, kind in states(record, notice))


def test_closing_the_notice_defers_the_request(notice: Notice) -> None:
    closed = recorded(notice, purposes=acts.REFUSED, action="dismiss")
    assert {state for state, _ in states(closed, notice)} == {"dpv:ConsentRequestDeferred"}


def test_going_on_where_one_may_object_is_implied(notice: Notice) -> None:
    went_on = recorded(notice, purposes=acts.GIVEN, action="acknowledge", regime="notice_only")
    assert {kind for _, kind in states(went_on, notice)} == {"dpv:ImpliedConsent"}


def test_a_service_decided_apart_says_so(notice: Notice) -> None:
    record = recorded(notice, services={"youtube": True})
    [_, content, _] = receipt(record, notice, SOURCES)["dpv:hasRecordOfActivity"]["dpv:hasProcess"]
    given = {one["consent:service"]: one["consent:given"] for one in content["dpv:hasRecipient"][1:]}
    assert given == {"youtube": True, "twitter": False}


def test_only_what_was_decided_is_in_it(notice: Notice) -> None:
    made = receipt(recorded(notice), notice, SOURCES)["dpv:hasRecordOfActivity"]
    named = [process["dpv:hasPurpose"]["dct:identifier"] for process in made["dpv:hasProcess"]]
    assert named == ["analytics", "content", "advertising"]
    assert "dct:source" not in made


def test_the_words_are_those_that_were_read(notice: Notice) -> None:
    made = receipt(recorded(notice, language="es"), notice, SOURCES)["dpv:hasRecordOfActivity"]
    assert made["dpv:hasNotice"]["dct:language"] == "es"
    assert made["dpv:hasProcess"][0]["dpv:hasPurpose"]["dct:title"] == {
        "@language": "es",
        "@value": "Rendimiento y uso",
    }


@pytest.mark.parametrize(("country", "place"), [("ES", "loc:ES"), (None, "loc:US")])
def test_without_a_country_the_controllers_stands(notice: Notice, country: str | None, place: str) -> None:
    made = receipt(recorded(notice, country=country), notice, SOURCES)
    assert made["dpv:hasRecordOfActivity"]["dpv:hasJurisdiction"] == {"@id": place}


# What the table of ISO/IEC TS 27560 in the DPV guide demands, by the names that a JSON-LD processor comes to.
DPV = "https://w3id.org/dpv#"
DEMANDED = {
    "header": ("http://purl.org/dc/terms/conformsTo", "http://purl.org/dc/terms/identifier", f"{DPV}hasDataSubject"),
    "parts": tuple(f"{DPV}{name}" for name in (
        "hasNotice", "hasDataController", "hasProcess", "hasConsentControl", "hasJurisdiction", "hasConsentStatus",
    )),
    "process": tuple(f"{DPV}{name}" for name in (
        "hasPurpose", "hasPersonalData", "hasLegalBasis", "hasRecipient", "hasStorageCondition",
    )),
    "event": tuple(f"{DPV}{name}" for name in (
        "isIndicatedAtTime", "hasDuration", "isIndicatedBy", "hasIndicationMethod", "hasProcess",
    )),
}  # fmt: skip


def newsletter(notice: Notice) -> ConsentRecord:
    """A subscription to two lists."""
    draft = records.NewsletterDraft(
        site=notice.site,
        id=acts.new_id(),
        subject=acts.new_id(),
        action="confirm",
        lists={"top-stories": True, "events": True},
        language="en",
        notice=digest(notice),
        via="form",
    )
    made = records.record(draft, 8, START, {})
    assert isinstance(made, ConsentRecord)
    return made


@pytest.mark.parametrize("act", ["given", "refused", "newsletter"])
def test_a_json_ld_processor_finds_every_field_that_the_standard_demands(notice: Notice, act: str) -> None:
    """The context is inlined: nothing is fetched."""
    of = {"given": MIXED, "refused": dict.fromkeys(MIXED, False)}
    record = newsletter(notice) if act == "newsletter" else recorded(notice, purposes=of[act])
    [node] = jsonld.expand(receipt(record, notice, SOURCES))
    assert node["http://purl.org/dc/terms/conformsTo"][0]["@id"].endswith("#receipt")
    [kept] = node[f"{DPV}hasRecordOfActivity"]
    assert set(DEMANDED["header"] + DEMANDED["parts"]) <= set(kept)
    for name, demanded in (("hasProcess", DEMANDED["process"]), ("hasConsentStatus", DEMANDED["event"])):
        for each in kept[f"{DPV}{name}"]:
            assert set(demanded) <= set(each), name
    for process in kept[f"{DPV}hasProcess"]:
        kinds = {kind for condition in process[f"{DPV}hasStorageCondition"] for kind in condition["@type"]}
        assert kinds == {f"{DPV}StorageLocation", f"{DPV}StorageDuration"}
    states_ = [status["@type"][0].removeprefix(DPV) for status in kept[f"{DPV}hasConsentStatus"]]
    wanted = {
        "given": {"ConsentGiven", "ConsentRefused"},
        "refused": {"ConsentRefused"},
        "newsletter": {"ConsentGiven"},
    }
    assert set(states_) == wanted[act]
    processes = {process["@id"] for process in kept[f"{DPV}hasProcess"]}
    assert {status[f"{DPV}hasProcess"][0]["@id"] for status in kept[f"{DPV}hasConsentStatus"]} == processes
    assert "_:" in jsonld.to_rdf(receipt(record, notice, SOURCES), {"format": "application/n-quads"})


def test_kantaras_receipt_has_its_fields_and_only_what_is_given(notice: Notice) -> None:
    vector = json.loads(Path(__file__).with_name("vectors").joinpath("kantara.json").read_bytes())
    must = {
        path
        for path, _, duty, *_ in vector["fields"]
        if duty.startswith("MUST") and "." not in path and "[" not in path
    }
    made = kantara(recorded(notice), notice)
    assert made is not None
    assert must - {"spiCat"} <= set(made) and set(vector["receipt"]) - set(made) == {"publicKey"}
    assert set(vector["receipt"]["piiControllers"][0]) <= set(made["piiControllers"][0])
    [service] = made["services"]
    assert [purpose["purposeCategory"] for purpose in service["purposes"]] == [["analytics"]]
    theirs = set(vector["receipt"]["services"][0]["purposes"][0])
    assert theirs <= set(service["purposes"][0])
    assert made["consentTimestamp"] == START // 1000
    assert kantara(recorded(notice, purposes=dict.fromkeys(MIXED, False)), notice) is None
    [letters] = (kantara(newsletter(notice), notice) or {})["services"]
    assert [one["piiCategory"] for one in letters["purposes"]] == [["2 - Contact"]] * 2
