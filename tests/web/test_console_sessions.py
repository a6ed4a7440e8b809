"""Sessions over HTTP: made anew, ended in many ways, in cookies nobody else sets; pages that keep to themselves."""

from __future__ import annotations

import re

from consent import ids
from consent.accounts import everywhere, people, sessions
from consent.accounts.sessions import ABSOLUTE_MS, IDLE_MS
from consent.auditing import COMMAND
from consent.web.console import browsers, cookies
from tests.acts import SITE
from tests.clock import SetClock
from tests.signing_in import a_member, posted, session_of, signed_in
from tests.web.seeing import Seen, page
from tests.web.stage import Stage, staged
from tests.web.test_console_sign_in import HOME, printed, set_by

TLS = "https://consent.example.org"
CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36"


async def test_signing_in_makes_a_new_session_and_ends_the_one_before(console: Stage) -> None:
    """No fixation: an id that was in the browser before, an attacker's own or made up, is never taken over."""
    attackers = await signed_in(console)
    for planted in (attackers["Cookie"].partition("=")[2], "A" * 43):
        client = console.client()
        client.cookies.set("console", planted, domain="127.0.0.1")
        entered = await client.post(await printed(console))
        assert entered.status_code == 303
        assert set_by(entered)["console"].partition(";")[0] != f"console={planted}"
        assert await sessions.find(console.services, planted) is None


async def test_two_cookies_of_one_name_are_none(console: Stage) -> None:
    signed = await signed_in(console)
    name, _, value = signed["Cookie"].partition("=")
    for cookie in (f"{name}=x; {name}={value}", f"{name}={value}; {name}=x", f"{name}={value}x", f"{name}=", "=", ";;"):
        assert (await page(console, HOME, Cookie=cookie)).status_code == 303, cookie
    assert (await page(console, HOME, Cookie=f"other=1; {name}={value}")).status_code == 200


