"""Brevo's contacts: who is blocked, or left a list there, is found out first and stays so."""

from __future__ import annotations

import msgspec
import pytest

from consent.errors import Malformed
from consent.sync import brevo
from consent.sync.delivery import Account, Member, Refused, Retry
from tests.clock import START
from tests.sync.peers.brevo import LISTS, SECRETS, Brevo
from tests.sync.receiver import Reply, opened, receiving

EMAIL = "reader+news@example.org"
BOTH = Member(email=EMAIL, joins=("top-stories", "events"))
LEFT = Member(email=EMAIL, leaves=("top-stories",))


async def told(peer: Brevo, *members: Member, reply: Reply | None = None) -> None:
    """Tells it."""
    async with receiving(peer) as receiver, opened() as guard:
        if reply:
            receiver.answer(reply)
        account = Account(url=receiver.url, secrets=SECRETS, lists=LISTS)
        for member in members:
            await brevo.tell(guard, account, member, START)


async def test_a_new_reader_is_on_the_lists() -> None:
    peer = Brevo()
    await told(peer, BOTH, BOTH)
    assert peer.lists(EMAIL) == [7, 8]


async def test_who_is_known_is_put_on_what_is_missing() -> None:
    peer = Brevo()
    peer.has(EMAIL, [7, 99])
    await told(peer, BOTH)
    assert peer.lists(EMAIL) == [7, 8, 99]


async def test_who_is_blocked_there_stays_so() -> None:
    peer = Brevo()
    peer.has(EMAIL, [], is_blocked=True)
    await told(peer, BOTH)
    assert peer.lists(EMAIL) == [] and peer.contacts[EMAIL]["emailBlacklisted"] is True


async def test_who_left_a_list_there_is_put_on_the_other_alone() -> None:
    peer = Brevo()
    peer.has(EMAIL, [], left=(7,))
    await told(peer, BOTH)
    assert peer.lists(EMAIL) == [8] and peer.contacts[EMAIL]["listUnsubscribed"] == [7]


async def test_who_leaves_is_off_the_list_and_may_come_back() -> None:
    peer = Brevo()
    await told(peer, BOTH, LEFT, LEFT)
    assert peer.lists(EMAIL) == [8]
    await told(peer, BOTH)
    assert peer.lists(EMAIL) == [7, 8]


async def test_who_is_not_there_need_not_leave() -> None:
    await told(Brevo(), LEFT)


async def test_a_refusal_and_a_fault() -> None:
    with pytest.raises(Refused):
        await told(Brevo(), BOTH, reply=Reply(400, {"code": "invalid_parameter"}))
    with pytest.raises(Retry):
        await told(Brevo(), BOTH, reply=Reply(503))
    with pytest.raises(Retry, match="key"):
        await told(Brevo(), LEFT, reply=Reply(401))


async def test_a_key_is_tried() -> None:
    async with receiving(Brevo()) as receiver, opened() as guard:
        await brevo.check(guard, Account(url=receiver.url, secrets=SECRETS), START)
        with pytest.raises(Retry):
            await brevo.check(guard, Account(url=receiver.url, secrets={"key": "x"}), START)


@pytest.mark.parametrize(
    ("event", "how"),
    [
        ("unsubscribe", "unsubscribed"),
        ("spam", "complained"),
        ("hard_bounce", "bounced"),
        ("soft_bounce", None),
        ("opened", None),
        ("list_addition", None),
    ],
)
def test_what_it_posts_is_read(event: str, how: str | None) -> None:
    body = msgspec.json.encode({"id": 7, "event": event, "email": EMAIL, "ts_event": START // 1000, "list_id": [7]})
    found = brevo.left(body)
    assert [(one.email, one.theirs, one.how) for one in found] == ([(EMAIL, None, how)] if how else [])
    assert all(one.at is not None and one.at >= START for one in found)


@pytest.mark.parametrize("body", [b"", b"[]", b"no", b'{"event": 7}', b"\xff"])
def test_what_is_no_event_is_refused(body: bytes) -> None:
    with pytest.raises(Malformed):
        brevo.left(body)
