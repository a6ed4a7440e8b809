"""Signing in over HTTP: the same answer to everybody, buttons that alone change something, no way elsewhere."""

from __future__ import annotations

import logging
import re
from http.cookies import SimpleCookie

import httpx
import pytest

from consent import courier
from consent.accounts import everywhere
from consent.web.console import crossing
from consent.web.console.signing_in import RATE
from tests.acts import SITE
from tests.signing_in import a_member, posted, token_of
from tests.web.seeing import HTML, Seen, page
from tests.web.stage import Stage
from tests.web.statements import watching

HOME = f"/console/sites/{SITE}"
ORIGIN = "http://127.0.0.1:8000"


async def asked(client: httpx.AsyncClient, email: str, **fields: str) -> httpx.Response:
    """Asks for a link."""
    return await client.post("/console/sign-in", data={"email": email, **fields}, headers=HTML)


async def printed(stage: Stage, role: str = "owner") -> str:
    """A link of the command line's, which opens in any browser; without the host."""
    member = await a_member(stage, role)  # type: ignore[arg-type]
    return (await everywhere.link(stage.services, member)).removeprefix(ORIGIN)


def set_by(response: httpx.Response) -> dict[str, str]:
    """The cookies that an answer sets, each with its whole line."""
    lines = response.headers.get_list("set-cookie")
    return {name: line for line in lines for name in SimpleCookie(line.partition(";")[0])}


async def test_a_printed_link_shows_a_button_that_alone_signs_in(console: Stage) -> None:
    link, client = await printed(console, "viewer"), console.client()
    for _ in range(3):
        shown = await client.get(link, headers=HTML)
        assert (shown.status_code, set_by(shown)) == (200, {})
        assert "You will be signed in as" in shown.text
    assert (await client.head(link)).status_code == 200
    entered = await client.post(link)
    assert (entered.status_code, entered.headers["location"]) == (303, "/console")
    lines = set_by(entered)
    assert re.fullmatch(r"console=[\w-]{43}; Path=/; HttpOnly; SameSite=Lax", lines["console"])
    at_once = await client.get("/console")
    assert at_once.headers["location"] == HOME
    assert (await client.get(HOME)).status_code == 200
    for again in (await client.get(link, headers=HTML), await client.post(link, headers=HTML)):
        assert again.status_code == 410
        assert "It has been used, or is too old" in again.text
        assert set_by(again) == {}


async def test_a_mailed_link_opens_in_the_browser_that_asked_and_leads_where_it_wanted(console: Stage) -> None:
    member, client = await a_member(console), console.client()
    wanted = f"{HOME}?up_to=5"
    refused = await client.get(wanted, headers=HTML)
    form = await client.get(refused.headers["location"])
    [kept] = {attrs.get("value") for _, attrs in Seen(form.text).tags if attrs.get("name") == "next"}
    assert kept == wanted
    answer = await asked(client, member.email, next=wanted)
    assert (answer.status_code, answer.headers["location"]) == (303, "/console/sign-in/asked")
    assert "a mail with a link is on its way" in (await client.get(answer.headers["location"])).text
    await courier.work_off(console.services)
    link = await newest_link(console)
    other = await page(console, link)
    assert other.status_code == 403
    assert "asked for in another browser" in other.text
    assert "<form" not in other.text
    assert (await console.client().post(link, headers=HTML)).status_code == 403
    entered = await client.post(link)
    assert (entered.status_code, entered.headers["location"]) == (303, wanted)
    assert "Max-Age=0" in set_by(entered)["console-asked"]


async def newest_link(stage: Stage) -> str:
    """The link of the newest mail in the spool."""
    from pathlib import Path

    folder = Path(str(stage.services.settings.mail).removeprefix("spool:"))
    newest = max(folder.iterdir(), key=lambda file: (file.stat().st_mtime_ns, file.name))
    text = newest.read_text().replace("=\n", "")
    found = re.findall(r"/console/sign-in/[\w-]{43}", text)
    assert len(set(found)) == 1, "the newest mail has no link"
    return str(found[0])


