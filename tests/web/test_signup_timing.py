"""Equal answers take equal work: the same statements in the same order, one commit, whatever the address is.

How long that takes is measured by `make bench BENCH=signup`; here is what the durations follow from.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from consent.clock import DAY
from consent.storage.engines import open_database
from tests.acts import SITE
from tests.clock import SetClock
from tests.web import signing
from tests.web.seeing import HTML
from tests.web.signing import EVENTS, STORIES, by_form, by_script, new_address
from tests.web.stage import Stage, staged
from tests.web.statements import WatchedDatabase, watching

CASES = ("new", "pending", "confirmed", "half", "unsubscribed", "suppressed", "erased", "disposable", "robot")


@pytest.fixture(scope="module")
async def watched(module_url: str, module_clock: SetClock) -> AsyncIterator[Stage]:
    """The application over a database that writes down what it is asked."""
    database = WatchedDatabase(await open_database(module_url))
    async with staged(module_url, module_clock, database=database) as made:
        yield made


async def cases(stage: Stage, clock: SetClock) -> dict[str, dict[str, Any]]:
    """A sign-up for each thing that can be known of an address; nothing was asked for lately."""
    made = {name: new_address() for name in CASES}
    for name in ("pending", "suppressed"):
        assert (await by_script(stage, email=made[name])).status_code == 202
    for name in ("confirmed", "unsubscribed", "half"):
        await signing.subscribed(stage, email=made[name])
    await signing.subscribed(stage, EVENTS, email=made["erased"])
    await signing.not_me(stage, made["suppressed"])
    await signing.left(stage, made["unsubscribed"])
    key = await stage.key("erase")
    headers = {"Authorization": f"Bearer {key}"}
    path = f"/v1/sites/{SITE}/subscribers/erase"
    assert (await stage.client().post(path, json={"email": made["erased"]}, headers=headers)).status_code == 200
    clock.forward(DAY)
    fields: dict[str, dict[str, Any]] = {name: {"email": made[name]} for name in CASES}
    fields["half"]["lists"] = [STORIES, EVENTS]
    fields["disposable"] = {"email": new_address("mailinator.com")}
    fields["robot"]["url_2"] = "x"
    return fields


async def said(stage: Stage, **fields: Any) -> list[str]:
    """What one sign-up asks of the database."""
    with watching() as statements:
        assert (await by_script(stage, **fields)).status_code == 202
    return [_bare(one) for one in statements]


def _bare(statement: str) -> str:
    """How many rows go in at once is the sender's own doing: as many as lists were asked for."""
    return statement.partition(" × ")[2] or statement


async def test_every_case_runs_the_same_statements(watched: Stage, module_clock: SetClock) -> None:
    made = await cases(watched, module_clock)
    found = {name: await said(watched, **fields) for name, fields in made.items()}
    usual = found["new"]
    assert usual.count("begin") == usual.count("commit") == 1
    assert usual[-1] == "commit"
    for name, statements in found.items():
        assert statements == usual, name
    assert await said(watched) == usual


async def test_a_link_that_is_asked_for_runs_the_same_statements(watched: Stage, module_clock: SetClock) -> None:
    made = await cases(watched, module_clock)
    found = {}
    for name in ("new", "pending", "confirmed", "unsubscribed", "suppressed", "erased"):
        path, data = f"/newsletter/{SITE}/link", {"email": made[name]["email"]}
        with watching() as found[name]:
            assert (await watched.client().post(path, data=data, headers=HTML)).status_code == 303
    for name, statements in found.items():
        assert statements == found["new"], name
    assert "commit" in found["new"]


async def test_forms_and_scripts_run_the_same_statements(watched: Stage, module_clock: SetClock) -> None:
    module_clock.forward(DAY)
    usual = await said(watched)
    with watching() as statements:
        assert (await by_form(watched)).status_code == 303
    assert [_bare(one) for one in statements] == usual
