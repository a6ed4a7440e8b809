"""Buttondown is told without the header that revives; its webhooks name an id, and what holds is asked."""

from __future__ import annotations

import hmac
from typing import Any

import msgspec
import pytest

from consent.errors import BadToken, Malformed
from consent.sync import buttondown
from consent.sync.delivery import Account, Left, Member, Refused, Retry
from tests.clock import START
from tests.sync.peers.buttondown import SECRETS, TAGS, Buttondown
from tests.sync.receiver import Reply, opened, receiving

EMAIL = "reader+news@example.org"
JOINED = Member(email=EMAIL, joins=("top-stories",), stays=("top-stories",))
LEFT = Member(email=EMAIL, leaves=("top-stories",))


async def told(
    peer: Buttondown, *members: Member, lists: dict[str, str] | None = None, reply: Reply | None = None
) -> None:
    """Tells it."""
    async with receiving(peer) as receiver, opened() as guard:
        if reply:
            receiver.answer(reply)
        account = Account(url=receiver.url, secrets=SECRETS, lists=TAGS if lists is None else lists)
        for member in members:
            await buttondown.tell(guard, account, member, START)


async def heard(peer: Buttondown, body: Any, secret: str = "", signature: str | None = None) -> list[Left]:
    """What a webhook of it says."""
    raw = body if isinstance(body, bytes) else msgspec.json.encode(body)
    signed = "sha256=" + hmac.digest(secret.encode(), raw, "sha256").hex()
    async with receiving(peer) as receiver, opened() as guard:
        secrets = SECRETS | ({"webhook_secret": secret} if secret else {})
        account = Account(url=receiver.url, secrets=secrets, lists=TAGS)
        headers = {"x-buttondown-signature": signed if signature is None else signature}
        return await buttondown.left(guard, account, headers, raw, START)


async def test_a_new_reader_is_regular_with_the_lists_tag() -> None:
    peer = Buttondown()
    await told(peer, JOINED, JOINED)
    assert peer.row(EMAIL)["type"] == "regular" and peer.row(EMAIL)["tags"] == ["stories"]


async def test_without_tags_there_is_one_newsletter() -> None:
    peer = Buttondown()
    await told(peer, JOINED, lists={})
    assert peer.row(EMAIL)["tags"] == []
    await told(peer, Member(email=EMAIL, leaves=("top-stories",), stays=("events",)), lists={})
    assert peer.row(EMAIL)["type"] == "regular"
    await told(peer, LEFT, lists={})
    assert peer.row(EMAIL)["type"] == "unsubscribed"


async def test_who_is_known_gets_what_is_missing() -> None:
    peer = Buttondown()
    peer.has(EMAIL, "premium", "vip")
    await told(peer, JOINED)
    assert peer.row(EMAIL)["type"] == "premium" and peer.row(EMAIL)["tags"] == ["vip", "stories"]


async def test_our_proof_activates_who_waits_there() -> None:
    peer = Buttondown()
    peer.has(EMAIL, "unactivated")
    await told(peer, JOINED)
    assert peer.row(EMAIL)["type"] == "regular"


@pytest.mark.parametrize("type_", ["unsubscribed", "removed", "complained", "undeliverable", "blocked", "spammy"])
async def test_who_left_there_or_was_thrown_out_is_left_alone(type_: str) -> None:
    peer = Buttondown()
    peer.has(EMAIL, type_)
    await told(peer, JOINED)
    assert peer.row(EMAIL)["type"] == type_ and peer.row(EMAIL)["tags"] == []


async def test_one_list_of_two_is_left_by_its_tag() -> None:
    peer = Buttondown()
    peer.has(EMAIL, "regular", "stories", "events", "vip")
    await told(peer, Member(email=EMAIL, leaves=("top-stories",), stays=("events",)))
    assert peer.row(EMAIL)["type"] == "regular" and peer.row(EMAIL)["tags"] == ["events", "vip"]


async def test_who_left_here_may_come_back_here_and_who_then_left_there_may_not() -> None:
    peer = Buttondown()
    await told(peer, JOINED, LEFT)
    assert peer.row(EMAIL)["type"] == "unsubscribed"
    await told(peer, JOINED)
    assert peer.row(EMAIL)["type"] == "regular"
    peer.row(EMAIL)["type"] = "unsubscribed"
    await told(peer, LEFT, JOINED)
    assert peer.row(EMAIL)["type"] == "unsubscribed"


async def test_who_is_not_there_need_not_leave() -> None:
    await told(Buttondown(), LEFT)


async def test_a_refusal_and_a_fault() -> None:
    with pytest.raises(Refused):
        await told(Buttondown(), Member(email="blocked@example.org", joins=("top-stories",)))
    with pytest.raises(Retry):
        await told(Buttondown(), JOINED, reply=Reply(429, {}, {"retry-after": "86400"}))
    with pytest.raises(Retry, match="key"):
        await told(Buttondown(), LEFT, reply=Reply(403))


async def test_a_key_is_tried() -> None:
    async with receiving(Buttondown()) as receiver, opened() as guard:
        await buttondown.check(guard, Account(url=receiver.url, secrets=SECRETS), START)
        with pytest.raises(Retry):
            await buttondown.check(guard, Account(url=receiver.url, secrets={"key": "x"}), START)


@pytest.mark.parametrize(
    ("type_", "how"),
    [("unsubscribed", "unsubscribed"), ("removed", "unsubscribed"), ("complained", "complained"), ("regular", None)],
)
async def test_what_holds_is_what_it_says_when_asked(type_: str, how: str | None) -> None:
    peer = Buttondown()
    id_ = peer.has(EMAIL, type_)
    found = await heard(peer, {"event_type": "subscriber.unsubscribed", "data": {"subscriber": id_}}, "s3cret")
    assert [(one.email, one.how) for one in found] == ([(EMAIL, how)] if how else [])


async def test_whom_we_unsubscribed_ourselves_did_not_leave_there() -> None:
    peer = Buttondown()
    await told(peer, JOINED, LEFT)
    body = {"event_type": "subscriber.unsubscribed", "data": {"subscriber": peer.row(EMAIL)["id"]}}
    assert await heard(peer, body) == []
    peer.row(EMAIL)["type"] = "removed"
    assert len(await heard(peer, body)) == 1


async def test_who_came_back_there_is_not_taken_for_one_of_ours_later() -> None:
    peer = Buttondown()
    peer.has(EMAIL, "regular", "stories", **{buttondown.MARK: "yes", "name": "x"})
    await told(peer, JOINED)
    assert peer.row(EMAIL)["metadata"] == {"name": "x"} and peer.row(EMAIL)["tags"] == ["stories"]


async def test_what_is_about_nobody_is_nothing() -> None:
    peer = Buttondown()
    for body in (
        {"event_type": "email.sent", "data": {"subscriber": "sub_1"}},
        {"event_type": "subscriber.deleted", "data": {"subscriber": "sub_9"}},
        {"event_type": "subscriber.unsubscribed", "data": {}},
        {},
    ):
        assert await heard(peer, body) == []


@pytest.mark.parametrize("signature", ["", "sha256=", "sha256=" + "0" * 64, "é"])
async def test_what_is_not_signed_with_the_secret_is_not_read(signature: str) -> None:
    with pytest.raises(BadToken):
        await heard(Buttondown(), b"not even JSON", "s3cret", signature)


async def test_what_is_no_event_is_refused() -> None:
    with pytest.raises(Malformed):
        await heard(Buttondown(), b"no")
