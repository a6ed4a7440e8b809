"""Ghost gets members with our newsletters, keeps those it knows as they are, and tells who left."""

from __future__ import annotations

import hmac
from typing import Any

import msgspec
import pytest

from consent.errors import BadToken, Malformed
from consent.sync import ghost
from consent.sync.delivery import Account, Left, Member, Refused, Retry
from tests.clock import START
from tests.sync.peers.ghost import EVENTS, LISTS, SECRETS, STORIES, Ghost
from tests.sync.receiver import Reply, opened, receiving

EMAIL = "o'brien@example.org"
JOINED = Member(email=EMAIL, joins=("top-stories",))
LEFT = Member(email=EMAIL, leaves=("top-stories",))


async def told(peer: Ghost, *members: Member, reply: Reply | None = None, now: int = START) -> None:
    """Tells it."""
    async with receiving(peer) as receiver, opened() as guard:
        if reply:
            receiver.answer(reply)
        account = Account(url=f"{receiver.url}/", secrets=SECRETS, lists=LISTS)
        for member in members:
            await ghost.tell(guard, account, member, now)


def heard(current: Any, previous: Any, secret: str = "", signature: str | None = None) -> list[Left]:
    """What a webhook of it says."""
    body = msgspec.json.encode({"member": {"current": current, "previous": previous}})
    signed = hmac.digest(secret.encode(), body + str(START).encode(), "sha256").hex()
    headers = {"x-ghost-signature": f"sha256={signed}, t={START}" if signature is None else signature}
    secrets = SECRETS | ({"webhook_secret": secret} if secret else {})
    return ghost.left(Account(url="", secrets=secrets, lists=LISTS), headers, body)


async def test_a_new_reader_becomes_a_member() -> None:
    peer = Ghost()
    await told(peer, JOINED, JOINED)
    assert peer.newsletters(EMAIL) == [STORIES]


async def test_whom_it_knows_gets_nothing_for_they_may_have_left_it() -> None:
    peer = Ghost()
    peer.has(EMAIL, EVENTS)
    await told(peer, Member(email=EMAIL, joins=("top-stories", "events")))
    assert peer.newsletters(EMAIL) == [EVENTS]


async def test_who_left_here_may_come_back_here() -> None:
    peer = Ghost()
    peer.has(EMAIL, STORIES, EVENTS, labels=("vip",))
    await told(peer, LEFT)
    assert peer.newsletters(EMAIL) == [EVENTS] and len(peer.labels(EMAIL)) == 2
    await told(peer, JOINED)
    assert peer.newsletters(EMAIL) == [EVENTS, STORIES] and peer.labels(EMAIL) == ["vip"]


async def test_who_left_there_first_leaves_no_mark_here() -> None:
    peer = Ghost()
    peer.has(EMAIL, EVENTS)
    await told(peer, LEFT, JOINED)
    assert peer.newsletters(EMAIL) == [EVENTS] and peer.labels(EMAIL) == []


async def test_whose_mail_bounces_there_is_left_alone() -> None:
    peer = Ghost()
    peer.has(EMAIL, labels=(ghost.MARK + STORIES,), is_suppressed=True)
    await told(peer, JOINED)
    assert peer.newsletters(EMAIL) == []


async def test_who_is_not_there_need_not_leave() -> None:
    await told(Ghost(), LEFT)


async def test_a_refusal_and_a_fault() -> None:
    with pytest.raises(Refused):
        await told(Ghost(), JOINED, reply=Reply(400))
    with pytest.raises(Retry):
        await told(Ghost(), JOINED, reply=Reply(500))
    with pytest.raises(Retry, match="address"):
        await told(Ghost(), LEFT, reply=Reply(200, b"<html>"))


async def test_a_token_too_old_is_not_taken() -> None:
    with pytest.raises(Retry, match="key"):
        await told(Ghost(), JOINED, now=START - 600_000)


async def test_a_key_is_tried() -> None:
    async with receiving(Ghost()) as receiver, opened() as guard:
        await ghost.check(guard, Account(url=receiver.url, secrets=SECRETS), START)
        with pytest.raises(Retry):
            await ghost.check(guard, Account(url=receiver.url, secrets={"key": "6" * 24 + ":" + "00" * 32}), START)
    for key in ("", "x:y", "6" * 24, "6" * 24 + ":zz"):
        with pytest.raises(ValueError):
            ghost.token(key, START)


def test_a_newsletter_that_was_there_and_is_not_any_more_was_left() -> None:
    both, one = [{"id": STORIES}, {"id": EVENTS}], [{"id": EVENTS}]
    found = heard({"email": EMAIL, "newsletters": one}, {"newsletters": both}, "s3cret")
    assert [(left.email, left.theirs, left.how) for left in found] == [(EMAIL, STORIES, "unsubscribed")]
    assert heard({"email": EMAIL, "newsletters": both}, {"newsletters": one}) == []
    assert heard({"email": EMAIL, "newsletters": []}, {"name": "x"}) == []
    assert heard({"email": EMAIL}, {"newsletters": both}) == []


def test_a_newsletter_that_we_took_away_was_not_left() -> None:
    both, ours = [{"id": STORIES}, {"id": EVENTS}], [{"name": "vip"}, {"name": ghost.MARK + STORIES}]
    current = {"email": EMAIL, "newsletters": [], "labels": ours}
    found = heard(current, {"newsletters": both, "labels": [{"name": "vip"}]})
    assert [left.theirs for left in found] == [EVENTS]
    assert [left.theirs for left in heard(current, {"newsletters": both, "labels": ours})] == [STORIES, EVENTS]


async def test_who_came_back_there_is_not_taken_for_one_of_ours_later() -> None:
    peer = Ghost()
    peer.has(EMAIL, STORIES, labels=("vip", ghost.MARK + STORIES))
    await told(peer, JOINED)
    assert peer.newsletters(EMAIL) == [STORIES] and peer.labels(EMAIL) == ["vip"]


def test_a_deleted_member_left_everything() -> None:
    assert [(left.email, left.theirs) for left in heard({}, {"email": EMAIL})] == [(EMAIL, None)]
    assert heard({}, {}) == []


@pytest.mark.parametrize("signature", ["", "sha256=", "sha256=" + "0" * 64, "sha256=" + "0" * 64 + ", t=1", "é"])
def test_what_is_not_signed_with_the_secret_is_not_read(signature: str) -> None:
    with pytest.raises(BadToken):
        heard({}, {"email": EMAIL}, "s3cret", signature)


def test_what_is_no_event_is_refused() -> None:
    for body in (b"", b"[]", b'{"member": 7}'):
        with pytest.raises(Malformed):
            ghost.left(Account(url="", secrets=SECRETS), {}, body)
