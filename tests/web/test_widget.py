"""`GET /w/…`: the loader and the files it names, as caches and browsers need them."""

from __future__ import annotations

import gzip
import json

import brotli
import pytest

from tests.acts import SITE
from tests.clock import SetClock
from tests.running import MIAMI, publish
from tests.web.stage import Stage, outside, raw, staged
from tests.web.telling import told_in, words_in

LOADER = f"/w/{SITE}.js"
IMMUTABLE = "public, max-age=31536000, immutable"


LAYERS = ("notice", "preferences", "placeholder", "clear")


def named_in(script: str) -> list[str]:
    """The files that a loader loads: each layer in each language, by the build that it names."""
    told = told_in(script)
    names = (f"{told['site']}.{layer}.{language}.{told['build']}" for layer in LAYERS for language in told["languages"])
    return sorted(f"/w/{name}.js" for name in names)


async def test_the_loader_is_short_lived_and_has_an_etag(stage: Stage) -> None:
    answer = await stage.http.get(LOADER)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert answer.headers["cache-control"] == "public, max-age=300, stale-while-revalidate=86400"
    assert answer.headers["vary"] == "Accept-Encoding, Sec-GPC"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
    assert "__SETTINGS__" not in answer.text
    for etag in (answer.headers["etag"], f"W/{answer.headers['etag']}", f'"x", {answer.headers["etag"]}'):
        again = await stage.http.get(LOADER, headers={"If-None-Match": etag})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == answer.headers["etag"]
        assert again.headers["cache-control"] == answer.headers["cache-control"]
    assert (await stage.http.get(LOADER, headers={"If-None-Match": '"x"'})).status_code == 200


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("", ""), ("identity", ""), ("gzip", "gzip"), ("br", "br"), ("gzip, deflate, br, zstd", "br"), ("GZIP", "gzip"),
        ("br;q=0, gzip", "gzip"), ("br;q=0.0,gzip;q=0", ""), ("br; q=0.5", "br"), ("deflate", ""), ("xbr, gzipx", ""),
    ],
)  # fmt: skip
async def test_scripts_come_as_small_as_they_are_taken(stage: Stage, accepted: str, coding: str) -> None:
    plain = (await stage.http.get(LOADER, headers={"Accept-Encoding": "identity"})).content
    for path in (LOADER, named_in(plain.decode())[0]):
        whole = (await stage.http.get(path, headers={"Accept-Encoding": "identity"})).content
        got = await raw(stage, "GET", path, [(b"accept-encoding", accepted.encode())])
        headers = dict(got["headers"])
        assert headers.get(b"content-encoding", b"").decode() == coding
        assert int(headers[b"content-length"]) == len(got["body"])
        opened = {"br": brotli.decompress, "gzip": gzip.decompress, "": bytes}[coding](got["body"])
        assert opened == whole
        assert coding == "" or len(got["body"]) < len(whole)


async def test_an_etag_is_of_one_encoding(stage: Stage) -> None:
    etags = {
        (await stage.http.get(LOADER, headers={"Accept-Encoding": one})).headers["etag"] for one in ("br", "gzip", "x")
    }
    assert len(etags) == 3


async def test_every_file_that_the_loader_names_loads_and_never_changes(stage: Stage) -> None:
    named = named_in((await stage.http.get(LOADER)).text)
    assert len(named) == 8
    for path in named:
        answer = await stage.http.get(path)
        assert (answer.status_code, answer.headers["cache-control"]) == (200, IMMUTABLE)
        assert answer.headers["access-control-allow-origin"] == "*"
        assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
        words = words_in(answer.text)
        assert words["lang"] in path.split(".") if ".notice." in path else "lang" not in words
        assert answer.headers["vary"] == "Accept-Encoding"


async def test_a_file_that_was_never_made_is_404_and_is_not_kept(stage: Stage) -> None:
    real = named_in((await stage.http.get(LOADER)).text)[0]
    wrong = real.replace(real.split(".")[-2], "0" * 16)
    for path in (
        wrong, real.replace(SITE, "harbour-post"), "/w/nobody.js", "/w/nobody.mjs", f"/w/{SITE}@.js", f"/w/{SITE}@x.js",
        f"/w/{SITE}@{'0' * 16}.js", f"/w/{SITE}@{'0' * 16}.mjs", f"/w/@{'0' * 16}.js",
        f"/w/{SITE}.carry.en.{'0' * 16}.js", f"/w/{SITE}", f"/w/{SITE}.css", "/w/", "/w/..%2f..%2fREADME.md",
        f"/w/{SITE}.notice.fr.{'0' * 16}.js", "/w/%00", "/w/" + "x" * 5_000, f"/w/{SITE}.js%00",
        f"/w/{SITE}.__proto__.js",
    ):  # fmt: skip
        answer = await stage.http.get(path)
        assert (answer.status_code, answer.headers["cache-control"]) == (404, "no-store"), path


