"""The pages behind the links of mails: opening them changes nothing, pressing their buttons does."""

from __future__ import annotations

from typing import Any

import pytest

from consent.clock import DAY
from consent.tokens import AGES, LEEWAY
from tests.acts import SITE
from tests.clock import SetClock
from tests.linking import EVENTS, STORIES, Reader, everything
from tests.reading import all_records
from tests.web.pressing import LINKS, ONE_CLICK, Link, press, to_leave, to_refuse
from tests.web.seeing import HTML, Seen, is_guarded, page
from tests.web.stage import Stage

HIDDEN = "r•••@example.org"

every_link = pytest.mark.parametrize("link", LINKS.values(), ids=LINKS)


@pytest.fixture(autouse=True)
def another_day(module_clock: SetClock) -> None:
    """What one test's sign-ups count against their sources is none of the next one's."""
    module_clock.forward(DAY)


@pytest.fixture
def reader(stage: Stage) -> Reader:
    """Somebody whom nobody knows yet."""
    return Reader(stage.services)


@every_link
async def test_opening_a_link_changes_nothing(stage: Stage, reader: Reader, link: Link) -> None:
    path = await link(stage, reader)
    before = await everything(stage.services)
    for headers in ({}, {"Sec-Purpose": "prefetch"}, {"Purpose": "preview"}, {"X-Moz": "prefetch"}):
        assert (await page(stage, path, **headers)).status_code == 200
    assert (await stage.client().head(path, headers=HTML)).status_code == 200
    assert (await stage.client().get(path)).status_code == 200
    for method in ("PUT", "DELETE", "PATCH"):
        assert (await stage.client().request(method, path)).status_code == 405
    assert await everything(stage.services) == before


@every_link
async def test_a_page_is_guarded_and_shows_no_address(stage: Stage, reader: Reader, link: Link) -> None:
    response = await page(stage, await link(stage, reader))
    assert is_guarded(response)
    assert "set-cookie" not in response.headers
    assert reader.email not in response.text
    assert "•••@example.org" in response.text
    assert reader.key.hex() not in response.text


@every_link
async def test_a_link_of_another_purpose_or_none_opens_nothing(stage: Stage, reader: Reader, link: Link) -> None:
    path = await link(stage, reader)
    _, purpose, token = path.split("/")
    for other in LINKS.keys() - {purpose}:
        assert (await page(stage, f"/{other}/{token}")).status_code == 400
    for wrong in ("x", token[:-1], token + "x", token.replace(".", "..", 1), "%00", "é"):
        assert (await page(stage, f"/{purpose}/{wrong}")).status_code == 400


@every_link
async def test_a_link_that_is_too_old_says_so(stage: Stage, reader: Reader, link: Link, module_clock: SetClock) -> None:
    path = await link(stage, reader)
    purpose: Any = path.split("/")[1]
    module_clock.forward(AGES[purpose] + LEEWAY + 2000)
    old = await page(stage, path)
    if purpose == "unsubscribe":
        assert old.status_code == 400
    else:
        assert old.status_code == 410
        assert "It worked for as long as it could. Please sign up again" in old.text
    module_clock.forward(-AGES[purpose] - LEEWAY - 2000)


async def test_a_program_gets_a_problem(stage: Stage) -> None:
    answer = await stage.client().get("/confirm/nonsense", headers={"Accept": "application/json"})
    assert answer.status_code == 400
    assert answer.json()["code"] == "token_invalid"


async def test_confirming_is_one_sentence_and_one_button(stage: Stage, reader: Reader) -> None:
    path = await reader.ask()
    shown = Seen((await page(stage, path)).text)
    words = " ".join(shown.text.split())
    assert f"Yes, Miami New Times, LLC may send Top Stories to {HIDDEN}." in words
    assert [tag for tag, _ in shown.tags].count("button") == 1
    assert "checkbox" not in {attrs.get("type") for _, attrs in shown.tags}
    done = await press(stage, path, do="confirm")
    assert done.status_code == 200
    assert "You are subscribed" in done.text
    assert await reader.states() == {STORIES: "confirmed"}


async def test_confirming_again_repeats_well_and_does_nothing(stage: Stage, reader: Reader) -> None:
    path = await reader.ask()
    await press(stage, path, do="confirm")
    before = await everything(stage.services)
    for again in (await page(stage, path), await press(stage, path, do="confirm"), await stage.client().post(path)):
        assert again.status_code == 200
        assert "You are subscribed" in again.text
        assert "Top Stories" in again.text
    assert await everything(stage.services) == before


