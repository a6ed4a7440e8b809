"""The notice: everything that a visitor was shown, in every language, and its name, the digest.

Invariant: a notice never changes, and what was published once can be read for ever: `document` and `parse_notice` are
exact inverses. So these structs demand shapes, not patterns, and a field that comes later has a default of UNSET,
which is not written, so that the bytes and the digests of older notices stay what they were.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

import msgspec
from msgspec import UNSET, Struct, UnsetType

from consent.canonical import encode, sha256_hex
from consent.errors import Fault, Refused

# Language -> words.
Translated = Mapping[str, str]


class Controller(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The legal entity that answers for the site."""

    name: str
    email: str
    country: str
    privacy_policy: str
    cookie_policy: str | UnsetType = UNSET


class Cookie(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A cookie that a service sets; `about` has the first language of the notice at least."""

    name: str
    lifetime: str
    domain: str | UnsetType = UNSET
    about: Translated
    kind: str | UnsetType = UNSET
    """Where the browser keeps it: local_storage, session_storage, indexed_db; UNSET for a cookie."""


class Service(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whose code uses data for a purpose; the provider is the recipient."""

    id: str
    name: str
    provider: str
    privacy_policy: str
    cookies: tuple[Cookie, ...]


class Purpose(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why data is used, and what is decided about."""

    id: str
    required: bool
    legal_basis: str
    signals: tuple[str, ...]
    sale_or_sharing: bool
    name: Translated
    description: Translated
    services: tuple[Service, ...]


class Look(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the notice looked; the buttons in the order they stood in."""

    position: str
    accent: str
    radius: str
    buttons: tuple[str, ...]
    reopen: bool


class MailingList(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A newsletter that readers may subscribe to."""

    id: str
    name: Translated
    description: Translated


class Prompt(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When a page offers lists by itself; 0 is no trigger."""

    lists: tuple[str, ...]
    after_seconds: int
    after_scroll_percent: int
    after_pages: int
    later_days: int
    decline_days: int
    on_exit: bool | UnsetType = UNSET


class Newsletter(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The lists of the site, and who writes."""

    sender: str
    postal_address: str
    lists: tuple[MailingList, ...]
    prompt: Prompt | UnsetType = UNSET


class Partner(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Another site of the controller, that a choice goes along to; named as it was when this was published."""

    id: str
    name: str


class Warned(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a rule of the linter held against the site file when this was published, and did not stop it."""

    rule: str
    where: str
    why: str


class Notice(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All of it. `texts` is language -> section -> key -> words; the first language is the fallback."""

    format: Literal[1]
    site: str
    name: str
    controller: Controller
    languages: tuple[str, ...]
    regime: str
    close: str
    expires_days: int
    purposes: tuple[Purpose, ...]
    texts: Mapping[str, Mapping[str, Mapping[str, str]]]
    look: Look
    newsletter: Newsletter | UnsetType = UNSET
    refusal_days: int | UnsetType = UNSET
    """How long a choice lasts that gives nothing; UNSET for as long as any other."""
    together: tuple[Partner, ...] | UnsetType = UNSET
    findings: tuple[Warned, ...] | UnsetType = UNSET
    """Nobody is shown these; they tell who reads a record under which warnings its notice was published."""


def document(notice: Notice) -> bytes:
    """The notice as canonical JSON (RFC 8785)."""
    return encode(msgspec.to_builtins(notice))


def digest(notice: Notice) -> str:
    """The notice's name: the SHA-256 of its document, 64 hex digits."""
    return sha256_hex(document(notice))


def parse_notice(data: bytes) -> Notice:
    """The notice whose document this is, byte for byte; anything else is `Refused`."""
    try:
        notice = msgspec.json.decode(data, type=Notice)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Refused(_fault(str(error))) from None
    if document(notice) != data:
        raise Refused(Fault("", "not canonical JSON (RFC 8785)"))
    return notice


def _fault(message: str) -> Fault:
    what, _, where = message.partition(" - at ")
    return Fault(re.sub(r"^\$\.?", "", where.strip("`")), f"not a notice: {what}")
