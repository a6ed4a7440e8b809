"""A consent record as a receipt for machines: JSON-LD in the form that ISO/IEC TS 27560:2023 takes with the W3C's DPV.

The source is "Consent Records and Receipts as per ISO/IEC TS 27560:2023 using DPV" (W3C DPVCG, final report,
15 February 2026). Every `dpv:` term here exists in DPV 2.3; what the standard has no word for is under `consent:`.

Invariant: the receipt says nothing that the record and its notice do not; a law that nobody named is not claimed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from consent import clock, ids, records
from consent.notices import Cookie, MailingList, Notice, Purpose, Service
from consent.records import ConsentRecord, Status

Node = dict[str, Any]

MEDIA = "application/ld+json"
CONTEXT: Mapping[str, str] = {
    "consent": "urn:consent:terms:",
    "dct": "http://purl.org/dc/terms/",
    "dpv": "https://w3id.org/dpv#",
    "loc": "https://w3id.org/dpv/loc#",
    "schema": "https://schema.org/",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
FORM = "https://w3id.org/dpv/schema/dpv-27560#"
CONTROLLER = "_:controller"

LEGAL_BASES: Mapping[str, str] = {
    "consent": "dpv:Consent",
    "contract": "dpv:Contract",
    "legal_obligation": "dpv:LegalObligation",
    "legitimate_interest": "dpv:LegitimateInterest",
    "public_task": "dpv:PublicInterest",
    "vital_interests": "dpv:VitalInterest",
}
ISO_8601: Mapping[str, str] = {
    "second": "PT{}S",
    "minute": "PT{}M",
    "hour": "PT{}H",
    "day": "P{}D",
    "week": "P{}W",
    "month": "P{}M",
    "year": "P{}Y",
}
UNTIL_WITHDRAWN: Node = {"@type": "dpv:UntilEventDuration", "dct:description": "until it is withdrawn"}
STATES: Mapping[Status, str] = {
    "given": "dpv:ConsentGiven",
    "refused": "dpv:ConsentRefused",
    "withdrawn": "dpv:ConsentWithdrawn",
}


class Sources(msgspec.Struct, frozen=True, kw_only=True):
    """What the receipt points to: addresses, the signed token itself, and when the notice was published."""

    receipt: str
    withdraw: str
    token: str
    notice_published_at: str


def receipt(record: ConsentRecord, notice: Notice, sources: Sources) -> Node:
    """The receipt as a JSON-LD object; `notice` is the one that the record names."""
    return {
        "@context": dict(CONTEXT),
        "@id": sources.receipt,
        "@type": "dpv:ConsentReceipt",
        "consent:token": sources.token,
        "dct:conformsTo": {"@id": f"{FORM}receipt"},
        "dct:created": _time(record.recorded_at),
        "dct:identifier": ids.derived(record.id, "receipt"),
        "dct:publisher": {"@id": CONTROLLER},
        "dpv:hasRecordOfActivity": _record(record, notice, sources),
        "schema:recipient": {"@id": "dpv:DataSubject"},
    }


def _record(record: ConsentRecord, notice: Notice, sources: Sources) -> Node:
    decided = [purpose for purpose in notice.purposes if purpose.id in record.purposes]
    lists = _lists(record, notice)
    node: Node = {
        "@id": f"urn:uuid:{record.id}",
        "@type": "dpv:ConsentRecord",
        "consent:number": record.seq,
        "dct:conformsTo": {"@id": f"{FORM}record"},
        "dct:identifier": record.id,
        "dpv:hasConsentControl": _control("dpv:WithdrawConsent", sources.withdraw),
        "dpv:hasConsentStatus": [
            *(_status(purpose, record, notice) for purpose in decided),
            *(_list_status(one, record) for one in lists),
        ],
        "dpv:hasDataController": _controller(notice),
        "dpv:hasDataSubject": {"@type": "dpv:DataSubject", "dct:identifier": record.subject},
        "dpv:hasJurisdiction": {"@id": f"loc:{record.country or notice.controller.country}"},
        "dpv:hasNotice": _notice(record, sources),
        "dpv:hasProcess": [
            *(_process(purpose, record) for purpose in decided),
            *(_list_process(one, record, notice.controller.country) for one in lists),
        ],
        "dpv:hasRight": [_control("dpv:DataSubjectRight", sources.withdraw) | {"dct:title": "Withdraw consent"}],
    }
    return node | ({"dct:source": {"@id": record.page}} if record.page else {})


def _controller(notice: Notice) -> Node:
    controller = notice.controller
    return {
        "@id": CONTROLLER,
        "@type": ["dpv:Organisation", "dpv:DataController"],
        "dct:identifier": notice.site,
        "dpv:hasName": controller.name,
        "schema:contactPoint": {
            "@type": "schema:ContactPoint",
            "schema:address": _address(notice),
            "schema:email": controller.email,
        },
        "schema:url": controller.privacy_policy,
    }


def _address(notice: Notice) -> Node:
    """Where the controller is; the street where the notice tells it, as newsletters must."""
    country = {"@type": "schema:PostalAddress", "schema:addressCountry": notice.controller.country}
    if isinstance(notice.newsletter, msgspec.UnsetType):
        return country
    return country | {"schema:streetAddress": notice.newsletter.postal_address}


def _notice(record: ConsentRecord, sources: Sources) -> Node:
    return {
        "@id": f"urn:consent:notice:sha256:{record.notice}",
        "@type": "dpv:ConsentNotice",
        "dct:date": _time(sources.notice_published_at),
        "dct:identifier": record.notice,
        "dct:language": record.language,
    }


def _process(purpose: Purpose, record: ConsentRecord) -> Node:
    """What would be done: for which purpose, with which data, by whom."""
    return {
        "@id": _process_id(purpose),
        "@type": "dpv:Process",
        "dpv:hasLegalBasis": {"@id": LEGAL_BASES.get(purpose.legal_basis, "dpv:LegalBasis")},
        "dpv:hasPersonalData": [_data(cookie) for service in purpose.services for cookie in service.cookies]
        or [{"@id": "dpv:PersonalData"}],
        "dpv:hasPurpose": {
            "@type": "dpv:Purpose",
            "dct:description": _words(purpose.description, record.language),
            "dct:identifier": purpose.id,
            "dct:title": _words(purpose.name, record.language),
        },
        "dpv:hasRecipient": [{"@id": CONTROLLER}, *(_recipient(one, purpose, record) for one in purpose.services)],
        "dpv:hasStorageCondition": _storage(purpose, record),
    }


def _data(cookie: Cookie) -> Node:
    about = [{"@language": language, "@value": words} for language, words in sorted(cookie.about.items())]
    return {"@type": "dpv:PersonalData", "dct:description": about, "dct:title": cookie.name}


def _recipient(service: Service, purpose: Purpose, record: ConsentRecord) -> Node:
    return {
        "@type": ["dpv:Recipient", "dpv:Organisation"],
        "consent:given": record.services.get(service.id, record.purposes[purpose.id]),
        "consent:service": service.id,
        "dct:title": service.name,
        "dpv:hasName": service.provider,
        "schema:url": service.privacy_policy,
    }


def _storage(purpose: Purpose, record: ConsentRecord) -> list[Node]:
    """On the visitor's device, for as long as the notice said of each cookie; without any, as long as the choice."""
    cookies = [cookie for service in purpose.services for cookie in service.cookies]
    place = {"@type": "dpv:StorageLocation", "dpv:hasLocation": {"@id": "dpv:WithinDevice"}}
    lasts = [
        {"@type": "dpv:StorageDuration", "dct:title": cookie.name, "dpv:hasDuration": _lifetime(cookie.lifetime)}
        for cookie in cookies
    ]
    return [place, *(lasts or [{"@type": "dpv:StorageDuration", "dpv:hasDuration": _duration(f"P{_days(record)}D")}])]


