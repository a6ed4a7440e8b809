"""Messages of mail providers, signed as theirs are."""

from __future__ import annotations

import base64
import hmac
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID

from consent.sync import standard_webhooks
from consent.sync.inbound.events import Heard
from consent.sync.inbound.sendgrid import SIGNATURE, TIMESTAMP
from tests.clock import START

WHSEC = "whsec_" + base64.b64encode(b"k" * 32).decode()
TOPIC = "arn:aws:sns:eu-west-1:123456789012:mails"
SNS_HOST = "sns.eu-west-1.amazonaws.com"
CERTIFICATE_URL = f"https://{SNS_HOST}/SimpleNotificationService-0123456789abcdef.pem"
SUBSCRIBE_URL = f"https://{SNS_HOST}/?Action=ConfirmSubscription&TopicArn={TOPIC}&Token=7"


def heard(body: Any, secret: str = "", **headers: str) -> Heard:
    """A message; `_` in a header's name stands for `-`."""
    raw = body if isinstance(body, bytes) else msgspec.json.encode(body)
    return Heard({name.replace("_", "-"): value for name, value in headers.items()}, raw, secret, START)


def resend(body: Any, id_: str = "msg_1", at: int = START) -> Heard:
    """As Svix signs."""
    raw = msgspec.json.encode(body)
    signed = standard_webhooks.sign([WHSEC], id_, at, raw)
    return Heard({name.replace("webhook", "svix"): value for name, value in signed.items()}, raw, "", START)


def mailgun(data: dict[str, Any], key: str = "mg-key", at: int = START) -> Heard:
    """As Mailgun signs: the time and a token."""
    timestamp, token = str(at // 1000), "t" * 50
    signature = hmac.digest(key.encode(), (timestamp + token).encode(), "sha256").hex()
    return heard({"signature": {"timestamp": timestamp, "token": token, "signature": signature}, "event-data": data})


class SendGrid:
    """Has a key, and signs with it."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        public = self._key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        self.public = base64.b64encode(public).decode()

    def says(self, *events: dict[str, Any], timestamp: str = "1795341600") -> Heard:
        """These events."""
        raw = msgspec.json.encode(events)
        signature = base64.b64encode(self._key.sign(timestamp.encode() + raw, ec.ECDSA(SHA256()))).decode()
        return Heard({SIGNATURE: signature, TIMESTAMP: timestamp}, raw, "", START)


class Amazon:
    """Has a certificate, and signs notifications under it."""

    def __init__(self) -> None:
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.com")])
        now = datetime.now(UTC)
        made = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(self._key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .sign(self._key, SHA256())
        )
        self.certificate = made.public_bytes(Encoding.PEM)

    def says(self, message: Any, version: str = "2", id_: str = "22b80b92", **fields: Any) -> dict[str, Any]:
        """A signed notification; `fields` say what is not as usual, those with `late_` after it was signed."""
        words = message if isinstance(message, str) else msgspec.json.encode(message).decode()
        usual: dict[str, Any] = {
            "Type": "Notification",
            "MessageId": id_,
            "TopicArn": TOPIC,
            "Message": words,
            "Timestamp": "2026-11-22T10:00:00.000Z",
            "SignatureVersion": version,
            "SigningCertURL": CERTIFICATE_URL,
        }
        said = usual | {name: value for name, value in fields.items() if not name.startswith("late_")}
        names = ["Message", "MessageId", "Subject", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"]
        text = "".join(f"{name}\n{said[name]}\n" for name in names if name in said)
        hashed = SHA1() if version == "1" else SHA256()
        said["Signature"] = base64.b64encode(self._key.sign(text.encode(), padding.PKCS1v15(), hashed)).decode()
        return said | {name.removeprefix("late_"): value for name, value in fields.items() if name.startswith("late_")}

    def confirmation(self, **fields: Any) -> dict[str, Any]:
        """That a topic wants to be confirmed."""
        usual = {"Type": "SubscriptionConfirmation", "Token": "7", "SubscribeURL": SUBSCRIBE_URL}
        return self.says("You have chosen to subscribe", **(usual | fields))
