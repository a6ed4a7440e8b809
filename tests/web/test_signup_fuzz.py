"""Sign-ups altered at random, as JSON and as forms: one and the same answer from both engines, and never a 500."""

from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from consent.settings import Secret
from tests.clock import SetClock
from tests.web.signing import SIGNUPS, STORIES, body, form
from tests.web.stage import Stage, staged

Stages = tuple[Stage, Stage]
JSON = "application/json"
URLENCODED = "application/x-www-form-urlencoded"
PARTS = "multipart/form-data; boundary=b"
KNOWN = ("email", "lists", "language", "page", "source", "challenge", "notice", "variant", "via", "url_2", "seconds")
QUICK = settings(max_examples=120, suppress_health_check=[HealthCheck.function_scoped_fixture], database=None)
SAID = (202, 303, 400, 413, 415, 422)

texts = st.text(max_size=40) | st.sampled_from(
    ["\0", "\x7f", "en", STORIES, "https://x.example/a?b#c", "//x.example", "a@example.org", "\u202e", "a" * 300]
)
scalars = st.none() | st.booleans() | st.integers() | st.floats() | texts
values = st.recursive(scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3))
names = st.sampled_from([*KNOWN, "hint", "next", "list", "status"]) | texts
cuts = st.tuples(st.integers(0, 400), st.integers(0, 8), st.binary(max_size=6))
fields = st.lists(st.tuples(st.sampled_from([*KNOWN, "list", "next", "utm_source"]) | texts, texts), max_size=5)


@pytest.fixture(scope="module")
async def stages(module_sqlite_url: str, module_postgres_url: str, module_clock: SetClock) -> AsyncIterator[Stages]:
    """The application on both engines at once; nobody is in doubt."""
    unlimited = {"limits": Secret("off")}
    async with contextlib.AsyncExitStack() as stack:
        first = await stack.enter_async_context(staged(module_sqlite_url, module_clock, settings=unlimited))
        second = await stack.enter_async_context(staged(module_postgres_url, module_clock, settings=unlimited))
        yield first, second


async def both(stages: Stages, content: bytes, media: str = JSON) -> int:
    """The one status that both engines answer the body with."""
    answers = [await one.client().post(SIGNUPS, content=content, headers={"Content-Type": media}) for one in stages]
    told = [(answer.status_code, answer.content, answer.headers.get("location")) for answer in answers]
    assert told[0] == told[1], content
    assert answers[0].status_code in SAID, answers[0].text
    return answers[0].status_code


def altered(data: bytes, places: list[tuple[int, int, bytes]]) -> bytes:
    for at, length, put in places:
        data = data[: at % (len(data) + 1)] + put + data[at % (len(data) + 1) + length :]
    return data


def in_parts(pairs: list[tuple[str, str]]) -> bytes:
    """The fields as a multipart body, names as they are, however odd."""
    made = "".join(f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in pairs)
    return f"{made}--b--\r\n".encode("utf-8", "surrogatepass")


@QUICK
@given(alterations=st.dictionaries(names, values, min_size=1, max_size=3))
async def test_altered_bodies(stages: Stages, alterations: dict[str, Any]) -> None:
    assert await both(stages, json.dumps(body() | alterations).encode())


@QUICK
@given(source=st.dictionaries(texts, texts, max_size=3))
async def test_any_source(stages: Stages, source: dict[str, str]) -> None:
    assert await both(stages, json.dumps(body(source=source)).encode()) in (202, 400, 422)


@QUICK
@given(email=texts | st.emails() | st.builds("{}@{}".format, texts, st.sampled_from(["example.org", "gmail.com"])))
async def test_any_address(stages: Stages, email: str) -> None:
    assert await both(stages, json.dumps(body(email=email)).encode()) in (202, 400, 422)


@QUICK
@given(places=st.lists(cuts, min_size=1, max_size=3))
async def test_altered_bytes(stages: Stages, places: list[tuple[int, int, bytes]]) -> None:
    await both(stages, altered(json.dumps(body(page="https://x.example/é")).encode(), places))


@QUICK
@given(more=fields)
async def test_altered_forms(stages: Stages, more: list[tuple[str, str]]) -> None:
    pairs = [("email", form()["email"]), ("list", STORIES), *more]
    await both(stages, urlencode(pairs, errors="surrogatepass").encode(), URLENCODED)
    await both(stages, in_parts(pairs), PARTS)


@QUICK
@given(places=st.lists(cuts, min_size=1, max_size=3))
async def test_altered_bytes_of_forms(stages: Stages, places: list[tuple[int, int, bytes]]) -> None:
    pairs = [("email", form()["email"]), ("list", STORIES), ("next", "https://x.example/é")]
    await both(stages, altered(urlencode(pairs).encode(), places), URLENCODED)
    await both(stages, altered(in_parts(pairs), places), PARTS)


@QUICK
@given(data=st.binary(max_size=300), media=st.sampled_from([JSON, URLENCODED, PARTS]))
async def test_any_bytes(stages: Stages, data: bytes, media: str) -> None:
    assert await both(stages, data, media) in (400, 422)


@QUICK
@given(media=st.text(alphabet=st.characters(max_codepoint=255, exclude_characters="\r\n\0"), max_size=60))
async def test_any_media(stages: Stages, media: str) -> None:
    for kind in (media, f"multipart/form-data; {media}", f"multipart/form-data; boundary={media}"):
        sent = {b"Content-Type": kind.encode("latin-1")}
        answer = await stages[0].client().post(SIGNUPS, content=in_parts([("email", "x")]), headers=sent)
        assert answer.status_code in (400, 415, 422), (kind, answer.text)


async def test_good_ones_are_still_taken(stages: Stages) -> None:
    assert await both(stages, json.dumps(body()).encode()) == 202
    assert await both(stages, urlencode(form(), doseq=True).encode(), URLENCODED) == 303
    assert await both(stages, in_parts([("email", form()["email"]), ("list", STORIES)]), PARTS) == 303
