"""Every address of the console × every role: one table says who may, and an address that is not in it fails.

A new page or form: add its line to NEEDS, with the capability that its `@page` or `@act` asks for.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable
from pathlib import Path
from typing import cast

import httpx
import pytest
from starlette.routing import Route

from consent import keyring
from consent.accounts import people
from consent.accounts.roles import MEANS, ROLES, Capability, Role, may
from consent.auditing import COMMAND
from consent.storage import members
from consent.web.console import ROUTES
from tests.acts import SITE
from tests.signing_in import a_member, session_of, token_of
from tests.web.stage import Stage

OPEN, ANYBODY = "open", "signed in"
NEEDS: dict[str, str] = {
    "GET /console/sign-in": OPEN,
    "POST /console/sign-in": OPEN,
    "GET /console/sign-in/asked": OPEN,
    "GET /console/sign-in/{secret}": OPEN,
    "POST /console/sign-in/{secret}": OPEN,
    "POST /console/sign-in/passkey": OPEN,
    "POST /console/sign-in/passkey/challenge": OPEN,
    "GET /console": ANYBODY,
    "POST /console/sign-out": ANYBODY,
    "GET /console/account": ANYBODY,
    "POST /console/account/passkeys": ANYBODY,
    "POST /console/account/passkeys/challenge": ANYBODY,
    "POST /console/account/passkeys/remove": ANYBODY,
    "POST /console/account/sessions/end": ANYBODY,
    "POST /console/account/sessions/end-all": ANYBODY,
    "GET /console/sites/{site}": "see",
    "GET /console/sites/{site}/records": "see_people",
    "POST /console/sites/{site}/records": "see_people",
    "POST /console/sites/{site}/records/export": "see_people",
    "GET /console/sites/{site}/records/{seq}": "see_people",
    "GET /console/sites/{site}/records/{seq}/frame": "see_people",
    "GET /console/sites/{site}/notices/{digest}": "see",
    "GET /console/sites/{site}/notices/{digest}/frame": "see",
    "GET /console/sites/{site}/requests": "see_people",
    "POST /console/sites/{site}/requests": "see_people",
    "POST /console/sites/{site}/requests/access": "answer",
    "POST /console/sites/{site}/requests/erase": "answer",
    "GET /console/sites/{site}/settings/cookies": "see",
    "POST /console/sites/{site}/settings/cookies": "edit",
    "POST /console/sites/{site}/settings/cookies/forget": "edit",
    "GET /console/sites/{site}/settings/retention": "see",
    "GET /console/sites/{site}/notice": "see",
    "POST /console/sites/{site}/notice/drafts": "edit",
    "POST /console/sites/{site}/notice/drafts/{draft}/discard": "edit",
    "GET /console/sites/{site}/notice/drafts/{draft}/file": "edit",
    "GET /console/sites/{site}/notice/edit/{draft}": "edit",
    "GET /console/sites/{site}/notice/edit/{draft}/frame": "edit",
    "POST /console/sites/{site}/notice/edit/{draft}/frame/{section:path}": "edit",
    "GET /console/sites/{site}/notice/edit/{draft}/{section:path}": "edit",
    "POST /console/sites/{site}/notice/edit/{draft}/{section:path}": "edit",
    "GET /console/sites/{site}/notice/merge/{draft}": "edit",
    "POST /console/sites/{site}/notice/merge/{draft}": "edit",
    "GET /console/sites/{site}/notice/compare": "see",
    "GET /console/sites/{site}/notice/publish/{draft}": "edit",
    "POST /console/sites/{site}/notice/publish/{draft}": "publish",
    "GET /console/sites/{site}/notice/roll-back/{revision}": "publish",
    "POST /console/sites/{site}/notice/roll-back/{revision}": "publish",
    "GET /console/sites/{site}/notice/file/{revision}": "see",
    "GET /console/sites/{site}/notice/import": "edit",
    "POST /console/sites/{site}/notice/import": "edit",
    "GET /console/sites/{site}/notice/experiments": "see",
    "POST /console/sites/{site}/notice/experiments": "publish",
    "GET /console/sites/{site}/readers": "see_people",
    "POST /console/sites/{site}/readers": "see_people",
    "GET /console/sites/{site}/readers/{reader}": "see_people",
    "POST /console/sites/{site}/readers/export": "answer",
    "GET /console/sites/{site}/readers/import": "answer",
    "POST /console/sites/{site}/readers/import": "answer",
    "GET /console/sites/{site}/readers/suppressions": "see_people",
    "POST /console/sites/{site}/readers/suppressions": "answer",
    "GET /console/sites/{site}/readers/outbox": "see_people",
    "POST /console/sites/{site}/readers/outbox": "answer",
    "GET /console/sites/{site}/settings": "see",
    "POST /console/sites/{site}/settings": "see",
    "GET /console/sites/{site}/settings/keys": "connect",
    "POST /console/sites/{site}/settings/keys": "connect",
    "POST /console/sites/{site}/settings/keys/revoke": "connect",
    "GET /console/sites/{site}/settings/webhooks": "connect",
    "POST /console/sites/{site}/settings/webhooks": "connect",
    "GET /console/sites/{site}/settings/webhooks/new": "connect",
    "GET /console/sites/{site}/settings/webhooks/{endpoint}": "connect",
    "POST /console/sites/{site}/settings/webhooks/{endpoint}": "connect",
    "GET /console/sites/{site}/settings/audit": "audit",
    "GET /console/sites/{site}/settings/people": "invite",
    "POST /console/sites/{site}/settings/people": "invite",
    "POST /console/sites/{site}/settings/people/again": "invite",
    "POST /console/sites/{site}/settings/people/role": "invite",
    "POST /console/sites/{site}/settings/people/remove": "invite",
}
OTHER_SITE = "harbour-post"
FILLED = {"site": SITE, "seq": "1"}
NOBODYS_ID = "00000000-0000-7000-8000-000000000000"
SAME_ORIGIN = "http://127.0.0.1:8000"


def addresses(*methods: str, needs: tuple[str, ...] = ()) -> list[str]:
    """The table's lines of these methods that need something of a site, or what `needs` says."""
    found = [line for line in NEEDS if line.partition(" ")[0] in methods]
    return [line for line in found if (NEEDS[line] in needs if needs else NEEDS[line] not in (OPEN, ANYBODY))]


