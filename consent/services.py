"""One typed bundle of the instruments: what every trip takes first.

Invariant: everything is opened here and closed in the opposite order, whatever failed in between.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import msgspec

from consent import clock as clocks
from consent.address_keys import AddressKeys
from consent.addresses import Network, networks
from consent.appending import Appender
from consent.clock import Clock
from consent.counting import Counting
from consent.directory import Directory
from consent.errors import Misconfigured
from consent.limits import Limits, MemoryLimits, NoLimits
from consent.mail import Transport, open_transport
from consent.metrics import Metrics
from consent.mx import Mx
from consent.places import Places
from consent.pressure import Pressure
from consent.pulse import Pulse
from consent.recorder import Recorder
from consent.rewrapping import rewrap
from consent.settings import Settings
from consent.storage.database import Database
from consent.storage.engines import open_database
from consent.storage.migrations import migrate
from consent.sync.guard import Guard
from consent.tokens import Tokens
from consent.vault import Vault


class Services(msgspec.Struct, frozen=True, kw_only=True):
    """The instruments of one running process."""

    settings: Settings
    clock: Clock
    database: Database
    tokens: Tokens
    vault: Vault
    metrics: Metrics
    places: Places
    limits: Limits
    directory: Directory
    recorder: Recorder
    appender: Appender
    """For what must be in the log together with other rows; the recorder has its own."""
    counting: Counting
    addresses: AddressKeys
    pressure: Pressure
    mx: Mx
    mailer: Transport
    guard: Guard
    """The only way out to addresses that a publisher names."""
    pulse: Pulse
    """What runs beside the requests says there that it is alive."""
    nudge: asyncio.Event
    """Set when something is owed: whoever delivers need not wait for its next look."""
    networks: tuple[Network, ...]
    """The proxies whose word on addresses is believed."""


@contextlib.asynccontextmanager
async def open_services(
    settings: Settings,
    *,
    clock: Clock = clocks.now,
    database: Database | None = None,
    mailer: Transport | None = None,
    guard: Guard | None = None,
) -> AsyncIterator[Services]:
    """The instruments, with the database migrated and everything in the background running."""
    async with contextlib.AsyncExitStack() as stack:
        database = database or await open_database(settings.database)
        stack.push_async_callback(database.close)
        await migrate(database, clock())
        services = assemble(settings, clock, database, mailer=mailer, guard=guard)
        stack.push_async_callback(services.guard.close)
        stack.push_async_callback(services.mailer.close)
        stack.push_async_callback(services.limits.close)
        await rewrap(database, services.vault)
        await services.addresses.open()
        await services.directory.open()
        stack.push_async_callback(services.directory.close)
        services.counting.start()
        stack.push_async_callback(services.counting.close)
        services.recorder.start()
        stack.push_async_callback(services.recorder.close)
        services.pressure.start()
        stack.push_async_callback(services.pressure.close)
        yield services


def assemble(
    settings: Settings,
    clock: Clock,
    database: Database,
    *,
    mailer: Transport | None = None,
    guard: Guard | None = None,
) -> Services:
    """The bundle, nothing of it running yet."""
    metrics, vault, pulse = Metrics(settings.metrics_folder), Vault(settings.secrets), Pulse(clock)
    return Services(
        settings=settings,
        clock=clock,
        database=database,
        tokens=Tokens(settings.secrets, clock),
        vault=vault,
        metrics=metrics,
        places=Places(settings.country_header, settings.geo_db, settings.region_header),
        limits=limits_of(settings, clock, metrics),
        directory=Directory(database, metrics, pulse.beating("directory")),
        recorder=Recorder(database, vault, clock, metrics),
        appender=Appender(database, vault, clock),
        counting=Counting(database),
        addresses=AddressKeys(database, vault, clock),
        pressure=Pressure(database, metrics, clock),
        mx=Mx(clock),
        mailer=mailer or open_transport(settings.mail, clock),
        guard=guard or Guard(opens=networks(settings.private_endpoints)),
        pulse=pulse,
        nudge=asyncio.Event(),
        networks=networks(settings.trusted_proxies),
    )


def limits_of(settings: Settings, clock: Clock, metrics: Metrics) -> Limits:
    """Counts in the place that the settings name.

    Raises:
        Misconfigured: it is a Redis, and its URL is none or its client is not installed.
    """
    if settings.limits == "off":
        return NoLimits()
    if settings.limits == "memory":
        return MemoryLimits(clock)
    try:
        from consent.limits.redis import RedisLimits
    except ModuleNotFoundError:
        raise Misconfigured(
            "CONSENT_LIMITS names a Redis, but the client for it is not installed: pip install 'consent[redis]'"
        ) from None
    return RedisLimits(settings.limits, settings.secrets[-1], clock, alone=metrics.limits_alone.inc)
