"""The outer form of an archive: chunks that prove to be whole, in order and complete; encrypted when there is a key.

    "consent archive 1\\n" | mode (0 plain, 1 encrypted) | salt (16) | check (8) | chunks
    chunk: 1 when it is the last, else 0 | length (4 bytes, big end first) | content | tag (16)

Encrypted, a chunk is AES-256-GCM under a key of this file alone (scrypt of the backup key with the file's salt); its
nonce is the chunk's number and whether it is the last (the STREAM construction), its associated data what stands before
the chunks. Plain, the tag is the beginning of a SHA-256 over the same things: it tells damage, not malice.

Invariant: a reader gets only content that was checked, and an end only where the writer made one.
"""

from __future__ import annotations

import hmac
from hashlib import scrypt, sha256
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from consent import ids
from consent.errors import Malformed, Misconfigured

MAGIC = b"consent archive 1\n"
CHUNK = 1 << 16
TAG = 16
SALT, CHECK = 16, 8
MODE = len(MAGIC)
HEAD = MODE + 1 + SALT + CHECK
COST, BLOCK = 1 << 15, 8
MEMORY = 64 << 20


class _Box:
    """Makes and checks chunks; without a key they are only summed."""

    def __init__(self, head: bytes, key: bytes | None) -> None:
        self._head = head
        self._cipher = AESGCM(key) if key else None
        self._number = 0

    def close(self, content: bytes, is_last: bool) -> bytes:
        """The content with its tag."""
        nonce, length = self._nonce(is_last), len(content).to_bytes(4)
        if self._cipher:
            return nonce[-1:] + length + self._cipher.encrypt(nonce, content, self._head)
        return nonce[-1:] + length + content + self._sum(nonce, content)

    def open(self, content: bytes, tag: bytes, is_last: bool) -> bytes:
        """The content again.

        Raises:
            Malformed: it is not the chunk that was written at this place.
        """
        nonce = self._nonce(is_last)
        try:
            if self._cipher:
                return self._cipher.decrypt(nonce, content + tag, self._head)
            if hmac.compare_digest(self._sum(nonce, content), tag):
                return content
        except InvalidTag:
            pass
        raise Malformed(f"the archive is damaged or was changed, in its part {self._number}: take another one")

    def _nonce(self, is_last: bool) -> bytes:
        nonce = self._number.to_bytes(11) + bytes((is_last,))
        self._number += 1
        return nonce

    def _sum(self, nonce: bytes, content: bytes) -> bytes:
        return sha256(self._head + nonce + content).digest()[:TAG]


class SealedWriter:
    """Writes an archive's content to a file."""

    def __init__(self, file: BinaryIO, key: str | None) -> None:
        salt = ids.salts(1)[0][:SALT] if key else bytes(SALT)
        derived, check = _derived(key, salt) if key else (None, bytes(CHECK))
        head = MAGIC + bytes((key is not None,)) + salt + check
        self._file, self._box = file, _Box(head, derived)
        self._waiting = bytearray()
        file.write(head)

    def write(self, content: bytes) -> None:
        """Takes more content; whole chunks go to the file, but for what may be the last."""
        self._waiting += content
        while len(self._waiting) > CHUNK:
            self._file.write(self._box.close(bytes(self._waiting[:CHUNK]), False))
            del self._waiting[:CHUNK]

    def end(self) -> None:
        """Writes what is left, marked as the last; without this the file is not an archive."""
        self._file.write(self._box.close(bytes(self._waiting), True))


class SealedReader:
    """Reads an archive's content from a file."""

    def __init__(self, file: BinaryIO, key: str | None) -> None:
        head = file.read(HEAD)
        if len(head) < HEAD or not head.startswith(MAGIC) or head[MODE] > 1:
            raise Malformed("this is no archive, or one of a newer version: give one that consent backup made")
        self._file, self._box = file, _Box(head, _opened(head, key) if head[MODE] else None)
        self._is_over = False

    def read(self) -> bytes:
        """The next chunk's content; empty after the last.

        Raises:
            Malformed: damaged, out of order, or cut off.
        """
        if self._is_over:
            if self._file.read(1):
                raise Malformed("the archive goes on after its end: take another one")
            return b""
        front = self._file.read(5)
        length = int.from_bytes(front[1:])
        content = self._file.read(length) if len(front) == 5 and length <= CHUNK else b""
        tag = self._file.read(TAG)
        if len(front) < 5 or len(tag) < TAG:
            raise Malformed("the archive is cut off before its end: take another one")
        if length > CHUNK or front[0] > 1:
            raise Malformed("the archive is damaged: take another one")
        self._is_over = front[0] == 1
        return self._box.open(content, tag, self._is_over)


def _opened(head: bytes, key: str | None) -> bytes:
    if key is None:
        raise Misconfigured("this archive is encrypted: set CONSENT_BACKUP_KEY to the key it was made with")
    derived, check = _derived(key, head[MODE + 1 : MODE + 1 + SALT])
    if not hmac.compare_digest(check, head[-CHECK:]):
        raise Misconfigured("CONSENT_BACKUP_KEY is not the key that this archive was made with: set that one")
    return derived


def _derived(key: str, salt: bytes) -> tuple[bytes, bytes]:
    """The file's key, and what tells a wrong one at once."""
    made = scrypt(key.encode(), salt=salt, n=COST, r=BLOCK, p=1, maxmem=MEMORY, dklen=32 + CHECK)
    return made[:32], made[32:]
