"""Runs the `consent` command as people do: in a process and a folder of its own, told everything by its environment."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import httpx

from tests.cli import forking
from tests.ports import free_port
from tests.running import MIAMI, SECRET

WAIT_SECONDS = 30


class Done(NamedTuple):
    """What a command left behind."""

    code: int
    out: str
    err: str


class Shell:
    """A folder with a database that is not yet there, and the settings that name it."""

    def __init__(self, folder: Path, database: str | None = None, **settings: str) -> None:
        self.folder = folder
        self.database = database or f"sqlite:///{folder / 'consent.db'}"
        self.settings = {"CONSENT_DATABASE": self.database, "CONSENT_SECRET": SECRET, **settings}

    def environment(self, **settings: str | None) -> dict[str, str]:
        """Nothing of the caller's own settings gets in; None takes one of the folder's away."""
        outside = {
            name: value for name, value in os.environ.items() if not name.startswith(("CONSENT_", "PROMETHEUS_"))
        }
        chosen = {**self.settings, **settings}
        root = str(Path(__file__).parents[2])
        return {**outside, "PYTHONPATH": root, **{name: value for name, value in chosen.items() if value is not None}}

    def run(self, *arguments: str, **settings: str | None) -> Done:
        """The command, to its end, in a process that has the program loaded; those that serve load it themselves."""
        if arguments[:1] in (("serve",), ("demo",)):
            return self.spawned(*arguments, **settings)
        code, out, err = forking.run(arguments, self.folder, self.environment(**settings), WAIT_SECONDS)
        assert "Traceback" not in err, err
        return Done(code, out, err)

    def spawned(self, *arguments: str, **settings: str | None) -> Done:
        """The command, to its end, begun from nothing as a shell does."""
        done = subprocess.run(
            [sys.executable, "-W", "error", "-m", "consent", *arguments],
            cwd=self.folder,
            env=self.environment(**settings),
            capture_output=True,
            text=True,
            timeout=WAIT_SECONDS,
            check=False,
        )
        assert "Traceback" not in done.stderr, done.stderr
        return Done(done.returncode, done.stdout, done.stderr)

    def good(self, *arguments: str, **settings: str | None) -> Done:
        """The command, when it must succeed."""
        done = self.run(*arguments, **settings)
        assert done.code == 0, done
        return done

    def published(self) -> str:
        """Publishes the Miami site; gives the notice's digest."""
        return self.good("site", "publish", str(MIAMI)).out.splitlines()[0]

    @contextlib.contextmanager
    def serving(self, *arguments: str, **settings: str | None) -> Iterator[Server]:
        """`consent serve` (or whatever the arguments say) until the block ends."""
        server = Server(self, arguments or ("serve",), self.environment(**settings))
        try:
            server.wait_until_alive()
            yield server
        finally:
            server.end()


class Server:
    """A running `consent serve` on a free port."""

    def __init__(self, shell: Shell, arguments: tuple[str, ...], environment: Mapping[str, str]) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._errors = (shell.folder / f"stderr-{self.port}").open("w+")
        self._output = (shell.folder / f"stdout-{self.port}").open("w+")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "consent", *arguments, "--port", str(self.port)],
            cwd=shell.folder,
            env=dict(environment),
            stdout=self._output,
            stderr=self._errors,
        )

    @property
    def err(self) -> str:
        """What it has said on stderr."""
        return Path(self._errors.name).read_text()

    @property
    def out(self) -> str:
        """What it has said on stdout."""
        return Path(self._output.name).read_text()

    def workers(self) -> list[int]:
        """The process numbers of its workers, as the system lists them."""
        found = [int(path.name) for path in Path("/proc").iterdir() if path.name.isdecimal()]
        ours = [one for one in found if is_running(one, of=self.process.pid)]
        return [one for one in ours if b"spawn_main" in Path(f"/proc/{one}/cmdline").read_bytes()]

    def wait_until_alive(self) -> None:
        deadline = time.monotonic() + WAIT_SECONDS
        with httpx.Client(trust_env=False) as client:
            while time.monotonic() < deadline:
                assert self.process.poll() is None, self.err
                with contextlib.suppress(httpx.TransportError):
                    if client.get(f"{self.url}/healthz").status_code == 200:
                        return
                time.sleep(0.1)
        raise AssertionError(f"it did not come up: {self.err}")

    def terminate(self, seconds: float = WAIT_SECONDS) -> int:
        """SIGTERM; gives the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(seconds)

    def end(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(WAIT_SECONDS)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self._errors.close()
        self._output.close()


def is_running(process: int, *, of: int | None = None) -> bool:
    """Whether the process lives, as a child `of` another when one is given; a zombie does not."""
    try:
        state, parent = Path(f"/proc/{process}/stat").read_text().rpartition(") ")[2].split()[:2]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z" and of in (None, int(parent))
