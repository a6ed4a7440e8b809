"""The ticket of a choice that was opened: its record may come late, and says only what was opened."""

from __future__ import annotations

import pytest

from consent import ledger
from consent.clock import DAY
from consent.errors import BadToken, Contradiction, Refused, TokenExpired
from consent.records import Circumstances
from consent.services import Services
from consent.tokens import AGES
from tests import acts
from tests.acts import REFUSED, SITE
from tests.clock import SetClock
from tests.reading import erase
from tests.running import notice_of, publish
from tests.trips.going_together import PARTNER, SOME, bring, choose, file, opened, ticket_of, token_of


async def test_a_record_may_come_as_late_as_a_widget_owes_it(sites: Services, clock: SetClock) -> None:
    """Whatever became meanwhile of the token, of its source and of what the site asks."""
    request, receipt = await choose(sites)
    token = token_of(sites, receipt)
    ticket, notice = await ticket_of(sites, token), notice_of(sites, PARTNER)
    clock.forward(30 * DAY)
    await ledger.withdraw(sites, SITE, request.id)
    await erase(sites, 1)
    await publish(sites, file(PARTNER, "some-other-site", ("Twitter International", "Another")))
    record = await bring(sites, token, hand_off=ticket, notice=notice)
    assert (record.purposes, record.imported_from) == (SOME, f"{SITE}/{request.id}")
    assert str(record.expires_at)[:10] == "2027-05-23", "no later than at its source"
    clock.forward(AGES["ticket"])
    with pytest.raises(TokenExpired):
        await bring(sites, token, hand_off=ticket, notice=notice)


async def test_what_ended_before_it_is_recorded_holds_no_more(sites: Services, clock: SetClock) -> None:
    _, receipt = await choose(sites)
    clock.forward(180 * DAY)
    token = token_of(sites, receipt)
    ticket = await ticket_of(sites, token)
    clock.forward(3 * DAY)
    record = await bring(sites, token, hand_off=ticket)
    assert record.expires_at == record.recorded_at


async def test_what_was_recorded_is_told_again_however_late(sites: Services, clock: SetClock) -> None:
    """A page whose answer was lost sends the same again, when the ticket is long too old."""
    _, receipt = await choose(sites)
    token = token_of(sites, receipt)
    ticket = await ticket_of(sites, token)
    request = acts.request(notice_of(sites, PARTNER), SOME, action="import", hand_off=ticket)
    first = await ledger.give(sites, PARTNER, request, Circumstances())
    for days in (1, 40):
        clock.forward(days * DAY)
        assert await ledger.give(sites, PARTNER, request, Circumstances()) == (first[0], False)
    with pytest.raises(Contradiction):
        await bring(sites, token, REFUSED, id=request.id, hand_off=ticket)
    with pytest.raises(Contradiction):
        await bring(sites, token, id=request.id, subject=request.subject, hand_off=None)


async def test_a_ticket_is_for_one_site_and_is_no_token(sites: Services) -> None:
    _, receipt = await choose(sites)
    token = token_of(sites, receipt)
    ticket = await ticket_of(sites, token)
    for wrong in (token, receipt, ticket[:-2], "x"):
        with pytest.raises(BadToken):
            await bring(sites, token, hand_off=wrong)
    with pytest.raises(BadToken):
        await opened(sites, ticket)
    with pytest.raises(BadToken):
        await choose(sites, action="import", hand_off=ticket)


async def test_a_record_without_a_hand_off_is_not_given_one(sites: Services) -> None:
    _, receipt = await choose(sites)
    plain = acts.request(notice_of(sites, PARTNER), SOME, action="import")
    await ledger.give(sites, PARTNER, plain, Circumstances())
    with pytest.raises(Contradiction):
        await bring(sites, token_of(sites, receipt), id=plain.id, subject=plain.subject)


async def test_it_is_brought_in_under_what_was_asked_when_it_was_opened(sites: Services) -> None:
    old = notice_of(sites, PARTNER)
    await publish(sites, file(PARTNER, SITE, ("Twitter International", "Another")))
    await publish(sites, file(SITE, PARTNER, ("Twitter International", "Another")))
    _, receipt = await choose(sites)
    with pytest.raises(Refused) as refused:
        await bring(sites, token_of(sites, receipt), notice=old)
    assert [fault.path for fault in refused.value.faults] == ["notice"]
    assert (await bring(sites, token_of(sites, receipt))).imported_from
