"""A consent record as a receipt by the Kantara Initiative's Consent Receipt Specification, version 1.1.0 (2018).

That form is older than withdrawals and knows no refusal: only what is given stands in it, and a record that gives
nothing has none. It demands a telephone number and a postal address; what the notice does not tell is left empty.

Invariant: the receipt says nothing that the record and its notice do not.
"""

from __future__ import annotations

from typing import Any

import msgspec

from consent import clock, ids
from consent.notices import MailingList, Notice, Purpose
from consent.records import ConsentRecord

VERSION = "KI-CR-v1.1.0"
CONTACT = "2 - Contact"
Node = dict[str, Any]


def kantara(record: ConsentRecord, notice: Notice) -> Node | None:
    """The receipt; None for a record that gives nothing. `notice` is the one that the record names."""
    purposes = [_purpose(one, record) for one in notice.purposes if record.purposes.get(one.id)]
    lists = [_list(one, record) for one in _lists(notice) if record.lists.get(one.id)]
    if not purposes and not lists:
        return None
    return {
        "version": VERSION,
        "jurisdiction": record.country or notice.controller.country,
        "consentTimestamp": clock.parse(record.recorded_at) // 1000,
        "collectionMethod": _method(record),
        "consentReceiptID": ids.derived(record.id, "receipt"),
        "language": record.language,
        "piiPrincipalId": record.subject,
        "piiControllers": [_controller(notice)],
        "policyUrl": notice.controller.privacy_policy,
        "services": [{"service": notice.name, "purposes": purposes + lists}],
        "sensitive": False,
        "spiCat": [],
    }


def _method(record: ConsentRecord) -> str:
    if record.kind == "newsletter":
        return f"{record.via or 'form'} on a web page, confirmed by a button behind a mailed link"
    return f"notice on a web page: {record.action}"


def _controller(notice: Notice) -> Node:
    own = notice.controller
    street = "" if isinstance(notice.newsletter, msgspec.UnsetType) else notice.newsletter.postal_address
    return {
        "piiController": own.name,
        "onBehalf": False,
        "contact": own.name,
        "address": {"streetAddress": street, "addressCountry": own.country},
        "email": own.email,
        "phone": "",
        "piiControllerUrl": own.privacy_policy,
    }


def _purpose(purpose: Purpose, record: ConsentRecord) -> Node:
    """One that is given; of its services those that were not refused apart."""
    given = [one for one in purpose.services if record.services.get(one.id, True)]
    cookies = [cookie.name for service in given for cookie in service.cookies]
    return {
        "purpose": purpose.name[record.language],
        "purposeCategory": [purpose.id],
        "consentType": "EXPLICIT" if record.action in ("accept_all", "save", "import") else "IMPLICIT",
        "piiCategory": cookies or [purpose.id],
        "primaryPurpose": False,
        "termination": record.expires_at or "when it is withdrawn",
        "thirdPartyDisclosure": bool(given),
    } | ({"thirdPartyName": ", ".join(dict.fromkeys(one.provider for one in given))} if given else {})


def _list(one: MailingList, record: ConsentRecord) -> Node:
    return {
        "purpose": one.name[record.language],
        "purposeCategory": ["newsletter"],
        "consentType": "EXPLICIT",
        "piiCategory": [CONTACT],
        "primaryPurpose": True,
        "termination": "when it is withdrawn",
        "thirdPartyDisclosure": False,
    }


def _lists(notice: Notice) -> tuple[MailingList, ...]:
    return () if isinstance(notice.newsletter, msgspec.UnsetType) else notice.newsletter.lists
