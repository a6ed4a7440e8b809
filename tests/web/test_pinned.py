"""Pinned loaders: what is stored is served for ever, byte for byte, and names what the browser can check."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import AsyncIterator

import brotli
import pytest

from consent.app import create_app
from consent.errors import Refused, Unknown
from consent.web import pinned
from consent.web.pinned import Pin
from tests.acts import SITE
from tests.clock import SetClock
from tests.running import MIAMI, publish, settings
from tests.web.stage import CONSENTS, MIAMI_ORIGIN, Stage, staged
from tests.web.telling import told_in

IMMUTABLE = "public, max-age=31536000, immutable"
URL = "http://127.0.0.1:8000"


@pytest.fixture
async def own(database_url: str, clock: SetClock) -> AsyncIterator[Stage]:
    """An application of the test's own, once on each engine."""
    async with staged(database_url, clock) as stage:
        yield stage


async def pin(stage: Stage, regime: str | None = None) -> Pin:
    return await pinned.pin(stage.services, stage.services.directory.get(SITE), regime)


def named(made: Pin) -> dict[str, str]:
    """Every address that the printed tags name, below the service's own, with its integrity."""
    tag = re.fullmatch(r'<script src="(.*)" integrity="(.*)" crossorigin="anonymous" async></script>', made.tag)
    table = re.fullmatch(r'<script type="importmap">\n(.*)\n</script>', made.import_map, re.DOTALL)
    assert tag
    assert table
    found = {tag[1]: tag[2], **json.loads(table[1])["integrity"]}
    assert all(address.startswith(f"{URL}/w/{SITE}") for address in found)
    return {address.removeprefix(URL): integrity for address, integrity in found.items()}


def integrity(script: bytes) -> str:
    return f"sha384-{base64.b64encode(hashlib.sha384(script).digest()).decode()}"


