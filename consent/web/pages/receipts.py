"""What the pages of a receipt and of a withdrawal show.

Invariant: a receipt is read with the notice that was shown, not with the one in force; only what holds now is read
with the latest record's own notice.
"""

from __future__ import annotations

import msgspec

from consent.notices import Notice, Purpose
from consent.records import ConsentRecord, Status, until
from consent.web.pages import words
from consent.web.pages.words import Words


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """A record, and what it answered."""

    record: ConsentRecord
    notice: Notice
    notice_published_at: str


class Story(msgspec.Struct, frozen=True, kw_only=True):
    """A record, the latest of its subject, how long the log is, and the instant at which all this is told."""

    told: Held
    latest: Held
    size: int
    at: int

    @property
    def is_latest(self) -> bool:
        """Nothing was decided after it."""
        return self.told.record.id == self.latest.record.id

    @property
    def is_expired(self) -> bool:
        """What was decided last does not hold any more."""
        return until(self.latest.record) <= self.at


class ServiceRow(msgspec.Struct, frozen=True, kw_only=True):
    """A service under its purpose; `apart` says that it was decided otherwise than by its purpose."""

    name: str
    provider: str
    privacy_policy: str
    status: Status
    apart: bool


class PurposeRow(msgspec.Struct, frozen=True, kw_only=True):
    """A purpose and what was decided."""

    name: str
    description: str
    status: Status
    services: tuple[ServiceRow, ...]


def words_of(held: Held) -> Words:
    """The language that the decision was made in."""
    return words.of_notice(held.notice, held.record.language)


def rows(held: Held) -> list[PurposeRow]:
    """The purposes that were decided on, in the notice's order."""
    return [_row(purpose, held.record) for purpose in held.notice.purposes if purpose.id in held.record.purposes]


def given(held: Held) -> list[str]:
    """What is given, by the names that were shown: purposes, and services without their purpose."""
    names = []
    for purpose in held.notice.purposes:
        if held.record.purposes.get(purpose.id):
            names.append(purpose.name[held.record.language])
        else:
            names += [service.name for service in purpose.services if held.record.services.get(service.id)]
    return names


def _row(purpose: Purpose, record: ConsentRecord) -> PurposeRow:
    return PurposeRow(
        name=purpose.name[record.language],
        description=purpose.description[record.language],
        status=record.status[purpose.id],
        services=tuple(
            ServiceRow(
                name=service.name,
                provider=service.provider,
                privacy_policy=service.privacy_policy,
                status=_service_status(record.services.get(service.id), record.status[purpose.id]),
                apart=service.id in record.services,
            )
            for service in purpose.services
        ),
    )


def _service_status(own: bool | None, purpose: Status) -> Status:
    if own is None:
        return purpose
    if own:
        return "given"
    return "refused" if purpose == "given" else purpose
