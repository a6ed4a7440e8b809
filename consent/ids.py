"""The one place that makes random values: ids, salts and secrets.

Invariant: everything here comes from the operating system's generator; an id is a UUIDv7 (RFC 9562),
so that an index over ids grows at its end.
"""

from __future__ import annotations

import os
import re
import secrets
from uuid import UUID, uuid5

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def uuid7(instant: int) -> UUID:
    """A time-ordered id: 48 bits of milliseconds, 74 random bits."""
    value = (instant & (1 << 48) - 1) << 80 | int.from_bytes(os.urandom(10))
    value = value & ~(0xF << 76) | 7 << 76
    return UUID(int=value & ~(0x3 << 62) | 0x2 << 62)


def salts(count: int) -> list[bytes]:
    """`count` random salts of 32 bytes, with one call to the system."""
    block = os.urandom(32 * count)
    return [block[i : i + 32] for i in range(0, len(block), 32)]


def request_id() -> str:
    """What a request is called in the log: 16 hex digits."""
    return os.urandom(8).hex()


def secret() -> str:
    """A new secret of 256 bits, as text without white space."""
    return secrets.token_urlsafe(32)


def parse_uuid(words: str) -> bytes:
    """The 16 bytes of a lower-case UUID text.

    Raises:
        ValueError: any other form; a UUID has one spelling here, so that equal ids are equal texts.
    """
    if not _UUID.fullmatch(words):
        raise ValueError("a UUID is 8-4-4-4-12 lower-case hex digits")
    return bytes.fromhex(words.replace("-", ""))


def parsed_uuid(words: str) -> bytes | None:
    """As `parse_uuid`; None for any other form."""
    return bytes.fromhex(words.replace("-", "")) if _UUID.fullmatch(words) else None


def uuid_text(raw: bytes) -> str:
    """The lower-case text of 16 bytes."""
    digits = raw.hex()
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def derived(uuid: str, act: str) -> str:
    """An id that follows from another and what is done with it (UUIDv5, RFC 9562): the same each time."""
    return str(uuid5(UUID(uuid), act))
