"""What an experiment has shown: how often each notice was answered, and whether that is more than the draw's chance.

Only what was done once no cache has the loader from before it began is compared: until then, who comes back still sees
the first. A visitor's first answer and a later change of mind are not told apart.

Invariant: the verdicts may be looked at as often as anybody likes; robots count for nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from consent.clock import DAY, HOUR
from consent.figures import sequential
from consent.figures.counts import Counts
from consent.figures.sequential import Verdict
from consent.services import Services
from consent.storage import experiments
from consent.storage.experiments import Experiment, Hour

ACTS = ("accepted", "refused", "chosen")
"""What is compared: each act's share of the second notice among all acts of its kind."""
WARM_UP = DAY + HOUR
"""How long a cache may still have the loader from before it began."""


class Compared(msgspec.Struct, frozen=True, kw_only=True):
    """What an experiment has shown until now."""

    first: Counts
    second: Counts
    decided: Verdict
    """Whether one of them is answered at all more often: accepted, refused or chosen."""
    acts: Mapping[str, Verdict]
    since: int
    """From when on acts are compared."""


async def compared(services: Services, site: str, experiment: Experiment) -> Compared:
    """What it has shown, by whole hours."""
    await services.counting.flush()
    until = experiment.ended_at or services.clock() + HOUR
    async with services.database.reading() as reader:
        hours = await experiments.hours(reader, site, experiment, experiment.started_at + WARM_UP, until)
    return weighed(hours, experiment)


def weighed(hours: Sequence[Hour], experiment: Experiment) -> Compared:
    """The hours' counts as verdicts; pure."""
    return Compared(
        first=_counts(hours, experiment.first),
        second=_counts(hours, experiment.second),
        decided=sequential.verdict(_looks(hours, experiment, ACTS)),
        acts={kind: sequential.verdict(_looks(hours, experiment, (kind,))) for kind in ACTS},
        since=experiment.started_at + WARM_UP,
    )


def _looks(hours: Sequence[Hour], experiment: Experiment, kinds: Sequence[str]) -> list[tuple[int, int]]:
    """How often these were done with the first and with the second, after each hour."""
    sums, looks = {experiment.first: 0, experiment.second: 0}, dict[int, tuple[int, int]]()
    for one in hours:
        if one.kind in kinds:
            sums[one.notice] += one.number
            looks[one.hour] = (sums[experiment.first], sums[experiment.second])
    return list(looks.values())


def _counts(hours: Sequence[Hour], notice: str) -> Counts:
    known, sums = set(Counts.__struct_fields__), dict[str, int]()
    for one in hours:
        if one.notice == notice and one.kind in known:
            sums[one.kind] = sums.get(one.kind, 0) + one.number
    return Counts(**sums)
