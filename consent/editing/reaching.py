"""How many people a material change asks again, from a look at a bounded number of records.

Invariant: nothing is kept for it and nothing heavy is read: of a log of any length at most `SAMPLE` records. What was
counted is said to be counted, what was estimated to be an estimate, with its margin.
"""

from __future__ import annotations

from math import ceil, sqrt

import msgspec

from consent.clock import parse
from consent.notices import Notice, material
from consent.services import Services
from consent.storage import logs, sampling, sites
from consent.storage.database import Reader

SAMPLE = 3000
SURE = 1.96  # standard deviations on either side: 19 times of 20


class Reach(msgspec.Struct, frozen=True, kw_only=True):
    """How many people have a choice that holds and answers something else than a notice asks."""

    people: int
    is_exact: bool
    margin: int = 0
    """The true number is within this of `people` in 19 cases of 20."""


class _Choice(msgspec.Struct):
    notice: str
    expires_at: str | None = None


async def reach(services: Services, site: str, notice: Notice, sample: int = SAMPLE) -> Reach:
    """Who would be asked again if this notice came in force."""
    now, wanted = services.clock(), material(notice)
    async with services.database.reading() as reader:
        head = await logs.head(reader, site)
        size = head.size if head else 0
        if not size:
            return Reach(people=0, is_exact=True)
        payloads = await sampling.last_choices(reader, site, size, sample)
        read = [msgspec.json.decode(payload, type=_Choice) for payload in payloads]
        holding = [one.notice for one in read if one.expires_at is None or parse(one.expires_at) > now]
        asked = {digest: await _material(reader, site, digest) for digest in set(holding)}
    hits = sum(asked[digest] != wanted for digest in holding)
    return _estimated(hits, min(sample, size), size)


def _estimated(hits: int, looked_at: int, size: int) -> Reach:
    """Every looked-at place stands for as many others; the margin is that of a share in a sample."""
    if looked_at == size:
        return Reach(people=hits, is_exact=True)
    share = hits / looked_at
    # Of nothing found in n places there may still be up to 3 in n (the rule of three).
    spread = SURE * sqrt(share * (1 - share) / looked_at) if hits else 3 / looked_at
    return Reach(people=round(share * size), is_exact=False, margin=ceil(spread * size))


async def _material(reader: Reader, site: str, digest: str) -> str:
    stored = await sites.notice(reader, site, digest)
    return stored.material if stored else ""