def _lifetime(words: str) -> Node:
    """`90 days` as ISO 8601 has it; a session, and what stays until it is deleted, have no length."""
    number, _, unit = words.partition(" ")
    if not number.isdecimal():
        return {"@type": "dpv:UntilEventDuration", "dct:description": words}
    sign = ISO_8601[unit.removesuffix("s")]
    return _duration(sign.format(number))


def _duration(words: str) -> Node:
    return {"@type": "xsd:duration", "@value": words}


def _status(purpose: Purpose, record: ConsentRecord, notice: Notice) -> Node:
    """One purpose's state. Closing the notice without a choice defers it; what nobody expressed is implied."""
    status = record.status[purpose.id]
    is_deferred = record.action == "dismiss" and status == "refused"
    is_implied = status == "given" and record.regime != "opt_in" and record.action in ("acknowledge", "dismiss", "gpc")
    return {
        "@type": [
            "dpv:ConsentRequestDeferred" if is_deferred else STATES[status],
            "dpv:ImpliedConsent" if is_implied else "dpv:ExpressedConsent",
        ],
        "dpv:hasDuration": _duration(f"P{_days(record)}D"),
        "dpv:hasIndicationMethod": record.action,
        "dpv:hasProcess": {"@id": _process_id(purpose)},
        "dpv:isIndicatedAtTime": _time(record.recorded_at),
        "dpv:isIndicatedBy": {"@id": "dpv:DataSubject"},
    }


