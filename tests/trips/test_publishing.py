"""Publishing: what is refused for where the service stands, and what an older version's rows mean."""

from __future__ import annotations

import msgspec
import pytest

from consent import ledger, publishing
from consent.canonical import encode
from consent.clock import DAY, parse
from consent.directory import SiteSettings, read_settings
from consent.errors import Refused
from consent.publishing import Publisher
from consent.records import Circumstances, until
from consent.services import Services
from tests import acts
from tests.acts import GIVEN, REFUSED, SITE
from tests.running import MIAMI, notice_of, publish


def file(*consent: str) -> bytes:
    """The Miami site's file with lines more in its [consent]."""
    lines = "\n".join(["[consent]", *consent, ""])
    return MIAMI.read_bytes().replace(b"[consent]\n", lines.encode(), 1)


def publisher(services: Services, url: str) -> Publisher:
    return Publisher(database=services.database, vault=services.vault, clock=services.clock, url=url)


FROM_SERVICE = file('cookie_domain = "miaminewtimes.com"', 'cookie_from = "service"')


@pytest.mark.parametrize("url", ["https://consent.miaminewtimes.com", "https://miaminewtimes.com:8443"])
async def test_the_service_may_set_the_cookie_where_it_reaches_it(services: Services, url: str) -> None:
    await publishing.publish(publisher(services, url), publishing.check(FROM_SERVICE))
    await services.directory.refresh()
    settings = services.directory.get(SITE).settings
    assert (settings.cookie_domain, settings.cookie_by_service) == ("miaminewtimes.com", True)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8000", "https://consent.example", "https://amiaminewtimes.com", "https://newtimes.com"]
)
async def test_and_is_refused_where_it_does_not(services: Services, url: str) -> None:
    with pytest.raises(Refused) as refused:
        await publishing.publish(publisher(services, url), publishing.check(FROM_SERVICE))
    assert [fault.path for fault in refused.value.faults] == ["consent.cookie_from"]
    assert services.directory.get(SITE).settings.cookie_by_service is False


async def test_settings_go_with_the_site_not_with_the_notice(services: Services) -> None:
    before = notice_of(services)
    text = file('cookie_domain = "miaminewtimes.com"', "reload = false") + b"[signals]\nmeta = false\nshopify = false\n"
    done = await publish(services, text)
    settings = services.directory.get(SITE).settings
    assert (done.digest, done.revision, done.asks_again) == (before, 2, False)
    assert (settings.cookie_domain, settings.reload, settings.mute) == ("miaminewtimes.com", False, ("meta", "shopify"))


async def test_settings_that_an_older_version_stored_read_and_are_the_same_file(services: Services) -> None:
    origins = services.directory.get(SITE).settings.origins
    old = encode({"ip": "none", "origins": list(origins)}).decode()
    assert read_settings(old) == SiteSettings(origins=origins)
    async with services.database.writing() as writer:
        await writer.execute("UPDATE sites SET settings = $1 WHERE id = $2", old, SITE)
    assert (await publish(services)).revision == 1


async def test_what_was_altered_of_one_site_keeps_no_other_from_being_published(services: Services) -> None:
    async with services.database.writing() as writer:
        await writer.execute("UPDATE sites SET settings = $1 WHERE id = $2", "altered", SITE)
    other = file('cookie_domain = "miaminewtimes.com"').replace(SITE.encode(), b"miami-blog")
    done = await publishing.publish(publisher(services, services.settings.url), publishing.check(other))
    assert (done.is_new, done.neighbours.sharing) == (True, ())


async def test_a_choice_that_gives_nothing_may_have_a_life_of_its_own(services: Services) -> None:
    done = await publish(services, file("refusal_days = 200"))
    assert done.asks_again
    lives = {}
    for name, purposes, more in (
        ("nothing", REFUSED, {}),
        ("nothing in particular", REFUSED, {"youtube": False}),
        ("one service", REFUSED, {"youtube": True}),
        ("one purpose", REFUSED | {"content": True}, {}),
        ("everything", GIVEN, {}),
    ):
        request = acts.request(notice_of(services), purposes, services=more)
        answer, _ = await ledger.give(services, SITE, request, Circumstances())
        record = await ledger.find(services, SITE, answer.id)
        assert record.expires_at == answer.expires_at
        lives[name] = (parse(answer.expires_at) - parse(answer.recorded_at)) // DAY
    assert lives == {
        "nothing": 200,
        "nothing in particular": 200,
        "one service": 182,
        "one purpose": 182,
        "everything": 182,
    }


async def test_a_choice_lives_as_the_notice_said_that_it_answers(services: Services) -> None:
    old = notice_of(services)
    await publish(services, file("refusal_days = 200"))
    answer, _ = await ledger.give(services, SITE, acts.request(old, REFUSED), Circumstances())
    assert parse(answer.expires_at) - parse(answer.recorded_at) == 182 * DAY


async def test_what_was_withdrawn_by_link_gives_nothing_too(services: Services) -> None:
    await publish(services, file("refusal_days = 200"))
    answer, _ = await ledger.give(services, SITE, acts.request(notice_of(services), GIVEN), Circumstances())
    withdrawn = await ledger.withdraw(services, SITE, answer.id)
    assert until(withdrawn) - parse(withdrawn.recorded_at) == 200 * DAY
    assert msgspec.structs.asdict(withdrawn)["action"] == "withdraw"
