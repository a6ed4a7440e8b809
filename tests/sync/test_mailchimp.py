"""Mailchimp is told who joined and who left; only `status_if_new` ever comes with an address."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest

from consent.errors import Malformed
from consent.sync import mailchimp
from consent.sync.delivery import Account, Member, Refused, Retry
from tests.clock import START
from tests.sync.peers.mailchimp import LISTS, SECRETS, Mailchimp
from tests.sync.receiver import Reply, opened, receiving

EMAIL = "Reader@Example.org"
STORIES = LISTS["top-stories"]
JOINED = Member(email=EMAIL, joins=("top-stories",), confirmed_at=START)
LEFT = Member(email=EMAIL, leaves=("top-stories",))


async def told(peer: Mailchimp, *members: Member, reply: Reply | None = None) -> list[dict[str, str]]:
    """Tells it; gives the bodies that were sent."""
    async with receiving(peer) as receiver, opened() as guard:
        if reply:
            receiver.answer(reply)
        account = Account(url=receiver.url, secrets=SECRETS, lists=LISTS)
        for member in members:
            await mailchimp.tell(guard, account, member, START)
        return [got.json() for got in receiver.got]


async def test_a_new_reader_is_subscribed() -> None:
    peer = Mailchimp()
    [body] = await told(peer, JOINED)
    assert peer.status(STORIES, EMAIL) == "subscribed"
    assert body["timestamp_opt"] == "2026-11-22 10:00:00"


@pytest.mark.parametrize("status", ["unsubscribed", "cleaned", "archived", "pending", "subscribed"])
async def test_nobody_who_is_known_is_changed(status: str) -> None:
    peer = Mailchimp()
    peer.has(STORIES, EMAIL, status)
    bodies = await told(peer, JOINED, JOINED)
    assert peer.status(STORIES, EMAIL) == status
    assert all("status" not in body for body in bodies)


async def test_who_has_to_come_back_by_themselves_is_left_alone() -> None:
    peer = Mailchimp()
    peer.locked.add(EMAIL)
    await told(peer, JOINED)
    assert peer.status(STORIES, EMAIL) is None


async def test_who_leaves_is_unsubscribed_there() -> None:
    peer = Mailchimp()
    await told(peer, JOINED, LEFT)
    assert peer.status(STORIES, EMAIL) == "unsubscribed"
    await told(peer, JOINED)
    assert peer.status(STORIES, EMAIL) == "unsubscribed"


async def test_who_is_not_there_need_not_leave() -> None:
    peer = Mailchimp()
    await told(peer, LEFT)
    assert peer.members == {}


async def test_a_refusal_and_a_fault() -> None:
    with pytest.raises(Refused):
        await told(
            Mailchimp(), JOINED, reply=Reply(400, {"title": "Invalid Resource", "detail": f"{EMAIL} looks fake"})
        )
    with pytest.raises(Retry) as caught:
        await told(Mailchimp(), JOINED, reply=Reply(429, {}, {"retry-after": "30"}))
    assert caught.value.retry_after == 30


async def test_a_key_is_tried() -> None:
    async with receiving(Mailchimp()) as receiver, opened() as guard:
        await mailchimp.check(guard, Account(url=receiver.url, secrets=SECRETS), START)
        with pytest.raises(Retry):
            await mailchimp.check(guard, Account(url=receiver.url, secrets={"key": "x-us6"}), START)


def test_the_key_says_where_it_is() -> None:
    assert mailchimp.address_of(SECRETS["key"]) == "https://us6.api.mailchimp.com/3.0"
    for key in (
        "",
        "x-us6",
        "0123456789abcdef0123456789abcdef-evil.example.org/",
        "0123456789abcdef0123456789abcdef-us6\n",
    ):
        assert mailchimp.address_of(key) is None


@pytest.mark.parametrize(
    ("fields", "how"),
    [
        ({"type": "unsubscribe", "data[action]": "unsub", "data[reason]": "manual"}, "unsubscribed"),
        ({"type": "cleaned", "data[reason]": "hard"}, "bounced"),
        ({"type": "cleaned", "data[reason]": "abuse"}, "complained"),
        ({"type": "subscribe"}, None),
        ({"type": "profile"}, None),
        ({}, None),
    ],
)
def test_what_it_posts_is_read(fields: dict[str, str], how: str | None) -> None:
    form = {"fired_at": "2026-11-22 10:00:00", "data[email]": EMAIL, "data[list_id]": STORIES, **fields}
    found = mailchimp.left(urlencode(form).encode())
    assert [(one.email, one.theirs, one.how) for one in found] == ([(EMAIL, STORIES, how)] if how else [])


def test_what_is_no_form_is_refused() -> None:
    assert mailchimp.left(b"{}") == []
    for body in (b"\xff=1", b"&".join(b"a%d=1" % number for number in range(500))):
        with pytest.raises(Malformed):
            mailchimp.left(body)