async def test_nothing_of_the_request_is_in_the_script(stage: Stage) -> None:
    clean = await stage.http.get(LOADER)
    for headers in (
        {"Host": "evil.test"}, {"X-Forwarded-Host": "evil.test"}, {"X-Forwarded-Proto": "https"},
        {"X-Original-URL": "/evil.test"},
        {"Origin": "https://evil.test"}, {"Forwarded": "host=evil.test"}, {"Accept-Language": "es"},
        {"CF-IPCountry": "DE"},
        {"Referer": "https://evil.test/"}, {"Cookie": "fc=1"}, {"Sec-GPC": "0"}, {"Sec-GPC": "1, 1"},
    ):  # fmt: skip
        for query in ("", "?lang=../../x", "?site=harbour-post", "?evil.test"):
            answer = await stage.http.get(f"{LOADER}{query}", headers=headers)
            assert outside(answer) == outside(clean), headers
    assert "http://127.0.0.1:8000" in clean.text


async def test_words_cannot_break_out_of_the_script(sqlite_url: str, clock: SetClock) -> None:
    name = r"""</script>{"a":1,"b":"\u2028${7*7}'";alert(1)//"""
    async with staged(sqlite_url, clock) as stage:
        text = MIAMI.read_text("utf-8").replace('name = "Google Analytics"', f"name = {json.dumps(name)}")
        assert json.dumps(name) in text
        await publish(stage.services, text.encode())
        for path in named_in((await stage.http.get(LOADER)).text):
            script = (await stage.http.get(path)).text
            words = words_in(script)
            if ".preferences." in path:
                assert words["purposes"][1]["services"][0]["name"] == name


async def test_a_publication_makes_a_new_loader_and_the_older_files_stay(sqlite_url: str, clock: SetClock) -> None:
    async with staged(sqlite_url, clock) as stage:
        before = await stage.http.get(LOADER)
        older = named_in(before.text)
        text = MIAMI.read_text("utf-8").replace("site performance and usage", "how the site is used")
        await publish(stage.services, text.encode())
        after = await stage.http.get(LOADER, headers={"If-None-Match": before.headers["etag"]})
        assert (after.status_code, after.headers["etag"] != before.headers["etag"]) == (200, True)
        assert set(named_in(after.text)) != set(older)
        for path in {*older, *named_in(after.text)}:
            assert (await stage.http.get(path)).status_code == 200, path


async def test_a_process_that_started_later_has_the_older_files_too(sqlite_url: str, clock: SetClock) -> None:
    """A page may hold the earlier loader for a day; whichever worker it asks must have what that loader names."""
    async with staged(sqlite_url, clock) as stage:
        older = named_in((await stage.http.get(LOADER)).text)
        text = MIAMI.read_text("utf-8").replace("site performance and usage", "how the site is used")
        await publish(stage.services, text.encode())
    from consent.app import create_app
    from tests.running import settings

    app = create_app(settings(sqlite_url), clock=clock)
    async with app.router.lifespan_context(app) as state:
        later = Stage(app, state or {}, sqlite_url)
        for path in older:
            answer = await later.http.get(path)
            assert (answer.status_code, answer.headers["cache-control"]) == (200, IMMUTABLE), path


async def test_a_process_that_heard_of_no_publication_yet_has_its_files(database_url: str, clock: SetClock) -> None:
    async with staged(database_url, clock) as ahead, staged(database_url, clock) as behind:
        text = MIAMI.read_text("utf-8").replace('radius = "6px"', 'radius = "7px"')
        before = (await behind.http.get(LOADER)).text
        await publish(ahead.services, text.encode())
        [path, *_] = named_in((await ahead.http.get(LOADER)).text)
        answer = await behind.http.get(path)
        assert (answer.status_code, answer.headers["cache-control"]) == (200, IMMUTABLE)
        assert path not in named_in(before)
