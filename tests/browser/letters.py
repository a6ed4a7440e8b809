"""Every page that a reader comes upon, as a real browser shows it: how each is reached, and every mail."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import get_args

import msgspec
from playwright.async_api import Page, expect

from consent import mails
from consent.clock import DAY
from consent.mails import Letter, Links, MailKind
from consent.services import Services, open_services
from consent.settings import from_environment
from tests.acts import SITE
from tests.browser.serving import Served
from tests.linking import EVENTS, STORIES, Reader

KINDS: tuple[MailKind, ...] = get_args(MailKind)
FORM = f"/newsletter/{SITE}"


class Shelf(msgspec.Struct, frozen=True, kw_only=True):
    """A reader's browser, and the service that it looks at."""

    page: Page
    served: Served
    services: Services
    language: str = "en"

    def reader(self) -> Reader:
        """Somebody new."""
        return Reader(self.services, self.language)

    async def open(self, path: str) -> None:
        """Goes to a page of the service."""
        await self.page.goto(self.served.service + path, wait_until="load")

    async def press(self, act: str) -> None:
        """Presses the button of this value, and waits for the page that comes of it."""
        async with self.page.expect_navigation():
            await self.page.locator(f'button[value="{act}"]').click()

    async def show(self, kind: MailKind) -> None:
        """Shows a mail as a mail program would, about both lists."""
        token = (
            "eyJpZCI6IjAxOWE4YzE3LTNkZjAtN2M0ZS05YTQ1LTdkZjU4OWNmN2U0YyIsInNpdGUiOiJtaWFtaS1uZXctdGltZXMifQ.aR4kUA.s8"
        )
        places = ("confirm", "not_me", "unsubscribe", "manage", "receipt")
        links = Links(**{place: f"https://consent.example/{place}/{token}" for place in places})
        letter = Letter(
            kind=kind,
            language=self.language,
            site=self.services.directory.get(SITE).notice,
            lists=(STORIES, EVENTS),
            links=links,
            until=self.services.clock() + 7 * DAY,
        )
        await self.page.set_content(mails.render(letter).html)


@contextlib.asynccontextmanager
async def shelf(page: Page, served: Served, language: str = "en") -> AsyncIterator[Shelf]:
    """The reader's browser, with the service's instruments beside it on the same database."""
    async with open_services(from_environment(served.environment)) as services:
        yield Shelf(page=page, served=served, services=services, language=language)


async def confirm_one(shelf: Shelf) -> None:
    """One list to confirm."""
    await shelf.open(await shelf.reader().ask())


async def confirm_several(shelf: Shelf) -> None:
    """Two lists to confirm, each with a box."""
    await shelf.open(await shelf.reader().ask(STORIES, EVENTS))


async def confirm_nothing(shelf: Shelf) -> None:
    """The button was pressed with nothing ticked."""
    await confirm_several(shelf)
    for name in (STORIES, EVENTS):
        await shelf.page.locator(f'[type=checkbox][value="{name}"]').uncheck()
    await shelf.press("confirm")


async def confirmed(shelf: Shelf) -> None:
    """It is done."""
    await confirm_several(shelf)
    await shelf.press("confirm")


async def agreement(shelf: Shelf) -> None:
    """The receipt."""
    await confirmed(shelf)
    async with shelf.page.expect_navigation():
        await shelf.page.locator('a[href*="/receipts/"]').click()


async def gone(shelf: Shelf) -> None:
    """Nothing waits any more."""
    reader = shelf.reader()
    path = await reader.ask()
    await shelf.open(await reader.waiting("not-me"))
    await shelf.press("not_me")
    await shelf.open(path)


async def not_me(shelf: Shelf) -> None:
    """Was it not you?"""
    reader = shelf.reader()
    await reader.ask()
    await shelf.open(await reader.waiting("not-me"))


async def not_me_done(shelf: Shelf) -> None:
    """It was not."""
    await not_me(shelf)
    await shelf.press("not_me")


async def unsubscribe(shelf: Shelf) -> None:
    """The list and the button."""
    reader = shelf.reader()
    await reader.subscribe()
    await shelf.open(await reader.leaving())


async def unsubscribed(shelf: Shelf) -> None:
    """It was left."""
    await unsubscribe(shelf)
    await shelf.press("unsubscribe")


async def manage(shelf: Shelf) -> None:
    """The preference centre."""
    reader = shelf.reader()
    await reader.subscribe()
    await shelf.open(await reader.managing())


async def paused(shelf: Shelf) -> None:
    """The centre in a pause."""
    await manage(shelf)
    day = await shelf.page.locator("#until").get_attribute("max")
    await shelf.page.locator("#until").fill(day or "")
    await shelf.press("pause")


async def no_address(shelf: Shelf) -> None:
    """The centre after something that is no address."""
    await manage(shelf)
    await shelf.page.locator("#new-email").fill("me@invalid")
    await shelf.press("address")


async def old_manage(shelf: Shelf) -> None:
    """The centre behind a link of last week."""
    reader = shelf.reader()
    await reader.subscribe()
    await shelf.open(await reader.managing(7 * DAY))


async def erase(shelf: Shelf) -> None:
    """The last question."""
    await manage(shelf)
    await shelf.press("erase")


async def erased(shelf: Shelf) -> None:
    """Everything is gone."""
    await erase(shelf)
    await shelf.press("erase_now")


async def change(shelf: Shelf) -> None:
    """A new address to confirm."""
    reader = shelf.reader()
    await reader.subscribe()
    await shelf.open(await reader.managing())
    await shelf.page.locator("#new-email").fill(f"new.{reader.email}")
    await shelf.press("address")
    await shelf.open(await reader.changing(f"new.{reader.email}"))


async def changed(shelf: Shelf) -> None:
    """It is used from now on."""
    await change(shelf)
    await shelf.press("change")


async def form(shelf: Shelf) -> None:
    """The hosted form."""
    await shelf.open(f"{FORM}?language={shelf.language}")


async def asked(shelf: Shelf) -> None:
    """What everybody is told who signed up."""
    await shelf.open(f"{FORM}/asked?language={shelf.language}")


async def linked(shelf: Shelf) -> None:
    """What everybody is told who wants a link."""
    await shelf.open(f"{FORM}/asked?about=link&language={shelf.language}")


async def foreign(shelf: Shelf) -> None:
    """A link that is none of ours."""
    await shelf.open("/confirm/nonsense")


SHEETS: dict[str, Callable[[Shelf], Awaitable[None]]] = {
    one.__name__.replace("_", "-"): one
    for one in (
        *(form, asked, linked, confirm_one, confirm_several, confirm_nothing, confirmed, agreement, gone),
        *(not_me, not_me_done, unsubscribe, unsubscribed, manage, paused, no_address, old_manage),
        *(erase, erased, change, changed, foreign),
    )
}


async def solve(shelf: Shelf) -> None:
    """Waits until the check has sent the form on."""
    await expect(shelf.page).to_have_url(f"{shelf.served.service}{FORM}/asked?language={shelf.language}")
