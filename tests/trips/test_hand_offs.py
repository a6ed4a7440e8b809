"""A choice that goes along to another site of the controller: only what was expressed, only where it asks the same."""

from __future__ import annotations

import pytest

from consent import handing_off, ledger, publishing
from consent.clock import DAY
from consent.editing import comparing
from consent.errors import BadToken, Refused, TokenExpired
from consent.handing_off import HandOffRequest, OpenRequest
from consent.regimes import Regime
from consent.services import Services
from consent.tokens import AGES
from tests.acts import GIVEN, REFUSED, SITE
from tests.clock import SetClock
from tests.reading import erase, verified
from tests.running import publish
from tests.trips.going_together import PARTNER, REGIME, SOME, THERE, bring, choose, file, opened, token_of


async def test_a_choice_goes_along_and_says_where_it_came_from(sites: Services) -> None:
    request, receipt = await choose(sites, services={"youtube": True, "google-ads": False})
    token = token_of(sites, receipt)
    assert await opened(sites, token) == (SOME, {"youtube": True})
    record = await bring(sites, token, services={"youtube": True})
    assert record.imported_from == f"{SITE}/{request.id}"
    assert (record.purposes, record.services, record.action) == (SOME, {"youtube": True}, "import")
    assert record.subject != request.subject
    assert b"hand_off" not in (await raw_payload(sites, record.id))
    assert await verified(sites) == 1


async def raw_payload(services: Services, id_: str) -> bytes:
    async with services.database.reading() as reader:
        row = await reader.row("SELECT payload FROM records WHERE site = $1 ORDER BY seq DESC LIMIT 1", PARTNER)
    assert row
    assert id_ in row["payload"]
    return str(row["payload"]).encode()


async def test_an_ordinary_record_says_nothing_of_it(sites: Services) -> None:
    request, _ = await choose(sites)
    assert (await ledger.find(sites, SITE, request.id)).imported_from is None


async def test_partners_name_each_other_and_have_one_controller(services: Services) -> None:
    def seen() -> list[tuple[str, ...]]:
        sites = [services.directory.find(site) for site in (SITE, PARTNER)]
        return [site.partners for site in sites if site]

    first = await publish(services, file())
    assert (first.neighbours.unknown, seen()) == ((PARTNER,), [()])
    assert (await publish(services, file(PARTNER, SITE))).neighbours.unknown == ()
    assert seen() == [(PARTNER,), (SITE,)]
    assert services.directory.get(SITE).partner_origins == (THERE,)
    assert services.directory.get(PARTNER).partner_origins == ("https://www.miaminewtimes.com",)
    await publish(services, file(PARTNER, SITE, ("privacy@miaminewtimes.com", "privacy@example.org")))
    assert seen() == [(), ()]
    await publish(services, file(PARTNER, SITE, ('"Miami New Times, LLC"', '"Another, LLC"')))
    assert seen() == [(), ()]
    await publish(services, file(PARTNER, "some-other-site"))
    assert seen() == [(), ()]


async def test_a_partner_is_named_as_it_was_published(services: Services) -> None:
    await publish(services, file())
    names = [partner.name for partner in services.directory.get(SITE).notice.together or ()]
    await publish(services, file(PARTNER, SITE))
    again = await publish(services, file())
    assert (names, again.asks_again, again.revision) == ([PARTNER], False, 3)
    assert [one.name for one in services.directory.get(SITE).notice.together or ()] == ["Phoenix New Times"]


async def test_a_site_of_somebody_else_is_not_told_by_its_name(services: Services) -> None:
    await publish(services, file(PARTNER, SITE, ("privacy@miaminewtimes.com", "privacy@example.org")))
    done = await publish(services, file())
    assert done.neighbours.unknown == (), "it is there"
    assert [partner.name for partner in services.directory.get(SITE).notice.together or ()] == [PARTNER]
    ours = publishing.check(file())
    assert comparing.compiled(services, ours).together == services.directory.get(SITE).notice.together


@pytest.mark.parametrize("to", ["https://evil.test", "https://www.miaminewtimes.com", "", "x" * 9000, "\0"])
async def test_it_goes_only_where_a_partner_is(sites: Services, to: str) -> None:
    _, receipt = await choose(sites)
    with pytest.raises(Refused) as refused:
        token_of(sites, receipt, to)
    assert [fault.path for fault in refused.value.faults] == ["to"]


async def test_only_a_receipt_of_the_site_is_handed_over(sites: Services) -> None:
    _, receipt = await choose(sites)
    token = token_of(sites, receipt)
    for wrong in (token, receipt[:-2], "", "x.y.z"):
        with pytest.raises(BadToken):
            token_of(sites, wrong)
    with pytest.raises(BadToken):
        handing_off.hand_over(sites, sites.directory.get(PARTNER), HandOffRequest(receipt=receipt, to=THERE))


async def test_a_token_is_for_one_site_and_cannot_be_altered(sites: Services) -> None:
    _, receipt = await choose(sites)
    token = token_of(sites, receipt)
    first, date, signature = token.split(".")
    altered = [
        f"{first[:-3]}AAA.{date}.{signature}",
        f"{first}.{date}x.{signature}",
        f"{first}.{date}.{signature[::-1]}",
    ]
    for wrong in (*altered, receipt, "", "é"):
        with pytest.raises(BadToken):
            await opened(sites, wrong)
    with pytest.raises(BadToken):
        await handing_off.open_(sites, sites.directory.get(SITE), OpenRequest(token=token), REGIME)


