"""Recording a consent, whole, beside the ceilings."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from functools import partial

import msgspec

from tests.bench import machine, wrk
from tests.bench.filling import fill
from tests.bench.results import Effort, Row, interleaved, told
from tests.bench.serving import Served, ceiling, new_database, postgres_server, publish, service, sqlite_in
from tests.bench.wrk import Load

WARM_SECONDS = 1


def sqlite(effort: Effort) -> Iterator[Row]:
    """`POST …/consents` on SQLite."""
    with machine.folder() as folder, contextlib.ExitStack() as stack:
        servers = _ceilings(stack)
        servers["each"] = stack.enter_context(ceiling("sqlite_each", database=str(folder / "each.db")))
        servers["whole"] = stack.enter_context(service(sqlite_in(folder, "consent")))
        yield from _rows("SQLite", servers, effort, ("≥ .60, moonshot .75", "≥ .35"))


def postgres(effort: Effort) -> Iterator[Row]:
    """`POST …/consents` on PostgreSQL, whose server shares the other core with the load."""
    with postgres_server() as server, contextlib.ExitStack() as stack:
        servers = _ceilings(stack)
        each = new_database(server, "bench_each")
        servers["each"] = stack.enter_context(ceiling("postgres_each", database=each))
        servers["whole"] = stack.enter_context(service(new_database(server, "bench_consent")))
        yield from _rows("PostgreSQL", servers, effort, ("≥ .50", ""))


def slow_disk(effort: Effort) -> Iterator[Row]:
    """SQLite on a disk whose syncs take 5 ms, 256 at once."""
    with machine.folder() as folder, contextlib.ExitStack() as stack:
        slow = machine.slow_syncs(folder, 5)
        servers = {
            "noop": stack.enter_context(ceiling("noop")),
            "each": stack.enter_context(ceiling("sqlite_each", database=str(folder / "each.db"), more=slow)),
            "whole": stack.enter_context(service(sqlite_in(folder, "consent"), more=slow)),
        }
        loads = _loads(servers, 256, effort.seconds)
    whole, noop, each = loads["whole"], loads["noop"], loads["each"]
    what = "POST ÷ Starlette no-op, SQLite, 5 ms a sync, 256 connections"
    yield Row(what=what, figure=whole.rate / noop.rate, target="≥ .40", details=told(whole))
    yield Row(what="  one commit a request ÷ the same no-op", figure=each.rate / noop.rate, details=told(each))


def filled(effort: Effort) -> Iterator[Row]:
    """SQLite with records in it, beside an empty one."""
    with machine.folder() as folder, contextlib.ExitStack() as stack:
        full = sqlite_in(folder, "full")
        publish(full)
        fill(full, effort.records)
        servers = {
            "empty": stack.enter_context(service(sqlite_in(folder, "empty"))),
            "full": stack.enter_context(service(full)),
        }
        loads = _loads(servers, 64, effort.seconds)
    what = f"POST at {effort.records:,} records ÷ empty, SQLite, 64 connections"
    details = f"{told(loads['full'])}; empty {told(loads['empty'])}"
    yield Row(what=what, figure=loads["full"].rate / loads["empty"].rate, target="≥ .75 at 10 M", details=details)


def two_workers(effort: Effort) -> Iterator[Row]:
    """PostgreSQL, one worker process and two; nothing is pinned, so that two have two cores."""
    with postgres_server(core=None) as server, contextlib.ExitStack() as stack:
        servers = {
            str(workers): stack.enter_context(
                service(new_database(server, f"bench_{workers}"), workers=workers, core=None)
            )
            for workers in (1, 2)
        }
        loads = _loads(servers, 64, effort.seconds)
    one, two = loads["1"], loads["2"]
    what = "POST by two workers ÷ by one, PostgreSQL, 64 connections"
    yield Row(what=what, figure=two.rate / one.rate, target="≥ 1.7 on spare cores", details=told(two))


def _ceilings(stack: contextlib.ExitStack) -> dict[str, Served]:
    return {name: stack.enter_context(ceiling(name)) for name in ("bare", "noop")}


def _loads(servers: Mapping[str, Served], connections: int, seconds: int) -> dict[str, Load]:
    for server in servers.values():
        _post(server, connections, WARM_SECONDS)
    return interleaved({name: partial(_post, server, connections, seconds) for name, server in servers.items()})


def _post(server: Served, connections: int, seconds: int) -> Load:
    before = machine.processor_seconds(server.process)
    load = wrk.post(server.consents, server.notice, connections=connections, seconds=seconds)
    spent = machine.processor_seconds(server.process) - before
    return msgspec.structs.replace(load, processor=spent / load.requests * 1e6)


def _rows(engine: str, servers: Mapping[str, Served], effort: Effort, targets: tuple[str, str]) -> Iterator[Row]:
    for connections, target in zip((64, 1), targets, strict=True):
        loads = _loads(servers, connections, effort.seconds)
        whole, noop, bare, each = (loads[name] for name in ("whole", "noop", "bare", "each"))
        at = f"{engine}, {connections} connection{'s' if connections > 1 else ''}"
        details = f"{told(whole)}; no-op {told(noop)}"
        yield Row(what=f"POST ÷ Starlette no-op, {at}", figure=whole.rate / noop.rate, target=target, details=details)
        spent = f"{whole.processor:.0f} µs an answer; no-op {noop.processor:.0f} µs"
        yield Row(what="  by processor time", figure=noop.processor / whole.processor, target=target, details=spent)
        yield Row(what="  ÷ bare ASGI 204", figure=whole.rate / bare.rate, details=told(bare))
        yield Row(what="  ÷ one commit a request", figure=whole.rate / each.rate, details=told(each))
        yield Row(what="  its p99 ÷ the no-op's", figure=whole.p99 / noop.p99, target="≤ 3" if connections > 1 else "")
