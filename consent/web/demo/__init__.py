"""The demo's pages."""

from __future__ import annotations

from pathlib import Path

from starlette.routing import BaseRoute


def demo_routes(*, service_url: str, mail_folder: Path) -> list[BaseRoute]:
    """The routes that `consent demo` mounts beside the service's own."""
    return []
