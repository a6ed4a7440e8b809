"""The whole application over a real database, asked through ASGI: what every test of this folder stands on.

Nothing stands between the request and the service but httpx's ASGI transport, so raw header lists, chunked bodies and
the peer's address are the test's to choose.
"""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any, cast

import httpx
from starlette.applications import Starlette
from starlette.types import Message, Receive, Scope, Send

from consent import ids, keyring
from consent.app import create_app
from consent.clock import Clock
from consent.services import Services
from consent.storage import keys
from consent.storage.database import Database
from consent.storage.keys import StoredKey
from tests import running
from tests.acts import SITE, new_id
from tests.reading import count

MIAMI_ORIGIN = "https://www.miaminewtimes.com"
HARBOUR = Path(__file__).parent.parent / "words" / "sites" / "harbour-post.toml"
CONSENTS = f"/v1/sites/{SITE}/consents"
_peers = itertools.count(1)

Headers = Mapping[str, str] | list[tuple[bytes, bytes]]


class Stage:
    """A running application and the shortest ways to ask it something."""

    def __init__(self, app: Starlette, state: Mapping[str, Any], url: str) -> None:
        self.app, self.state, self.database_url = app, state, url
        self.services = cast(Services, state["services"])
        self.http = self.client()

    def client(self, peer: str | None = None) -> httpx.AsyncClient:
        """A client at an address of its own, unless one is given: no test eats another's rate."""
        number = next(_peers)
        address = peer or f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
        transport = httpx.ASGITransport(self._serve, client=(address, 40000))
        return httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000", trust_env=False)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app({**scope, "state": dict(self.state)}, receive, send)

    def body(self, **fields: Any) -> dict[str, Any]:
        """A good body; `fields` say what is not as usual, None takes a field away."""
        usual: dict[str, Any] = {
            "id": new_id(),
            "subject": new_id(),
            "notice": running.notice_of(self.services),
            "language": "en",
            "action": "save",
            "purposes": {"analytics": True, "content": False, "advertising": False},
            "regime": "opt_in",
        }
        return {name: value for name, value in (usual | fields).items() if value is not None}

    async def give(self, headers: Headers | None = None, **fields: Any) -> httpx.Response:
        """POSTs a body to the Miami site, from an address of its own."""
        return await self.client().post(CONSENTS, json=self.body(**fields), headers=headers)

    async def key(self, *scopes: str, site: str = SITE) -> str:
        """A new key of the site."""
        return (await self.key_row(*scopes, site=site))[0]

    async def key_row(self, *scopes: str, site: str = SITE, **fields: Any) -> tuple[str, StoredKey]:
        """A new key of the site, and its row; put there as it is, so that the log has no act of making it."""
        wanted, at = frozenset(scopes or ("read", "write", "erase")), self.services.clock()
        key, id_ = keyring.OPENING + ids.secret(), str(ids.uuid7(at))
        row = StoredKey(site=site, id=id_, scopes=wanted, created_at=at, **fields)
        async with self.services.database.writing() as writer:
            await keys.add(writer, row, keyring.hash_of(key))
        return key, row

    async def asked(self, path: str, key: str, **more: Any) -> httpx.Response:
        """GETs `path` under the Miami site's address with the key."""
        headers = {"Authorization": f"Bearer {key}", **more.pop("headers", {})}
        return await self.http.get(f"/v1/sites/{SITE}{path}", headers=headers, **more)

    async def count(self) -> int:
        """How many records the Miami site has."""
        return await count(self.services)


def outside(answer: httpx.Response) -> tuple[int, str, list[tuple[str, str]]]:
    """All that can be told of an answer from outside, but for the number that each request has of its own."""
    headers = [(name, value) for name, value in answer.headers.multi_items() if name != "x-request-id"]
    return answer.status_code, answer.text, sorted(headers)


@contextlib.asynccontextmanager
async def staged(
    url: str, clock: Clock, *, database: Database | None = None, settings: Mapping[str, Any] | None = None
) -> AsyncIterator[Stage]:
    """The application with the Miami site and the Harbour Post published."""
    chosen = running.settings(url)
    for name, value in (settings or {}).items():
        chosen = replaced(chosen, name, value)
    app = create_app(chosen, clock=clock, database=database)
    async with app.router.lifespan_context(app) as state:
        stage = Stage(app, state or {}, url)
        await running.publish(stage.services)
        await running.publish(stage.services, HARBOUR.read_bytes())
        yield stage


def replaced(settings: Any, name: str, value: Any) -> Any:
    """The settings with one of them otherwise."""
    import msgspec

    return msgspec.structs.replace(settings, **{name: value})


async def raw(stage: Stage, method: str, path: str, headers: list[tuple[bytes, bytes]], body: bytes = b"") -> Message:
    """One request with exactly these header lines; gives status, headers and body as one message."""
    sent: list[Message] = []
    waiting = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> Message:
        return waiting.pop() if waiting else {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": headers,
        "server": ("127.0.0.1", 8000),
        "client": (f"10.200.{next(_peers) >> 8 & 255}.{next(_peers) & 255}", 40000),
        "state": dict(stage.state),
    }
    await stage.app(scope, receive, send)
    whole = b"".join(message.get("body", b"") for message in sent[1:])
    return {"type": "answer", "status": sent[0]["status"], "headers": sent[0]["headers"], "body": whole}
