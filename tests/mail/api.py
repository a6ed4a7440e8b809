"""A provider's API as a server of the test's own: what it was asked, read as a provider reads it."""

from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs

from tests.sync.receiver import Got, Receiver, Reply, receiving


@contextlib.asynccontextmanager
async def answering(reply: Reply | None) -> AsyncIterator[Receiver]:
    """The API, which says this to everything; None: nothing at all."""
    async with receiving(lambda _: reply) as api:
        yield api


def json_of(got: Got) -> Any:
    """The body, which must call itself JSON."""
    assert got.headers["content-type"] == "application/json"
    return json.loads(got.body)


def form_of(got: Got) -> dict[str, str]:
    """The body, which must call itself a form; each field once."""
    assert got.headers["content-type"] == "application/x-www-form-urlencoded"
    fields = parse_qs(got.body.decode("ascii"), keep_blank_values=True, strict_parsing=True)
    assert all(len(values) == 1 for values in fields.values())
    return {name: values[0] for name, values in fields.items()}
