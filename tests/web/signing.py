"""Signing up in the tests: what pages and forms send, and what is found of it afterwards."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Mapping
from itertools import count
from typing import Any
from uuid import UUID

import httpx
import msgspec

from consent import mailboxes, newsletter
from consent.newsletter import Seen
from consent.storage import outbox, pendings, subscribers
from consent.storage.outbox import Owed
from consent.storage.pendings import Pending, PendingList
from consent.storage.subscribers import Subscription
from consent.tokens import LetterLink
from tests.acts import SITE
from tests.web.seeing import HTML
from tests.web.stage import Headers, Stage

SIGNUPS = f"/v1/sites/{SITE}/signups"
CHALLENGE = f"{SIGNUPS}/challenge"
STORIES, EVENTS = "top-stories", "events"
OTHER = "harbour-post"
_numbers = itertools.count(1)


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """What the tables have of an address."""

    subscriptions: tuple[Subscription, ...] = ()
    pending: Pending | None = None
    asked: tuple[PendingList, ...] = ()
    mails: tuple[Owed, ...] = ()

    @property
    def states(self) -> dict[str, str]:
        """List -> state, of what is or was subscribed to."""
        return {one.list: one.state for one in self.subscriptions}


def new_address(domain: str = "example.org") -> str:
    """An address that nobody had before."""
    return f"reader-{next(_numbers)}@{domain}"


def body(**fields: Any) -> dict[str, Any]:
    """A good body; `fields` say what is not as usual, None takes a field away."""
    usual = {"email": new_address(), "lists": [STORIES], "language": "en"}
    return {name: value for name, value in (usual | fields).items() if value is not None}


def form(**fields: Any) -> dict[str, Any]:
    """The fields of a good plain form."""
    usual = {"email": new_address(), "list": [STORIES]}
    return {name: value for name, value in (usual | fields).items() if value is not None}


async def by_script(
    stage: Stage, headers: Headers | None = None, peer: str | None = None, **fields: Any
) -> httpx.Response:
    """Signs up as the widget does, from an address of its own unless one is given."""
    return await stage.client(peer).post(SIGNUPS, json=body(**fields), headers=headers)


async def by_form(
    stage: Stage, headers: Mapping[str, str] | None = None, peer: str | None = None, **fields: Any
) -> httpx.Response:
    """Signs up as a browser does that sends a plain form."""
    return await stage.client(peer).post(SIGNUPS, data=form(**fields), headers={**HTML, **(headers or {})})


async def solution(stage: Stage, site: str = SITE) -> str:
    """A challenge of the site, solved by nothing but what the answer says."""
    answer = await stage.client().get(f"/v1/sites/{site}/signups/challenge")
    assert answer.status_code == 200, answer.text
    return solved(answer.json())


def solved(offer: Mapping[str, Any]) -> str:
    """The offer's token with the number that solves it."""
    salt, cost, bits = bytes.fromhex(offer["salt"]), offer["cost"], offer["bits"]
    for number in count():
        key = hashlib.pbkdf2_hmac("sha256", str(number).encode(), salt, cost, 32)
        if int.from_bytes(key, "big") >> (256 - bits) == 0:
            return f"{offer['challenge']}.{number}"
    raise AssertionError


async def known(stage: Stage, email: str, site: str = SITE) -> Known:
    """What the tables have of the address."""
    key = stage.services.addresses.of(mailboxes.parse(email))
    async with stage.services.database.reading() as reader:
        found = await subscribers.by_key(reader, site, key)
        waiting = await pendings.by_key(reader, site, key, "signup")
        owed = [one for state in ("waiting", "done", "dead", "dropped")
                for one in await outbox.page(reader, site, state, b"", 10_000)]  # fmt: skip
        return Known(
            subscriptions=tuple(await subscribers.subscriptions(reader, site, found.id)) if found else (),
            pending=waiting,
            asked=tuple(await pendings.lists(reader, site, waiting.id)) if waiting else (),
            mails=tuple(one for one in owed if one.key == key and one.kind == "mail"),
        )


async def confirm(stage: Stage, email: str, *lists: str, site: str = SITE) -> None:
    """What pressing the button in the mail does."""
    await newsletter.confirm(stage.services, await link(stage, email, "confirm", site), lists or (STORIES,), Seen())


async def not_me(stage: Stage, email: str) -> None:
    """What the mail's other link does."""
    await newsletter.not_me(stage.services, await link(stage, email, "not-me"))


async def link(stage: Stage, email: str, purpose: Any, site: str = SITE) -> str:
    """The token that the mail's link carries."""
    waiting = (await known(stage, email, site)).pending
    assert waiting is not None
    content = LetterLink(id=str(UUID(bytes=waiting.id)), site=site)
    return stage.services.tokens.sign(purpose, site, content, stage.services.clock())


async def subscribed(stage: Stage, *lists: str, email: str | None = None, **fields: Any) -> str:
    """A new subscriber's address, confirmed for these lists."""
    email = email or new_address()
    wanted = list(lists or (STORIES,))
    assert (await by_script(stage, email=email, lists=wanted, **fields)).status_code == 202
    await confirm(stage, email, *wanted)
    return email


async def left(stage: Stage, email: str, *lists: str) -> None:
    """What unsubscribing by the link in a mail does."""
    key = stage.services.addresses.of(mailboxes.parse(email))
    async with stage.services.database.reading() as reader:
        found = await subscribers.by_key(reader, SITE, key)
    assert found is not None
    for one in lists or (STORIES,):
        content = LetterLink(id=str(UUID(bytes=found.id)), site=SITE, lists=(one,))
        token = stage.services.tokens.sign("unsubscribe", SITE, content, stage.services.clock())
        await newsletter.unsubscribe(stage.services, token, Seen())