async def test_a_session_ends_idle_at_its_end_and_with_the_last_role(console: Stage, module_clock: SetClock) -> None:
    member = await a_member(console, "editor")
    signed = await session_of(console, member)
    answers = []
    for _ in range(ABSOLUTE_MS // (IDLE_MS - 1) + 1):
        module_clock.forward(IDLE_MS - 1)
        answers.append((await page(console, HOME, **signed)).status_code)
    assert answers == [200] * 6 + [303]
    signed = await session_of(console, member)
    module_clock.forward(IDLE_MS)
    assert (await page(console, HOME, **signed)).status_code == 303
    signed = await session_of(console, member)
    await people.change(console.services, SITE, member.id, "viewer", COMMAND)
    assert (await page(console, HOME, **signed)).status_code == 200
    await people.remove(console.services, SITE, member.id, COMMAND)
    assert (await page(console, HOME, **signed)).status_code == 303


async def test_one_signs_out_here_there_and_everywhere(console: Stage) -> None:
    member, stranger = await a_member(console), await a_member(console)
    here, there, third = [await session_of(console, member) for _ in range(3)]
    account = await page(console, "/console/account", **here)
    assert account.text.count('name="session"') == 2
    assert "this one" in account.text
    strangers = await session_of(console, stranger)
    [of_stranger] = await sessions.listed(console.services, stranger.id)
    client = console.client()
    for wrong in (ids.uuid_text(of_stranger.id), "x", ""):
        assert (await posted(client, "/console/account/sessions/end", here, session=wrong)).status_code == 404
    assert (await page(console, HOME, **strangers)).status_code == 200
    signed = await sessions.find(console.services, there["Cookie"].partition("=")[2])
    assert signed
    ended = await posted(client, "/console/account/sessions/end", here, session=ids.uuid_text(signed.session.id))
    assert ended.status_code == 303
    assert [(await page(console, HOME, **one)).status_code for one in (here, there, third)] == [200, 303, 200]
    assert (await posted(client, "/console/sign-out", third)).headers["location"] == "/console/sign-in"
    assert (await page(console, HOME, **third)).status_code == 303
    fourth = await session_of(console, member)
    assert (await posted(client, "/console/account/sessions/end-all", here)).status_code == 303
    assert [(await page(console, HOME, **one)).status_code for one in (here, fourth)] == [303, 303]


async def test_a_sentence_is_told_once_and_to_its_own_session(console: Stage) -> None:
    signed, other = await signed_in(console), await signed_in(console)
    people_page = f"{HOME}/settings/people"
    done = await posted(console.client(), people_page, signed, email="ann@example.org", role="viewer")
    assert done.headers["location"] == people_page
    told = f"console-told={done.cookies['console-told']}"
    shown = await page(console, people_page, Cookie=f"{signed['Cookie']}; {told}")
    assert "ann@example.org is invited as viewer" in shown.text
    assert "Max-Age=0" in set_by(shown)["console-told"]
    assert "is invited as" not in (await page(console, people_page, Cookie=f"{other['Cookie']}; {told}")).text
    for forged in ("x", "x" * 60, told[13:-4] + "AAAA", cookies.sealed("Send me your key", "another secret")):
        again = await page(console, people_page, Cookie=f"{signed['Cookie']}; console-told={forged}")
        assert again.status_code == 200
        assert 'role="status"' not in again.text


async def test_people_are_managed_by_who_may(console: Stage) -> None:
    owner, other = await a_member(console), await a_member(console, "editor")
    signed, client = await session_of(console, owner), console.client()
    path, member = f"{HOME}/settings/people", ids.uuid_text(other.id)
    shown = await page(console, path, **signed)
    assert owner.email in shown.text and other.email in shown.text
    twice = await posted(client, path, signed, email=other.email.upper(), role="viewer")
    assert twice.status_code == 422
    assert "is editor of the site already" in twice.text
    assert (await posted(client, path, signed, email="x", role="viewer")).status_code == 422
    assert (await posted(client, f"{path}/role", signed, member=member, role="admin")).status_code == 422
    assert (await posted(client, f"{path}/role", signed, member="x", role="viewer")).status_code == 404
    for place, more in (("again", {}), ("role", {"role": "dpo"}), ("remove", {})):
        assert (await posted(client, f"{path}/{place}", signed, member=member, **more)).status_code == 303, place
    assert other.email not in (await page(console, path, **signed)).text


async def test_one_sites_owner_learns_nothing_of_another_sites_people(console: Stage) -> None:
    services, theirs = console.services, "harbour-post"
    known = (await people.invite(services, SITE, "Jo.Doe+secret@gmail.com", "editor", COMMAND)).member
    await everywhere.disable(services, known, may_sign_in=False)
    runs_it, owner = await a_member(console, "owner", "*"), await signed_in(console, "owner", theirs)
    path = f"/console/sites/{theirs}/settings/people"
    invited = await posted(console.client(), path, owner, email="jodoe@gmail.com", role="viewer")
    told = {"Cookie": f"{owner['Cookie']}; console-told={invited.cookies['console-told']}"}
    seen = (await page(console, path, **told)).text + (
        await page(console, path.replace("people", "audit"), **owner)
    ).text
    assert "jodoe@gmail.com is invited as viewer" in seen and "Somebody who runs the service" in seen
    for secret in ("Jo.Doe", "may not sign in", runs_it.email):
        assert secret not in seen, secret
    all_of_it = (await page(console, path, **await session_of(console, runs_it))).text
    assert runs_it.email in all_of_it and "may not sign in" in all_of_it


async def test_behind_tls_cookies_are_bound_to_the_host(sqlite_url: str, clock: SetClock) -> None:
    async with staged(sqlite_url, clock, settings={"url": TLS}) as stage:
        link = (await everywhere.link(stage.services, await a_member(stage))).removeprefix(TLS)
        client = stage.client()
        plain = {"Origin": TLS.replace("https", "http"), "Sec-Fetch-Site": "same-origin"}
        assert (await client.post(link, headers=plain)).status_code == 403
        lines = set_by(await client.post(link, headers={"Origin": TLS}))
        whole = r"__Host-console=[\w-]{43}; Path=/; HttpOnly; SameSite=Lax; Secure"
        assert re.fullmatch(whole, lines["__Host-console"])
        assert all("; Secure" in line and "Domain" not in line for line in lines.values())
        value = lines["__Host-console"].partition(";")[0].partition("=")[2]
        assert (await page(stage, HOME, Cookie=f"console={value}")).status_code == 303
        assert (await page(stage, HOME, Cookie=f"__Host-console={value}")).status_code == 200


async def test_passkeys_are_offered_where_there_can_be_any(console: Stage, sqlite_url: str, clock: SetClock) -> None:
    async def offered(stage: Stage) -> list[bool]:
        pages = [await page(stage, "/console/sign-in"), await page(stage, "/console/account", **await signed_in(stage))]
        return ["data-challenge" in one.text for one in pages]

    assert await offered(console) == [False, False]
    async with staged(sqlite_url, clock, settings={"url": "http://localhost:8000"}) as named:
        assert await offered(named) == [True, True]


async def test_a_script_is_told_to_sign_in(console: Stage) -> None:
    answer = await console.client().get(HOME, headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (401, "sign_in_required")
    assert "www-authenticate" not in answer.headers


async def test_no_page_may_be_kept_framed_or_scripted_by_others(console: Stage) -> None:
    signed, link = await signed_in(console), await printed(console)
    for path in (HOME, "/console/account", "/console/sign-in", link, f"{HOME}/settings/people", f"{HOME}/records/9999"):
        answer = await page(console, path, **signed)
        policy = answer.headers["content-security-policy"]
        for needed in ("default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'",
                       "require-trusted-types-for 'script'", "trusted-types 'none'"):  # fmt: skip
            assert needed in policy, path
        assert "unsafe" not in policy and "http" not in policy
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["cross-origin-opener-policy"] == "same-origin"
        assert '<meta name="referrer" content="same-origin">' in answer.text
        tags = Seen(answer.text).tags
        assert not [tag for tag, attrs in tags if tag == "style" or {"style", "onclick"} & set(attrs)]
        assert all(attrs.get("src") for tag, attrs in tags if tag == "script")


def test_browsers_have_names_that_people_know() -> None:
    phone = "Mozilla/5.0 (iPhone; CPU iPhone OS 26_0 like Mac OS X) Version/26.0 Safari/604.1"
    assert browsers.named(CHROME) == "Chrome on Windows"
    assert browsers.named(CHROME + " Edg/140.0") == "Edge on Windows"
    assert browsers.named(phone) == "Safari on an iPhone"
    assert (
        browsers.named("Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0") == "Firefox on Linux"
    )
    assert browsers.named("") == "A browser"