async def republish(stage: Stage, *changes: tuple[str, str]) -> None:
    text = MIAMI.read_text("utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    await publish(stage.services, text.encode())


async def test_everything_that_is_printed_loads_and_is_what_its_digest_says(own: Stage) -> None:
    present = await own.http.get(f"/w/{SITE}.js")
    made = await pin(own)
    assert made.version == hashlib.sha256(present.content).hexdigest()[:16]
    files = named(made)
    assert len(files) == 1 + 2 * 5
    for path, wanted in files.items():
        answer = await own.http.get(path)
        assert answer.status_code == 200, path
        assert integrity(answer.content) == wanted
        assert answer.headers["cache-control"] == IMMUTABLE
        assert answer.headers["access-control-allow-origin"] == "*"
        assert answer.headers["vary"] == "Accept-Encoding"
        same = await own.http.get(path, headers={"If-None-Match": answer.headers["etag"]})
        assert (same.status_code, same.content) == (304, b"")
    assert (await own.http.get(next(iter(files)))).content == present.content


async def test_the_compressed_bytes_are_the_stored_ones(own: Stage) -> None:
    path = next(iter(named(await pin(own))))
    plain = await own.http.get(path, headers={"Accept-Encoding": "identity"})
    async with own.http.stream("GET", path, headers={"Accept-Encoding": "br"}) as answer:
        coded = b"".join([chunk async for chunk in answer.aiter_raw()])
    assert brotli.decompress(coded) == plain.content
    assert len(coded) < len(plain.content)


async def test_it_outlives_publications_and_the_program_that_made_it(own: Stage, clock: SetClock) -> None:
    made = await pin(own)
    kept = {path: (await own.http.get(path)).content for path in named(made)}
    for number in range(6):  # more than the present process remembers of what was before
        await republish(own, ('radius = "6px"', f'radius = "{number + 7}px"'))
    app = create_app(settings(own.database_url), clock=clock)
    async with app.router.lifespan_context(app) as state:
        later = Stage(app, state or {}, own.database_url)
        for path, content in kept.items():
            answer = await later.http.get(path)
            assert (answer.status_code, answer.headers["cache-control"]) == (200, IMMUTABLE), path
            assert answer.content == content
        present = await later.http.get(f"/w/{SITE}.js")
        assert present.content != kept[f"/w/{SITE}@{made.version}.js"]


async def test_the_answers_of_a_pinned_page_are_recorded_and_the_origins_are_todays(own: Stage) -> None:
    made = await pin(own)
    told = told_in((await own.http.get(f"/w/{SITE}@{made.version}.js")).text)
    await republish(own, ('radius = "6px"', 'radius = "7px"'), (f'"{MIAMI_ORIGIN}"', '"https://new.example"'))
    body = own.body(notice=told["notice"])
    for origin, status in (("https://new.example", 201), (MIAMI_ORIGIN, 403)):
        answer = await own.client().post(CONSENTS, json=body, headers={"Origin": origin})
        assert answer.status_code == status


async def test_an_auto_site_pins_the_strictest_unless_told_otherwise(own: Stage) -> None:
    layouts = {}
    for regime in (None, "opt_in", "opt_out", "notice_only"):
        script = (await own.http.get(f"/w/{SITE}@{(await pin(own, regime)).version}.js")).text
        layouts[regime] = told_in(script)["layout"]["regime"]
        assert "gpc" not in told_in(script)
    assert layouts == {None: "opt_in", "opt_in": "opt_in", "opt_out": "opt_out", "notice_only": "notice_only"}
    assert len(await pinned.listed(own.services.database, SITE)) == 3


async def test_a_fixed_site_pins_its_own_regime_alone(own: Stage) -> None:
    await republish(own, ('regime = "auto"', 'regime = "opt_out"'))
    made = await pin(own)
    assert told_in((await own.http.get(f"/w/{SITE}@{made.version}.js")).text)["layout"]["regime"] == "opt_out"
    assert await pin(own, "opt_out") == made
    with pytest.raises(Refused, match="opt_out"):
        await pin(own, "opt_in")


async def test_the_same_again_changes_nothing_and_nothing_grows_by_itself(own: Stage, clock: SetClock) -> None:
    first = await pin(own)
    rows = await pinned.listed(own.services.database, SITE)
    clock.forward(1000)
    assert await pin(own) == first
    assert await pinned.listed(own.services.database, SITE) == rows
    await republish(own, ('radius = "6px"', 'radius = "7px"'))
    await own.http.get(f"/w/{SITE}.js")
    assert await pinned.listed(own.services.database, SITE) == rows


async def test_layers_go_with_the_last_pin_that_names_them(own: Stage) -> None:
    first = await pin(own)
    await republish(own, ("[consent]", "[consent]\nreload = false"))
    second = await pin(own)
    shared = [path for path in named(first) if "@" not in path]
    assert first.version != second.version
    assert shared == [path for path in named(second) if "@" not in path]
    lenient = await pin(own, "opt_out")
    assert not {*shared} & {*named(lenient)}
    for gone, count in ((first, 2 * len(shared)), (second, len(shared)), (lenient, 0)):
        await pinned.drop(own.services.database, SITE, gone.version)
        async with own.services.database.reading() as reader:
            row = await reader.row("SELECT count(*) AS layers FROM pinned_layers WHERE site = $1", SITE)
        assert row
        assert row["layers"] == count
        assert (await own.http.get(f"/w/{SITE}@{gone.version}.js")).status_code == 404
    with pytest.raises(Unknown):
        await pinned.drop(own.services.database, SITE, first.version)


async def test_a_pin_is_its_own_sites(own: Stage) -> None:
    made = await pin(own)
    for path in (f"/w/harbour-post@{made.version}.js", f"/w/nobody@{made.version}.js", f"/w/{SITE}@{made.version}.mjs"):
        assert (await own.http.get(path)).status_code == 404, path


async def test_what_was_altered_in_the_database_is_not_served(own: Stage) -> None:
    made = await pin(own)
    async with own.services.database.writing() as writer:
        await writer.execute("UPDATE pins SET script = $2 WHERE site = $1", SITE, brotli.compress(b"alert(1)"))
    assert (await own.http.get(f"/w/{SITE}@{made.version}.js")).status_code == 404


async def test_who_guesses_versions_is_slowed_down(own: Stage) -> None:
    client = own.client()
    answers = [await client.get(f"/w/{SITE}@{number:016x}.js") for number in range(310)]
    assert {answer.status_code for answer in answers} == {404, 429}
    assert "retry-after" in answers[-1].headers
    assert (await client.get(f"/w/{SITE}.js")).status_code == 200
