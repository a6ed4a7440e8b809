"""The machine that is measured on: its cores, its load, and processes held to one core.

Invariant: what a block here starts has ended when the block ends; everything listens on loopback alone.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import psutil

from tests.provision.needs import Missing

START_SECONDS = 60
STOP_SECONDS = 20
MEGABYTE = 1 << 20
SERVER_CORE, OTHER_CORE = 0, 1
"""The service runs on the one; what asks it, and the database server, on the other."""


def pin(process: psutil.Process, core: int | None) -> None:
    """Holds a process to a core, where the system can and there is more than one."""
    if core is not None and hasattr(process, "cpu_affinity") and (psutil.cpu_count() or 1) > core:
        with contextlib.suppress(psutil.Error):
            process.cpu_affinity([core])


@contextlib.contextmanager
def pinned(core: int) -> Iterator[None]:
    """Whatever this process starts in the block is held to the core."""
    own = psutil.Process()
    before = own.cpu_affinity() if hasattr(own, "cpu_affinity") else []
    pin(own, core)
    try:
        yield
    finally:
        if before:
            own.cpu_affinity(before)


@contextlib.contextmanager
def folder() -> Iterator[Path]:
    """A folder on a real disk: a temporary file system in memory syncs nothing."""
    with tempfile.TemporaryDirectory(prefix="consent-bench-", dir="/var/tmp" if os.name == "posix" else None) as name:
        yield Path(name)


@contextlib.contextmanager
def running(command: Sequence[str], environment: Mapping[str, str], core: int | None) -> Iterator[psutil.Process]:
    """The command as a process, stopped at the end; what it says on stderr is shown."""
    with pinned(core) if core is not None else contextlib.nullcontext():
        process = subprocess.Popen(command, env={**os.environ, **environment}, stdout=subprocess.DEVNULL)
    try:
        yield psutil.Process(process.pid)
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def await_200(url: str) -> float:
    """Waits for the first 200; gives when that was (`time.perf_counter`)."""
    deadline = time.perf_counter() + START_SECONDS
    while time.perf_counter() < deadline:
        with contextlib.suppress(urllib.error.URLError, OSError), urllib.request.urlopen(url, timeout=5):
            return time.perf_counter()
        time.sleep(0.002)
    raise TimeoutError(f"{url} did not answer within {START_SECONDS} s")


def megabytes(process: psutil.Process) -> float:
    """The memory that the process and its children hold (RSS)."""
    family = [process, *process.children(recursive=True)]
    return float(sum(one.memory_info().rss for one in family)) / MEGABYTE


def processor_seconds(process: psutil.Process) -> float:
    """The processor time that the process has taken, all its threads."""
    times = process.cpu_times()
    return float(times.user + times.system)


def tool(name: str, package: str) -> str:
    """Where a program is. Raises `Missing`, with the package that brings it."""
    found = shutil.which(name)
    if found is None:
        raise Missing(f"{name} is missing: install the package `{package}`")
    return found


def slow_syncs(into: Path, milliseconds: float) -> dict[str, str]:
    """The environment in which every sync takes that much longer. Raises `Missing` without a C compiler."""
    library = into / "slow_sync.so"
    source = Path(__file__).with_name("slow_sync.c")
    if sys.platform != "linux":
        raise Missing("slower syncs need LD_PRELOAD, which is Linux's")
    command = [tool("gcc", "gcc"), "-shared", "-fPIC", "-O2", "-o", str(library), str(source), "-ldl"]
    subprocess.run(command, check=True)
    return {"LD_PRELOAD": str(library), "SLOW_SYNC_US": str(int(milliseconds * 1000))}


def busy() -> str:
    """How much else the machine does, in words."""
    return " ".join(f"{load:.1f}" for load in os.getloadavg()) + f" on {psutil.cpu_count()} cores"
