"""Attack mode: when it begins, how heavy it is, when it ends, and who is told."""

from __future__ import annotations

import asyncio
import logging

import pytest

from consent.clock import DAY
from consent.errors import ConsentError
from consent.pressure import CALM_MS, HOUR_MS, WINDOW_MS, Pressure, called_for
from consent.services import Services
from consent.storage import tallies
from consent.storage.engines import open_database
from tests.acts import SITE
from tests.clock import SetClock
from tests.running import settings
from tests.trips.going_together import PARTNER

MINUTE = 60_000


class Said(logging.Handler):
    """Waits for a line in the log."""

    def __init__(self) -> None:
        super().__init__()
        self.said = asyncio.Event()

    def emit(self, record: logging.LogRecord) -> None:
        self.said.set()


@pytest.fixture
def pressure(services: Services) -> Pressure:
    """One that looks when the test says so."""
    return Pressure(services.database, services.metrics, services.clock)


async def count(services: Services, number: int, kind: str = "asked", ago: int = 0, site: str = SITE) -> None:
    """So many, that long ago."""
    at = services.clock() - ago
    async with services.database.writing() as writer:
        await tallies.add(writer, site, kind, "", at - at % WINDOW_MS)
        await writer.execute(
            "UPDATE tallies SET count = count + $1 WHERE site = $2 AND kind = $3 AND about = '' AND window_at = $4",
            number - 1,
            site,
            kind,
            at - at % WINDOW_MS,
        )


async def seen(pressure: Pressure, site: str = SITE) -> int:
    """The level after a look."""
    await pressure.look()
    return pressure.level(site)


@pytest.mark.parametrize(("asked", "level"), [(1, 0), (49, 0), (50, 1), (199, 1), (200, 2), (10_000, 2)])
async def test_a_quiet_site_under_attack(services: Services, pressure: Pressure, asked: int, level: int) -> None:
    assert await seen(pressure) == 0
    await count(services, asked)
    assert await seen(pressure) == level


@pytest.mark.parametrize(
    ("asked", "usual", "confirmed", "level"),
    [
        (50, 12, 0, 1),
        (50, 12.5, 0, 0),  # four times the usual is still usual enough
        (50, 0, 12, 1),
        (50, 0, 13, 0),
        (50, 3, 13, 0),
        (199, 0, 0, 1),
        (200, 0, 0, 2),
        (200, 12, 0, 2),
        (200, 12.5, 0, 1),
        (200, 0, 13, 1),
        (200, 50, 0, 0),
        (4_000, 249, 0, 2),
        (49, 0, 0, 0),
    ],
)
def test_the_rule(asked: int, usual: float, confirmed: int, level: int) -> None:
    assert called_for(asked, usual, confirmed) == level


async def test_a_popular_site_is_measured_by_its_own_day(services: Services, pressure: Pressure) -> None:
    await count(services, 2_000, ago=5 * HOUR_MS)  # 13.9 in ten minutes
    await count(services, 55)
    assert await seen(pressure) == 0
    await count(services, 10)
    assert await seen(pressure) == 1


async def test_what_is_older_than_a_day_is_not_usual(services: Services, pressure: Pressure) -> None:
    await count(services, 20_000, ago=DAY + WINDOW_MS)
    await count(services, 50)
    assert await seen(pressure) == 1


async def test_readers_who_confirm_are_no_attack(services: Services, pressure: Pressure) -> None:
    await count(services, 100)
    await count(services, 30, "confirmed", ago=50 * MINUTE)
    assert await seen(pressure) == 0


async def test_those_who_confirmed_earlier_say_nothing_of_now(services: Services, pressure: Pressure) -> None:
    await count(services, 100)
    await count(services, 1_000, "confirmed", ago=HOUR_MS + WINDOW_MS)
    assert await seen(pressure) == 1


async def test_the_last_whole_window_counts_as_well(services: Services, pressure: Pressure, clock: SetClock) -> None:
    await count(services, 60, ago=WINDOW_MS)
    await count(services, 1)
    assert await seen(pressure) == 1
    other = Pressure(services.database, services.metrics, services.clock)
    clock.forward(WINDOW_MS)
    assert await seen(other) == 0


