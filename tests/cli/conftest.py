"""A folder to run commands in, on SQLite, and one on each engine."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.command import Shell


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    """An empty folder, a SQLite database not yet there."""
    return Shell(tmp_path)


@pytest.fixture
def shell_on_each(tmp_path: Path, database_url: str) -> Shell:
    """The same, once on each engine."""
    return Shell(tmp_path, database_url)
