"""`python -m tests.provision`: brings what is missing, says what is there, exits 1 with the mend of what it cannot.

Run again, it changes nothing. Packages come from PyPI (into this virtual environment) and, on Debian and its kin when
root or sudo without a password is to be had, from the system's own package manager.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence

from tests.provision.needs import NEEDS, Missing, Need

APT_TRIES = 4


def _root() -> list[str] | None:
    """What to put before a command so that it runs as root; `None` when it cannot."""
    if os.geteuid() == 0:
        return []
    if (
        shutil.which("sudo")
        and subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False).returncode == 0
    ):
        return ["sudo", "-n"]
    return None


def _run(command: Sequence[str]) -> bool:
    """Run a command, whose output is shown only when it fails; whether it succeeded."""
    print("  $", " ".join(command), flush=True)
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    if done.returncode:
        print(done.stdout, file=sys.stderr, flush=True)
    return done.returncode == 0


def _apt_install(packages: Sequence[str], tries: int) -> bool:
    """Install Debian packages, fetching the lists of packages first when the ones at hand do not do."""
    prefix = _root()
    if prefix is None or not shutil.which("apt-get"):
        return False
    apt = [*prefix, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq", "-o", "DPkg::Lock::Timeout=300"]
    install = [*apt, "install", "-y", "--no-install-recommends", *packages]
    if _run(install):
        return True
    for attempt in range(tries):
        time.sleep(5 * attempt)
        if _run([*apt, "update"]) and _run(install):
            return True
    return False


def _pip_install(packages: Sequence[str]) -> bool:
    return _run([sys.executable, "-m", "pip", "install", "--quiet", *packages])


def _bring(need: Need) -> None:
    """Bring one need when it is not there. Raises `Missing`."""
    if need.find() is None:
        print(f"{need.name}: not here yet", flush=True)
        if need.debian:
            _apt_install(need.debian, APT_TRIES if need.is_needed else 1)
        if need.pypi:
            _pip_install(need.pypi)
    print(f"{need.name}: {need.path()}", flush=True)


def main() -> int:
    """Bring every need of this platform; the exit code."""
    faults = 0
    for need in NEEDS:
        if not need.wanted:
            continue
        try:
            _bring(need)
        except Missing as fault:
            faults += need.is_needed
            print(fault, file=sys.stderr, flush=True)
    return min(faults, 1)


if __name__ == "__main__":
    sys.exit(main())
