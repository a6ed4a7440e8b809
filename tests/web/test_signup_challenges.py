"""Who is in doubt proves some work, once, for this site: by JSON and by form alike, in every process."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from consent import challenges
from consent.challenges import Challenge
from consent.clock import DAY
from tests.acts import SITE, new_id
from tests.clock import SetClock
from tests.web import signing
from tests.web.seeing import HTML, Seen
from tests.web.signing import CHALLENGE, STORIES, by_form, by_script, known, new_address, solution, solved
from tests.web.stage import MIAMI_ORIGIN, Stage, staged

MINUTE = 60_000


@pytest.fixture(autouse=True)
def another_day(module_clock: SetClock) -> None:
    """What one test's sign-ups count against its sources is none of the next one's."""
    module_clock.forward(DAY)


@pytest.fixture
async def doubted(stage: Stage, request: pytest.FixtureRequest) -> str:
    """A network address that eight sign-ups came from within the hour."""
    peer = f"10.251.{abs(hash(request.node.nodeid)) % 200}.1"
    for _ in range(8):
        assert (await by_script(stage, peer=peer)).status_code == 202
    return peer


async def tried(stage: Stage, peer: str, challenge: str | None = None, **fields: Any) -> httpx.Response:
    return await by_script(stage, {"Origin": MIAMI_ORIGIN}, peer, challenge=challenge, **fields)


def is_doubted(answer: httpx.Response) -> bool:
    return (answer.status_code, answer.json().get("code")) == (403, "challenge_required")


async def test_who_is_in_doubt_is_told_so_and_may_read_it(stage: Stage, doubted: str) -> None:
    email = new_address()
    answer = await tried(stage, doubted, email=email)
    assert is_doubted(answer)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["access-control-allow-origin"] == MIAMI_ORIGIN
    assert (await known(stage, email)).pending is None


async def test_the_challenge_says_all_that_solving_takes(stage: Stage) -> None:
    answer = await stage.client().get(CHALLENGE, headers={"Origin": MIAMI_ORIGIN})
    assert answer.headers["access-control-allow-origin"] == MIAMI_ORIGIN
    assert answer.headers["cache-control"] == "no-store"
    offer = answer.json()
    assert set(offer) == {"challenge", "salt", "cost", "bits", "expires_at"}
    assert (offer["cost"], offer["bits"]) == (5000, 6)


async def test_solved_it_is_taken_and_only_once(stage: Stage, doubted: str) -> None:
    email, found = new_address(), await solution(stage)
    assert (await tried(stage, doubted, found, email=email)).status_code == 202
    assert [one.what for one in (await known(stage, email)).mails] == ["confirm"]
    assert is_doubted(await tried(stage, doubted, found))
    token, _, number = found.rpartition(".")
    for again in (f"{token}=.{number}", f"{token}.0{number}", f"{token}.{number} "):
        assert is_doubted(await tried(stage, doubted, again))


async def test_what_proves_nothing(stage: Stage, doubted: str, module_clock: SetClock) -> None:
    """Altered, of another site or form, signed for something else, not solved, too old."""
    offer = (await stage.client().get(CHALLENGE)).json()
    token, _, number = solved(offer).rpartition(".")
    unsolved = next(n for n in range(1000) if not challenges.solves(_read(stage, token), n))
    tokens, now = stage.services.tokens, module_clock()
    easy = Challenge(id=new_id(), site=SITE, salt="00", bits=0)
    elsewhere = Challenge(id=new_id(), site=signing.OTHER, salt="00" * 16, bits=6)
    other_form = Challenge(id=new_id(), site=SITE, salt="00" * 16, bits=6, form="other")
    for said in (
        "x",
        f".{number}",
        f"{token}.{unsolved}",
        f"{token}.-1",
        f"{token}.4294967296",
        f"{token}x.{number}",
        f"{token[1:]}.{number}",
        f"{tokens.sign('manage', SITE, _read(stage, token), now)}.{number}",
        f"{tokens.sign('challenge', signing.OTHER, elsewhere, now)}.{challenges.solve(elsewhere)}",
        f"{tokens.sign('challenge', SITE, elsewhere, now)}.{challenges.solve(elsewhere)}",
        f"{tokens.sign('challenge', SITE, other_form, now)}.{challenges.solve(other_form)}",
        f"{tokens.sign('challenge', SITE, easy, now)}.0",
    ):
        assert is_doubted(await tried(stage, doubted, said)), said
    module_clock.forward(11 * MINUTE + 5 * MINUTE)
    assert is_doubted(await tried(stage, doubted, f"{token}.{number}"))


def _read(stage: Stage, token: str) -> Challenge:
    return stage.services.tokens.read("challenge", SITE, token, Challenge)


async def test_the_form_has_no_way_around_it(stage: Stage, doubted: str) -> None:
    answer = await by_form(stage, {"Accept": "*/*"}, doubted)
    assert is_doubted(answer)
    spent = await solution(stage)
    assert (await by_form(stage, None, doubted, challenge=spent)).status_code == 303
    assert is_doubted(await tried(stage, doubted, spent))


async def test_a_persons_browser_solves_it_on_a_page(stage: Stage, doubted: str) -> None:
    """The page holds all that was typed, and one script of the service's own; solved, the form goes its way."""
    email, thanks = new_address(), f"{MIAMI_ORIGIN}/thanks"
    answer = await by_form(stage, None, doubted, email=email, next=thanks, utm_source='a"b')
    assert (answer.status_code, answer.headers["content-type"]) == (403, "text/html; charset=utf-8")
    policy = answer.headers["content-security-policy"].split("; ")
    assert "script-src 'self'" in policy and "default-src 'none'" in policy
    seen = Seen(answer.text)
    assert "JavaScript" in seen.text
    [source] = [attrs["src"] for tag, attrs in seen.tags if tag == "script"]
    script = await stage.client().get(str(source))
    assert script.headers["content-type"] == "text/javascript; charset=utf-8"
    [whole] = [attrs for tag, attrs in seen.tags if tag == "form" and "data-salt" in attrs]
    offer = {"challenge": whole["data-token"], "salt": whole["data-salt"]}
    numbers = {name: int(str(whole[f"data-{name}"])) for name in ("cost", "bits")}
    inputs = {str(attrs["name"]): str(attrs["value"]) for tag, attrs in seen.tags if tag == "input" and "name" in attrs}
    assert (inputs["email"], inputs["next"], inputs["list"], inputs["utm_source"]) == (email, thanks, STORIES, 'a"b')
    sent = inputs | {"challenge": solved({**offer, **numbers})}
    answer = await stage.client(doubted).post(str(whole["action"]), data=sent, headers=HTML)
    assert (answer.status_code, answer.headers["location"]) == (303, thanks)
    assert (await known(stage, email)).pending is not None


