"""Signed checkpoints of a log, as C2SP tlog-checkpoint and signed-note write them.

A checkpoint is three lines (origin, size, root) and an Ed25519 signature by the log's own key. Anyone
with the public key can check one, and that a record was erased by the service; the same key seals each
record's place for whoever runs the log.

Invariant: a checkpoint is signed inside the transaction that makes its size durable and shown only after.
"""

from __future__ import annotations

import base64
import hashlib
import hmac

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from consent import clock

ED25519 = b"\x01"
ERASURE = "consent erasure"
"""The first line of what is signed for an erasure: with a space in it, it is no log's origin."""


class Checkpoint(msgspec.Struct, frozen=True):
    """The head of a log: how many leaves, and their root."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        """The lines that are signed."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


class LogKey:
    """A log's signing key, and the seal key derived from it."""

    def __init__(self, origin: str, seed: bytes) -> None:
        self.origin = origin
        self._private = Ed25519PrivateKey.from_private_bytes(seed)
        self.public = self._private.public_key().public_bytes_raw()
        self._sealing = hmac.new(hmac.digest(seed, b"consent record seal", "sha256"), digestmod="sha256")
        self._key_id = key_id(origin, self.public)

    def sign(self, size: int, root: bytes) -> str:
        """The signed note over a head."""
        text = Checkpoint(self.origin, size, root).text()
        signature = base64.b64encode(self._key_id + self._private.sign(text.encode())).decode()
        return f"{text}\n\u2014 {self.origin} {signature}\n"

    def seal(self, seq: int, id_: bytes, subject: bytes, kind: str, recorded_at: int, leaf: bytes) -> bytes:
        """Keyed proof that this leaf was given this place, and its row these columns."""
        lengths = bytes((len(id_), len(subject), len(kind)))  # so that no byte can move from a column to the next
        place = seq.to_bytes(8) + lengths + id_ + subject + recorded_at.to_bytes(8) + kind.encode()
        return self._sealed(b"record" + place + leaf)

    def erasure_seal(self, seq: int, kind: str, leaf: bytes, seal: bytes, erased_at: int) -> bytes:
        """The signature that the service emptied this record: over when, and over the columns that stay."""
        return self._private.sign(erasure_text(self.origin, seq, kind, leaf, seal, clock.text(erased_at)))

    def _sealed(self, message: bytes) -> bytes:
        sealing = self._sealing.copy()  # keyed once: half the work of so short a message
        sealing.update(message)
        return sealing.digest()


def erasure_text(origin: str, seq: int, kind: str, leaf: bytes, seal: bytes, erased_at: str) -> bytes:
    """The lines that are signed for an erasure; leaf and seal in hex."""
    return f"{ERASURE}\n{origin}\n{seq}\n{kind}\n{leaf.hex()}\n{seal.hex()}\n{erased_at}\n".encode()


def is_signed(text: bytes, signature: bytes, public: bytes) -> bool:
    """Whether the signature over the text is by this key."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, text)
    except InvalidSignature:
        return False
    return True


def key_id(origin: str, public: bytes) -> bytes:
    """SHA-256(name || 0x0A || 0x01 || key)[:4]."""
    return hashlib.sha256(origin.encode() + b"\n" + ED25519 + public).digest()[:4]


def vkey(origin: str, public: bytes) -> str:
    """The verifier key as one line: name+hash+key (C2SP signed-note)."""
    return f"{origin}+{key_id(origin, public).hex()}+{base64.b64encode(ED25519 + public).decode()}"


def read_vkey(line: str) -> tuple[str, bytes]:
    """The origin and the 32 bytes of the public key.

    Raises:
        ValueError: not an Ed25519 verifier key.
    """
    origin, hash_, key = line.strip().rsplit("+", 2) if line.count("+") == 2 else _split_vkey(line.strip())
    raw = base64.b64decode(key, validate=True)
    if raw[:1] != ED25519 or len(raw) != 33 or key_id(origin, raw[1:]).hex() != hash_:
        raise ValueError("not an Ed25519 verifier key")
    return origin, raw[1:]


def _split_vkey(line: str) -> tuple[str, str, str]:
    parts = line.split("+", 2)
    if len(parts) != 3:
        raise ValueError("a verifier key is name+hash+key")
    return parts[0], parts[1], parts[2]


def signed_root(note: str) -> bytes:
    """The root that a checkpoint of our own names, its signature unchecked."""
    return base64.b64decode(note.split("\n", 3)[2])


def open_note(note: str, origin: str, public: bytes) -> Checkpoint:
    """The checkpoint in a signed note, once its signature by this key is checked.

    Raises:
        ValueError: another origin, no signature by this key, or one that does not fit.
    """
    text, _, signatures = note.partition("\n\n")
    text += "\n"
    wanted = key_id(origin, public)
    for line in signatures.splitlines():
        dash, name, encoded = [*line.split(" ", 2), "", ""][:3]
        raw = _decoded(encoded)
        if dash == "\u2014" and name == origin and raw[:4] == wanted:
            return _checked(text, raw[4:], origin, public)
    raise ValueError("the checkpoint is not signed by the log's key")


def _decoded(encoded: str) -> bytes:
    try:
        return base64.b64decode(encoded, validate=True)
    except ValueError:
        return b""


def _checked(text: str, signature: bytes, origin: str, public: bytes) -> Checkpoint:
    if not is_signed(text.encode(), signature, public):
        raise ValueError("the checkpoint's signature does not fit")
    name, size, root = text.split("\n")[:3]
    if name != origin or not size.isdecimal():
        raise ValueError("the checkpoint is of another log")
    return Checkpoint(name, int(size), base64.b64decode(root, validate=True))
