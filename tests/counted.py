"""A site that has been looked at for months: counts as they come about, the same ones each time."""

from __future__ import annotations

import random
from collections import Counter

from consent.clock import DAY
from consent.services import Services
from consent.storage import figures, funnel
from consent.storage.figures import Count, Group
from consent.storage.funnel import Step
from tests.acts import SITE
from tests.running import notice_of

HOUR = 3_600_000
COUNTRIES = {"US": 700, "CA": 90, "MX": 60, "GB": 40, "DE": 30, "FR": 22, "BR": 20, "CO": 14, "": 12, "AR": 6, "IS": 1}
LANGUAGES = {"en": 700, "es": 290, "ht": 10}
DEVICES = {"phone": 62, "desktop": 33, "tablet": 5}
ACTS = {"accepted": 21, "refused": 14, "chosen": 3, "dismissed": 2, "": 60}
LEANINGS = {"DE": -0.5, "FR": -0.3, "MX": 0.4}
"""By how much a country likes to accept more or less than others."""


async def count_days(services: Services, days: int = 90, a_day: int = 120) -> None:
    """Counts of so many days until now, about so many showings in each, weekends fewer; some robots; sign-ups."""
    chance, now = random.Random(7), services.clock()
    counts: Counter[Count] = Counter()
    steps: Counter[Step] = Counter()
    for back in range(days):
        at = now - back * DAY
        weekend = (at // DAY + 3) % 7 > 4
        for _ in range(int(chance.gauss(a_day * (0.55 if weekend else 1), a_day / 12))):
            _visit(services, chance, counts, at - chance.randrange(8) * HOUR)
        for step, number in (("shown", 60), ("asked", 9), ("sent", 9), ("confirmed", 6), ("left", 1)):
            taken = max(0, round(chance.gauss(number, number / 6)))
            steps[Step(SITE, at // DAY * DAY, step, "prompt", "a", "/")] += taken
    async with services.database.writing() as writer:
        await figures.add(writer, [(count, number) for count, number in counts.items() if number])
        await funnel.add(writer, sorted((step, number) for step, number in steps.items() if number))


def _visit(services: Services, chance: random.Random, counts: Counter[Count], at: int) -> None:
    """One visitor: shown the notice, and perhaps an answer, a signal or a withdrawal."""
    country, language, device = (_one(chance, table) for table in (COUNTRIES, LANGUAGES, DEVICES))
    is_bot = chance.random() < 0.03
    group = Group(notice_of(services), language, country, "" if is_bot else device, "", int(is_bot))
    hour = at // HOUR * HOUR
    counts[Count(SITE, hour, "shown", group)] += 1
    leaning = 1 + LEANINGS.get(country, 0.0) - (0.25 if device == "desktop" else 0)
    kind = _one(chance, {**ACTS, "accepted": max(1, int(ACTS["accepted"] * leaning))})
    if kind:
        counts[Count(SITE, hour, kind, group)] += 1
    for other, odds in (("gpc", 0.05), ("withdrawn", 0.01)):
        if chance.random() < odds:
            counts[Count(SITE, hour, other, group)] += 1


def _one(chance: random.Random, table: dict[str, int]) -> str:
    return chance.choices([*table], [*table.values()])[0]
