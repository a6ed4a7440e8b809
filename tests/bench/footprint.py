"""What the service takes: memory, and the time until it answers."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Iterator

from tests.bench import machine, wrk
from tests.bench.exporting import LINES, key_of, sent
from tests.bench.filling import fill
from tests.bench.results import Effort, Row, median
from tests.bench.serving import environment, publish, service, sqlite_in
from tests.ports import free_port

IDLE_SECONDS = 2


def memory(effort: Effort) -> Iterator[Row]:
    """Resident memory of the service's process."""
    with machine.folder() as folder:
        with service(sqlite_in(folder, "empty")) as served:
            time.sleep(IDLE_SECONDS)
            yield _megabytes("idle", machine.megabytes(served.process), "≤ 45")
            load = wrk.post(served.consents, served.notice, connections=64, seconds=2 * effort.seconds)
            after = machine.megabytes(served.process)
            yield _megabytes(f"after {load.requests:,} consents, 64 connections", after, "≤ 70")
        full = sqlite_in(folder, "full")
        publish(full)
        fill(full, effort.records)
        with service(full) as served:
            done = sent(served, key_of(full), LINES)
        yield _megabytes(
            f"at most while exporting {effort.records:,} records",
            max(done.sizes),
            "≤ 90",
            f"{done.bytes / 1e6:,.0f} MB sent",
        )


def start(effort: Effort) -> Iterator[Row]:
    """From the command to the first 200."""
    with machine.folder() as folder:
        full = sqlite_in(folder, "full")
        publish(full)
        fill(full, effort.records)
        numbers = iter(range(1000))
        empty = median(lambda: _first_200(sqlite_in(folder, f"new{next(numbers)}")))
        filled = median(lambda: _first_200(full))
        bare = median(_first_200_of_python)
    details = f"a bare Starlette under uvicorn: {bare:.0f} ms"
    yield Row(what="first 200 after start, new database", figure=empty, unit="ms", target="≤ 400", details=details)
    yield Row(what=f"  with {effort.records:,} records", figure=filled, unit="ms", target="the same")


def _megabytes(what: str, figure: float, target: str, details: str = "") -> Row:
    return Row(what=f"memory {what}", figure=figure, unit="MB", target=target, details=details)


def _first_200(database: str) -> float:
    port = free_port()
    command = [sys.executable, "-m", "consent", "serve", "--port", str(port)]
    return _milliseconds(command, environment(database, port), f"http://127.0.0.1:{port}/healthz")


def _first_200_of_python() -> float:
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", "tests.bench.ceilings:constant", "--factory", "--port", str(port)]
    variables = {"BENCH_SIZE": "1"}
    return _milliseconds([*command, "--log-level", "warning"], variables, f"http://127.0.0.1:{port}/w/x")


def _milliseconds(command: list[str], variables: dict[str, str], url: str) -> float:
    with contextlib.ExitStack() as stack:
        begun = time.perf_counter()
        stack.enter_context(machine.running(command, variables, machine.SERVER_CORE))
        return (machine.await_200(url) - begun) * 1000
