"""What mail providers tell: read only when it is theirs, and into one form for all."""

from __future__ import annotations

import base64
import contextlib
from typing import Any

import pytest

from consent.errors import BadToken, Malformed
from consent.sync.inbound import PROVIDERS, READERS, brevo, mailgun, postmark, resend, sendgrid
from consent.sync.inbound.events import Heard, MailEvent
from tests.clock import START
from tests.sync import signing
from tests.sync.signing import WHSEC, SendGrid, heard

EMAIL, MAIL, SITE = "reader@example.org", "019a0000-0000-7000-8000-000000000001", "miami-new-times"
OURS = {"consent_id": MAIL, "consent_site": SITE}


def gist(events: list[MailEvent]) -> list[tuple[str, str | None, str | None, str | None]]:
    """What matters of them."""
    return [(one.kind, one.address, one.mail, one.site) for one in events]


def basic(words: str) -> str:
    """An authorization header."""
    return "Basic " + base64.b64encode(words.encode()).decode()


@pytest.mark.parametrize(
    ("record", "kind"),
    [
        ({"RecordType": "Bounce", "Type": "HardBounce"}, "bounced_hard"),
        ({"RecordType": "Bounce", "Type": "BadEmailAddress"}, "bounced_hard"),
        ({"RecordType": "Bounce", "Type": "ManuallyDeactivated"}, "bounced_hard"),
        ({"RecordType": "Bounce", "Type": "SoftBounce"}, "bounced_soft"),
        ({"RecordType": "Bounce", "Type": "Blocked"}, "bounced_soft"),
        ({"RecordType": "Bounce", "Type": "DnsError"}, "bounced_soft"),
        ({"RecordType": "Bounce", "Type": "SpamComplaint"}, "complained"),
        ({"RecordType": "SpamComplaint", "Type": "SpamComplaint"}, "complained"),
        ({"RecordType": "Delivery"}, "delivered"),
        (
            {"RecordType": "SubscriptionChange", "SuppressSending": True, "SuppressionReason": "HardBounce"},
            "bounced_hard",
        ),
        (
            {"RecordType": "SubscriptionChange", "SuppressSending": True, "SuppressionReason": "ManualSuppression"},
            "unsubscribed",
        ),
        ({"RecordType": "SubscriptionChange", "SuppressSending": False}, None),
        ({"RecordType": "Open"}, None),
        ({}, None),
    ],
)
def test_postmark(record: dict[str, Any], kind: str | None) -> None:
    to = "Recipient" if record.get("RecordType") in ("Delivery", "SubscriptionChange") else "Email"
    body = {"ID": 42, "MessageID": "m", to: EMAIL, "Metadata": OURS, "BouncedAt": "2026-11-22T10:00:00Z", **record}
    events = postmark.read("s3cret", heard(body, "s3cret"))
    assert gist(events) == ([(kind, EMAIL, MAIL, SITE)] if kind else [])
    assert all(one.at == START for one in events)


@pytest.mark.parametrize("read", [postmark.read, brevo.read])
def test_a_secret_comes_in_the_address_or_as_authorization(read: Any) -> None:
    good = [heard({}, "s3cret"), heard({}, authorization="Bearer s3cret")]
    good += [heard({}, authorization=basic(words)) for words in ("any:s3cret", "s3cret")]
    for one in good:
        assert read("s3cret", one) == []
    assert read("me:s3cret", heard({}, authorization=basic("me:s3cret"))) == []
    bad = ["Basic !!!", "Basic /w==", basic("s3cret:other"), "Bearer ", "Digest s3cret", "s3cret", ""]
    for one in [heard({}), heard({}, "other"), *(heard({}, authorization=words) for words in bad)]:
        with pytest.raises(BadToken):
            read("s3cret", one)


@pytest.mark.parametrize(
    ("type_", "bounce", "kind"),
    [
        ("email.bounced", "Permanent", "bounced_hard"),
        ("email.bounced", "Transient", "bounced_soft"),
        ("email.bounced", "Undetermined", "bounced_soft"),
        ("email.complained", "", "complained"),
        ("email.delivered", "", "delivered"),
        ("email.delivery_delayed", "", None),
        ("email.opened", "", None),
    ],
)
def test_resend(type_: str, bounce: str, kind: str | None) -> None:
    for tags in (OURS, [{"name": name, "value": value} for name, value in OURS.items()]):
        data = {"email_id": "e", "to": [EMAIL], "tags": tags, "bounce": {"type": bounce, "message": "x"}}
        events = resend.read(WHSEC, signing.resend({"type": type_, "created_at": "2026-11-22T10:00:00Z", "data": data}))
        assert gist(events) == ([(kind, EMAIL, MAIL, SITE)] if kind else [])
        assert [one.id for one in events] == (["msg_1:0"] if kind else [])


