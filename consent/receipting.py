"""Signs the receipt of a record: the proof that its subject keeps.

Invariant: the same record always gives the same receipt, which says nothing that the record does not.
"""

from __future__ import annotations

from functools import lru_cache

import msgspec

from consent import clock
from consent.records import ConsentRecord
from consent.tokens import Receipt, Tokens


def receipt(tokens: Tokens, record: ConsentRecord) -> str:
    """The receipt, as a token."""
    content = Receipt(
        id=record.id,
        seq=record.seq,
        site=record.site,
        subject=record.subject,
        notice=record.notice,
        purposes=record.purposes,
        services=record.services,
        recorded_at=record.recorded_at,
        expires_at=record.expires_at,
        lists=record.lists or msgspec.UNSET,
    )
    return tokens.sign("receipt", record.site, content, _instant(record.recorded_at))


_instant = lru_cache(maxsize=64)(clock.parse)  # a group of records shares its instant