async def test_a_token_lives_two_minutes(sites: Services, clock: SetClock) -> None:
    _, receipt = await choose(sites)
    token = token_of(sites, receipt)
    clock.forward(AGES["hand-off"])
    assert (await opened(sites, token))[0] == SOME
    clock.forward(1)
    with pytest.raises(TokenExpired):
        await opened(sites, token)


async def test_what_was_taken_back_meanwhile_is_not_given(sites: Services) -> None:
    request, receipt = await choose(sites, GIVEN)
    token = token_of(sites, receipt)
    await ledger.withdraw(sites, SITE, request.id)
    assert await opened(sites, token) == (REFUSED, {})
    with pytest.raises(Refused):
        await bring(sites, token, GIVEN)
    assert (await bring(sites, token, REFUSED)).imported_from != f"{SITE}/{request.id}"


async def test_a_choice_that_ends_there_ends_here(sites: Services, clock: SetClock) -> None:
    _, receipt = await choose(sites)
    clock.forward(100 * DAY + 5)
    record = await bring(sites, token_of(sites, receipt))
    assert str(record.expires_at)[:10] == "2027-05-22"  # 81 whole days were left of the 182
    clock.forward(81 * DAY - 1)
    assert await opened(sites, token_of(sites, receipt)) == ({}, {})
    clock.forward(10 * DAY)
    token = token_of(sites, receipt)
    assert await opened(sites, token) == ({}, {})
    with pytest.raises(Refused):
        await bring(sites, token)


async def test_nothing_goes_along_of_whom_was_erased(sites: Services) -> None:
    _, receipt = await choose(sites)
    token = token_of(sites, receipt)
    await erase(sites, 1)
    assert await opened(sites, token) == ({}, {})


async def test_nothing_goes_along_that_has_to_be_asked_again_there(sites: Services) -> None:
    _, receipt = await choose(sites)
    await publish(sites, file(SITE, PARTNER, ("Twitter International", "Another")))
    assert await opened(sites, token_of(sites, receipt)) == ({}, {})


async def test_only_purposes_go_along_that_ask_for_the_same(sites: Services) -> None:
    await publish(sites, file(PARTNER, SITE, ("Twitter International", "Another")))
    _, receipt = await choose(sites, GIVEN, services={"youtube": False, "google-ads": False})
    token = token_of(sites, receipt)
    assert await opened(sites, token) == ({"analytics": True, "advertising": True}, {"google-ads": False})
    with pytest.raises(Refused) as refused:
        await bring(sites, token, GIVEN, services={"google-ads": False})
    assert [fault.path for fault in refused.value.faults] == ["hand_off"]


@pytest.mark.parametrize("action", ["dismiss", "acknowledge", "gpc"])
async def test_what_was_only_presumed_is_not_given_elsewhere(sites: Services, action: str) -> None:
    regime = "notice_only" if action == "acknowledge" else "opt_out"
    _, receipt = await choose(sites, GIVEN | {"advertising": False}, action=action, regime=regime)
    assert await opened(sites, token_of(sites, receipt)) == ({"advertising": False}, {})


@pytest.mark.parametrize("regime", ["opt_out", "notice_only"])
async def test_what_the_law_presumed_is_given_nowhere_that_must_ask(sites: Services, regime: Regime) -> None:
    """Who switched one thing off where all is on said nothing of the rest."""
    _, saved = await choose(sites, GIVEN | {"advertising": False}, regime=regime)
    assert await opened(sites, token_of(sites, saved)) == ({"advertising": False}, {})
    assert (await opened(sites, token_of(sites, saved), regime))[0] == GIVEN | {"advertising": False}
    _, accepted = await choose(sites, GIVEN, regime=regime, action="accept_all")
    assert (await opened(sites, token_of(sites, accepted)))[0] == GIVEN


async def test_sites_that_part_hand_nothing_over(sites: Services) -> None:
    _, receipt = await choose(sites)
    token = token_of(sites, receipt)
    await publish(sites, file(PARTNER, "some-other-site"))
    with pytest.raises(BadToken):
        await opened(sites, token)
    with pytest.raises(Refused):
        token_of(sites, receipt)


async def test_other_decisions_than_those_that_came_along_are_refused(sites: Services) -> None:
    _, receipt = await choose(sites, services={"youtube": True})
    token = token_of(sites, receipt)
    for purposes, services in ((GIVEN, {"youtube": True}), (SOME, {}), (SOME, {"youtube": True, "twitter": True})):
        with pytest.raises(Refused) as refused:
            await bring(sites, token, purposes, services=services)
        assert [fault.path for fault in refused.value.faults] == ["hand_off"]
    same = {"youtube": True, "twitter": False}  # said in full, it is the same
    assert (await bring(sites, token, SOME, services=same)).services == same


@pytest.mark.parametrize("action", ["save", "dismiss", "gpc"])
async def test_a_hand_off_belongs_to_an_import(sites: Services, action: str) -> None:
    _, receipt = await choose(sites, REFUSED)
    with pytest.raises(Refused) as refused:
        await bring(sites, token_of(sites, receipt), REFUSED, action=action)
    assert [fault.path for fault in refused.value.faults] == ["hand_off"]
