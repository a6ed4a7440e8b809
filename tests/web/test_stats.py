"""`GET …/stats`: what is counted, once each; robots apart; small cells hidden; as JSON and as CSV."""

from __future__ import annotations

import csv
import io
from typing import Any

import httpx
import pytest

from consent import clock, ledger
from consent.clock import DAY
from tests.acts import GIVEN, REFUSED, SITE, new_id
from tests.clock import SetClock
from tests.running import notice_of
from tests.web.stage import CONSENTS, Stage

EVENTS = f"/v1/sites/{SITE}/events"
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Version/17.5 Mobile Safari/604.1"
CRAWLER = "Mozilla/5.0 (Linux; Android 6.0.1) Chrome/120 Mobile Safari/537.36 (compatible; Googlebot/2.1)"
CUBOT = "Mozilla/5.0 (Linux; Android 12; CUBOT P50) AppleWebKit/537.36 Chrome/117.0.0.0 Mobile Safari/537.36"
MIXED = {"analytics": True, "content": False, "advertising": False}


@pytest.fixture(autouse=True)
def today(module_clock: SetClock) -> str:
    """A day of the test's own."""
    module_clock.at = (module_clock.at // DAY + 500) * DAY + DAY // 2
    return clock.text(module_clock.at)[:10]


@pytest.fixture
async def key(stage: Stage) -> str:
    return await stage.key("read")


async def shown(stage: Stage, number: int = 1, agent: str = PHONE, **fields: Any) -> None:
    body = {"kind": "notice_shown", "notice": notice_of(stage.services), "language": "en", **fields}
    for _ in range(number):
        answer = await stage.client().post(EVENTS, json=body, headers={"User-Agent": agent})
        assert answer.status_code == 204


async def given(stage: Stage, action: str, number: int = 1, agent: str = PHONE, **fields: Any) -> None:
    purposes = {"accept_all": GIVEN, "reject_all": REFUSED, "dismiss": REFUSED, "withdraw": REFUSED}.get(action, MIXED)
    for _ in range(number):
        fields = {"action": action, "purposes": purposes, **fields}
        assert (await stage.give({"User-Agent": agent}, **fields)).status_code == 201


async def stats(stage: Stage, key: str, query: str = "") -> dict[str, Any]:
    answer = await stage.asked(f"/stats{query}", key)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def row(told: dict[str, Any], value: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in told["rows"] if one["value"] == value)
    return found


async def test_what_visitors_did_with_rates_that_say_what_they_are_of(stage: Stage, key: str, today: str) -> None:
    await shown(stage, 40)
    for action, number in (("accept_all", 12), ("reject_all", 10), ("save", 2), ("dismiss", 1), ("withdraw", 3)):
        await given(stage, action, number)
    told = await stats(stage, key, f"?from={today}&to={today}")
    assert (told["from"], told["to"], told["by"], told["bots"], told["hidden_below"]) == (
        today, today, "day", "without", 10
    )  # fmt: skip
    day = row(told, today)
    assert {name: day[name] for name in ("shown", "decided", "ignored", "accepted", "refused", "chosen")} == {
        "shown": 40, "decided": 25, "ignored": 15, "accepted": 12, "refused": 10, "chosen": 2
    }  # fmt: skip
    assert (day["dismissed"], day["withdrawn"], day["gpc"]) == (1, 3, 0)
    rate = day["acceptance"]
    assert (rate["of"], rate["number"], rate["value"]) == ("decided", 25, 0.48)
    assert rate["low"] == pytest.approx(0.3003, abs=1e-4) and rate["high"] == pytest.approx(0.6650, abs=1e-4)
    assert (day["acceptance_of_shown"]["of"], day["acceptance_of_shown"]["value"]) == ("shown", 0.3)
    assert (day["answering"]["of"], day["answering"]["value"]) == ("shown", 0.625)
    assert {**told["total"], "value": today} == day


async def test_a_decision_is_counted_once_and_a_signal_is_none(stage: Stage, key: str, today: str) -> None:
    body = stage.body(action="reject_all", purposes=REFUSED)
    agent = {"User-Agent": PHONE}
    times = [await stage.http.post(CONSENTS, json=body, headers=agent) for _ in range(3)]
    assert [answer.status_code for answer in times] == [201, 200, 200]
    assert (await stage.http.post(CONSENTS, json=body | {"action": "save"}, headers=agent)).status_code == 409
    await shown(stage, kind="gpc_honored")
    await shown(stage, kind="prompt_shown")
    subject = new_id()
    await given(stage, "accept_all", subject=subject)
    latest = await ledger.latest_of(stage.services, SITE, subject)
    assert latest
    for _ in range(2):
        await ledger.withdraw(stage.services, SITE, latest.id)
    total = (await stats(stage, key, f"?from={today}"))["total"]
    assert (total["refused"], total["accepted"], total["withdrawn"], total["gpc"]) == (1, 1, 1, 1)
    assert (total["decided"], total["shown"], total["ignored"]) == (2, 0, 0)  # more decided than shown: never below 0
    assert total["answering"] is None and total["acceptance"]["value"] == 0.5


async def test_robots_are_counted_apart(stage: Stage, key: str, today: str) -> None:
    await shown(stage, 3, CRAWLER)
    await shown(stage, 2, "HeadlessChrome/120")
    await shown(stage, 1, "a-new-bot/1.0")
    await shown(stage, 4, CUBOT)
    await given(stage, "accept_all", 1, "python-requests/2.32")
    for bots, number, accepted in (("without", 4, 0), ("with", 10, 1), ("only", 6, 1)):
        total = (await stats(stage, key, f"?from={today}&bots={bots}"))["total"]
        assert (total["shown"], total["accepted"]) == (number, accepted), bots


async def test_few_of_a_language_are_not_told_apart(stage: Stage, key: str, today: str) -> None:
    await shown(stage, 30)
    await given(stage, "accept_all", 20)
    for language, number in (("es", 12), ("ht", 3), ("xx", 2)):
        await shown(stage, number, language=language)
    told = await stats(stage, key, f"?from={today}&by=language")
    assert [(one["value"], one["shown"]) for one in told["rows"]] == [("en", 30), ("other", 17)]
    assert told["total"]["shown"] == 47
    told = await stats(stage, key, f"?from={today}&by=device")
    assert [(one["value"], one["shown"]) for one in told["rows"]] == [("phone", 47)]
    hours = (await stats(stage, key, f"?from={today}&by=hour"))["rows"]
    assert [one["shown"] for one in hours] == [47 if hour == 12 else 0 for hour in range(24)]


async def test_robots_taken_away_do_not_tell_what_is_hidden_of_people(stage: Stage, key: str, today: str) -> None:
    for language, people, robots in (("en", 60, 15), ("es", 3, 20)):
        await shown(stage, people, language=language)
        await shown(stage, robots, CRAWLER, language=language)
    told = {bots: await stats(stage, key, f"?from={today}&by=language&bots={bots}") for bots in ("without", "with")}
    assert {bots: [(one["value"], one["shown"]) for one in each["rows"]] for bots, each in told.items()} == {
        "without": [("other", 63)], "with": [("other", 98)],
    }  # fmt: skip


async def test_notices_are_the_sites_own(stage: Stage, key: str, today: str) -> None:
    """What somebody makes up is `other`; nothing else of the event gets into the counts."""
    await shown(stage, 2, variant="made-up")
    await shown(stage, 3, notice="0" * 64)
    await shown(stage, 4, notice=None, language=None)
    told = await stats(stage, key, f"?from={today}&by=notice")
    assert {one["value"]: one["shown"] for one in told["rows"]} == {notice_of(stage.services): 6, "other": 3}
    told = await stats(stage, key, f"?from={today}&by=variant")
    assert {one["value"]: one["shown"] for one in told["rows"]} == {"unknown": 9}


async def test_every_day_has_its_row(stage: Stage, key: str, module_clock: SetClock) -> None:
    first = clock.text(module_clock())[:10]
    await shown(stage)
    await stage.services.counting.flush()
    module_clock.forward(3 * DAY)
    told = await stats(stage, key, f"?from={first}")
    assert [(one["shown"], one["acceptance"]) for one in told["rows"]] == [(1, None), *[(0, None)] * 3]
    assert [one["value"] for one in told["rows"]] == [clock.text(module_clock() - n * DAY)[:10] for n in (3, 2, 1, 0)]
    assert len((await stats(stage, key))["rows"]) == 30


async def test_as_csv(stage: Stage, key: str, today: str) -> None:
    await shown(stage, 12)
    await shown(stage, 14, language="es")
    await given(stage, "accept_all", 10)
    answer: httpx.Response = await stage.asked(f"/stats?from={today}&by=language", key, headers={"Accept": "text/csv"})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == f'attachment; filename="{SITE}-language.csv"'
    lines = list(csv.DictReader(io.StringIO(answer.text)))
    assert [(line["language"], line["shown"], line["accepted"]) for line in lines] == [
        ("es", "hidden", "0"),
        ("en", "hidden", "10"),  # two were left unanswered
    ]
    assert (lines[1]["acceptance"], lines[1]["acceptance_low"]) == ("1.0", "0.722467")


@pytest.mark.parametrize(
    "query",
    "by=email bots=maybe from=x to=2026-13-01 by=day&by=day since=2026-01-01 from=2026-01-02&to=2026-01-01"
    " from=2024-01-01&to=2026-01-01 from=2026-01-01&to=2026-01-15&by=hour".split(),
)
async def test_what_cannot_be_asked_is_refused(stage: Stage, key: str, query: str) -> None:
    answer = await stage.asked(f"/stats?{query}", key)
    assert answer.status_code == 422 and answer.json()["errors"][0]["message"]


async def test_nothing_of_a_person_is_counted(stage: Stage, key: str, today: str) -> None:
    subject = new_id()
    await stage.give({"User-Agent": PHONE}, subject=subject, page="https://www.miaminewtimes.com/secret")
    await stage.services.counting.flush()
    async with stage.services.database.reading() as reader:
        rows = await reader.rows("SELECT * FROM figures")
    kept = repr([tuple(row) for row in rows])
    assert subject not in kept and "secret" not in kept and "iPhone" not in kept
    assert (await stats(stage, key, f"?from={today}"))["total"]["decided"] == 1


async def test_a_key_of_another_site_reads_nothing(stage: Stage) -> None:
    foreign = await stage.key("read", site="harbour-post")
    assert (await stage.asked("/stats", foreign)).status_code == 404
    assert (await stage.asked("/stats", await stage.key("write"))).status_code == 403
    assert (await stage.http.get(f"/v1/sites/{SITE}/stats")).status_code == 401