async def test_of_several_lists_only_those_that_are_ticked_are_confirmed(stage: Stage, reader: Reader) -> None:
    path = await reader.ask(STORIES, EVENTS)
    boxes = [attrs for tag, attrs in Seen((await page(stage, path)).text).tags if attrs.get("type") == "checkbox"]
    assert [box["value"] for box in boxes] == [STORIES, EVENTS]
    assert all("checked" in box for box in boxes)
    done = await press(stage, path, choice="lists", list=EVENTS)
    assert "Events this week" in done.text
    assert "Top Stories" not in done.text
    assert await reader.states() == {EVENTS: "confirmed"}


async def test_nothing_ticked_is_asked_again(stage: Stage, reader: Reader) -> None:
    path = await reader.ask(STORIES, EVENTS)
    before = await everything(stage.services)
    refused = await press(stage, path, choice="lists")
    assert refused.status_code == 422
    assert "Choose at least one." in refused.text
    assert await everything(stage.services) == before


async def test_a_bare_post_confirms_all_that_the_link_names(stage: Stage, reader: Reader) -> None:
    assert (await stage.client().post(await reader.ask(STORIES, EVENTS))).status_code == 200
    assert await reader.states() == {STORIES: "confirmed", EVENTS: "confirmed"}


async def test_not_me_deletes_the_sign_up(stage: Stage, reader: Reader) -> None:
    path = await to_refuse(stage, reader)
    assert "Was it not you?" in (await page(stage, path)).text
    confirm = await reader.waiting("confirm")
    for done in (await press(stage, path), await press(stage, path)):
        assert done.status_code == 200
        assert "The sign-up is deleted" in done.text
    for gone in (await page(stage, confirm), await press(stage, confirm), await page(stage, path)):
        assert gone.status_code == 200
        assert "There is nothing left to confirm" in gone.text
        assert f"/newsletter/{SITE}?language=en" in Seen(gone.text).links()


@pytest.mark.parametrize("form", ["multipart", "urlencoded", "bare", "button", "no form at all"])
async def test_unsubscribing_is_one_post_of_any_form(stage: Stage, reader: Reader, form: str) -> None:
    path = await to_leave(stage, reader)
    sent: dict[str, dict[str, Any]] = {
        "multipart": {"files": {"List-Unsubscribe": (None, "One-Click")}},
        "urlencoded": {"data": ONE_CLICK},
        "bare": {},
        "button": {"data": {"do": "unsubscribe"}},
        "no form at all": {"content": b"\xff{", "headers": {"Content-Type": "application/json"}},
    }
    for _ in range(2):
        done = await stage.client().post(path, **sent[form])
        assert done.status_code == 200
        assert "location" not in done.headers
        assert "set-cookie" not in done.headers
        assert "Top Stories will no longer be sent to" in done.text
    assert await reader.states() == {STORIES: "unsubscribed", EVENTS: "confirmed"}
    [left] = [one for one in await all_records(stage.services) if one.subject and one.action == "unsubscribe"][-1:]
    assert left.lists == {STORIES: False}
    assert "You are unsubscribed" in (await page(stage, path)).text


async def test_unsubscribing_is_fine_whatever_the_link_is(stage: Stage, reader: Reader, module_clock: SetClock) -> None:
    path = await to_leave(stage, reader)
    token = path.rpartition("/")[2]
    before = await everything(stage.services)
    for wrong in ("nonsense", token[:-2], (await reader.managing()).rpartition("/")[2]):
        done = await stage.client().post(f"/unsubscribe/{wrong}", data=ONE_CLICK)
        assert (done.status_code, "location" in done.headers) == (200, False)
    module_clock.forward(AGES["unsubscribe"] + LEEWAY + 2000)
    assert (await stage.client().post(path, data=ONE_CLICK)).status_code == 200
    module_clock.forward(-AGES["unsubscribe"] - LEEWAY - 2000)
    assert await everything(stage.services) == before


async def test_who_has_the_link_of_a_forwarded_mail_learns_nothing_more(stage: Stage, reader: Reader) -> None:
    path = await to_leave(stage, reader)
    opened = await page(stage, path)
    assert "Events this week" not in opened.text
    assert not [link for link in Seen(opened.text).links() if "/manage/" in link]


async def test_a_page_speaks_the_readers_language(stage: Stage) -> None:
    reader = Reader(stage.services, language="es")
    path = await reader.ask()
    assert '<html lang="es" dir="ltr">' in (await page(stage, path)).text
    assert "Lo más leído" in (await page(stage, path)).text
