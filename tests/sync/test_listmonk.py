"""listmonk is told who joined and who left, revives nobody, and says who left there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import NamedTuple

import pytest

from consent import clock
from consent.sync import listmonk
from consent.sync.delivery import Account, Left, Member, Refused, Retry
from consent.sync.guard import Guard
from tests.clock import START
from tests.sync.peers.listmonk import LISTS, SECRETS, Listmonk
from tests.sync.receiver import Receiver, Reply, opened, receiving

EMAIL = "o'brien@example.org"
JOINED = Member(email=EMAIL, joins=("top-stories",), stays=("top-stories",))
LEFT = Member(email=EMAIL, leaves=("top-stories",))


class There(NamedTuple):
    """A listmonk, and the way to it."""

    peer: Listmonk
    receiver: Receiver
    guard: Guard
    account: Account

    async def tell(self, member: Member) -> None:
        await listmonk.tell(self.guard, self.account, member, START)


@pytest.fixture
async def there() -> AsyncIterator[There]:
    peer = Listmonk()
    async with receiving(peer) as receiver, opened() as guard:
        yield There(peer, receiver, guard, Account(url=f"{receiver.url}/", secrets=SECRETS, lists=LISTS))


async def test_a_new_reader_is_on_the_list_at_once(there: There) -> None:
    await there.tell(JOINED)
    assert there.peer.states(EMAIL) == {3: "confirmed"}
    assert len(there.receiver.got) == 1


async def test_telling_it_again_changes_nothing(there: There) -> None:
    await there.tell(JOINED)
    await there.tell(JOINED)
    assert there.peer.states(EMAIL) == {3: "confirmed"}


async def test_who_is_known_is_put_on_what_is_missing(there: There) -> None:
    there.peer.has(EMAIL, l4="confirmed", l5="unconfirmed")
    await there.tell(Member(email=EMAIL.upper(), joins=("top-stories", "events")))
    assert there.peer.states(EMAIL) == {3: "confirmed", 4: "confirmed", 5: "unconfirmed"}


async def test_our_proof_confirms_what_waits_there(there: There) -> None:
    there.peer.has(EMAIL, l3="unconfirmed")
    await there.tell(JOINED)
    assert there.peer.states(EMAIL) == {3: "confirmed"}


@pytest.mark.parametrize("status", ["blocklisted", "disabled"])
async def test_who_is_blocked_there_is_left_alone(there: There, status: str) -> None:
    there.peer.has(EMAIL, status, l4="unsubscribed")
    await there.tell(Member(email=EMAIL, joins=("top-stories", "events")))
    assert there.peer.states(EMAIL) == {4: "unsubscribed"}


async def test_who_left_a_list_there_is_left_alone_and_joins_the_others(there: There) -> None:
    there.peer.has(EMAIL, l3="unsubscribed")
    await there.tell(Member(email=EMAIL, joins=("top-stories", "events")))
    assert there.peer.states(EMAIL) == {3: "unsubscribed", 4: "confirmed"}


async def test_who_leaves_here_is_off_the_list_there_and_may_come_back(there: There) -> None:
    await there.tell(Member(email=EMAIL, joins=("top-stories", "events")))
    await there.tell(LEFT)
    assert there.peer.states(EMAIL) == {4: "confirmed"}
    await there.tell(JOINED)
    assert there.peer.states(EMAIL) == {4: "confirmed", 3: "confirmed"}


async def test_leaving_keeps_the_mark_of_who_left_there(there: There) -> None:
    there.peer.has(EMAIL, l3="unsubscribed")
    await there.tell(LEFT)
    assert there.peer.states(EMAIL) == {3: "unsubscribed"}


async def test_who_is_not_there_need_not_leave(there: There) -> None:
    await there.tell(LEFT)
    assert [got.method for got in there.receiver.got] == ["GET"]


async def test_a_wrong_key_can_be_mended_and_a_wrong_list_not(there: There) -> None:
    wrong = Account(url=there.account.url, secrets={"user": "consent", "token": "x"}, lists=LISTS)
    with pytest.raises(Retry, match="key"):
        await listmonk.tell(there.guard, wrong, JOINED, START)
    with pytest.raises(Retry, match="key"):
        await listmonk.check(there.guard, wrong, START)
    await listmonk.check(there.guard, there.account, START)
    there.receiver.answer(Reply(400, {"message": "invalid lists for o'brien@example.org"}))
    with pytest.raises(Refused) as caught:
        await there.tell(JOINED)
    assert "brien" not in caught.value.detail


async def test_what_is_no_listmonk_is_said_to_be_none(there: There) -> None:
    there.receiver.answer(Reply(200, b"<html>"))
    with pytest.raises(Retry, match="address"):
        await listmonk.check(there.guard, there.account, START)


async def test_it_says_who_left_there_since(there: There) -> None:
    late = "2026-11-22T09:59:00.5+00:00"
    there.peer.has("a@example.org", updated_at=late, l3="unsubscribed", l4="confirmed")
    there.peer.has("b@example.org", updated_at="2026-11-20T09:00:00Z", l3="unsubscribed")
    there.peer.has("c@example.org", updated_at=late, l5="unsubscribed")
    there.peer.has("d@example.org", "blocklisted", updated_at=late)
    there.peer.has("e@example.org", "blocklisted", updated_at="2026-11-20T09:00:00Z")
    at = clock.parse(late)
    found = await listmonk.left(there.guard, there.account, START - 3_600_000, START)
    assert found == [
        Left(id=f"1:3:{at}", email="a@example.org", theirs="3", at=at),
        Left(id=f"4:blocked:{at}", email="d@example.org", at=at),
    ]


async def test_it_says_so_page_by_page(there: There) -> None:
    for number in range(250):
        there.peer.has(f"r{number}@example.org", l4="unsubscribed")
    found = await listmonk.left(there.guard, there.account, 0, START)
    assert len({one.email for one in found}) == 250
