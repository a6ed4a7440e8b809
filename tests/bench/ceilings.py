"""What the service is measured against: the least that its server, its framework and its driver can do.

Each is an ASGI application for uvicorn, run as the service is: `bare`, `noop` and `constant` are ceilings,
`sqlite_each` and `postgres_each` the naive way, one commit a request.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator
from typing import Any

import aiosqlite
import asyncpg
import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from consent.records import ConsentRequest
from consent.storage.sqlite_library import dbapi

TABLE = "CREATE TABLE acts (seq {serial} PRIMARY KEY, id {blob} UNIQUE, subject {blob}, payload TEXT)"
INSERT = "INSERT INTO acts (id, subject, payload) VALUES ($1, $2, $3)"
PATH = "/v1/sites/{site}/consents"
DATABASE, SIZE = "BENCH_DATABASE", "BENCH_SIZE"

_decode = msgspec.json.Decoder(ConsentRequest).decode
_encode = msgspec.json.Encoder().encode


class Small(msgspec.Struct):
    """A small answer."""

    id: str
    recorded: bool


async def bare(scope: Scope, receive: Receive, send: Send) -> None:
    """ASGI and nothing else: reads the body, answers 204."""
    if scope["type"] != "http":
        return
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body", "body": b""})


async def _take(request: Request) -> Response:
    act = _decode(await request.body())
    return Response(_encode(Small(act.id, False)), media_type="application/json")


def noop() -> Starlette:
    """The framework's own price: a route, msgspec in, a small JSON out."""
    return Starlette(routes=[Route(PATH, _take, methods=["POST"])])


def constant() -> Starlette:
    """The framework's own price of an answer of `BENCH_SIZE` bytes."""
    body = b"x" * int(os.environ[SIZE])

    async def give(request: Request) -> Response:
        return Response(body, media_type="text/javascript")

    return Starlette(routes=[Route("/w/{name}", give)])


def sqlite_each() -> Starlette:
    """One INSERT and one COMMIT a request, `synchronous=FULL`."""
    one_at_a_time = asyncio.Lock()

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        path = os.environ[DATABASE]
        async with aiosqlite.Connection(lambda: dbapi.connect(path, check_same_thread=False), 64) as connection:
            app.state.connection = connection
            for statement in ("PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL"):
                await connection.execute(statement)
            await connection.execute(TABLE.format(serial="INTEGER", blob="BLOB"))
            yield

    async def take(request: Request) -> Response:
        act, connection = _decode(body := await request.body()), request.app.state.connection
        async with one_at_a_time:  # else one request's COMMIT is the others' too
            await connection.execute(INSERT.replace("$", "?"), (*_keys(act), body.decode()))
            await connection.commit()
        return Response(_encode(Small(act.id, True)), media_type="application/json")

    return Starlette(routes=[Route(PATH, take, methods=["POST"])], lifespan=lifespan)


def postgres_each() -> Starlette:
    """One INSERT, which commits by itself, a request, over a pool."""

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with asyncpg.create_pool(os.environ[DATABASE], min_size=8, max_size=8) as pool:
            app.state.pool = pool
            await pool.execute(TABLE.format(serial="BIGSERIAL", blob="BYTEA"))
            yield

    async def take(request: Request) -> Response:
        act = _decode(body := await request.body())
        await request.app.state.pool.execute(INSERT, *_keys(act), body.decode())
        return Response(_encode(Small(act.id, True)), media_type="application/json")

    return Starlette(routes=[Route(PATH, take, methods=["POST"])], lifespan=lifespan)


def _keys(act: ConsentRequest) -> tuple[Any, Any]:
    return bytes.fromhex(act.id.replace("-", "")), bytes.fromhex(act.subject.replace("-", ""))
