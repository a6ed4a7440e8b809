"""Amazon: whose certificate signs, of which topic, and what SES says inside."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from consent.errors import BadToken, Malformed
from consent.sync.inbound import ses, sns
from tests.clock import START
from tests.sync.signing import CERTIFICATE_URL, SNS_HOST, SUBSCRIBE_URL, TOPIC, Amazon

EMAIL, MAIL, SITE = "reader@example.org", "019a0000-0000-7000-8000-000000000001", "miami-new-times"
MAILED = {
    "messageId": "0102",
    "tags": {"consent_site": [SITE], "consent_id": [MAIL], "ses:caller-identity": ["x"]},
    "commonHeaders": {"messageId": "<m@example.org>"},
}


@pytest.fixture(scope="module")
def amazon() -> Amazon:
    return Amazon()


def parsed(said: dict[str, Any], topic: str = TOPIC) -> sns.Message:
    """The message as it is read."""
    return sns.parse(msgspec.json.encode(said), topic)


def events(amazon: Amazon, told: Any) -> list[tuple[str, str | None, str | None, str | None]]:
    """What matters of the events in a genuine notification."""
    message = parsed(amazon.says(told))
    sns.check(message, amazon.certificate)
    assert all(one.at == START for one in ses.events(message))
    return [(one.kind, one.address, one.mail, one.site) for one in ses.events(message)]


@pytest.mark.parametrize("version", ["1", "2"])
@pytest.mark.parametrize("subject", [None, "Amazon SES Email Event Notification"])
def test_both_signatures_are_genuine(amazon: Amazon, version: str, subject: str | None) -> None:
    said = amazon.says("hello", version, **({"Subject": subject} if subject else {}))
    sns.check(parsed(said), amazon.certificate)
    sns.check(parsed(amazon.confirmation(SignatureVersion=version) if version == "2" else said), amazon.certificate)


@pytest.mark.parametrize(
    "late",
    [
        {"late_Message": "goodbye"},
        {"late_MessageId": "other"},
        {"late_Subject": "added"},
        {"late_Timestamp": "2026-11-23T10:00:00.000Z"},
        {"late_Signature": "AAAA"},
        {"late_Signature": "!"},
        {"late_SignatureVersion": "1"},
        {"late_Type": "UnsubscribeConfirmation"},
    ],
)
def test_what_was_changed_is_not(amazon: Amazon, late: dict[str, str]) -> None:
    with pytest.raises(BadToken):
        sns.check(parsed(amazon.says("hello", **late)), amazon.certificate)


def test_another_certificate_is_not_the_signers(amazon: Amazon) -> None:
    message = parsed(amazon.says("hello"))
    for certificate in (Amazon().certificate, b"", b"-----BEGIN CERTIFICATE-----\nAA\n-----END CERTIFICATE-----\n"):
        with pytest.raises(BadToken):
            sns.check(message, certificate)


@pytest.mark.parametrize(
    "url",
    [
        CERTIFICATE_URL.replace("https", "http"),
        CERTIFICATE_URL.replace(SNS_HOST, "sns.eu-west-1.amazonaws.com.evil.example"),
        CERTIFICATE_URL.replace(SNS_HOST, "evil.example/sns.eu-west-1.amazonaws.com"),
        CERTIFICATE_URL.replace(SNS_HOST, "s3.amazonaws.com"),
        CERTIFICATE_URL.replace(SNS_HOST, f"{SNS_HOST}:8443"),
        CERTIFICATE_URL.replace("https://", "https://evil@"),
        CERTIFICATE_URL + "?x",
        CERTIFICATE_URL + "\n",
        CERTIFICATE_URL.replace("/Simple", "/../Simple"),
        "https://169.254.169.254/SimpleNotificationService-0.pem",
        "",
    ],
)
def test_a_certificate_from_anywhere_else_is_not_even_fetched(amazon: Amazon, url: str) -> None:
    with pytest.raises(BadToken):
        parsed(amazon.says("hello", SigningCertURL=url))


def test_another_topic_is_not_heard(amazon: Amazon) -> None:
    with pytest.raises(BadToken):
        parsed(amazon.says("hello", TopicArn=TOPIC + "2"))
    with pytest.raises(BadToken):
        parsed(amazon.says("hello"), "")
    with pytest.raises(BadToken):
        parsed(amazon.says("hello", Type="Other"))
    with pytest.raises(BadToken):
        parsed(amazon.says("hello", late_SignatureVersion="3"))
    with pytest.raises(Malformed):
        sns.parse(b"{}", TOPIC)


def test_china_has_its_own_hosts(amazon: Amazon) -> None:
    host = "sns.cn-north-1.amazonaws.com.cn"
    url = CERTIFICATE_URL.replace(SNS_HOST, host)
    confirmation = amazon.confirmation(SigningCertURL=url, SubscribeURL=SUBSCRIBE_URL.replace(SNS_HOST, host))
    assert sns.confirmation_url(parsed(confirmation)) == SUBSCRIBE_URL.replace(SNS_HOST, host)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        SUBSCRIBE_URL.replace("https", "http"),
        SUBSCRIBE_URL.replace(SNS_HOST, "evil.example"),
        SUBSCRIBE_URL.replace(SNS_HOST, f"{SNS_HOST}.evil.example"),
        SUBSCRIBE_URL.replace("https://", "https://evil@"),
        SUBSCRIBE_URL.replace("/?", "/other?"),
        SUBSCRIBE_URL + "\r\nX: y",
        "",
    ],
)
def test_a_confirmation_goes_to_amazon_alone(amazon: Amazon, url: str) -> None:
    with pytest.raises(BadToken):
        sns.confirmation_url(parsed(amazon.confirmation(SubscribeURL=url)))


def test_a_confirmation_says_nothing_of_mails(amazon: Amazon) -> None:
    assert sns.confirmation_url(parsed(amazon.confirmation())) == SUBSCRIBE_URL
    assert ses.events(parsed(amazon.confirmation())) == []
    assert sns.confirmation_url(parsed(amazon.says("hello"))) is None


@pytest.mark.parametrize("name", ["eventType", "notificationType"])
def test_a_bounce_names_each_who_bounced(amazon: Amazon, name: str) -> None:
    recipients = [{"emailAddress": EMAIL, "status": "5.1.1"}, {"emailAddress": "other@example.org"}]
    for type_, kind in (("Permanent", "bounced_hard"), ("Transient", "bounced_soft"), ("Undetermined", "bounced_soft")):
        bounce = {"bounceType": type_, "bouncedRecipients": recipients}
        found = events(amazon, {name: "Bounce", "bounce": bounce, "mail": MAILED})
        assert found == [(kind, EMAIL, MAIL, SITE), (kind, "other@example.org", MAIL, SITE)]


@pytest.mark.parametrize("name", ["eventType", "notificationType"])
def test_a_complaint_and_a_delivery(amazon: Amazon, name: str) -> None:
    complaint = {"complainedRecipients": [{"emailAddress": EMAIL}], "complaintFeedbackType": "abuse"}
    found = events(amazon, {name: "Complaint", "complaint": complaint, "mail": MAILED})
    assert found == [("complained", EMAIL, MAIL, SITE)]
    found = events(amazon, {name: "Delivery", "delivery": {"recipients": [EMAIL]}, "mail": {}})
    assert found == [("delivered", EMAIL, None, None)]
    assert events(amazon, {name: "Open", "mail": MAILED}) == []


def test_the_first_notification_is_plain_text(amazon: Amazon) -> None:
    words = "Successfully validated SNS topic for Amazon SES event publishing."
    assert events(amazon, words) == []
    assert events(amazon, "7") == []
