"""A Chromium that nobody looks into: what scripts cost on a visitor's machine.

The tools that drive a browser keep its debugger listening, and for whoever listens, each read of a cookie and each
error has its place in the script looked up: more work than the script's own. This one is only slowed down and traced.

Invariant: every visit has a browser profile of its own.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from tests.bench import machine
from tests.conftest import CHROMIUM_FLAGS
from tests.provision.needs import CHROMIUM

SETTLED_SECONDS = 0.7
KINDS = ["devtools.timeline", "toplevel", "v8"]
INTO_PLACE = """
import fcntl, os, sys
theirs, told = (fcntl.fcntl(int(one), fcntl.F_DUPFD, 10) for one in sys.argv[1:3])
os.dup2(theirs, 3), os.dup2(told, 4)
os.execv(sys.argv[3], sys.argv[3:])
"""
"""Gives the pipes the numbers that Chromium reads commands and writes answers by, and becomes Chromium."""
BARE = ("--no-startup-window", "--disable-features=WebUIOmniboxPopup,WebUIOmniboxAimPopup,WebUIOmniboxFullPopup")
"""Without the browser's own pages, which every new window else loads beside the one that is measured."""
CHUNK = 1 << 20


class Quiet:
    """A running browser, spoken to in the DevTools protocol: JSON texts that end with a zero byte."""

    def __init__(self, commands: int, answers: int) -> None:
        self._commands = commands
        self._answers = answers
        self._read = b""
        self._last = 0
        self._events: list[dict[str, Any]] = []

    def visit(self, url: str, cookies: Sequence[object], slower: float) -> bytes:
        """The trace of one page, until it has been still for a while; `slower`: how many times the processor is."""
        context = self._call("Target.createBrowserContext")["browserContextId"]
        self._call("Storage.setCookies", cookies=list(cookies), browserContextId=context)
        target = self._call("Target.createTarget", url="about:blank", browserContextId=context)["targetId"]
        session = self._call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self._call("Emulation.setCPUThrottlingRate", session, rate=slower)
        self._call("Page.enable", session)
        self._call("Tracing.start", transferMode="ReturnAsStream", traceConfig={"includedCategories": KINDS})
        self._call("Page.navigate", session, url=url)
        self._await("Page.loadEventFired")
        time.sleep(SETTLED_SECONDS)
        self._call("Tracing.end")
        trace = self._stream(self._await("Tracing.tracingComplete")["stream"])
        self._call("Target.disposeBrowserContext", browserContextId=context)
        self._events.clear()
        return trace

    def _call(self, method: str, session: str | None = None, **parameters: object) -> dict[str, Any]:
        self._last += 1
        told = {"id": self._last, "method": method, "params": parameters} | ({"sessionId": session} if session else {})
        os.write(self._commands, json.dumps(told).encode() + b"\0")
        while (answer := self._next()).get("id") != self._last:
            self._events.append(answer)
        if "error" in answer:
            raise RuntimeError(f"Chromium refuses {method}: {answer['error']['message']}")
        result: dict[str, Any] = answer["result"]
        return result

    def _await(self, method: str) -> dict[str, Any]:
        """The parameters of the next event of this name since the visit began."""
        while not any(event.get("method") == method for event in self._events):
            self._events.append(self._next())
        found: dict[str, Any] = next(event for event in self._events if event.get("method") == method)["params"]
        return found

    def _stream(self, handle: str) -> bytes:
        parts = []
        is_over = False
        while not is_over:
            part = self._call("IO.read", handle=handle)
            parts.append(part["data"])
            is_over = part["eof"]
        self._call("IO.close", handle=handle)
        return "".join(parts).encode()

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._read:
            more = os.read(self._answers, CHUNK)
            if not more:
                raise RuntimeError("Chromium has ended in the middle of a visit")
            self._read += more
        text, self._read = self._read.split(b"\0", 1)
        message: dict[str, Any] = json.loads(text)
        return message


@contextlib.contextmanager
def browser() -> Iterator[Quiet]:
    """A new one, ended with the block."""
    with machine.folder() as profile, _started(profile) as (commands, answers):
        yield Quiet(commands, answers)


@contextlib.contextmanager
def _started(profile: Path) -> Iterator[tuple[int, int]]:
    theirs, commands = os.pipe()
    answers, told = os.pipe()
    flags = ["--headless", "--remote-debugging-pipe", f"--user-data-dir={profile}", *CHROMIUM_FLAGS, *BARE]
    process = subprocess.Popen(
        [sys.executable, "-c", INTO_PLACE, str(theirs), str(told), str(CHROMIUM.path()), *flags],
        pass_fds=(theirs, told),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(theirs)
    os.close(told)
    try:
        yield commands, answers
    finally:
        process.kill()
        process.wait()
        os.close(commands)
        os.close(answers)
