"""What each provider's API demands of a request, by its own documentation."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re

from tests.mail.api import form_of, json_of
from tests.mail.making import ID, LONG_LINK, MAIL, MESSAGE_ID, READER
from tests.sync.receiver import Got

KEY, SECRET = "key-0123456789", "se/cr+et=0123456789"
HEADERS = {"List-Unsubscribe": LONG_LINK, "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
ADDED = {"Auto-Submitted": "auto-generated", **HEADERS}
ADDRESS = "newsletter@news.example.com"
NAME = "Miami New Times"


def postmark(request: Got) -> None:
    """https://postmarkapp.com/developer/api/email-api"""
    assert (request.method, request.path) == ("POST", "/email")
    assert request.headers["x-postmark-server-token"] == KEY
    assert request.headers["accept"] == "application/json"
    body = json_of(request)
    headers = {one["Name"]: one["Value"] for one in body.pop("Headers")}
    assert headers == ADDED | {"Message-ID": MESSAGE_ID, "X-PM-KeepID": "true"}
    assert body == {
        "From": MAIL.sender,
        "To": READER,
        "Subject": MAIL.subject,
        "TextBody": MAIL.text,
        "HtmlBody": MAIL.html,
        "MessageStream": "outbound",
        "Metadata": {"consent_site": MAIL.site, "consent_id": ID},
        "TrackOpens": False,
        "TrackLinks": "None",
    }
    assert all(len(name) <= 20 and len(value) <= 80 for name, value in body["Metadata"].items())


def resend(request: Got) -> None:
    """https://resend.com/docs/api-reference/emails/send-email"""
    assert (request.method, request.path) == ("POST", "/emails")
    assert request.headers["authorization"] == f"Bearer {KEY}"
    assert request.headers["idempotency-key"] == ID
    body = json_of(request)
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{1,256}", tag[part]) for tag in body["tags"] for part in ("name", "value"))
    assert body == {
        "from": MAIL.sender,
        "to": [READER],
        "subject": MAIL.subject,
        "text": MAIL.text,
        "html": MAIL.html,
        "headers": ADDED | {"Message-ID": MESSAGE_ID},
        "tags": [{"name": "consent_site", "value": MAIL.site}, {"name": "consent_id", "value": ID}],
    }


def mailgun(request: Got) -> None:
    """https://documentation.mailgun.com/docs/mailgun/api-reference/send/mailgun/messages"""
    assert (request.method, request.path) == ("POST", "/v3/mg.example.com/messages")
    assert request.headers["authorization"] == "Basic " + base64.b64encode(f"api:{KEY}".encode()).decode()
    assert form_of(request) == {
        "from": MAIL.sender,
        "to": READER,
        "subject": MAIL.subject,
        "text": MAIL.text,
        "html": MAIL.html,
        "o:tracking": "no",
        "v:consent_site": MAIL.site,
        "v:consent_id": ID,
        "h:Message-Id": MESSAGE_ID,
        **{f"h:{name}": value for name, value in ADDED.items()},
    }


def sendgrid(request: Got) -> None:
    """https://www.twilio.com/docs/sendgrid/api-reference/mail-send/mail-send"""
    assert (request.method, request.path) == ("POST", "/v3/mail/send")
    assert request.headers["authorization"] == f"Bearer {KEY}"
    body = json_of(request)
    reserved = {"to", "from", "subject", "reply-to", "cc", "bcc", "content-type", "received", "dkim-signature"}
    assert not reserved & {name.lower() for name in body["headers"]}
    assert body == {
        "personalizations": [{"to": [{"email": READER}], "custom_args": {"consent_site": MAIL.site, "consent_id": ID}}],
        "from": {"email": ADDRESS, "name": NAME},
        "subject": MAIL.subject,
        "content": [{"type": "text/plain", "value": MAIL.text}, {"type": "text/html", "value": MAIL.html}],
        "headers": ADDED | {"Message-ID": MESSAGE_ID},
        "tracking_settings": {"click_tracking": {"enable": False}, "open_tracking": {"enable": False}},
    }


def brevo(request: Got) -> None:
    """https://developers.brevo.com/reference/send-transac-email"""
    assert (request.method, request.path) == ("POST", "/v3/smtp/email")
    assert request.headers["api-key"] == KEY
    known = [f"consent_site:{MAIL.site}", f"consent_id:{ID}"]
    assert json_of(request) == {
        "sender": {"email": ADDRESS, "name": NAME},
        "to": [{"email": READER}],
        "subject": MAIL.subject,
        "textContent": MAIL.text,
        "htmlContent": MAIL.html,
        "headers": ADDED | {"Message-Id": MESSAGE_ID, "idempotencyKey": ID, "X-Mailin-custom": "|".join(known)},
        "tags": known,
    }


def ses(request: Got) -> None:
    """https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html"""
    assert (request.method, request.path) == ("POST", "/v2/email/outbound-emails")
    signature_v4(request)
    body = json_of(request)
    tags = body.pop("EmailTags")
    assert tags == [{"Name": "consent_site", "Value": MAIL.site}, {"Name": "consent_id", "Value": ID}]
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{1,256}", tag[part]) for tag in tags for part in ("Name", "Value"))
    simple = body["Content"].pop("Simple")
    headers = {one["Name"]: one["Value"] for one in simple.pop("Headers")}
    assert headers == ADDED
    assert body == {
        "FromEmailAddress": MAIL.sender,
        "Destination": {"ToAddresses": [READER]},
        "Content": {},
        "ConfigurationSetName": "bounces",
    }
    assert simple == {
        "Subject": {"Data": MAIL.subject, "Charset": "UTF-8"},
        "Body": {
            "Text": {"Data": MAIL.text, "Charset": "UTF-8"},
            "Html": {"Data": MAIL.html, "Charset": "UTF-8"},
        },
    }


def signature_v4(request: Got) -> None:
    """As the service does it: from the request alone, and from the secret that it knows the caller by."""
    found = re.fullmatch(
        r"AWS4-HMAC-SHA256 Credential=(\S+?)/(\d{8})/([a-z0-9-]+)/ses/aws4_request,"
        r" SignedHeaders=(\S+), Signature=(\S+)",
        request.headers["authorization"],
    )
    assert found is not None
    key, day, region, names, signature = found.groups()
    moment = request.headers["x-amz-date"]
    assert (key, region, moment[:8]) == (KEY, "eu-west-1", day)
    assert moment == "20261122T100000Z"
    assert {"host", "x-amz-date"} <= set(names.split(";"))
    assert names.split(";") == sorted(names.split(";"))
    canonical = f"{request.method}\n{request.path}\n\n"
    canonical += "".join(f"{name}:{request.headers[name].strip()}\n" for name in names.split(";"))
    canonical += f"\n{names}\n{hashlib.sha256(request.body).hexdigest()}"
    scope = f"{day}/{region}/ses/aws4_request"
    to_sign = f"AWS4-HMAC-SHA256\n{moment}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    signing = b"AWS4" + SECRET.encode()
    for part in (day, region, "ses", "aws4_request"):
        signing = hmac.new(signing, part.encode(), hashlib.sha256).digest()
    assert hmac.new(signing, to_sign.encode(), hashlib.sha256).hexdigest() == signature
