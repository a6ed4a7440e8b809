"""People who are signed in to the console, made without a mail: for tests of what comes after that."""

from __future__ import annotations

import itertools
from typing import Any, Protocol

import httpx
from playwright.async_api import BrowserContext, Page

from consent import ids, mailboxes
from consent.accounts import sessions
from consent.accounts.roles import Role
from consent.services import Services
from consent.storage import members
from consent.storage.members import Member
from consent.web.console import cookies
from tests.acts import SITE

BROWSER = "Firefox on Linux"
_numbers = itertools.count(1)


class Staged(Protocol):
    """A stage of `tests/web`."""

    @property
    def services(self) -> Services: ...


def services_of(stage: Staged | Services) -> Services:
    """The services of a stage, or themselves."""
    return stage if isinstance(stage, Services) else stage.services


async def a_member(stage: Staged | Services, role: Role | None = "owner", site: str = SITE) -> Member:
    """Somebody new with this role at the site; `role=None`: at no site at all, `site="*"`: at every one."""
    services = services_of(stage)
    mailbox = mailboxes.parse(f"person{next(_numbers)}.{ids.secret()[:6].lower().strip('-_')}@example.org")
    now = services.clock()
    member = Member(id=ids.uuid7(now).bytes, email=mailbox.address, key=services.addresses.of(mailbox), created_at=now)
    async with services.database.writing() as writer:
        member = await members.add(writer, member)
        if role is not None:
            await members.join(writer, site, member, role, now)
    return member


async def session_of(stage: Staged | Services, member: Member) -> dict[str, str]:
    """The header by which httpx is signed in as the member, in a session of its own."""
    services = services_of(stage)
    async with services.database.writing() as writer:
        secret = await sessions.begin(writer, member.id, BROWSER, services.clock())
    return {"Cookie": f"{cookies.name_of(services, cookies.SESSION)}={secret}"}


async def signed_in(stage: Staged | Services, role: Role | None = "owner", site: str = SITE) -> dict[str, str]:
    """The header by which httpx is signed in as somebody new with this role at the site."""
    return await session_of(stage, await a_member(stage, role, site))


def token_of(signed: dict[str, str]) -> str:
    """What the forms of this session carry as `token`."""
    return sessions.form_token(signed["Cookie"].partition("=")[2])


async def posted(http: httpx.AsyncClient, path: str, signed: dict[str, str], **fields: Any) -> httpx.Response:
    """Sends a form as the session's own page would."""
    return await http.post(path, headers=signed, data={"token": token_of(signed), **fields})


async def sign_in(
    where: Page | BrowserContext, stage: Staged | Services, role: Role = "owner", site: str = SITE
) -> Member:
    """Signs the browser in as somebody new with this role at the site, at the service's public address."""
    services = services_of(stage)
    member = await a_member(services, role, site)
    name, _, value = (await session_of(services, member))["Cookie"].partition("=")
    context = where.context if isinstance(where, Page) else where
    await context.add_cookies(
        [{"name": name, "value": value, "url": services.settings.url, "httpOnly": True, "sameSite": "Lax"}]
    )
    return member
