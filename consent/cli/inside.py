"""What `consent doctor` looks at in the database: engine, schema, keys, logs, what is owed, backups and the clock."""

from __future__ import annotations

from collections.abc import AsyncIterator

import msgspec

from consent import checkpoints, clock, nodes
from consent.cli.examining import Finding, bad, fault, good, weak
from consent.clock import DAY, HOUR
from consent.errors import ConsentError
from consent.notices import parse_notice
from consent.settings import Settings
from consent.storage import heartbeats, keys, logs, outbox, pins, records, standing
from consent.storage import migrations as stored_migrations
from consent.storage import sites as stored_sites
from consent.storage.database import Database, Reader
from consent.storage.engines import open_database
from consent.storage.logs import StoredLog
from consent.vault import Vault

CLOCK_MS = 60_000
LATE_SECONDS = 900
ALIVE_MS = 60_000
UNUSED_MS = 90 * DAY
BACKUP_MS = SWEEP_MS = 26 * HOUR


async def within(settings: Settings, database: Database) -> AsyncIterator[Finding]:
    """Everything that the database tells; what needs the schema only where that is in order."""
    facts = await database.facts()
    yield good("database", ", ".join(f"{name} {value}" for name, value in facts.items()))
    if database.engine == "sqlite":
        words, mend = f"SQLite {facts['version']}, safe: {facts['safe']}", _NEWER_LIBRARY
        yield good("library", words) if facts["safe"] == "yes" else bad("library", words, mend)
    schema = await _schema(database)
    yield schema
    if schema.level == "ok":
        async with database.reading() as reader:
            async for finding in _rows(settings, reader):
                yield finding
        yield await _writing(settings)


_NEWER_LIBRARY = "install the pysqlite3 wheel, or a Python linked with SQLite 3.51.3 or newer"


async def _rows(settings: Settings, reader: Reader) -> AsyncIterator[Finding]:
    found = await logs.all_logs(reader)
    yield _log_keys(found, Vault(settings.secrets))
    for log in found:
        yield await _head(reader, log)
    yield await _api_keys(reader, [log.site for log in found])
    yield await _pins(reader)
    yield await _outbox(reader)
    async for finding in _upkeep(reader):
        yield finding
    yield await _clock(reader, found)


async def sender_domains(database: Database) -> set[str]:
    """The domains that the sites' newsletters are sent from."""
    found = set()
    async with database.reading() as reader:
        for site in await stored_sites.names(reader):
            row = await stored_sites.find(reader, site)
            kept = await stored_sites.notice(reader, site, row.notice) if row else None
            newsletter = parse_notice(kept.document.encode()).newsletter if kept else msgspec.UNSET
            if not isinstance(newsletter, msgspec.UnsetType):
                found.add(newsletter.sender.rpartition("@")[2].strip(" <>"))
    return found


async def _schema(database: Database) -> Finding:
    try:
        missing = await stored_migrations.unapplied(database)
        gone = [] if missing else await stored_migrations.missing_objects(database)
    except ConsentError as error:
        return fault("schema", error)
    if missing:
        return bad("schema", f"not applied yet: {', '.join(missing)}", "consent migrate")
    if gone:
        mend = "make them anew from schema/migrations/, then run `consent verify`: without them rows could be changed"
        return bad("schema", f"gone or altered: {', '.join(gone)}", mend)
    return good("schema", "up to date")


async def _writing(settings: Settings) -> Finding:
    """Writes the row that says only that it could be written."""
    try:
        database = await open_database(settings.database)
        try:
            async with database.writing() as writer:
                await heartbeats.beat(writer, clock.now())
        finally:
            await database.close()
    except ConsentError as error:
        return fault("writing", error)
    return good("writing", "a row was committed")


def _log_keys(found: list[StoredLog], vault: Vault) -> Finding:
    try:
        for log in found:
            vault.take(log.private_key)
    except ConsentError as error:
        return bad("log keys", error.detail, "put the older secret in front, separated by a space")
    return good("log keys", f"{len(found)} log(s), every key opens with the secret")