async def test_another_process_knows_it_and_knows_that_it_is_spent(
    stage: Stage, doubted: str, module_clock: SetClock
) -> None:
    """Two processes over one database, as two workers are, or one before and after a restart."""
    found = await solution(stage)
    async with staged(stage.database_url, module_clock) as other:
        assert (await tried(other, doubted, found)).status_code == 202
        assert is_doubted(await tried(other, doubted, found))
        another = await solution(other)
    assert is_doubted(await tried(stage, doubted, found))
    assert (await tried(stage, doubted, another)).status_code == 202


async def test_a_robot_that_solves_it_is_dropped_all_the_same(stage: Stage, doubted: str) -> None:
    email = new_address()
    assert (await tried(stage, doubted, await solution(stage), email=email, url_2="x")).status_code == 202
    assert (await known(stage, email)).pending is None


async def test_doubt_does_not_depend_on_the_address(stage: Stage, doubted: str, module_clock: SetClock) -> None:
    confirmed = await signing.subscribed(stage)
    for email in (confirmed, new_address(), new_address("mailinator.com")):
        assert is_doubted(await tried(stage, doubted, email=email))


async def test_it_passes_with_the_hour(stage: Stage, doubted: str, module_clock: SetClock) -> None:
    module_clock.forward(71 * MINUTE)
    assert (await tried(stage, doubted)).status_code == 202
