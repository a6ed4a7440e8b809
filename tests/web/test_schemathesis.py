"""The document held against the service by a program that knows nothing else: good and bad requests to every operation.

What it makes is the same each time (no random seed, few examples), and is asked on one engine: what an engine minds is
shown by the other tests.
"""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from consent.web import openapi
from tests.acts import SITE
from tests.clock import SetClock
from tests.web.stage import Stage, staged

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
ANY = {"type": "string"}
MANY, FEW = 8, 2
"""Requests to an operation that is asked by filters or a body, and to one that is not."""


@pytest.fixture(scope="module")
async def stage(module_sqlite_url: str, module_clock: SetClock) -> AsyncIterator[Stage]:
    async with staged(module_sqlite_url, module_clock) as made:
        yield made


def operations() -> Iterator[Any]:
    schema = schemathesis.openapi.from_dict(openapi.document())
    schema.config.update(base_url="http://127.0.0.1:8000")
    for found in schema.get_all_operations():
        assert isinstance(found, Ok)
        yield found.ok()


def cases(operation: Any, mode: GenerationMode) -> list[Case[Any]]:
    """Some requests of this kind; none where any text will do, for then there is nothing to get wrong."""
    told = operation.definition.raw
    taken = [one["schema"] for one in told.get("parameters", ()) if one["in"] != "header"]
    if mode is GenerationMode.NEGATIVE and "requestBody" not in told and all(one == ANY for one in taken):
        return []
    is_asked = "requestBody" in told or any(one["in"] == "query" for one in told.get("parameters", ()))
    made: list[Case[Any]] = []

    @settings(
        max_examples=MANY if is_asked else FEW,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def collect(case: Case[Any]) -> None:
        made.append(case)

    with contextlib.suppress(Unsatisfiable):
        collect()
    return made


async def asked(stage: Stage, case: Case[Any], key: str | None) -> httpx.Response:
    prepared = requests.Request(**case.as_transport_kwargs(base_url="http://127.0.0.1:8000")).prepare()
    headers = [(name.encode(), str(value).encode("latin-1", "ignore")) for name, value in prepared.headers.items()]
    headers = [one for one in headers if one[0].lower() not in (b"authorization", b"content-length")]
    if key:
        headers.append((b"authorization", f"Bearer {key}".encode()))
    body = prepared.body
    assert body is None or isinstance(body, str | bytes)
    return await stage.client().request(prepared.method or "", prepared.url or "", headers=headers, content=body)


@pytest.mark.parametrize("mode", GenerationMode, ids=lambda mode: mode.value)
async def test_every_operation_keeps_to_the_document(stage: Stage, mode: GenerationMode) -> None:
    """With a key of all scopes and now and then without; of the site that there is, and now and then of another."""
    key, seen, wrong = await stage.key(), Counter[int](), list[str]()
    for operation in operations():
        is_keyed = "security" in operation.definition.raw
        for number, case in enumerate(cases(operation, mode)):
            if "site" in case.path_parameters and number:
                case.path_parameters["site"] = SITE
            answer = await asked(stage, case, key if number != 1 else None)
            seen[answer.status_code] += 1
            if is_keyed and number == 1 and answer.status_code != 401:
                wrong.append(f"{operation.label}: {answer.status_code} without a key")
            try:
                case.validate_response(answer, checks=CHECKS)
            except FailureGroup as group:
                wrong += [f"{operation.label}: {one}" for one in group.exceptions]
    assert wrong == []
    assert {200, 400, 401, 404, 422} <= set(seen)
