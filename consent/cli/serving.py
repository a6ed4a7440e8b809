"""`consent serve` and `consent demo`."""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
import tempfile
from importlib.resources import files
from pathlib import Path
from typing import Any

import click
import uvicorn
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess

from consent import ids, lines, publishing, settings
from consent.app import create_app
from consent.cli.opening import opened, run
from consent.clock import now
from consent.errors import Misconfigured
from consent.publishing import Publisher
from consent.rewrapping import rewrap
from consent.settings import Settings
from consent.storage.engines import open_database
from consent.storage.migrations import migrate
from consent.vault import Vault
from consent.web.demo import demo_routes

DRAIN_SECONDS = 10
PORT = click.IntRange(1, 65_535)
DEMO_SITE = "miami-new-times"

SERVER: dict[str, Any] = {
    "loop": "uvloop",
    "http": "httptools",
    "access_log": False,  # a third of the throughput, and addresses in a file; `consent.lines` has one without them
    "server_header": False,
    "proxy_headers": False,  # the settings say whom to trust, not the peer's being loopback
    "timeout_graceful_shutdown": DRAIN_SECONDS,
    "log_level": "warning",
    "log_config": lines.config("text", has_access=False),
}


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", default=8000, show_default=True, type=PORT, help="The port to listen on.")
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 64), help="Worker processes.")
def serve(host: str, port: int, workers: int) -> None:
    """Run the service: create the database, apply migrations, answer until told to stop."""
    _check_free(host, port)
    with tempfile.TemporaryDirectory(prefix="consent-metrics-") as folder:
        if workers > 1:
            settings.share_metrics(folder)
        chosen = settings.from_environment()
        run(_prepare())
        if chosen.limits == "off":
            click.echo("CONSENT_LIMITS is off: no rate limits; for benchmarks only", err=True)
        click.echo(f"consent serves {chosen.url} on {host}:{port} with {workers} worker(s)", err=True)
        app = "consent.app:from_environment"
        if workers > 1:
            _supervise(uvicorn.Config(app, factory=True, host=host, port=port, workers=workers, **_how(chosen)))
        else:
            _serve(app, chosen, factory=True, host=host, port=port)


def _how(chosen: Settings) -> dict[str, Any]:
    return {**SERVER, "log_config": lines.config(chosen.log.lines, has_access=chosen.log.has_access)}


def _serve(app: Any, chosen: Settings, **how: Any) -> None:
    """Serves until told to stop: a drained end is a good one, so SIGTERM exits with 0 and what is temporary goes."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # uvicorn drains first, then raises the signal again
    uvicorn.run(app, **how, **_how(chosen))


def _supervise(config: uvicorn.Config) -> None:
    """Serves with several workers. One that cannot start ends them all, which uvicorn's own `run` calls a good end."""
    with config.bind_socket() as listening:
        supervisor = Multiprocess(config, [listening])
        supervisor.run()
    if any(process.exitcode == STARTUP_FAILURE for process in supervisor.processes):
        raise Misconfigured("a worker could not start: see the lines above, mend it and start again")


async def _prepare() -> None:
    """Migrates and opens every log's key before any worker starts: a refusal is one sentence, not one a worker."""
    async with opened() as services:
        await rewrap(services.database, services.vault)


@click.command()
@click.option("--port", default=8000, show_default=True, type=PORT, help="The port to listen on.")
def demo(port: int) -> None:
    """Show it: a newspaper's article with the notice on it, on a database that is thrown away."""
    _check_free("127.0.0.1", port)
    with tempfile.TemporaryDirectory(prefix="consent-demo-") as name:
        folder = Path(name)
        chosen = _demo_settings(folder, port)
        asyncio.run(_publish_demo(chosen))
        routes = demo_routes(service_url=chosen.url, mail_folder=folder / "mail")
        app = create_app(chosen, more_routes=routes)
        _print_links(chosen, port)
        _serve(app, chosen, host="127.0.0.1", port=port)


def _demo_settings(folder: Path, port: int) -> Settings:
    (folder / "mail").mkdir()
    environment = {
        "CONSENT_DATABASE": f"sqlite:///{folder / 'consent.db'}",
        "CONSENT_SECRET": ids.secret(),
        "CONSENT_URL": f"http://localhost:{port}",
        "CONSENT_MAIL": f"spool:{folder / 'mail'}",
    }
    return settings.from_environment(environment)


async def _publish_demo(chosen: Settings) -> None:
    database = await open_database(chosen.database)
    try:
        await migrate(database, now())
        data = files("consent").joinpath("demo", f"{DEMO_SITE}.toml").read_bytes()
        publisher = Publisher(database=database, vault=Vault(chosen.secrets), clock=now, url=chosen.url)
        await publishing.publish(publisher, publishing.check(data))
    finally:
        await database.close()


def _print_links(chosen: Settings, port: int) -> None:
    here = f"http://127.0.0.1:{port}"
    for name, link in (
        ("A page with the notice", f"{here}/demo"),
        ("The mails it sends", f"{here}/demo/mail"),
        ("The publisher's console", f"{chosen.url}/demo/console"),
        ("The API", f"{here}/docs"),
    ):
        click.echo(f"{name:<24}{link}")
    click.echo("Everything is thrown away when you stop it (Ctrl+C).")


def _check_free(host: str, port: int) -> None:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise Misconfigured(
                f"{host}:{port} cannot be listened on ({error.strerror}): give another --port"
            ) from None
