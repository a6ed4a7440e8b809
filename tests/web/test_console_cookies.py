"""Cookies found: the page that compares what a browser keeps with the notice, and what it says of bad input."""

from __future__ import annotations

import json

import httpx
import pytest

from tests.acts import SITE
from tests.signing_in import signed_in, token_of
from tests.web.stage import Stage

PLACE = f"/console/sites/{SITE}/settings/cookies"
LEFT = json.dumps({"page": "https://www.miaminewtimes.com/<b>", "cookie": ["<i>stray</i>"]})


async def send(stage: Stage, signed: dict[str, str], path: str = PLACE, **fields: str) -> httpx.Response:
    body = {"token": token_of(signed), **fields}
    origin = stage.services.settings.url
    return await stage.http.post(path, data=body, headers={**signed, "Origin": origin})


async def test_what_is_found_is_shown_kept_and_forgotten(stage: Stage) -> None:
    signed = await signed_in(stage, "editor")
    answer = await send(stage, signed, answer="none", traces=LEFT)
    assert (answer.status_code, "<i>stray" in answer.text) == (200, False)
    assert "The page does what the notice does not say." in answer.text
    shown = (await stage.http.get(PLACE, headers=signed)).text
    assert "&lt;i&gt;stray&lt;/i&gt;" in shown
    home = (await stage.http.get(f"/console/sites/{SITE}", headers=signed)).text
    assert f'href="{PLACE}"' in home
    assert (await send(stage, signed, f"{PLACE}/forget")).status_code == 303
    assert "stray" not in (await stage.http.get(PLACE, headers=signed)).text


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"answer": "none", "traces": "<script>"}, "Expected the line that the script wrote"),
        ({"answer": "perhaps", "traces": LEFT}, "Say what had been answered."),
        ({"traces": LEFT}, "Say what had been answered."),
        ({"answer": "none"}, "Expected the line that the script wrote"),
    ],
)
async def test_bad_input_is_told_and_nothing_is_lost(stage: Stage, fields: dict[str, str], words: str) -> None:
    answer = await send(stage, await signed_in(stage, "editor"), **fields)
    assert (answer.status_code, words in answer.text) == (422, True)
    if "script" in fields.get("traces", ""):
        assert "&lt;script&gt;</textarea>" in answer.text


async def test_who_may_only_see_gets_no_form(stage: Stage) -> None:
    signed = await signed_in(stage, "viewer")
    assert "Compare</button>" not in (await stage.http.get(PLACE, headers=signed)).text
    assert (await send(stage, signed, answer="none", traces=LEFT)).status_code == 403
