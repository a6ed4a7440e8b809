"""The load: wrk on a core of its own, with bodies that are never the same twice."""

from __future__ import annotations

import itertools
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec

from tests.bench.machine import OTHER_CORE, pinned, tool

SCRIPT = Path(__file__).with_name("post.lua")
_seeds = itertools.count(time.time_ns() % 1_000_000_007)


class Load(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a load: milliseconds for the percentiles."""

    requests: int
    seconds: float
    p50: float
    p99: float
    refused: int
    broken: int
    processor: float = 0
    """Microseconds of the server's processor time for one answer: it says the same on a busy machine."""

    @property
    def rate(self) -> float:
        """Answers a second."""
        return self.requests / self.seconds


def post(url: str, notice: str, *, connections: int, seconds: int) -> Load:
    """POSTs acts of different visitors."""
    return _run(url, [notice, str(next(_seeds)), str(time.time_ns() // 1_000_000)], connections, seconds)


def get(url: str, headers: Sequence[str] = (), *, connections: int, seconds: int) -> Load:
    """GETs one thing; headers as `Name: value`."""
    return _run(url, ["get", *headers], connections, seconds)


def _run(url: str, arguments: Sequence[str], connections: int, seconds: int) -> Load:
    wrk = tool("wrk", "wrk")
    command = [wrk, "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "20s", "-s", str(SCRIPT), url, "--"]
    with pinned(OTHER_CORE):
        said = subprocess.run([*command, *arguments], capture_output=True, text=True, check=True).stdout
    load = msgspec.json.decode(said.rpartition("RESULT ")[2], type=Load)
    if load.refused or load.broken:
        raise RuntimeError(f"{url}: {load.refused} answers were refusals, {load.broken} requests broke off")
    return load
