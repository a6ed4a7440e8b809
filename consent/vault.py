"""Keeps small secrets in the database, encrypted under the service's own secrets.

Each is kept once for every listed secret, as tokens with a space between, so that processes whose lists overlap
can share a database while the secret is changed.

Invariant: what was put away can be taken out by whoever lists one of the secrets it was put away under.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from consent.errors import Misconfigured


class Vault:
    """Encrypts under every secret, decrypts with any."""

    def __init__(self, secrets: Sequence[str]) -> None:
        self._boxes = [Fernet(_key(secret)) for secret in secrets]

    def put(self, value: bytes) -> str:
        """The value as text: one token a secret."""
        return " ".join(box.encrypt(value).decode() for box in self._boxes)

    def take(self, kept: str) -> bytes:
        """The value again.

        Raises:
            Misconfigured: it was encrypted under secrets that are not listed.
        """
        tokens = kept.split()
        for box in reversed(self._boxes):
            for token in tokens:
                if (value := _opened(box, token)) is not None:
                    return value
        raise Misconfigured("a key was encrypted under another secret: add the old one in front of CONSENT_SECRET")

    def renewed(self, kept: str) -> str:
        """The same value with a token for each listed secret and none for others; `kept` itself when that is so.

        Raises:
            Misconfigured: as `take`.
        """
        value, tokens = self.take(kept), kept.split()
        of_each = [next((token for token in tokens if _opened(box, token) is not None), None) for box in self._boxes]
        return " ".join(token or box.encrypt(value).decode() for token, box in zip(of_each, self._boxes, strict=True))


def _opened(box: Fernet, token: str) -> bytes | None:
    try:
        return box.decrypt(token)
    except InvalidToken:
        return None


def _key(secret: str) -> bytes:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"consent vault").derive(secret.encode())
    return base64.urlsafe_b64encode(derived)