async def test_two_windows_are_not_added(services: Services, pressure: Pressure) -> None:
    await count(services, 40, ago=WINDOW_MS)
    await count(services, 40)
    assert await seen(pressure) == 0


async def test_what_is_counted_of_sources_is_not_the_sites(services: Services, pressure: Pressure) -> None:
    async with services.database.writing() as writer:
        for _ in range(60):
            await tallies.add(writer, SITE, "asked", "net:0123", services.clock())
    assert await seen(pressure) == 0


async def test_it_ends_when_half_an_hour_was_quiet(services: Services, pressure: Pressure, clock: SetClock) -> None:
    await count(services, 60)
    assert await seen(pressure) == 1
    clock.forward(2 * WINDOW_MS - 1)
    assert await seen(pressure) == 1  # still the last whole window: the half hour begins anew
    clock.forward(CALM_MS - 1)
    assert await seen(pressure) == 1
    clock.forward(1)
    assert await seen(pressure) == 0


async def test_a_heavy_one_ends_by_steps(services: Services, pressure: Pressure, clock: SetClock) -> None:
    await count(services, 300)
    assert await seen(pressure) == 2
    levels = []
    for _ in range(10):
        clock.forward(WINDOW_MS)
        await count(services, 60)
        levels.append(await seen(pressure))
    assert levels == [2, 2, 2, 1, 1, 1, 1, 1, 1, 1]
    clock.forward(CALM_MS)
    assert await seen(pressure) == 0


async def test_a_long_one_does_not_become_usual(services: Services, pressure: Pressure, clock: SetClock) -> None:
    levels = set()
    for _ in range(200):
        await count(services, 60)
        levels.add(await seen(pressure))
        clock.forward(WINDOW_MS)
    assert levels == {1}


async def test_it_grows_at_once(services: Services, pressure: Pressure) -> None:
    await count(services, 60)
    assert await seen(pressure) == 1
    await count(services, 200)
    assert await seen(pressure) == 2


async def test_each_site_is_judged_alone(sites: Services) -> None:
    pressure = Pressure(sites.database, sites.metrics, sites.clock)
    await count(sites, 300, site=PARTNER)
    assert await seen(pressure) == 0
    assert pressure.level(PARTNER) == 2
    assert pressure.level("no-such-site") == 0


async def test_it_is_said_in_the_log_and_the_metrics(
    services: Services, pressure: Pressure, clock: SetClock, caplog: pytest.LogCaptureFixture
) -> None:
    def metric() -> float | None:
        return services.metrics.registry.get_sample_value("consent_attack_level", {"site": SITE})

    caplog.set_level(logging.WARNING, "consent.pressure")
    assert (await seen(pressure), metric()) == (0, 0)
    await count(services, 300)
    for _ in range(3):
        assert (await seen(pressure), metric()) == (2, 2)
    clock.forward(CALM_MS)
    assert (await seen(pressure), metric()) == (0, 0)
    assert [record.getMessage() for record in caplog.records] == [
        f"attack mode of the site {SITE}: from level 0 to 2",
        f"attack mode of the site {SITE}: from level 2 to 0",
    ]


async def test_without_figures_it_stays_as_it_is(services: Services, database_url: str) -> None:
    await count(services, 60)
    database = await open_database(settings(database_url).database)
    pressure = Pressure(database, services.metrics, services.clock)
    assert await seen(pressure) == 1
    await database.close()
    with pytest.raises(ConsentError):
        await pressure.look()
    assert pressure.level(SITE) == 1


async def test_a_running_one_looks_by_itself(services: Services, pressure: Pressure) -> None:
    await count(services, 60)
    logger, handler = logging.getLogger("consent.pressure"), Said()
    logger.addHandler(handler)
    pressure.start()
    try:
        await asyncio.wait_for(handler.said.wait(), 30)
    finally:
        await pressure.close()
        logger.removeHandler(handler)
    assert pressure.level(SITE) == 1
