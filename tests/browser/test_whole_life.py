"""The whole life of one person, by every page that it meets: asked, chose, signed up, confirmed, complained, was given
all that is kept, erased both of what the service knew her as, and the log verifies at each turn.
"""

from __future__ import annotations

import asyncio
import json
import re
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any, Literal

import httpx
from playwright.async_api import Browser, Page, expect

from consent.services import Services, open_services
from consent.settings import from_environment
from tests.browser.consoles import AXE, JUDGE
from tests.browser.serving import SITE, Served, serving
from tests.browser.visiting import PATIENCE_SECONDS, Visit, visit
from tests.signing_in import sign_in

EMAIL = "her@example.org"
LINK = re.compile(r"https?://\S+")
LOOKS: tuple[tuple[Literal["light", "dark"], int], ...] = (("light", 1280), ("dark", 320))
POSTMARK = {"CONSENT_MAIL_EVENTS": "postmark:s3cret"}


class Life:
    """Her browser, the publisher's, and the service between them."""

    def __init__(self, visitor: Visit, desk: Page, services: Services) -> None:
        self.visitor, self.desk, self.services = visitor, desk, services
        self.served: Served = visitor.served
        self.read: set[Path] = set()
        self.complaints: list[str] = []
        for page in (visitor.page, desk):
            page.on("console", self._heard)
            page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _heard(self, said: Any) -> None:
        if "Content Security" in said.text or "Trusted" in said.text:
            self.complaints.append(said.text)

    async def mail(self, place: str) -> str:
        """The link of the next mail to her that leads there, once the mail has come."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not (fresh := set(self.served.folder.glob("[!.]*.eml")) - self.read):  # noqa: ASYNC110 - another's file
                await asyncio.sleep(0.05)
        [file] = fresh
        self.read.add(file)
        message = message_from_bytes(file.read_bytes(), policy=default)
        assert EMAIL in message["to"]
        body = message.get_body(("plain",))
        assert body is not None
        return next(str(link) for link in LINK.findall(body.get_content()) if f"/{place}/" in link)

    async def press(self, words: str, page: Page | None = None) -> None:
        """Presses a button, and waits for the page that comes of it."""
        page = page or self.visitor.page
        async with page.expect_navigation():
            await page.get_by_role("button", name=words, exact=True).click()

    async def verified(self, records: int, erased: int) -> None:
        """`consent verify` finds the log in order, with so many records."""
        code, said = await self.served.command("verify", SITE)
        assert code == 0 and f"{SITE}: {records} records, all as committed to, {erased} erased" in said, said

    async def judge(self, page: Page) -> None:
        """Nothing for axe to find, nothing wider than the window."""
        for scheme, width in LOOKS:
            await page.emulate_media(color_scheme=scheme)
            await page.set_viewport_size({"width": width, "height": 800})
            if not await page.evaluate("'axe' in window"):
                await page.evaluate(AXE.read_text("utf-8"))
            assert await page.evaluate(JUDGE) == [], (page.url[:60], scheme, width)
            assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (page.url[:60], width)


async def test_one_persons_whole_life(chromium: Browser, sqlite_url: str, tmp_path: Path) -> None:
    async with (
        serving(sqlite_url, tmp_path, more=POSTMARK) as served,
        visit(chromium, served, accept_downloads=True) as visitor,
        open_services(from_environment(served.environment)) as services,
    ):
        context = await chromium.new_context(accept_downloads=True)
        try:
            await sign_in(context, services, "dpo")
            life = Life(visitor, await context.new_page(), services)
            receipt = await chooses(life)
            manage = await subscribes_and_complains(life)
            await is_given_everything(life, receipt)
            await erases(life, receipt, manage)
            await is_nobody_any_more(life, receipt, manage)
            assert life.complaints == []
        finally:
            await context.close()


async def chooses(life: Life) -> str:
    """Asked on a page of the newspaper: she refuses, keeps the receipt, and changes her mind for one purpose."""
    visitor = life.visitor
    await visitor.arrive()
    told = await visitor.recorded(visitor.part("refuse"))
    await visitor.page.locator("[data-consent-open]").click()
    await visitor.switch("analytics").click()
    await visitor.recorded(visitor.part("save"))
    return f"{life.served.service}/receipts/{told['receipt']}"


async def subscribes_and_complains(life: Life) -> str:
    """Signs up by the plain form, confirms by the mail, and reports the next one as unwanted; gives a manage link."""
    page = life.visitor.page
    await page.goto(f"{life.served.service}/newsletter/{SITE}?language=en")
    await page.get_by_label("Top Stories").check()
    await page.locator("#sign-email").fill(EMAIL)
    await life.press("Sign up")
    await page.goto(await life.mail("confirm"))
    async with page.expect_navigation():
        await page.locator('button[value="confirm"]').click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("You are subscribed")
    manage = await life.mail("manage")
    async with httpx.AsyncClient(base_url=life.served.service) as provider:
        complaint = {"RecordType": "SpamComplaint", "ID": 7, "Email": EMAIL, "BouncedAt": "2026-11-22T10:00:00Z"}
        assert (await provider.post("/v1/mail-events/postmark/s3cret", json=complaint)).status_code == 200
    await page.goto(manage)
    await expect(page.get_by_label("Top Stories")).not_to_be_checked()
    await life.verified(4, 0)
    return manage


async def is_given_everything(life: Life, receipt: str) -> None:
    """She writes to the newspaper, whose data-protection officer finds both of her by her address and her receipt."""
    desk = life.desk
    await desk.goto(f"{life.served.service}/console/sites/{SITE}/requests")
    await life.judge(desk)
    await desk.get_by_label("What the person brings").fill(f"{EMAIL}\n{receipt}")
    await life.press("See what is found", desk)
    await expect(desk.get_by_text("top-stories (complained)")).to_be_visible()
    await life.judge(desk)
    await life.press("Give as a page", desk)
    moments = [words.split(maxsplit=2)[2] for words in await desk.locator(".timeline li").all_inner_texts()]
    happened = [words.partition(":")[0] for words in moments if "mailed" not in words]
    assert set(happened[:2]) == {"asked for", "became known"} and happened[2:] == ["subscribed", "complained"]
    assert {"mailed: confirm", "mailed: welcome"} <= set(moments)
    assert "Performance and usage" in await desk.inner_text("main")
    await life.judge(desk)
    async with desk.expect_download() as waiting:
        await desk.get_by_role("button", name="Download as JSON").click()
    bundle = json.loads(Path(await (await waiting.value).path()).read_text("utf-8"))
    assert {reader["email"] for reader in bundle["readers"]} == {EMAIL}
    actions = sorted(one["record"]["action"] for subject in bundle["subjects"] for one in subject["records"])
    assert actions == ["complain", "confirm", "reject_all", "save"]
    assert {one["reason"] for one in bundle["suppressions"]} == {"complained"}
    await desk.goto(bundle["claim"])
    await expect(desk.get_by_text("Your data was given to you")).to_be_visible()
    await life.verified(7, 0)  # the look and the two answers are on record themselves


async def erases(life: Life, receipt: str, manage: str) -> None:
    """Alone, in her own browser: the browser's choices by the receipt, the subscription by the link in the mail."""
    page = life.visitor.page
    await page.goto(receipt)
    await life.judge(page)
    async with httpx.AsyncClient() as keeper:
        (life.served.folder / "receipt.json").write_bytes((await keeper.get(f"{receipt}?format=proof")).content)
    await page.get_by_role("link", name="What is kept about you").click()
    await expect(page.locator(".acts > li")).to_have_count(2)
    await life.judge(page)
    await life.press("Erase my data")
    await life.judge(page)
    await life.press("Erase my data")
    await page.get_by_role("link", name="Receipt of your request").click()
    await expect(page.locator("main")).to_contain_text("Decisions: 2.")
    await life.judge(page)
    await page.goto(manage)
    await life.press("Erase my data")
    await life.press("Erase my data")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Your data is erased")
    await life.verified(7, 4)