def test_resends_signature_is_looked_at_first() -> None:
    good = signing.resend({"type": "email.bounced"})
    for headers in (
        {},
        {**good.headers, "svix-id": "msg_2"},
        {**good.headers, "svix-timestamp": "1"},
        {**good.headers, "svix-signature": "v1,AAAA"},
    ):
        with pytest.raises(BadToken):
            resend.read(WHSEC, good._replace(headers=headers))
    with pytest.raises(BadToken):
        resend.read(WHSEC, good._replace(body=b"{}"))
    with pytest.raises(BadToken):
        resend.read(WHSEC, good._replace(now=START + 400_000))
    with pytest.raises(BadToken):
        resend.read("whsec_short", good)


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        ({"event": "failed", "severity": "permanent"}, "bounced_hard"),
        ({"event": "failed", "severity": "temporary"}, "bounced_soft"),
        ({"event": "complained"}, "complained"),
        ({"event": "unsubscribed"}, "unsubscribed"),
        ({"event": "delivered"}, "delivered"),
        ({"event": "opened"}, None),
    ],
)
def test_mailgun(data: dict[str, Any], kind: str | None) -> None:
    usual = {
        "id": "ev",
        "recipient": EMAIL,
        "timestamp": START / 1000,
        "user-variables": OURS,
        "message": {"headers": {"message-id": f"{MAIL}@example.org"}},
    }
    events = mailgun.read("mg-key", signing.mailgun(usual | data))
    assert gist(events) == ([(kind, EMAIL, MAIL, SITE)] if kind else [])
    assert all((one.message_id, one.at) == (f"<{MAIL}@example.org>", START) for one in events)


def test_mailguns_signature_has_to_be_right_and_fresh() -> None:
    good = signing.mailgun({"event": "complained", "recipient": EMAIL, "id": "ev"})
    with pytest.raises(BadToken):
        mailgun.read("other", good)
    with pytest.raises(BadToken):
        mailgun.read("mg-key", good._replace(now=START + 2 * 86_400_000))
    with pytest.raises(BadToken):
        mailgun.read("mg-key", heard({"event-data": {"event": "complained"}}))


@pytest.mark.parametrize(
    ("event", "kind"),
    [
        ({"event": "bounce", "type": "bounce"}, "bounced_hard"),
        ({"event": "bounce", "type": "blocked"}, "bounced_soft"),
        ({"event": "dropped", "reason": "Bounced Address"}, "bounced_hard"),
        ({"event": "dropped", "reason": "Spam Content"}, None),
        ({"event": "spamreport"}, "complained"),
        ({"event": "unsubscribe"}, "unsubscribed"),
        ({"event": "group_unsubscribe"}, "unsubscribed"),
        ({"event": "delivered"}, "delivered"),
        ({"event": "deferred"}, None),
    ],
)
def test_sendgrid(event: dict[str, Any], kind: str | None) -> None:
    there = SendGrid()
    usual = {
        "email": EMAIL,
        "sg_event_id": "e1",
        "smtp-id": f"<{MAIL}@example.org>",
        "timestamp": START // 1000,
        **OURS,
    }
    other = {"event": "processed", "sg_event_id": "e2", "email": EMAIL}
    events = sendgrid.read(there.public, there.says(usual | event, other))
    assert gist(events) == ([(kind, EMAIL, MAIL, SITE)] if kind else [])


def test_sendgrids_signature_is_looked_at_first() -> None:
    there, other = SendGrid(), SendGrid()
    good = there.says({"event": "bounce", "sg_event_id": "e"})
    for public, message in (
        (other.public, good),
        (there.public, good._replace(body=good.body + b" ")),
        (there.public, good._replace(headers={})),
        (there.public, good._replace(headers={**good.headers, sendgrid.TIMESTAMP: "1"})),
        (there.public, good._replace(headers={**good.headers, sendgrid.SIGNATURE: "!"})),
        ("no key", good),
        (base64.b64encode(b"no key either").decode(), good),
    ):
        with pytest.raises(BadToken):
            sendgrid.read(public, message)


@pytest.mark.parametrize(
    ("event", "kind"),
    [
        ("hard_bounce", "bounced_hard"),
        ("invalid_email", "bounced_hard"),
        ("soft_bounce", "bounced_soft"),
        ("blocked", "bounced_soft"),
        ("spam", "complained"),
        ("unsubscribed", "unsubscribed"),
        ("delivered", "delivered"),
        ("request", None),
    ],
)
def test_brevo(event: str, kind: str | None) -> None:
    body = {
        "id": 1,
        "event": event,
        "email": EMAIL,
        "message-id": f"<{MAIL}@example.org>",
        "ts_event": START // 1000,
        "tags": [f"consent_site:{SITE}", f"consent_id:{MAIL}"],
    }
    assert gist(brevo.read("s", heard(body, "s"))) == ([(kind, EMAIL, MAIL, SITE)] if kind else [])


def test_a_repeat_has_the_same_id_and_another_event_another() -> None:
    def id_of(**fields: Any) -> str:
        body = {"event": "spam", "email": EMAIL, "message-id": "<m>", "ts_event": 1, **fields}
        return brevo.read("s", heard(body, "s"))[0].id

    assert id_of() == id_of()
    assert len({id_of(), id_of(event="hard_bounce"), id_of(ts_event=2), id_of(email="x@example.org")}) == 4


@pytest.mark.parametrize("body", [b"", b"no", b"[1]", b'"x"', b"\xff\xfe", b'{"RecordType": 7}', b'{"event": {}}'])
def test_what_is_no_message_is_refused(body: bytes) -> None:
    there = SendGrid()
    messages: list[tuple[str, str, Heard]] = [
        ("brevo", "s", heard(body, "s")),
        ("postmark", "s", heard(body, "s")),
        ("mailgun", "s", heard(body)),
    ]
    for provider, secret, message in messages:
        with contextlib.suppress(Malformed, BadToken):
            assert READERS[provider](secret, message) == []
    with pytest.raises(BadToken):
        sendgrid.read(there.public, heard(body))


def test_every_provider_that_mails_can_leave_by_is_listened_to() -> None:
    assert set(PROVIDERS) == {"postmark", "resend", "mailgun", "sendgrid", "brevo", "ses"}
