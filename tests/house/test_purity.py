"""Only `clock`, `settings` and `ids` read the clock, the environment and randomness; only `storage` has SQL."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from tests.house.reading import modules

CLOCK = {
    "time.time",
    "time.time_ns",
    "datetime.now",
    "datetime.utcnow",
    "datetime.today",
    "date.today",
    "time.localtime",
}
CHANCE = {
    "os.urandom", "random.", "secrets.", "uuid.uuid1", "uuid.uuid4", "uuid1", "uuid4", "Ed25519PrivateKey.generate",
    "AESGCM.generate_key", "Fernet.generate_key", "token_urlsafe", "token_bytes", "getrandbits",
}  # fmt: skip
SURROUNDINGS = {"os.environ", "os.getenv", "environ", "getenv"}
ALLOWED = {
    "consent/clock.py": CLOCK,
    "consent/settings/__init__.py": SURROUNDINGS,
    "consent/ids.py": CHANCE,
    # The library makes a signing key from the system's generator itself; a key made of our own bytes would be the same.
    "consent/publishing.py": {"Ed25519PrivateKey.generate"},
}
SQL = re.compile(
    r"^\s*(SELECT\s.+\sFROM\s|INSERT\s+(OR\s+\w+\s+)?INTO\s|UPDATE\s+\w+\s+SET\s|DELETE\s+FROM\s|CREATE\s+(TABLE|INDEX)|PRAGMA\s)"
    r"|\sWHERE\s+\w+\s*=\s*\$\d",
    re.DOTALL,
)


def dotted(node: ast.expr) -> str:
    """`a.b.c` of an attribute chain or a name."""
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def reads(tree: ast.Module) -> Iterator[str]:
    """The names of the clock, of chance and of the environment that a module uses."""
    known = CLOCK | CHANCE | SURROUNDINGS
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute | ast.Name):
            name = dotted(node)
            yield from (
                one
                for one in known
                if name == one or name.endswith(f".{one}") or (one[-1] == "." and name.startswith(one))
            )
        elif isinstance(node, ast.ImportFrom) and node.module in ("time", "random", "secrets", "uuid", "os"):
            yield from (f"{node.module}.{alias.name}" for alias in node.names if alias.name not in ("UUID", "uuid5"))
        elif isinstance(node, ast.Import):
            yield from (f"{alias.name}." for alias in node.names if alias.name in ("random", "secrets"))


def test_clock_chance_and_environment_are_read_in_one_place_each() -> None:
    found = {path: set(reads(tree)) - ALLOWED.get(path, set()) for path, tree in modules().items()}
    assert {path: names for path, names in found.items() if names} == {}


def test_the_check_sees_what_it_is_to_see() -> None:
    for line in (
        "import os\nos.environ['x']",
        "import time\ntime.time()",
        "import random",
        "import datetime\ndatetime.datetime.now()",
        "import uuid\nuuid.uuid4()",
        "from os import environ",
        "from secrets import token_hex",
    ):
        assert set(reads(ast.parse(line))), line


def test_sql_is_in_storage_alone() -> None:
    found = [
        path
        for path, tree in modules().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and SQL.search(node.value)
    ]
    assert found
    assert [path for path in found if not path.startswith("consent/storage/")] == []
