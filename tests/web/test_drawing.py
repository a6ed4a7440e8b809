"""An experiment's draw over HTTP: fair, the same all day, kept by no shared cache; and its page in the console."""

from __future__ import annotations

import re

from consent.clock import DAY
from tests.acts import SITE
from tests.clock import SetClock
from tests.signing_in import posted, signed_in
from tests.trips.test_trying import a_draft, another_look
from tests.web.stage import Stage

HOME = f"/console/sites/{SITE}/notice/experiments"
BUILD = re.compile(r"""build:?"?:?["']([0-9a-f]{16})""")
SCRIPT = f"/w/{SITE}.js"


async def digest_for(stage: Stage, visitor: str) -> tuple[str, str]:
    """Which notice the visitor is shown, and how long by whom the loader may be kept."""
    answer = await stage.http.get(SCRIPT, headers={"User-Agent": visitor})
    site = stage.services.directory.get(SITE)
    second = site.second.digest if site.second else "none"
    return ("first" if site.digest in answer.text else "second" if second in answer.text else ""), answer.headers[
        "cache-control"
    ]


async def test_the_draw(stage: Stage, module_clock: SetClock) -> None:
    editor = await signed_in(stage, "editor")
    assert (await digest_for(stage, "any"))[1].startswith("public")
    draft = await a_draft(stage.services, another_look)
    assert draft in (await stage.http.get(HOME, headers=editor)).text
    begun = await posted(stage.http, HOME, editor, do="begin", draft=f"{draft} 1")
    assert begun.status_code == 303
    drawn = {f"visitor {number}": await digest_for(stage, f"visitor {number}") for number in range(300)}
    assert 110 < sum(which == "second" for which, _ in drawn.values()) < 190
    assert {kept for _, kept in drawn.values()} == {"private, max-age=300"}
    again = {visitor: await digest_for(stage, visitor) for visitor in list(drawn)[:40]}
    assert again == {visitor: drawn[visitor] for visitor in again}
    module_clock.forward(DAY)
    tomorrow = {visitor: await digest_for(stage, visitor) for visitor in again}
    assert 5 < sum(tomorrow[visitor] != again[visitor] for visitor in again) < 35
    second = next(visitor for visitor, (which, _) in tomorrow.items() if which == "second")
    loader = (await stage.http.get(SCRIPT, headers={"User-Agent": second})).text
    [build] = set(BUILD.findall(loader))
    assert (await stage.http.get(f"/w/{SITE}.notice.en.{build}.js")).status_code == 200
    editor = await signed_in(stage, "editor")  # the day has ended the other session
    shown = await stage.http.get(HOME, headers=editor)
    assert "Running since" in shown.text and "not to be told yet" in shown.text
    [id_] = {part.partition('"')[0] for part in shown.text.split('name="experiment" value="')[1:]}
    assert (await posted(stage.http, HOME, editor, do="keep", experiment=id_)).status_code == 303
    assert {(await digest_for(stage, visitor))[0] for visitor in drawn if visitor < "visitor 2"} == {"first"}
    assert (await stage.http.get(f"/w/{SITE}.notice.en.{build}.js")).status_code == 200, "who has the loader still asks"
    past = await stage.http.get(HOME, headers=editor)
    assert "the first was kept" in past.text


async def test_what_cannot_be_compared_is_said_and_nothing_runs(stage: Stage) -> None:
    editor = await signed_in(stage, "editor")
    draft = await a_draft(stage.services, lambda tables: tables["purposes"][1].update(sale_or_sharing=True))
    for sent in (f"{draft} 1", f"{draft} 7", "no draft"):
        answer = await posted(stage.http, HOME, editor, do="begin", draft=sent)
        assert 400 <= answer.status_code < 500
    assert (await posted(stage.http, HOME, editor, do="dance")).status_code == 404
    assert stage.services.directory.get(SITE).second is None
    viewer = await signed_in(stage, "viewer")
    assert (await posted(stage.http, HOME, viewer, do="begin", draft=f"{draft} 1")).status_code == 403
