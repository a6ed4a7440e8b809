"""Publishing through the API: what is in force, what was, and whether visitors are asked again."""

from __future__ import annotations

import asyncio
import hashlib

from consent import publishing
from consent.publishing import Publisher
from consent.storage.engines import open_database
from tests.acts import SITE
from tests.clock import SetClock
from tests.running import MIAMI
from tests.web.stage import CONSENTS, HARBOUR, Stage, staged

NOTICES = f"/v1/sites/{SITE}/notices"
TOML = {"Content-Type": "application/toml"}
COSMETIC = ('radius = "6px"', 'radius = "7px"')
MATERIAL = ('provider = "Google Ireland Limited"', 'provider = "Somebody Else Limited"')


def altered(*changes: tuple[str, str]) -> bytes:
    """The Miami site's file with words replaced."""
    text = MIAMI.read_text("utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return text.encode()


async def test_a_publication_is_told_apart_and_taken_up_at_once(database_url: str, clock: SetClock) -> None:
    async with staged(database_url, clock) as stage:
        key = await stage.key()
        headers = {"Authorization": f"Bearer {key}", **TOML}
        first = (await stage.asked("/notices", key)).json()
        before = stage.body()

        same = await stage.http.post(NOTICES, content=MIAMI.read_bytes(), headers=headers)
        assert (same.status_code, same.json()["asks_again"], same.json()["changes"]) == (201, False, [])
        assert (same.json()["notice"], same.json()["revision"]) == (first["current"], 1)

        cosmetic = (await stage.http.post(NOTICES, content=altered(COSMETIC), headers=headers)).json()
        assert (cosmetic["asks_again"], cosmetic["revision"], len(cosmetic["changes"])) == (False, 2, 1)
        material = (await stage.http.post(NOTICES, content=altered(COSMETIC, MATERIAL), headers=headers)).json()
        assert (material["asks_again"], material["revision"]) == (True, 3)
        assert len({first["current"], cosmetic["notice"], material["notice"]}) == 3

        told = (await stage.asked("/notices", key)).json()
        assert told["current"] == material["notice"]
        listed = [one["notice"] for one in told["publications"]]
        assert listed == [material["notice"], cosmetic["notice"], first["current"]]
        assert stage.body()["notice"] == material["notice"]
        for body in (stage.body(), before):  # a page that shows the older notice still may answer it
            assert (await stage.http.post(CONSENTS, json=body)).status_code == 201
        for digest in listed:
            answer = await stage.asked(f"/notices/{digest}", key)
            assert hashlib.sha256(answer.content).hexdigest() == digest
            assert answer.headers["content-type"] == "application/json"


async def test_what_is_no_site_file_of_this_site_is_refused(stage: Stage) -> None:
    key = await stage.key()
    headers = {"Authorization": f"Bearer {key}", **TOML}
    before = (await stage.asked("/notices", key)).json()
    cases = [
        (b"", 422), (b"\xff", 422), (b"id = ", 422), (b"[" * 5_000, 422), (b"\0", 422), (HARBOUR.read_bytes(), 422),
        (altered(('id = "miami-new-times"', 'id = "miami-new-times\\u0000"')), 422), (b"a" * (256 * 1024 + 1), 413),
        (b'x = {a = ' * 900 + b"1" + b"}" * 900, 422), (b"a.b." * 4_000 + b"c = 1", 422), (b"a = " + b"9" * 5_000, 422),
    ]  # fmt: skip
    for content, status in cases:
        answer = await stage.http.post(NOTICES, content=content, headers=headers)
        assert answer.status_code == status, (content[:40], answer.text[:300])
        assert status != 422 or answer.json()["errors"], content[:40]
    answer = await stage.http.post(
        NOTICES, content=MIAMI.read_bytes(), headers={**headers, "Content-Type": "text/html"}
    )
    assert answer.status_code == 415
    assert (await stage.asked("/notices", key)).json() == before


async def test_a_key_does_not_change_how_long_things_are_kept(stage: Stage) -> None:
    headers = {"Authorization": f"Bearer {await stage.key()}", **TOML}
    before = stage.services.directory.get(SITE).revision
    content = altered() + b"\n[retention]\nrecords_days = 30\n"
    answer = await stage.http.post(NOTICES, content=content, headers=headers)
    assert (answer.status_code, answer.json()["errors"][0]["path"]) == (422, "retention")
    assert stage.services.directory.get(SITE).revision == before


async def test_faults_of_a_site_file_are_told_all_at_once(stage: Stage) -> None:
    headers = {"Authorization": f"Bearer {await stage.key()}", **TOML}
    content = altered(('close = "refuse"', 'close = "accept"'), ("expires_days = 182 ", "expires_days = 9000 "))
    answer = await stage.http.post(NOTICES, content=content, headers=headers)
    assert {fault["path"] for fault in answer.json()["errors"]} == {"consent.close", "consent.expires_days"}


async def test_the_linters_errors_stop_a_publication_and_its_warnings_go_with_it(stage: Stage) -> None:
    headers = {"Authorization": f"Bearer {await stage.key()}", **TOML}
    pale = ('accent = "#c8102e"', 'accent = "#ffd700"')
    before = (await stage.http.get(NOTICES, headers=headers)).json()
    wishes = '[notice]\nclose = "accepts"\ncontinuing = "accepts"\n\n[consent]\n'
    refused = await stage.http.post(NOTICES, content=altered(pale, ("[consent]\n", wishes)), headers=headers)
    assert (refused.status_code, refused.headers["content-type"]) == (422, "application/problem+json")
    told = {fault["path"]: fault["message"] for fault in refused.json()["errors"]}
    assert {path: message.partition(":")[0] for path, message in told.items()} == {
        "notice.close": "R06",
        "notice.continuing": "R07",
    }
    assert (await stage.http.get(NOTICES, headers=headers)).json() == before

    done = (await stage.http.post(NOTICES, content=altered(pale), headers=headers)).json()
    (found,) = done["findings"]
    assert (found["rule"], found["severity"], found["where"]) == ("R05", "warning", "theme.accent")
    assert done["asks_again"] is False
    again = (await stage.http.post(NOTICES, content=altered(pale), headers=headers)).json()
    assert (again["findings"], again["revision"]) == (done["findings"], done["revision"])
    notice = (await stage.http.get(f"{NOTICES}/{done['notice']}", headers=headers)).json()
    assert [(one["rule"], one["where"]) for one in notice["findings"]] == [("R05", "theme.accent")]
    assert "contrast of 1.40:1" in notice["findings"][0]["why"]
    mended = (await stage.http.post(NOTICES, content=MIAMI.read_bytes(), headers=headers)).json()
    assert mended["notice"] == before["current"]
    assert "findings" in " ".join(mended["changes"])
    assert (mended["findings"], mended["asks_again"]) == ([], False)


async def test_notices_that_never_were_are_404_on_both_engines(stage: Stage) -> None:
    key = await stage.key("read")
    for digest in ("0" * 64, "x", "%00", "%ff", "..", "0" * 5_000, "A" * 64, "%F0%9F%98%80"):
        assert (await stage.asked(f"/notices/{digest}", key)).status_code == 404, digest


async def test_a_publication_by_another_process_is_seen_within_two_seconds(database_url: str, clock: SetClock) -> None:
    async with staged(database_url, clock) as stage:
        other = await open_database(database_url)
        try:
            services = stage.services
            publisher = Publisher(database=other, vault=services.vault, clock=clock, url=services.settings.url)
            done = await publishing.publish(publisher, publishing.check(altered(MATERIAL)))
        finally:
            await other.close()
        await asyncio.sleep(2)
        assert stage.body()["notice"] == done.digest
        loader = (await stage.http.get(f"/w/{SITE}.js")).text
        assert done.digest in loader


async def test_publications_at_once_are_one_after_the_other(database_url: str, clock: SetClock) -> None:
    async with staged(database_url, clock) as stage:
        headers = {"Authorization": f"Bearer {await stage.key()}", **TOML}
        files = [altered(('radius = "6px"', f'radius = "{number}px"')) for number in range(7, 15)]
        answers = await asyncio.gather(*(stage.http.post(NOTICES, content=one, headers=headers) for one in files))
        assert [answer.status_code for answer in answers] == [201] * 8
        assert sorted(answer.json()["revision"] for answer in answers) == list(range(2, 10))
        last = max(answers, key=lambda answer: int(answer.json()["revision"]))
        told = await stage.http.get(NOTICES, headers=headers)
        assert told.json()["publications"][0]["notice"] == last.json()["notice"]
