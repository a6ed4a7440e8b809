"""Mailchimp is told who joined and who left; only whom we archived there ourselves is taken back."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest

from consent.errors import Malformed
from consent.sync import mailchimp
from consent.sync.delivery import Account, Left, Member, Refused, Retry
from tests.clock import START
from tests.sync.peers.mailchimp import LISTS, SECRETS, Mailchimp
from tests.sync.receiver import Got, Reply, opened, receiving

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
        return [got.json() for got in receiver.got if got.body]


async def heard(peer: Mailchimp, body: bytes, reply: Reply | None = None) -> tuple[list[Left], list[Got]]:
    """What a webhook of it says, and what it was asked about that."""
    async with receiving(peer) as receiver, opened() as guard:
        if reply:
            receiver.answer(reply)
        account = Account(url=receiver.url, secrets=SECRETS, lists=LISTS)
        return await mailchimp.left(guard, account, body, START), receiver.got


def posted(**fields: str) -> bytes:
    """The form of a webhook."""
    usual = {"fired_at": "2026-11-22 10:00:00", "data[email]": EMAIL, "data[list_id]": STORIES}
    return urlencode(usual | fields).encode()


async def test_a_new_reader_is_subscribed() -> None:
    peer = Mailchimp()
    [body] = await told(peer, JOINED)
    assert peer.status(STORIES, EMAIL) == "subscribed"
    assert body["timestamp_opt"] == "2026-11-22 10:00:00"


@pytest.mark.parametrize("status", ["unsubscribed", "cleaned", "archived", "pending", "subscribed"])
async def test_nobody_who_is_known_is_changed(status: str) -> None:
    peer = Mailchimp()
    peer.has(STORIES, EMAIL, status, "vip")
    assert await told(peer, JOINED, JOINED) == []
    assert peer.status(STORIES, EMAIL) == status


@pytest.mark.parametrize("status", ["unsubscribed", "cleaned", "archived"])
async def test_who_left_there_first_gets_no_mark_and_does_not_come_back(status: str) -> None:
    peer = Mailchimp()
    peer.has(STORIES, EMAIL, status)
    assert await told(peer, LEFT, JOINED) == []
    assert peer.status(STORIES, EMAIL) == status and peer.tags(STORIES, EMAIL) == []


async def test_who_has_to_come_back_by_themselves_is_left_alone() -> None:
    peer = Mailchimp()
    peer.locked.add(EMAIL)
    await told(peer, JOINED)
    assert peer.status(STORIES, EMAIL) is None


async def test_who_leaves_is_archived_there_and_comes_back() -> None:
    peer = Mailchimp()
    peer.has(STORIES, EMAIL, "subscribed", "vip")
    for _ in range(2):
        await told(peer, LEFT, LEFT)
        assert peer.status(STORIES, EMAIL) == "archived" and peer.tags(STORIES, EMAIL) == ["vip", mailchimp.MARK]
        await told(peer, JOINED, JOINED)
        assert peer.status(STORIES, EMAIL) == "subscribed" and peer.tags(STORIES, EMAIL) == ["vip"]


@pytest.mark.parametrize("status", ["unsubscribed", "cleaned"])
async def test_who_left_here_and_then_there_does_not_come_back(status: str) -> None:
    peer = Mailchimp()
    await told(peer, JOINED, LEFT)
    peer.has(STORIES, EMAIL, status, mailchimp.MARK)
    await told(peer, LEFT, JOINED)
    assert peer.status(STORIES, EMAIL) == status


async def test_whom_it_does_not_take_back_stays_away() -> None:
    peer = Mailchimp()
    await told(peer, JOINED, LEFT)
    peer.locked.add(EMAIL)
    await told(peer, JOINED)
    assert peer.status(STORIES, EMAIL) == "archived"


async def test_who_came_back_there_is_not_taken_for_one_of_ours_later() -> None:
    peer = Mailchimp()
    peer.has(STORIES, EMAIL, "subscribed", mailchimp.MARK)
    await told(peer, JOINED)
    assert peer.status(STORIES, EMAIL) == "subscribed" and peer.tags(STORIES, EMAIL) == []
    peer.has(STORIES, EMAIL, "archived")
    await told(peer, JOINED)
    assert peer.status(STORIES, EMAIL) == "archived"


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
    for member in (JOINED, LEFT):
        with pytest.raises(Retry):
            await told(Mailchimp(), member, reply=Reply(200, b"<html>"))


@pytest.mark.parametrize("refused", ["POST", "DELETE", "PATCH"])
async def test_a_fault_half_way_is_made_good_by_the_next_attempt(refused: str) -> None:
    peer, faults = Mailchimp(), [refused]

    def answering(got: Got) -> Reply:
        if got.method in faults:
            faults.clear()
            return Reply(500)
        return peer(got)

    await told(peer, JOINED)
    async with receiving(answering) as receiver, opened() as guard:
        account = Account(url=receiver.url, secrets=SECRETS, lists=LISTS)
        for member, status in ((LEFT, "archived"), (JOINED, "subscribed")):
            try:
                await mailchimp.tell(guard, account, member, START)
            except Retry:
                await mailchimp.tell(guard, account, member, START)
            assert peer.status(STORIES, EMAIL) == status
    assert faults == [] and peer.tags(STORIES, EMAIL) == []


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
async def test_what_it_posts_is_read(fields: dict[str, str], how: str | None) -> None:
    found, asked = await heard(Mailchimp(), posted(**fields))
    assert [(one.email, one.theirs, one.how) for one in found] == ([(EMAIL, STORIES, how)] if how else [])
    assert asked == []


@pytest.mark.parametrize(
    ("status", "tags", "is_left"),
    [
        ("archived", (mailchimp.MARK,), False),
        ("archived", (), True),
        ("unsubscribed", (mailchimp.MARK,), True),
        (None, (), True),
    ],
)
async def test_whom_we_archived_ourselves_did_not_leave_there(
    status: str | None, tags: tuple[str, ...], is_left: bool
) -> None:
    peer = Mailchimp()
    if status:
        peer.has(STORIES, EMAIL, status, *tags)
    found, asked = await heard(peer, posted(**{"type": "unsubscribe", "data[action]": "delete"}))
    assert bool(found) is is_left and len(asked) == 1


async def test_of_a_list_that_is_not_ours_nothing_is_asked() -> None:
    body = posted(**{"type": "unsubscribe", "data[action]": "delete", "data[list_id]": "../x"})
    assert (await heard(Mailchimp(), body))[1] == []
    with pytest.raises(Retry):
        await heard(Mailchimp(), posted(**{"type": "unsubscribe", "data[action]": "delete"}), Reply(500))


async def test_what_is_no_form_is_refused() -> None:
    assert await heard(Mailchimp(), b"{}") == ([], [])
    for body in (b"\xff=1", b"&".join(b"a%d=1" % number for number in range(500))):
        with pytest.raises(Malformed):
            await heard(Mailchimp(), body)
