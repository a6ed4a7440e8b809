"""The demo's pages over a real socket, on a database that the command line can open beside it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import httpx
import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from consent.app import create_app
from consent.services import open_services
from consent.settings import from_environment
from consent.web.demo import demo_routes
from tests.listening import START_SECONDS, listening
from tests.ports import free_port
from tests.running import SECRET, publish

DEMO = "/demo"
SITE = "miami-new-times"


class Served(msgspec.Struct, frozen=True, kw_only=True):
    """A running demo: pages on one origin, the service on another."""

    port: int
    host: str
    """The name that the service goes by."""
    environment: dict[str, str]
    folder: Path
    own: dict[str, Response]
    """A test's own pages on the demo's origin, by name; shown at `/own/{name}`."""

    @property
    def origin(self) -> str:
        """The origin of the pages."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def page(self) -> str:
        """The article's page."""
        return self.origin + DEMO

    @property
    def service(self) -> str:
        """The service's own origin, which the widget comes from."""
        return f"http://{self.host}:{self.port}"

    def on(self, host: str, name: str = "page") -> str:
        """The address of a test's own page on another name of this machine."""
        return f"http://{host}:{self.port}/own/{name}"

    async def publish(self, text: str, site: str = SITE) -> str:
        """Puts a site file in force by the command line; gives what it printed once the service serves what it says."""
        file = self.folder / f"{site}.toml"
        file.write_text(text)
        async with httpx.AsyncClient(base_url=self.origin) as client:
            before = await client.get(f"/w/{site}.js")
            code, printed = await self.command("site", "publish", str(file))
            assert code == 0, printed
            async with asyncio.timeout(START_SECONDS):
                while (await client.get(f"/w/{site}.js")).content == before.content:  # noqa: ASYNC110 - seen from outside
                    await asyncio.sleep(0.1)
        return printed

    async def command(self, *words: str) -> tuple[int, str]:
        """Runs `consent …` in a process of its own on the same database; gives its exit code and what it printed."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "consent",
            *words,
            env={**os.environ, **self.environment},
            cwd=self.folder,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        printed, _ = await process.communicate()
        return process.returncode or 0, printed.decode()


@contextlib.asynccontextmanager
async def serving(
    database_url: str,
    folder: Path,
    host: str = "localhost",
    site_file: bytes | None = None,
    more: Mapping[str, str] | None = None,
) -> AsyncIterator[Served]:
    """The demo, up and published, the service under this name; stopped when the block ends.

    `site_file` stands in for the demo's own, `more` are further settings.
    """
    port = free_port()
    environment = {
        "CONSENT_DATABASE": database_url,
        "CONSENT_SECRET": SECRET,
        "CONSENT_URL": f"http://{host}:{port}",
        "CONSENT_MAIL": f"spool:{folder}",
        **(more or {}),
    }
    own: dict[str, Response] = {}
    served = Served(port=port, host=host, environment=environment, folder=folder, own=own)

    async def show(request: Request) -> Response:
        return own[request.path_params["name"]]

    settings = from_environment(environment)
    # Here and not by the command line: a process more for each test would take longer than most of them.
    async with open_services(settings) as services:
        await publish(services, site_file)
    routes = [*demo_routes(service_url=settings.url, mail_folder=folder), Route("/own/{name}", show)]
    app = create_app(settings, more_routes=routes)
    async with listening(app, port):
        yield served