async def _head(reader: Reader, log: StoredLog) -> Finding:
    """The tree's edge against the signed head; `consent verify` looks at every record."""
    head = await logs.head(reader, log.site)
    mend = f"consent verify {log.site}"
    if head is None:
        return bad("head", f"{log.site}: its head is gone", mend)
    try:
        signed = checkpoints.open_note(head.checkpoint, log.origin, log.public_key)
        root = (await nodes.prefix(reader, log.site, head.size)).root()
    except (ValueError, TypeError, AttributeError, IndexError):
        return bad("head", f"{log.site}: its head was altered, or tiles are missing", mend)
    if (signed.size, signed.root) != (head.size, root):
        return bad("head", f"{log.site}: its newest records are not those that were signed", mend)
    return good("head", f"{log.site}: {head.size} records, the head is as it was signed")


async def _api_keys(reader: Reader, sites: list[str]) -> Finding:
    now = clock.now()
    held = [(site, key) for site in sites for key in await keys.of_site(reader, site) if key.revoked_at is None]
    unused = [(site, key.id) for site, key in held if now - (key.used_at or key.created_at) > UNUSED_MS]
    if unused:
        named = ", ".join(f"{id_} of {site}" for site, id_ in unused[:5])
        return weak("api keys", f"not used for 90 days: {named}", "`consent key revoke SITE ID`, if nobody misses it")
    return good("api keys", f"{len(held)} in force")


async def _pins(reader: Reader) -> Finding:
    """What pages have pinned; an older notice is no fault, but worth knowing."""
    all_, older = await pins.counts(reader)
    return good("pins", f"{all_} pinned loader(s), {older} with an earlier notice" if all_ else "none")


async def _outbox(reader: Reader) -> Finding:
    """What is owed; what was given up is somebody's mail that never came."""
    counts, oldest = await outbox.counts(reader), await outbox.oldest_due(reader)
    waiting, dead = counts.get("waiting", 0), counts.get("dead", 0)
    late = max(0, clock.now() - oldest) // 1000 if oldest else 0
    words = f"{waiting} waiting, the oldest {late} s overdue, {dead} given up"
    if dead:
        return bad("outbox", words, "`consent mail list SITE` shows why; then `consent mail replay SITE`")
    if late >= LATE_SECONDS:
        return bad("outbox", words, "see that the service runs and that mails can leave")
    return good("outbox", words)


async def _upkeep(reader: Reader) -> AsyncIterator[Finding]:
    now, found = clock.now(), await standing.look(reader)
    beaten = await heartbeats.last(reader)
    running = [name for name, at in beaten.items() if name.startswith(heartbeats.SERVING) and now - at < ALIVE_MS]
    yield good("serving", f"{len(running)} process(es)" if running else "no process serves now")
    if running and found.swept_at is not None and now - found.swept_at > SWEEP_MS:
        yield weak("sweep", f"the last one was {_ago(now - found.swept_at)} ago", "see the log; or run `consent sweep`")
    if not found.records or not any(found.records.values()):
        return
    mend = "run `consent backup FILE` every day, and keep the file and the secret on two other machines"
    if found.backup is None:
        yield weak("backup", "none is known of", mend)
    else:
        made = found.backup
        words = f"{_ago(now - made.made_at)} ago, {made.bytes} bytes, {'' if made.is_encrypted else 'not '}encrypted"
        yield weak("backup", words, mend) if now - made.made_at > BACKUP_MS else good("backup", words)


def _ago(ms: int) -> str:
    return f"{ms // DAY} day(s)" if ms >= 2 * DAY else f"{ms // HOUR} hour(s)"


async def _clock(reader: Reader, found: list[StoredLog]) -> Finding:
    """The clock against the newest record of each log: it must not have gone back."""
    now, newest = clock.now(), 0
    for log in found:
        head = await logs.head(reader, log.site)
        last = await records.page(reader, log.site, head.size - 1, head.size, 1) if head and head.size else []
        newest = max([newest, *(row.recorded_at or 0 for row in last)])
    behind = newest - now
    if behind > CLOCK_MS:
        words = f"{clock.text(now)}, {behind // 1000} s before the newest record"
        return bad("clock", words, "set the machine's clock (NTP)")
    return good("clock", clock.text(now))
