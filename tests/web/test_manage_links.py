"""The preference centre: every form of it, without a script."""

from __future__ import annotations

import json
from typing import Any

import pytest

from consent.clock import DAY, text
from tests.acts import SITE
from tests.clock import SetClock
from tests.linking import EVENTS, STORIES, Reader, everything
from tests.reading import verified
from tests.web.pressing import press, to_change, to_manage
from tests.web.seeing import Seen, page
from tests.web.stage import Stage


@pytest.fixture(autouse=True)
def another_day(module_clock: SetClock) -> None:
    """What one test's sign-ups count against their sources is none of the next one's."""
    module_clock.forward(DAY)


@pytest.fixture
def reader(stage: Stage) -> Reader:
    """Somebody whom nobody knows yet."""
    return Reader(stage.services)


async def test_the_lists_are_changed_at_once(stage: Stage, reader: Reader) -> None:
    path = await to_manage(stage, reader)
    boxes = [attrs for _, attrs in Seen((await page(stage, path)).text).tags if attrs.get("type") == "checkbox"]
    assert [(box["value"], "checked" in box) for box in boxes] == [(STORIES, True), (EVENTS, False)]
    saved = await press(stage, path, do="save", list=EVENTS)
    assert "Saved." in saved.text
    assert await reader.states() == {STORIES: "unsubscribed", EVENTS: "confirmed"}
    await press(stage, path, do="leave", list=EVENTS)
    assert await reader.states() == {STORIES: "unsubscribed", EVENTS: "unsubscribed"}


async def test_a_pause_begins_and_ends(stage: Stage, reader: Reader, module_clock: SetClock) -> None:
    path = await to_manage(stage, reader)
    day = text(module_clock() + 30 * DAY)[:10]
    assert "Paused until" in (await press(stage, path, do="pause", until=day)).text
    assert text((await reader.held()).paused_until or 0) == f"{day}T00:00:00.000Z"
    opened = await page(stage, path)
    assert "End the pause" in opened.text
    assert 'type="date"' not in opened.text
    assert "Paused until" not in (await press(stage, path, do="resume")).text
    assert (await reader.held()).paused_until is None


@pytest.mark.parametrize("day", ["", "soon", "2020-01-01", "2999-01-01", "2026-11-31"])
async def test_a_pause_needs_a_day_within_a_year(stage: Stage, reader: Reader, day: str) -> None:
    refused = await press(stage, await to_manage(stage, reader), do="pause", until=day)
    assert refused.status_code == 422
    assert 'aria-invalid="true"' in refused.text
    assert (await reader.held()).paused_until is None


async def test_the_language_of_mails_and_of_the_page(stage: Stage, reader: Reader) -> None:
    path = await to_manage(stage, reader)
    assert '<option value="es" lang="es">Español' in (await page(stage, path)).text
    assert '<html lang="es"' in (await press(stage, path, do="language", language="es")).text
    assert (await reader.held()).language == "es"
    assert (await press(stage, path, do="language", language="tlh")).status_code == 422


async def test_a_new_address_counts_once_it_is_confirmed(stage: Stage, reader: Reader) -> None:
    path = await to_change(stage, reader)
    assert "Use this address?" in (await page(stage, path)).text
    manage = await reader.managing()
    for done in (await press(stage, path), await press(stage, path)):
        assert "Your address is changed" in done.text
    assert (await page(stage, manage)).status_code == 410
    reader.move(f"new.{reader.email}")
    assert await reader.states() == {STORIES: "confirmed"}


async def test_what_is_no_address_is_said_to_be_none(stage: Stage, reader: Reader) -> None:
    refused = await press(stage, await to_manage(stage, reader), do="address", email="x@<b>")
    assert refused.status_code == 422
    assert "Please check the address." in refused.text
    assert "x@&lt;b&gt;" in refused.text


async def test_everything_is_given_as_a_file(stage: Stage, reader: Reader) -> None:
    answer = await press(stage, await to_manage(stage, reader), do="export")
    assert answer.headers["content-disposition"] == f'attachment; filename="{SITE}.json"'
    assert answer.headers["cache-control"] == "no-store"
    assert reader.email in json.dumps(answer.json())


async def test_erasing_asks_once_more(stage: Stage, reader: Reader) -> None:
    path = await to_manage(stage, reader)
    asked = await press(stage, path, do="erase")
    assert "Erase everything?" in asked.text
    assert await reader.states() == {STORIES: "confirmed"}
    done = await press(stage, path, do="erase_now")
    assert "Your data is erased" in done.text
    assert (await page(stage, path)).status_code == 410
    assert (await press(stage, path, do="erase_now")).status_code == 410
    await verified(stage.services)


async def test_an_old_link_exports_and_erases_nothing_but_gets_a_fresh_one(
    stage: Stage, reader: Reader, module_clock: SetClock
) -> None:
    path = await to_manage(stage, reader)
    module_clock.forward(2 * DAY)
    opened = await page(stage, path)
    assert "Mail me a fresh link" in opened.text
    assert "Erase my data" not in opened.text
    for act in ("export", "erase_now"):
        assert (await press(stage, path, do=act)).status_code == 410
    assert await reader.states() == {STORIES: "confirmed"}
    assert "a fresh one is on its way" in (await press(stage, path, do="fresh")).text


@pytest.mark.parametrize("fields", [{}, {"do": "everything"}, {"do": ["save", "x" * 65]}])
async def test_a_button_that_there_is_not(stage: Stage, reader: Reader, fields: dict[str, Any]) -> None:
    path = await to_manage(stage, reader)
    before = await everything(stage.services)
    assert (await press(stage, path, **fields)).status_code in (415, 422)
    assert await everything(stage.services) == before
