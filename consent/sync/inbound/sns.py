"""Amazon SNS: notifications signed under a certificate that the message itself names.

Invariant: a certificate comes from an SNS host of Amazon's and nowhere else, and only a topic that the settings name is
heard or confirmed; both are looked at before anything is fetched.
"""

from __future__ import annotations

import base64
import binascii
import re

import msgspec
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA1, SHA256

from consent.errors import BadToken
from consent.sync.inbound.events import NOT_GENUINE, decoded

_HOST = r"https://sns\.[a-z0-9-]{3,32}\.amazonaws\.com(?:\.cn)?"
CERTIFICATE = re.compile(_HOST + r"/SimpleNotificationService-[a-z0-9]{1,64}\.pem", re.ASCII)
SUBSCRIBE = re.compile(_HOST + r"/\?[!-~]{1,1024}", re.ASCII)
NOTIFICATION = "Notification"
CONFIRMATION = "SubscriptionConfirmation"
# What is signed, in this order (Amazon SNS, "Verifying the signatures of Amazon SNS messages").
SIGNED = {
    NOTIFICATION: ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    CONFIRMATION: ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
    "UnsubscribeConfirmation": ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
}
HASHES = {"1": SHA1, "2": SHA256}


class Message(msgspec.Struct, frozen=True, rename="pascal"):
    """A message of SNS."""

    type: str
    message_id: str
    topic_arn: str
    message: str
    timestamp: str
    signature_version: str
    signature: str
    cert_url: str = msgspec.field(name="SigningCertURL")
    subject: str | None = None
    token: str | None = None
    subscribe_url: str | None = msgspec.field(name="SubscribeURL", default=None)


def parse(body: bytes, topic: str) -> Message:
    """The message, when it may be one of the topic; that it is genuine is not yet known.

    Raises:
        BadToken: of another topic, or signed under a certificate that is not Amazon's.
        Malformed: no message.
    """
    message = decoded(body, Message)
    is_known = message.type in SIGNED and message.signature_version in HASHES
    if message.topic_arn != topic or not is_known or not CERTIFICATE.fullmatch(message.cert_url):
        raise BadToken(NOT_GENUINE)
    return message


def check(message: Message, certificate: bytes) -> None:
    """Returns when the certificate's key signed the message.

    Raises:
        BadToken: it did not.
    """
    try:
        key = x509.load_pem_x509_certificate(certificate).public_key()
        signature = base64.b64decode(message.signature, validate=True)
        if not isinstance(key, rsa.RSAPublicKey):
            raise BadToken(NOT_GENUINE)
        key.verify(signature, signed_text(message), padding.PKCS1v15(), HASHES[message.signature_version]())
    except (binascii.Error, ValueError, InvalidSignature):
        raise BadToken(NOT_GENUINE) from None


def confirmation_url(message: Message) -> str | None:
    """What to ask for to confirm the subscription; None when that is not what the message is about.

    Raises:
        BadToken: the address is not Amazon's.
    """
    if message.type != CONFIRMATION:
        return None
    if not SUBSCRIBE.fullmatch(message.subscribe_url or ""):
        raise BadToken(NOT_GENUINE)
    return message.subscribe_url


def signed_text(message: Message) -> bytes:
    """The very text that SNS signs."""
    fields = msgspec.to_builtins(message)
    named = [(name, fields[name]) for name in SIGNED[message.type] if fields.get(name) is not None]
    return "".join(f"{name}\n{value}\n" for name, value in named).encode()