async def test_everybody_is_answered_alike_by_the_same_work(console: Stage) -> None:
    """Known, unknown, barred, and asked for too often: no header, byte or statement tells them apart."""
    known, barred, often = [await a_member(console) for _ in range(3)]
    await everywhere.disable(console.services, barred, may_sign_in=False)
    for _ in range(6):
        await asked(console.client(), often.email)
    said, answers = [], []
    for email in (known.email, "nobody@example.org", barred.email, often.email):
        with watching() as statements:
            answers.append(await asked(console.client(), email))
        said.append(list(statements))
    assert len(said[0]) > 4
    assert said[1:] == said[:1] * 3
    shown = [(answer.status_code, answer.text, cookies_apart(answer)) for answer in answers]
    assert shown[1:] == shown[:1] * 3


def cookies_apart(response: httpx.Response) -> list[tuple[str, str]]:
    """The headers, without what each browser gets of its own."""
    own = {"x-request-id"}
    named = [(name, value) for name, value in response.headers.multi_items() if name not in own]
    return [(name, re.sub(r"=[\w-]{43};", "=…;", value)) for name, value in named]


async def test_what_is_no_address_is_told_so(console: Stage) -> None:
    for wrong in ("", "nobody", "a@b@example.org", "x" * 400 + "@example.org"):
        answer = await asked(console.client(), wrong)
        assert answer.status_code == 422
        assert 'aria-invalid="true"' in answer.text
    injected = await asked(console.client(), '"><script>alert(1)</script>', next="//evil.example")
    assert "<script>alert" not in injected.text
    assert "evil.example" not in injected.text


async def test_an_address_of_the_network_asks_only_so_often(console: Stage) -> None:
    client = console.client("10.99.99.99")
    for _ in range(RATE.burst):
        assert (await asked(client, "nobody@example.org")).status_code == 303
    slowed = await asked(client, "nobody@example.org")
    assert slowed.status_code == 429
    assert int(slowed.headers["retry-after"]) > 0
    assert "text/html" in slowed.headers["content-type"]
    assert (await client.get("/console/sign-in/" + "x" * 43, headers=HTML)).status_code == 429
    assert (await asked(console.client(), "nobody@example.org")).status_code == 303


async def test_who_was_signed_out_in_the_middle_comes_back_to_the_page(console: Stage) -> None:
    form = f"{HOME}/settings/people"
    for referrer, place in (
        (f"{ORIGIN}{form}?x=1", f"?next={form}%3Fx%3D1"),
        (f"https://evil.example{form}", ""),
        ("", ""),
    ):
        answer = await console.client().post(form, data={"email": "x"}, headers={"Referer": referrer})
        assert answer.headers["location"] == f"/console/sign-in{place}"


@pytest.mark.parametrize(
    "words",
    ["//evil.example", "https://evil.example/console", "/\\evil", "/console//evil.example", "/console/../w",
     "/consoles",
     "/console/%2e%2e/", "/console/sign-out", "/console/sign-in/x", "javascript:alert(1)", "/console\n", "/console#x",
     "console", "", "/console/" + "x" * 600, "/console?next='\"", "/console\u2028"],
)  # fmt: skip
def test_nobody_is_led_elsewhere(words: str) -> None:
    assert crossing.safe_next(words) == ""


def test_a_place_in_the_console_is_kept() -> None:
    for words in ("/console", f"{HOME}?up_to=25&x=y", f"{HOME}/records/12", "/console/account"):
        assert crossing.safe_next(words) == words


async def test_nothing_that_opens_or_names_somebody_is_logged(console: Stage, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    member, client = await a_member(console), console.client()
    await asked(client, member.email)
    await courier.work_off(console.services)
    link = await newest_link(console)
    entered = await client.post(link)
    session = entered.cookies["console"]
    signed = {"Cookie": f"console={session}"}
    await posted(client, f"{HOME}/settings/people", signed, email="ann.logged@example.org", role="viewer")
    await posted(client, f"{HOME}/settings/people", {**signed, "Origin": "null"}, email=member.email, role="viewer")
    told = "\n".join(one.getMessage() for one in caplog.records if one.name.startswith("consent"))
    assert "invite" in told
    secrets = (member.email, "ann.logged", link.rpartition("/")[2], session, token_of(signed))
    assert [one for one in secrets if one in told] == []
