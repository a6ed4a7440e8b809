"""A real Redis server: on a free port of this machine alone, keeping nothing on disk, ending with the tests.

It can be stopped, frozen and started again at the same port, so that the tests see what an outage really does.
"""

from __future__ import annotations

import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.ports import free_port
from tests.provision.needs import REDIS, Missing
from tests.provision.postgres import end_with_parent

START_SECONDS = 30


class Server:
    """One server and its port; `folder` takes its log."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._log = folder / "redis.log"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Serves again, empty. Raises `Missing` when it cannot."""
        options = ["--bind", "127.0.0.1", "--port", str(self.port), "--save", "", "--appendonly", "no"]
        with self._log.open("ab") as output:
            self._process = subprocess.Popen(
                [REDIS.path(), *options], stdin=subprocess.DEVNULL, stdout=output, stderr=output, cwd=self._log.parent,
                preexec_fn=end_with_parent, start_new_session=True,
            )  # fmt: skip
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self._process.poll() is None:
            with suppress(OSError):
                if self._answers():
                    return
            time.sleep(0.02)
        self.stop()
        raise Missing(f"Redis did not start: {self._log.read_text().strip()}")

    def stop(self) -> None:
        """Ends it at once, as a power cut would; whoever connects now is refused."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def freeze(self) -> None:
        """It keeps its connections, takes new ones, and answers nothing."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """It goes on where it was."""
        self._signal(signal.SIGCONT)

    def _signal(self, which: signal.Signals) -> None:
        if self._process is None:
            raise Missing("Redis does not run")
        self._process.send_signal(which)

    def _answers(self) -> bool:
        with socket.create_connection(("127.0.0.1", self.port), timeout=1) as connection:
            connection.sendall(b"PING\r\n")
            return connection.recv(16).startswith(b"+PONG")


@contextmanager
def running(folder: Path) -> Iterator[Server]:
    """A server for one test. Raises `Missing` when there is none to start, or when it does not start."""
    server = Server(folder)
    server.start()
    try:
        yield server
    finally:
        server.stop()