def _days(record: ConsentRecord) -> int:
    """How long the choice lasts: one that gives nothing, or came along from elsewhere, may have another life."""
    return (records.until(record) - clock.parse(record.recorded_at)) // clock.DAY


def _list_process(mailing_list: MailingList, record: ConsentRecord, country: str) -> Node:
    """A newsletter: the address is used to send it, by the controller alone, until it is left."""
    return {
        "@id": f"_:list-{mailing_list.id}",
        "@type": "dpv:Process",
        "dpv:hasLegalBasis": {"@id": LEGAL_BASES["consent"]},
        "dpv:hasPersonalData": [{"@type": "dpv:PersonalData", "dct:title": "e-mail address"}],
        "dpv:hasPurpose": {
            "@type": "dpv:Purpose",
            "dct:description": _words(mailing_list.description, record.language),
            "dct:identifier": mailing_list.id,
            "dct:title": _words(mailing_list.name, record.language),
        },
        "dpv:hasRecipient": [{"@id": CONTROLLER}],
        "dpv:hasStorageCondition": [
            {"@type": "dpv:StorageLocation", "dpv:hasLocation": {"@id": f"loc:{country}"}},
            {"@type": "dpv:StorageDuration", "dpv:hasDuration": dict(UNTIL_WITHDRAWN)},
        ],
    }


def _list_status(mailing_list: MailingList, record: ConsentRecord) -> Node:
    """One list's state, which holds until it is left."""
    return {
        "@type": [STATES[record.status[mailing_list.id]], "dpv:ExpressedConsent"],
        "dpv:hasDuration": dict(UNTIL_WITHDRAWN),
        "dpv:hasIndicationMethod": record.action,
        "dpv:hasProcess": {"@id": f"_:list-{mailing_list.id}"},
        "dpv:isIndicatedAtTime": _time(record.recorded_at),
        "dpv:isIndicatedBy": {"@id": "dpv:DataSubject"},
    }


def _lists(record: ConsentRecord, notice: Notice) -> list[MailingList]:
    """The lists that the record is about, in the notice's order."""
    offered = () if notice.newsletter is msgspec.UNSET else notice.newsletter.lists
    return [one for one in offered if one.id in record.lists]


def _process_id(purpose: Purpose) -> str:
    return f"_:purpose-{purpose.id}"


def _control(kind: str, address: str) -> Node:
    return {"@type": kind, "dpv:isExercisedAt": {"@id": address}}


def _time(words: str) -> Node:
    return {"@type": "xsd:dateTime", "@value": words}


def _words(translated: Mapping[str, str], language: str) -> Node:
    return {"@language": language, "@value": translated[language]}