async def is_nobody_any_more(life: Life, receipt: str, manage: str) -> None:
    """No link of hers opens anything; the newspaper finds only that she must not be mailed; the export proves it."""
    for link in (receipt, f"{receipt}/kept", manage):
        answer = await life.visitor.page.goto(link)
        assert answer is not None and answer.status == 410
    desk = life.desk
    await desk.goto(f"{life.served.service}/console/sites/{SITE}/requests")
    answered = await desk.locator("tbody tr").all_inner_texts()
    assert [("erasure" in row, "the person alone" in row) for row in answered] == [(True, True)] * 2 + [
        (False, False)
    ] * 2
    await desk.get_by_label("What the person brings").fill(f"{EMAIL}\n{receipt}")
    await life.press("See what is found", desk)
    facts = await desk.locator(".figures dd").all_inner_texts()
    assert (facts[:4], facts[4] != "0") == (["0"] * 4, True)
    code, exported = await life.served.command("export", "consents", SITE)
    assert code == 0 and EMAIL not in exported and exported.count('"erased_at"') == 4
    (life.served.folder / "after.jsonl").write_text(exported)
    for kept in ("after.jsonl", "receipt.json"):  # what she kept herself still proves what she decided
        code, said = await life.served.command("verify", kept)
        assert code == 0, said
