"""A passkey in software (WebAuthn level 3, section 6): a real key that signs real answers, and wrong ones if told."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from webauthn.helpers import encode_cbor

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


class Authenticator:
    """One key of one member, made by the options that the service gave."""

    def __init__(self, host: str = "localhost", origin: str = "http://localhost:8000") -> None:
        self.host, self.origin = host, origin
        self.flags = PRESENT | VERIFIED
        self.count = 0
        self._key = ec.generate_private_key(ec.SECP256R1())
        self.id = hashlib.sha256(self._point()).digest()
        self.handle = b""

    def create(self, options: str, *, origin: str | None = None) -> str:
        """Answers to being made, as the browser's JSON."""
        asked = json.loads(options)
        self.handle = _bytes(asked["user"]["id"])
        data = self._data(ATTESTED) + bytes(16) + len(self.id).to_bytes(2) + self.id + self._public()
        attestation = encode_cbor({"fmt": "none", "attStmt": {}, "authData": data})
        client = self._client("webauthn.create", asked["challenge"], origin)
        return self._answer(clientDataJSON=client, attestationObject=attestation)

    def get(self, options: str, *, origin: str | None = None) -> str:
        """Answers to a sign-in, as the browser's JSON."""
        asked = json.loads(options)
        self.count += 1
        client, data = self._client("webauthn.get", asked["challenge"], origin), self._data()
        signature = self._key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
        return self._answer(clientDataJSON=client, authenticatorData=data, signature=signature, userHandle=self.handle)

    def _data(self, more: int = 0) -> bytes:
        return hashlib.sha256(self.host.encode()).digest() + bytes([self.flags | more]) + self.count.to_bytes(4)

    def _client(self, kind: str, challenge: str, origin: str | None) -> bytes:
        told = {"type": kind, "challenge": challenge, "origin": origin or self.origin, "crossOrigin": False}
        return json.dumps(told).encode()

    def _answer(self, **response: bytes) -> str:
        told: dict[str, Any] = {name: _text(value) for name, value in response.items()}
        return json.dumps({"id": _text(self.id), "rawId": _text(self.id), "type": "public-key", "response": told})

    def _point(self) -> bytes:
        numbers = self._key.public_key().public_numbers()
        return numbers.x.to_bytes(32) + numbers.y.to_bytes(32)

    def _public(self) -> bytes:
        """The key by COSE (RFC 9053): EC2, ES256, P-256."""
        point = self._point()
        return encode_cbor({1: 2, 3: -7, -1: 1, -2: point[:32], -3: point[32:]})


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _bytes(words: str) -> bytes:
    return base64.urlsafe_b64decode(words + "=" * (-len(words) % 4))
