"""Keeps small secrets in the database, encrypted under the service's own secret.

Invariant: what was put away under any listed secret can be taken out; only the newest encrypts.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from consent.errors import Misconfigured


class Vault:
    """Encrypts with the newest secret, decrypts with any."""

    def __init__(self, secrets: Sequence[str]) -> None:
        boxes = [Fernet(_key(secret)) for secret in reversed(secrets)]
        self._newest, self._any = boxes[0], MultiFernet(boxes)

    def put(self, value: bytes) -> str:
        """The value, encrypted, as text."""
        return self._newest.encrypt(value).decode()

    def take(self, kept: str) -> bytes:
        """The value again.

        Raises:
            Misconfigured: it was encrypted under a secret that is not listed.
        """
        try:
            return self._any.decrypt(kept)
        except InvalidToken:
            raise Misconfigured(
                "a log's key was encrypted under another secret: add the old one in front of CONSENT_SECRET"
            ) from None

    def is_old(self, kept: str) -> bool:
        """Whether it should be put away anew, so that older secrets can be dropped."""
        try:
            self._newest.decrypt(kept)
        except InvalidToken:
            return True
        return False


def _key(secret: str) -> bytes:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"consent vault").derive(secret.encode())
    return base64.urlsafe_b64encode(derived)
