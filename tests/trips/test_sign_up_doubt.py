"""Who asks too often, or while a site is attacked, proves some work first: once a sign-up, whatever the address."""

from __future__ import annotations

import msgspec
import pytest

from consent import challenges, newsletter
from consent.challenges import Challenge
from consent.errors import ChallengeRequired
from consent.newsletter import Seen
from consent.newsletter.weighing import label
from consent.risks import FREE_FROM_NET
from consent.services import Services
from consent.storage import tallies
from tests.acts import SITE
from tests.clock import SetClock
from tests.running import publish
from tests.trips.newsletters import (
    MINUTE,
    OTHER,
    SEEN,
    STORIES,
    ask,
    mails,
    other_site,
    request,
    subscribe,
    suppress,
)


async def ask_from(services: Services, number: int, solution: str | None = None, site: str = SITE) -> None:
    fields = {"challenge": solution} if solution else {}
    await newsletter.sign_up(services, site, request(f"reader-{number}@example.org", STORIES, **fields), SEEN)


async def be_doubted(services: Services) -> None:
    """All that one address of the network has free."""
    for number in range(FREE_FROM_NET):
        await ask_from(services, number)


def posed(services: Services, site: str = SITE) -> Challenge:
    token = newsletter.challenge(services, site).challenge
    return services.tokens.read("challenge", site, token, Challenge)


def solution(services: Services, site: str = SITE) -> str:
    offer = newsletter.challenge(services, site)
    number = challenges.solve(services.tokens.read("challenge", site, offer.challenge, Challenge))
    return f"{offer.challenge}.{number}"


async def test_the_first_of_a_network_are_free_then_work_is_proven(services: Services) -> None:
    await be_doubted(services)
    with pytest.raises(ChallengeRequired) as required:
        await ask_from(services, 99)
    assert (required.value.code, len(await mails(services))) == ("challenge_required", FREE_FROM_NET)
    await ask_from(services, 99, solution(services))
    assert len(await mails(services)) == FREE_FROM_NET + 1


async def test_an_hour_later_it_is_free_again(services: Services, clock: SetClock) -> None:
    await be_doubted(services)
    clock.forward(71 * MINUTE)
    await ask_from(services, 99)


async def test_others_are_not_doubted_for_it(services: Services) -> None:
    await be_doubted(services)
    await ask(services, "other@example.net")


async def test_doubt_does_not_depend_on_the_address(services: Services, clock: SetClock) -> None:
    await subscribe(services, "known@example.org")
    await suppress(services, "bounced", "gone@example.org")
    await be_doubted(services)
    for email in ("known@example.org", "gone@example.org", "new@example.org"):
        with pytest.raises(ChallengeRequired):
            await newsletter.sign_up(services, SITE, request(email, STORIES), SEEN)


async def test_a_solution_is_used_once(services: Services) -> None:
    """Also after the base64 around it was written in another way: what is spent is the challenge's id."""
    await be_doubted(services)
    solved = solution(services)
    await ask_from(services, 50, solved)
    before = len(await mails(services))
    with pytest.raises(ChallengeRequired):
        await ask_from(services, 51, solved)
    assert len(await mails(services)) == before


async def test_what_is_no_solution_here_is_as_good_as_none(services: Services, clock: SetClock) -> None:
    await publish(services, other_site())
    await be_doubted(services)
    offer = newsletter.challenge(services, SITE)
    content = services.tokens.read("challenge", SITE, offer.challenge, Challenge)
    number = challenges.solve(content)
    easier = services.tokens.sign("challenge", SITE, msgspec.structs.replace(content, bits=0), clock.at)
    of_a_form = services.tokens.sign("challenge", SITE, msgspec.structs.replace(content, form="other"), clock.at)
    as_receipt = services.tokens.sign("receipt", SITE, content, clock.at)
    wrong = [
        f"{offer.challenge}.{next(one for one in range(1000) if not challenges.solves(content, one))}",
        f"{offer.challenge}.x",
        offer.challenge,
        f"{as_receipt}.{number}",
        f"{of_a_form}.{number}",
        f"{easier}.{number}",
        solution(services, OTHER),
        "é.1",
    ]
    for one in wrong:
        with pytest.raises(ChallengeRequired):
            await ask_from(services, 60, one)
    await ask_from(services, 60, f"{offer.challenge}.{number}")


async def test_a_challenge_is_good_for_ten_minutes(services: Services, clock: SetClock) -> None:
    await be_doubted(services)
    old, offer = solution(services), newsletter.challenge(services, SITE)
    assert offer.expires_at == "2026-11-22T10:10:00.000Z"
    clock.forward(16 * MINUTE)
    with pytest.raises(ChallengeRequired):
        await ask_from(services, 70, old)


async def test_under_attack_everybody_proves_more_work(services: Services) -> None:
    assert posed(services).bits == 6
    async with services.database.writing() as writer:
        for _ in range(60):
            await tallies.add(writer, SITE, "asked", "", services.clock() // 600_000 * 600_000)
    await services.pressure.look()
    assert posed(services).bits == 8
    with pytest.raises(ChallengeRequired):
        await ask(services, "first@example.org")
    await newsletter.sign_up(
        services, SITE, request("first@example.org", STORIES, challenge=solution(services)), Seen(address="192.0.2.1")
    )
    assert await mails(services) == ["confirm"]


async def asked_at(services: Services, about: str = "") -> int:
    async with services.database.reading() as reader:
        return await tallies.recent(reader, SITE, "asked", about, 0)


async def test_attack_mode_lasts_as_long_as_the_attack_but_one_network_cannot_make_it_last(services: Services) -> None:
    async with services.database.writing() as writer:
        for _ in range(60):
            await tallies.add(writer, SITE, "asked", "", services.clock() // 600_000 * 600_000)
    await services.pressure.look()
    for number in range(20):
        with pytest.raises(ChallengeRequired):
            await ask_from(services, number)
    assert await asked_at(services) == 60 + FREE_FROM_NET
    assert await asked_at(services, label(services, "net", SEEN.address)) == FREE_FROM_NET
    for _ in range(3):
        with pytest.raises(ChallengeRequired):
            await ask(services, "new@example.org")
    assert await asked_at(services) == 63 + FREE_FROM_NET


async def test_what_bounced_before_is_held_against_where_it_came_from(services: Services) -> None:
    async with services.database.writing() as writer:
        for _ in range(4):
            about = label(services, "net", SEEN.address)
            await tallies.add(writer, SITE, "bounced", about, services.clock() // 600_000 * 600_000)
    with pytest.raises(ChallengeRequired):
        await ask_from(services, 1)
    await ask(services, "elsewhere@example.org")


async def test_without_limits_nothing_is_weighed(services: Services) -> None:
    """`CONSENT_LIMITS=off`: for benchmarks; what a stranger can cause at one address is bounded all the same."""
    free = msgspec.structs.replace(services, settings=msgspec.structs.replace(services.settings, limits="off"))
    for number in range(3 * FREE_FROM_NET):
        await ask_from(free, number)
    assert len(await mails(free)) == 3 * FREE_FROM_NET
    for _ in range(5):
        await ask_from(free, 0)
    assert len(await mails(free)) == 3 * FREE_FROM_NET + 1
