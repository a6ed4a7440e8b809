"""The consent record: what was asked, what was answered, and the bytes that prove it.

A record is one act of a subject against one notice, what became of a subscription, or what somebody of the publisher's
did. Its canonical bytes (RFC 8785) are stored as they were committed to; the log's leaf is a salted commitment of them,
so that erasing payload and salt leaves a leaf that says nothing.

Invariant: every purpose of the notice that is not required is in a record, true or false; a refusal is
stored as firmly as a grant.
"""

from consent.records.audit import Actor, AuditDraft, AuditRecord, Noted
from consent.records.checking import check, days, is_page
from consent.records.making import (
    AnyDraft,
    AnyRecord,
    leaf,
    normal,
    payload,
    read_any,
    read_audit,
    read_payload,
    record,
    says_the_same,
    status,
    until,
    without_query,
)
from consent.records.shape import (
    Action,
    Answer,
    Asked,
    Circumstances,
    ConsentRecord,
    ConsentRequest,
    Digest,
    Draft,
    Name,
    NewsletterAction,
    NewsletterDraft,
    Recorded,
    Status,
)

__all__ = [
    "Action",
    "Actor",
    "Answer",
    "AnyDraft",
    "AnyRecord",
    "Asked",
    "AuditDraft",
    "AuditRecord",
    "Circumstances",
    "ConsentRecord",
    "ConsentRequest",
    "Digest",
    "Draft",
    "Name",
    "NewsletterAction",
    "NewsletterDraft",
    "Noted",
    "Recorded",
    "Status",
    "check",
    "days",
    "is_page",
    "leaf",
    "normal",
    "payload",
    "read_any",
    "read_audit",
    "read_payload",
    "record",
    "says_the_same",
    "status",
    "until",
    "without_query",
]
