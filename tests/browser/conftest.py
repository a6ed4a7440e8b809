"""A visitor: a fresh browser profile on the demo's page, watched from before its first script."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser

from tests.browser.serving import Served, serving
from tests.browser.visiting import Visit, visit


@pytest.fixture
async def demo(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Served]:
    """The running demo, on SQLite."""
    async with serving(sqlite_url, tmp_path) as served:
        yield served


@pytest.fixture
async def demo_anywhere(database_url: str, tmp_path: Path) -> AsyncIterator[Served]:
    """The running demo, once on each engine."""
    async with serving(database_url, tmp_path) as served:
        yield served


@pytest.fixture
async def visitor(chromium: Browser, demo: Served) -> AsyncIterator[Visit]:
    """A visitor of the demo on SQLite."""
    async with visit(chromium, demo) as opened:
        yield opened
