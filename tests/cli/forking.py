"""A process that has the program loaded already and forks for each command: loading it takes longer than most commands.

What runs in the fork is the command as people call it: a process of its own, with its own folder, environment, output,
exit code, and warnings as errors. Only the loading is shared; `Shell.spawned` loads as people's shells do.
"""

from __future__ import annotations

import atexit
import gc
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
DRIVERS = ("aiosqlite", "asyncpg", "consent.storage.sqlite", "consent.storage.postgres")


def run(arguments: Sequence[str], folder: Path, environment: Mapping[str, str], seconds: float) -> tuple[int, str, str]:
    """The command, to its end: exit code, stdout, stderr."""
    with tempfile.TemporaryDirectory(prefix="consent-fork-") as name, socket.socket(socket.AF_UNIX) as asked:
        out, err = Path(name) / "out", Path(name) / "err"
        asked.connect(_address())
        call = {"arguments": list(arguments), "folder": str(folder), "environment": dict(environment)}
        asked.sendall(json.dumps(call | {"out": str(out), "err": str(err)}).encode() + b"\n")
        asked.settimeout(seconds)
        code = asked.makefile().read()
        return int(code), out.read_text(), err.read_text()


@cache
def _address() -> str:
    """Where this session's process listens; started by the first command, ended with the session."""
    folder = tempfile.mkdtemp(prefix="consent-forking-")
    address = f"{folder}/socket"
    outside = {name: value for name, value in os.environ.items() if not name.startswith(("CONSENT_", "PROMETHEUS_"))}
    server = subprocess.Popen(
        [sys.executable, "-W", "error", "-m", "tests.cli.forking", address],
        cwd=ROOT,
        env=outside,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert server.stdout is not None
    assert server.stdout.readline() == b"ready\n"
    atexit.register(_end, server, folder)
    return address


def _end(server: subprocess.Popen[bytes], folder: str) -> None:
    server.terminate()
    server.wait()
    for file in Path(folder).iterdir():
        file.unlink()
    Path(folder).rmdir()


def _serve(address: str) -> int:
    """Forks for each call, until whoever started this is gone; in the fork of a command gives its exit code."""
    from consent.cli import COMMANDS

    for module in (*DRIVERS, *sorted({f"consent.cli.{module}" for module, _ in COMMANDS.values()})):
        import_module(module)
    gc.collect()
    gc.freeze()  # what is loaded is never looked at again, so that the forks go on sharing it
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(address)
        listening.listen()
        print("ready", flush=True)
        while True:
            ready, _, _ = select.select([listening, sys.stdin], [], [])
            if sys.stdin in ready:
                return 0
            asked, _ = listening.accept()
            with asked:
                if os.fork() == 0:
                    listening.close()
                    return _answer(asked)


def _answer(asked: socket.socket) -> int:
    """Waits for the command and tells its exit code; or, in the command's own process, is the command."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    call = json.loads(asked.makefile().readline())
    process = os.fork()
    if process == 0:
        asked.close()
        return _command(call)
    _, status = os.waitpid(process, 0)
    asked.sendall(str(os.waitstatus_to_exitcode(status)).encode())
    os._exit(0)  # it is nobody's command: there is nothing to tidy up


def _command(call: Mapping[str, Any]) -> int:
    from consent.cli import main

    for number, path in ((0, os.devnull), (1, call["out"]), (2, call["err"])):
        handle = os.open(path, os.O_RDONLY if number == 0 else os.O_WRONLY | os.O_CREAT, 0o600)
        os.dup2(handle, number)
        os.close(handle)
    os.chdir(call["folder"])
    os.environ.clear()
    os.environ.update(call["environment"])
    sys.argv = ["consent", *call["arguments"]]
    main()  # it ends by SystemExit, or here
    return 0


if __name__ == "__main__":
    sys.exit(_serve(sys.argv[1]))