async def asked(
    stage: Stage, line: str, signed: dict[str, str] | None, site: str = SITE, token: str | None = None, **more: str
) -> httpx.Response:
    """The line's address, asked for as its pages do: a form has the session's token."""
    method, _, path = line.partition(" ")
    path = re.sub(r"{(\w+)[^}]*}", lambda found: (FILLED | {"site": site}).get(found[1], NOBODYS_ID), path)
    fields = {"token": token if token is not None else token_of(signed) if signed else "x"}
    headers = {**(signed or {}), **more}
    # `Accept` as a browser's: a script is answered otherwise.
    headers |= {"Accept": "text/html,*/*;q=0.8"}
    return await stage.client().request(method, path, headers=headers, data=fields if method == "POST" else None)


def shared(response: httpx.Response) -> dict[str, str]:
    """The headers, but for the one that each answer has of its own."""
    return {name: value for name, value in response.headers.items() if name != "x-request-id"}


def is_to_sign_in(response: httpx.Response) -> bool:
    """Whether the answer is to sign in first."""
    return response.status_code == 303 and response.headers["location"].startswith("/console/sign-in")


def test_the_table_has_every_address_and_no_other() -> None:
    routed = {
        f"{method} {route.path}"
        for route in ROUTES
        if isinstance(route, Route)
        for method in (route.methods or set()) - {"HEAD"}
    }
    assert sorted(routed - set(NEEDS)) == [], "say in NEEDS who may ask for these"
    assert sorted(set(NEEDS) - routed) == []
    assert all(isinstance(route, Route) for route in ROUTES)


@pytest.mark.parametrize("role", ROLES)
async def test_a_role_may_what_the_table_says_and_nothing_else(console: Stage, role: Role) -> None:
    member = await a_member(console, role)
    wrong = {}
    for line in addresses("GET", "POST"):
        needed: Capability = NEEDS[line]  # type: ignore[assignment]
        response = await asked(console, line, await session_of(console, member))
        is_refused = response.status_code == 403 and "Not in your role" in response.text
        if is_refused == may(role, needed) or response.status_code >= 500 or is_to_sign_in(response):
            wrong[line] = response.status_code
    assert wrong == {}


async def test_a_site_of_others_is_like_one_that_is_not_there(console: Stage) -> None:
    stranger = await a_member(console, "owner", OTHER_SITE)
    for line in addresses("GET", "POST"):
        signed = await session_of(console, stranger)
        foreign = await asked(console, line, signed)
        missing = await asked(console, line, signed, site="no-such-site")
        assert (foreign.status_code, foreign.text) == (missing.status_code, missing.text), line
        assert foreign.status_code == 404, line
        assert shared(foreign) == shared(missing), line


