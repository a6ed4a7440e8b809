"""An application of the test's own process, over a real socket."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import uvicorn

from consent.cli.serving import SERVER

START_SECONDS = 15


@contextlib.asynccontextmanager
async def listening(app: Any, port: int, **how: Any) -> AsyncIterator[None]:
    """The application answers on the port as the service does, until the block ends.

    How lines are logged stays the test run's affair: to set it up here would do so for every test that follows.
    """
    options = {**SERVER, "log_config": None, **how}
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, **options))
    running = asyncio.create_task(server.serve())
    async with asyncio.timeout(START_SECONDS):
        while not server.started:
            assert not running.done()
            await asyncio.sleep(0.02)
    try:
        yield
    finally:
        server.should_exit = True
        await running
