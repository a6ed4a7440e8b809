"""A floor imports only floors below it, and what is outside is known to one place each (`pyproject.toml`)."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

from tests.house.reading import PACKAGE, ROOT

CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]


def test_every_import_goes_down() -> None:
    program = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([program, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_every_module_has_a_floor() -> None:
    """The linter checks this too (`exhaustive`); here it is said in the house's words."""
    for contract in (one for one in CONTRACTS if one["type"] == "layers"):
        named = {name.strip() for layer in contract["layers"] for name in layer.replace(":", "|").split("|")}
        for house in contract["containers"]:
            folder = PACKAGE.joinpath(*house.split(".")[1:])
            rooms = {path.stem for path in folder.glob("*.py")} | {
                one.parent.name for one in folder.glob("*/__init__.py")
            }
            assert rooms - {"__init__", folder.name} == {name.strip("()") for name in named}, house


def test_what_is_outside_is_known_to_one_place_each() -> None:
    protected = {name for one in CONTRACTS if one["type"] == "protected" for name in one["protected_modules"]}
    assert {"aiosqlite", "asyncpg", "starlette", "itsdangerous", "pysqlite3", "sqlite3"} <= protected
