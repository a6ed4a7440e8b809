"""A passkey from its making to its end, in a real browser with a virtual authenticator; the pages around it, judged."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from playwright.async_api import Browser, CDPSession, Page, expect

from consent.accounts import everywhere
from tests.browser.consoles import Desk, at_desk, served
from tests.signing_in import a_member
from tests.web.stage import Stage

LOOKS: tuple[tuple[str, int], ...] = (("light", 1280), ("dark", 320))
DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
async def stage(sqlite_url: str) -> AsyncIterator[Stage]:
    """The service on a port."""
    async with served(sqlite_url) as made:
        yield made


class Device:
    """The virtual authenticator of a page."""

    def __init__(self, session: CDPSession, id_: str) -> None:
        self._session, self._id = session, id_

    async def say(self, what: str, **more: Any) -> Any:
        """One command about the authenticator."""
        return await self._session.send(f"WebAuthn.{what}", {"authenticatorId": self._id, **more})

    async def keys(self) -> list[dict[str, Any]]:
        """The credentials in it."""
        found: list[dict[str, Any]] = (await self.say("getCredentials"))["credentials"]
        return found


async def plugged_in(page: Page) -> Device:
    """A device with a lock that its owner opens."""
    session = await page.context.new_cdp_session(page)
    await session.send("WebAuthn.enable")
    added = await session.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
    return Device(session, added["authenticatorId"])


async def offered(desk: Desk, base: str | None = None) -> None:
    """The sign-in page, and a press on the passkey's button."""
    await desk.page.goto(f"{base or desk.stage.services.settings.url}/console/sign-in")
    await desk.page.get_by_role("button", name="Sign in with a passkey").click()


async def test_a_passkey_is_made_signs_in_and_is_refused_once_removed(chromium: Browser, stage: Stage) -> None:
    url = stage.services.settings.url
    async with at_desk(chromium, stage, "editor") as desk:
        page, device = desk.page, await plugged_in(desk.page)
        await page.goto(f"{url}/console/account")
        await page.get_by_label("Name of a new passkey").fill("Work laptop")
        await page.get_by_role("button", name="Make a passkey").click()
        await expect(page.get_by_role("status")).to_contain_text("“Work laptop” is yours")
        await desk.judge(*LOOKS)
        [key] = await device.keys()
        assert (key["rpId"], key["isResidentCredential"]) == ("localhost", True)

        await page.get_by_role("button", name="Sign out", exact=True).click()
        await page.wait_for_url(f"{url}/console/sign-in")
        await desk.judge(*LOOKS)
        await page.get_by_role("button", name="Sign in with a passkey").click()
        await page.wait_for_url(desk.address())
        [cookie] = [one for one in await page.context.cookies() if one.get("name") == "console"]
        assert (cookie["httpOnly"], cookie["sameSite"], cookie["expires"]) == (True, "Lax", -1)

        await device.say("setUserVerified", isUserVerified=False)
        await offered(desk)
        await expect(page.get_by_role("alert")).to_contain_text("Nothing was done")
        await device.say("setUserVerified", isUserVerified=True)

        await offered(desk, url.replace("localhost", "127.0.0.1"))
        await expect(page.get_by_role("alert")).to_contain_text(f"open it at {url}/console")

        copied = {**key, "signCount": 0}
        await device.say("clearCredentials")
        await device.say("addCredential", credential=copied)
        await offered(desk)
        await expect(page.get_by_role("alert").first).to_contain_text("not accepted")
        await device.say("clearCredentials")
        await device.say("addCredential", credential={**key, "signCount": 50})
        await offered(desk)
        await page.wait_for_url(desk.address())

        await page.goto(f"{url}/console/account")
        await page.get_by_role("button", name="Remove Work laptop").click()
        await expect(page.get_by_role("status")).to_contain_text("The passkey is removed")
        await offered(desk)
        await expect(page.get_by_role("alert").first).to_contain_text("not accepted")
        desk.assert_calm()


async def test_the_pages_of_people_and_links_are_in_order(chromium: Browser, stage: Stage) -> None:
    url = stage.services.settings.url
    async with at_desk(chromium, stage) as desk:
        page = desk.page
        await desk.open("/settings/people")
        await page.get_by_label("E-mail address").fill("reader@example.org")
        await page.get_by_label("Role", exact=True).select_option("viewer")
        await page.get_by_role("button", name="Invite").click()
        await expect(page.get_by_role("status")).to_contain_text("reader@example.org is invited as viewer")
        for summary in await page.get_by_text("Change reader@example.org").all():
            await summary.click()
        await desk.judge(*LOOKS)
        await page.get_by_label("E-mail address").fill("reader@example.org")
        await page.get_by_role("button", name="Invite").click()
        await expect(page.get_by_role("alert")).to_contain_text("viewer of the site already")
        await desk.judge(*LOOKS)

        link = await everywhere.link(stage.services, await a_member(stage, "dpo", "*"))
        await page.goto(link)
        await desk.judge(*LOOKS)
        await page.get_by_role("button", name="Sign in").click()
        await page.wait_for_url(f"{url}/console")
        await desk.judge(*LOOKS)
        for path in ("/settings/people", "/records/999"):
            await desk.open(path)
            await desk.judge(*LOOKS)
        for path in ("/sign-in/asked", link.removeprefix(f"{url}/console")):
            await page.goto(f"{url}/console{path}")
            await desk.judge(*LOOKS)
        desk.assert_calm()
