"""Bodies altered at random and bytes at random: one and the same 2xx or 4xx from both engines, and nothing lost."""

from __future__ import annotations

import contextlib
import copy
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.acts import new_id
from tests.clock import SetClock
from tests.reading import verified
from tests.web.stage import CONSENTS, Stage, staged

Stages = tuple[Stage, Stage]
JSON = {"Content-Type": "application/json"}
KNOWN = ("id", "subject", "notice", "language", "action", "purposes", "services", "regime", "gpc", "page", "decided_at")
QUICK = settings(max_examples=120, suppress_health_check=[HealthCheck.function_scoped_fixture], database=None)

texts = st.text(max_size=40) | st.sampled_from(
    ["\0", "\x7f", "en", "save", "https://x.example/a?b#c", "=1+1", "\u202e"]
)
scalars = st.none() | st.booleans() | st.integers() | st.floats() | texts
values = st.recursive(scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3))
names = st.sampled_from([*KNOWN, "tcf", "gpp", "hand_off", "seq", "site"]) | texts
cuts = st.tuples(st.integers(0, 600), st.integers(0, 8), st.binary(max_size=6))


@pytest.fixture(scope="module")
async def stages(module_sqlite_url: str, module_postgres_url: str, module_clock: SetClock) -> AsyncIterator[Stages]:
    """The application on both engines at once."""
    async with contextlib.AsyncExitStack() as stack:
        first = await stack.enter_async_context(staged(module_sqlite_url, module_clock))
        second = await stack.enter_async_context(staged(module_postgres_url, module_clock))
        yield first, second
        for stage in (first, second):
            assert await verified(stage.services) == await stage.count()


async def both(stages: Stages, content: bytes) -> int:
    """The one status that both engines answer the body with."""
    answers = [await stage.client().post(CONSENTS, content=content, headers=JSON) for stage in stages]
    told = [(answer.status_code, answer.json().get("code"), answer.json().get("errors")) for answer in answers]
    assert told[0] == told[1], content
    assert answers[0].status_code in (200, 201, 400, 409, 413, 422), answers[0].text
    return answers[0].status_code


@QUICK
@given(alterations=st.dictionaries(names, values, min_size=1, max_size=3), inside=st.booleans())
async def test_altered_bodies(stages: Stages, alterations: dict[str, Any], inside: bool) -> None:
    body = copy.deepcopy(stages[0].body())
    (body["purposes"] if inside else body).update(alterations)
    assert await both(stages, json.dumps(body).encode())


@QUICK
@given(decided=st.dictionaries(st.sampled_from(["analytics", "content", "advertising", "x"]), st.booleans()),
       action=st.sampled_from(["accept_all", "reject_all", "save", "dismiss", "acknowledge", "gpc", "withdraw"]),
       regime=st.sampled_from(["opt_in", "opt_out", "notice_only"]), again=st.booleans())  # fmt: skip
async def test_every_well_typed_act(
    stages: Stages, decided: dict[str, bool], action: str, regime: str, again: bool
) -> None:
    body = stages[0].body(purposes=decided, action=action, regime=regime)
    status = await both(stages, json.dumps(body).encode())
    assert status == 422 if set(decided) != {"analytics", "content", "advertising"} else status in (201, 422)
    if again:
        assert await both(stages, json.dumps(body).encode()) == (200 if status == 201 else 422)


@QUICK
@given(places=st.lists(cuts, min_size=1, max_size=3))
async def test_altered_bytes(stages: Stages, places: list[tuple[int, int, bytes]]) -> None:
    data = json.dumps(stages[0].body(page="https://x.example/é", services={"youtube": True})).encode()
    for at, length, put in places:
        data = data[: at % len(data)] + put + data[at % len(data) + length :]
    assert await both(stages, data)


@QUICK
@given(data=st.binary(max_size=300))
async def test_any_bytes(stages: Stages, data: bytes) -> None:
    assert await both(stages, data) in (400, 422)


async def test_a_good_body_is_still_recorded(stages: Stages) -> None:
    assert await both(stages, json.dumps(stages[0].body(id=new_id())).encode()) == 201
