"""The application: the only place that constructs things."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import threading
from collections.abc import AsyncIterator, Sequence
from importlib import import_module
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from consent import clock as clocks
from consent import courier, mailboxes, presence, sweeping
from consent.clock import Clock
from consent.connections import departures
from consent.errors import ConsentError
from consent.services import open_services
from consent.settings import Settings
from consent.settings import from_environment as settings_from_environment
from consent.storage.database import Database
from consent.web import problems
from consent.web.routes import LANES, ROUTES
from consent.web.shell import Shell
from consent.web.widget import Widgets

LOADED_AT_START = ("consent.mx.asking", "consent.sync.pinned")


def create_app(
    settings: Settings,
    *,
    clock: Clock = clocks.now,
    database: Database | None = None,
    more_routes: Sequence[BaseRoute] = (),
) -> Starlette:
    """The service as an ASGI application; its instruments open and close with its lifespan."""

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[dict[str, Any]]:
        _load_what_visitors_would_wait_for()
        async with contextlib.AsyncExitStack() as stack:
            services = await stack.enter_async_context(open_services(settings, clock=clock, database=database))
            for runs_beside in (presence.serving, courier.running, sweeping.running, departures.polling):
                await stack.enter_async_context(runs_beside(services))
            yield {"services": services, "widgets": Widgets(settings.url)}

    app = Starlette(
        routes=[*ROUTES, *more_routes],
        middleware=[Middleware(Shell, lanes=LANES, is_public=settings.is_public)],
        exception_handlers={ConsentError: _problem, HTTPException: _problem},
        lifespan=lifespan,
    )
    app.router.redirect_slashes = False  # its redirect would take the host from the request
    return app


def _load_what_visitors_would_wait_for() -> None:
    """What commands do without is loaded at the service's start, not by the first request that needs it."""
    for module in LOADED_AT_START:
        import_module(module)
    mailboxes.warm_up()


async def _problem(request: Request, error: Exception) -> Response:
    return problems.response(error)


def from_environment() -> Starlette:
    """The application that the environment describes: what each worker process runs."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    return create_app(settings_from_environment())


def _end_with(parent: multiprocessing.process.BaseProcess) -> None:
    """Tells this worker to stop when its parent is gone, killed perhaps: nobody would stop it otherwise."""
    parent.join()
    os.kill(os.getpid(), signal.SIGTERM)
