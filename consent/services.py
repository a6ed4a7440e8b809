"""One typed bundle of the instruments: what every trip takes first.

Invariant: everything is opened here and closed in the opposite order, whatever failed in between.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator

import msgspec

from consent import clock as clocks
from consent.addresses import Network, networks
from consent.clock import Clock
from consent.counting import Counting
from consent.directory import Directory
from consent.errors import Misconfigured
from consent.limits import Limits, MemoryLimits, NoLimits
from consent.metrics import Metrics
from consent.places import Places
from consent.recorder import Recorder
from consent.settings import Settings
from consent.storage import logs
from consent.storage.database import Database
from consent.storage.engines import open_database
from consent.storage.migrations import migrate
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
    counting: Counting
    networks: tuple[Network, ...]
    """The proxies whose word on addresses is believed."""


@contextlib.asynccontextmanager
async def open_services(
    settings: Settings, *, clock: Clock = clocks.now, database: Database | None = None
) -> AsyncIterator[Services]:
    """The instruments, with the database migrated and everything in the background running."""
    async with contextlib.AsyncExitStack() as stack:
        database = database or await open_database(settings.database)
        stack.push_async_callback(database.close)
        await migrate(database, clock())
        services = assemble(settings, clock, database)
        await rewrap_log_keys(database, services.vault)
        stack.push_async_callback(services.limits.close)
        await services.directory.open()
        stack.push_async_callback(services.directory.close)
        services.counting.start()
        stack.push_async_callback(services.counting.close)
        services.recorder.start()
        stack.push_async_callback(services.recorder.close)
        yield services


def assemble(settings: Settings, clock: Clock, database: Database) -> Services:
    """The bundle, nothing of it running yet."""
    metrics, vault = Metrics(settings.metrics_folder), Vault(settings.secrets)
    return Services(
        settings=settings,
        clock=clock,
        database=database,
        tokens=Tokens(settings.secrets, clock),
        vault=vault,
        metrics=metrics,
        places=Places(settings.country_header, settings.geo_db, settings.region_header),
        limits=limits_of(settings, clock, metrics),
        directory=Directory(database, metrics),
        recorder=Recorder(database, vault, clock, metrics),
        counting=Counting(database),
        networks=networks(settings.trusted_proxies),
    )


async def rewrap_log_keys(database: Database, vault: Vault) -> None:
    """Keeps every log's key under each listed secret, so that a newer one can follow; the keys stay the same.

    Raises:
        Misconfigured: a key opens with none of the secrets; then nothing was changed.
    """
    changed = True
    while changed:
        async with database.reading() as reader:
            kept = {log.site: log.private_key for log in await logs.all_logs(reader)}
        renewed = {site: vault.renewed(tokens) for site, tokens in kept.items()}
        changed = False
        for site in (site for site in kept if renewed[site] != kept[site]):
            async with database.writing() as writer:
                changed |= not await logs.rewrap(writer, site, kept[site], renewed[site])


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
