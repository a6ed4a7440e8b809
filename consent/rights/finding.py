"""Who is meant by what a person brings: addresses, subjects, records and receipts, of which one may lead to another.

An address leads to its reader, and so does a newsletter's record, which only the mailbox's answer makes. A choice's
record leads to choices alone, its own and those after it: a page may have asserted anybody's id (`trails`).

Invariant: nothing is found but at the one site, and nothing that was brought is kept.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Annotated, TypeVar

import msgspec

from consent import ids, mailboxes
from consent.errors import BadToken, Fault, Refused
from consent.rights.trails import Trail, joined
from consent.services import Services
from consent.storage import records, subscribers
from consent.storage.database import Reader
from consent.tokens import MAX_LENGTH, Receipt

T = TypeVar("T")
Some = msgspec.Meta(max_length=50)
COOKIES, NEWSLETTER = "cookies", "newsletter"


class Who(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a person brings; any of it, and several of each."""

    emails: Annotated[tuple[Annotated[str, msgspec.Meta(max_length=320)], ...], Some] = ()
    subjects: Annotated[tuple[Annotated[str, msgspec.Meta(max_length=64)], ...], Some] = ()
    records: Annotated[tuple[Annotated[str, msgspec.Meta(max_length=64)], ...], Some] = ()
    receipts: Annotated[tuple[Annotated[str, msgspec.Meta(max_length=MAX_LENGTH + 512)], ...], Some] = ()
    """Tokens, or the links that they stand in."""

    @property
    def kinds(self) -> tuple[str, ...]:
        """By what the person is found, without what it was."""
        brought = {"email": self.emails, "subject": self.subjects, "record": self.records, "receipt": self.receipts}
        return tuple(kind for kind, values in brought.items() if values)


async def sorted_out(services: Services, site: str, lines: Iterable[str]) -> Who:
    """What somebody brought, thing by thing, by what it looks like: an address, an id, or else a receipt.

    An id is a record's where the site has such a record, else a subject's.
    """
    brought = [line.strip() for line in lines if line.strip()]
    emails = [words for words in brought if "@" in words]
    numbers = [words for words in brought if _UUID.fullmatch(words)]
    async with services.database.reading() as reader:
        known = [words for words in numbers if await records.by_id(reader, site, ids.parse_uuid(words.lower()))]
    return Who(
        emails=tuple(emails),
        subjects=tuple(words.lower() for words in numbers if words not in known),
        records=tuple(words.lower() for words in known),
        receipts=tuple(words for words in brought if words not in emails and words not in numbers),
    )


_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """What is meant: trails of subjects and keys of addresses, each once."""

    trails: tuple[Trail, ...]
    keys: tuple[bytes, ...]


async def find(services: Services, reader: Reader, site: str, who: Who) -> Found:
    """What is meant of subjects, and the addresses, and what they lead to: a subscriber is both.

    Raises:
        Unknown: no such site.
        Refused: with a fault for each thing that cannot be read, or because nothing was brought.
    """
    services.directory.get(site)
    if not who.kinds:
        raise Refused(Fault("", "say who: an address, a subject, a record or a receipt"))
    faults: list[Fault] = []
    keys = _read("emails", who.emails, lambda words: services.addresses.of(mailboxes.parse(words)), faults)
    subjects = _read("subjects", who.subjects, ids.parse_uuid, faults)
    numbers = _read("receipts", who.receipts, lambda words: _record_of(services, site, words), faults)
    numbers += _read("records", who.records, ids.parse_uuid, faults)
    if faults:
        raise Refused(*faults)
    trails = [Trail(subject=subject) for subject in subjects]
    trails += [trail for id_ in numbers if (trail := await _trail_of(reader, site, id_))]
    return await _followed(reader, site, trails, keys)


async def _trail_of(reader: Reader, site: str, id_: bytes) -> Trail | None:
    """What a record leads to, as the log has it; None where it is not there any more."""
    row = await records.by_id(reader, site, id_)
    if row is None or row.subject is None or row.kind == "audit":
        return None
    return Trail(subject=row.subject, kind=row.kind, first=row.seq if row.kind == COOKIES else 1)


async def _followed(reader: Reader, site: str, trails: Sequence[Trail], keys: Iterable[bytes]) -> Found:
    """A subscriber's address by the id, and the id by the address; a choice leads to no address."""
    known_trails, known_keys = list[Trail](), dict.fromkeys(keys)
    for trail in trails:
        subscriber = await subscribers.by_id(reader, site, trail.subject) if trail.kind != COOKIES else None
        if subscriber:
            known_keys[subscriber.key] = None
        known_trails.append(Trail(subject=trail.subject, kind=NEWSLETTER) if subscriber else trail)
    for key in known_keys:
        if subscriber := await subscribers.by_key(reader, site, key):
            known_trails.append(Trail(subject=subscriber.id, kind=NEWSLETTER))
    return Found(trails=joined(known_trails), keys=tuple(known_keys))


def _record_of(services: Services, site: str, words: str) -> bytes:
    """The record of a receipt; who has its link has brought it too."""
    token = words.strip().partition("?")[0].rstrip("/").rpartition("/")[2]
    return ids.parse_uuid(services.tokens.read("receipt", site, token, Receipt).id)


def _read(name: str, values: Sequence[str], read: Callable[[str], T], faults: list[Fault]) -> list[T]:
    found: list[T] = []
    for place, value in enumerate(values):
        try:
            found.append(read(value.strip()))
        except Refused as error:
            faults.append(Fault(f"{name}[{place}]", error.faults[0].message))
        except (ValueError, BadToken) as error:
            faults.append(Fault(f"{name}[{place}]", str(error)))
    return found