async def test_nobody_gets_in_without_a_session(console: Stage) -> None:
    ended = {"Cookie": f"console={'A' * 43}"}
    for line in addresses("GET", "POST") + addresses("GET", "POST", needs=(ANYBODY,)):
        for signed in (None, ended):
            response = await asked(console, line, signed)
            assert is_to_sign_in(response), line
            assert response.headers["cache-control"] == "no-store"


async def test_who_has_a_role_everywhere_has_it_at_every_site(console: Stage) -> None:
    signed = await session_of(console, await a_member(console, "dpo", "*"))
    for site in (SITE, OTHER_SITE):
        assert (await asked(console, "GET /console/sites/{site}", signed, site=site)).status_code == 200
        people = await asked(console, "GET /console/sites/{site}/settings/people", signed, site=site)
        assert people.status_code == 403
        assert "is for owner" in people.text
    both = await asked(console, "GET /console", signed)
    assert both.text.count("/console/sites/") == 2


FOREIGN: dict[str, dict[str, str]] = {
    "another site's page": {"Sec-Fetch-Site": "cross-site"},
    "another host of ours": {"Sec-Fetch-Site": "same-site"},
    "the address line": {"Sec-Fetch-Site": "none"},
    "another origin": {"Origin": "https://evil.example"},
    "no origin at all": {"Origin": "null"},
    "the same host without TLS": {"Origin": SAME_ORIGIN.replace("http:", "https:")},
    "another port": {"Origin": "http://127.0.0.1:8001"},
}


@pytest.mark.parametrize("line", addresses("POST") + addresses("POST", needs=(ANYBODY,)))
async def test_a_form_of_another_page_changes_nothing(console: Stage, line: str) -> None:
    owner = await a_member(console)
    signed = await session_of(console, owner)
    good = {"Origin": SAME_ORIGIN, "Sec-Fetch-Site": "same-origin"}
    other = token_of(await session_of(console, owner))
    for name, headers in FOREIGN.items():
        assert (await asked(console, line, signed, **(good | headers))).status_code == 403, name
    for token in ("", "x", other, token_of(signed)[:-1], token_of(signed) + "0"):
        assert (await asked(console, line, signed, SITE, token, **good)).status_code == 403, token
    sent = await asked(console, line, signed, **good)
    assert sent.status_code < 500 and sent.status_code != 403, sent.text


async def test_signing_in_takes_no_form_of_another_page_either(console: Stage) -> None:
    for line in addresses("POST", needs=(OPEN,)):
        for name, headers in FOREIGN.items():
            response = await asked(console, line, None, **headers)
            assert response.status_code == 403, (line, name)
            assert "set-cookie" not in response.headers


async def test_a_form_that_comes_late_does_nothing_for_who_lost_the_role_meanwhile(console: Stage) -> None:
    await a_member(console)
    member = await a_member(console)
    for lose, status in (
        (people.change(console.services, SITE, member.id, "viewer", COMMAND), 403),
        (people.remove(console.services, SITE, member.id, COMMAND), 303),
    ):
        async with console.services.database.writing() as writer:
            await members.change(writer, SITE, member.id, "owner")
        signed = await session_of(console, member)

        async def form(signed: dict[str, str] = signed, lose: Awaitable[None] = lose) -> AsyncIterator[bytes]:
            yield f"token={token_of(signed)}&scope=read".encode()
            await lose
            yield b"&name=late"

        media = {"Content-Type": "application/x-www-form-urlencoded"}
        late = await console.client().post(
            f"/console/sites/{SITE}/settings/keys", headers={**signed, **media}, content=form()
        )
        assert (late.status_code, "ck_" in late.text) == (status, False)
    assert "late" not in [one.name for one in await keyring.listed(console.services.database, SITE)]


def test_the_readme_tells_the_same() -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
    [table] = re.findall(r"\| \| (owner .*?)\n\n", readme, re.DOTALL)
    head, _, *lines = [[cell.strip() for cell in line.strip("| ").split("|")] for line in table.splitlines()]
    told = {words: [role for role, is_so in zip(head, marks, strict=True) if is_so == "yes"] for words, *marks in lines}
    assert told == {MEANS[one]: [role for role in head if may(cast("Role", role), one)] for one in MEANS}
