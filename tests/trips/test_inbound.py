"""What mail providers tell happens once, at the sites it is about, and makes nobody subscribed."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest

from consent import ids
from consent.connections import inbound
from consent.errors import Denied, Malformed, Unavailable, Unknown
from consent.newsletter.leaving import WINDOW
from consent.services import Services
from consent.settings import Secret
from consent.storage import funnel, outbox, tallies
from consent.sync.inbound.events import MailEvent
from tests import running
from tests.acts import SITE
from tests.clock import START
from tests.faults import FaultyDatabase
from tests.mail.certificates import Authority
from tests.reading import count
from tests.sync import signing
from tests.sync.receiver import LOOPBACK, Answering, Got, Receiver, Reply, receiving
from tests.sync.signing import SNS_HOST, SUBSCRIBE_URL, TOPIC, WHSEC, Amazon, SendGrid, heard
from tests.trips.connections import reaching
from tests.trips.newsletters import (
    EMAIL,
    EVENTS,
    OTHER,
    STORIES,
    ask,
    find_subscriber,
    mails,
    other_site,
    over,
    owed,
    states,
    subscribe,
    suppressed,
)


def listening(services: Services, *words: str) -> Services:
    """The same service, which listens to these."""
    settings = msgspec.structs.replace(services.settings, mail_events=tuple(Secret(word) for word in words))
    return msgspec.structs.replace(services, settings=settings)


def event(kind: Any = "bounced_hard", id_: str = "e1", **fields: Any) -> MailEvent:
    """An event about the reader's address, unless the fields say otherwise."""
    return MailEvent(**{"id": id_, "kind": kind, "address": EMAIL, "at": START, **fields})


async def tallied(services: Services, kind: str, about: str = "") -> int:
    """How many were counted."""
    async with services.database.reading() as reader:
        return await tallies.recent(reader, SITE, kind, about, START - WINDOW)


async def test_a_hard_bounce_ends_all_mail_to_the_address_once(services: Services) -> None:
    await subscribe(services, EMAIL, STORIES, EVENTS)
    before = await count(services)
    for _ in range(2):
        await inbound.take(services, "postmark", [event()])
    assert await states(services) == {STORIES: "bounced", EVENTS: "bounced"}
    assert await suppressed(services) == {"*": "bounced"}
    assert await count(services) == before + 1
    assert await tallied(services, "bounced") == 1


async def test_what_is_told_many_times_at_once_happens_once(services: Services) -> None:
    await subscribe(services, EMAIL, STORIES, EVENTS)
    before = await count(services)
    told = [event(), event("complained", "e2"), event("unsubscribed", "e3")] * 4
    await asyncio.gather(*(inbound.take(services, "postmark", [one]) for one in told))
    assert await states(services) == {STORIES: "complained", EVENTS: "complained"}
    assert before < await count(services) <= before + 3
    assert await tallied(services, "bounced") == await tallied(services, "complained") == 1


async def test_a_complaint_is_the_stronger_no(services: Services) -> None:
    await subscribe(services)
    await inbound.take(services, "postmark", [event(), event("complained", "e2")])
    assert await states(services) == {STORIES: "complained"}
    assert await suppressed(services) == {"*": "bounced"}  # as strong, and the first
    await ask(services)
    assert "already" not in await mails(services)


async def test_a_soft_bounce_is_counted_and_does_nothing(services: Services) -> None:
    await subscribe(services)
    await inbound.take(services, "postmark", [event("bounced_soft"), event("bounced_soft", "e2")])
    assert await states(services) == {STORIES: "confirmed"} and await suppressed(services) == {}
    assert await tallied(services, "bounced_soft") == 2


async def test_the_providers_own_unsubscribe_button_is_one(services: Services) -> None:
    await subscribe(services, EMAIL, STORIES, EVENTS)
    await inbound.take(services, "mailgun", [event("unsubscribed")])
    assert await states(services) == {STORIES: "unsubscribed", EVENTS: "unsubscribed"}
    assert await suppressed(services) == {STORIES: "unsubscribed", EVENTS: "unsubscribed"}


async def test_a_confirmation_that_comes_back_tells_against_who_asked_for_it(services: Services) -> None:
    await ask(services)
    [mail] = await owed(services)
    net = str(mail.about["net"])
    await inbound.take(services, "ses", [event(site=SITE, mail=ids.uuid_text(mail.id))])
    assert await suppressed(services) == {"*": "bounced"}
    domain = f"domain:{services.addresses.key('domain:example.org').hex()[:16]}"
    assert [await tallied(services, "bounced", about) for about in ("", net, domain)] == [1, 1, 1]
    assert await find_subscriber(services) is None
    await ask(services)
    assert len(await owed(services)) == 1


async def test_a_mail_is_known_by_its_message_id_too_and_its_address_by_the_mail(services: Services) -> None:
    await ask(services)
    [mail] = await owed(services)
    await inbound.take(services, "sendgrid", [event(address=None, message_id=mail.message_id)])
    assert await suppressed(services) == {"*": "bounced"}


async def test_what_is_of_no_known_mail_matters_wherever_the_address_is_known(services: Services) -> None:
    await running.publish(services, other_site())
    await subscribe(services)
    await inbound.take(services, "postmark", [event()])
    assert await states(services) == {STORIES: "bounced"}
    assert await suppressed(services, site=OTHER) == {}
    await ask(services, "new@example.org", site=OTHER)
    await inbound.take(services, "postmark", [event(address="new@example.org")])
    assert await suppressed(services, "new@example.org", site=OTHER) == {"*": "bounced"}


async def test_strangers_and_nonsense_are_nothing(services: Services) -> None:
    before = await count(services)
    nonsense: list[dict[str, Any]] = [
        {"address": "stranger@example.org"},
        {"address": "no address"},
        {"address": None},
        {"address": None, "message_id": "<other@example.org>"},
        {"site": "no-site", "mail": "019a0000-0000-7000-8000-000000000001"},
        {"site": SITE, "mail": "no id"},
    ]
    await inbound.take(services, "postmark", [event(id_=str(place), **one) for place, one in enumerate(nonsense)])
    assert await count(services) == before and await suppressed(services, "stranger@example.org") == {}


async def test_a_delivery_is_noted_and_counted_where_it_was_asked_for(services: Services) -> None:
    await ask(services, EMAIL, STORIES, page="https://www.miaminewtimes.com/film/her?q=1", via="prompt", variant="b")
    [mail] = await owed(services)
    one = event("delivered", site=SITE, mail=ids.uuid_text(mail.id), at=START + 5)
    await inbound.take(services, "postmark", [one, event("delivered", "e2", site=SITE, mail=ids.uuid_text(mail.id))])
    await services.counting.flush()
    async with services.database.reading() as reader:
        found = await outbox.find(reader, SITE, mail.id)
        totals = await funnel.totals(reader, SITE, 0, START * 2, "page")
    assert found and found.delivered_at == START + 5
    assert ("/film/her", "delivered", 1) in [tuple(total) for total in totals]


async def test_nobody_is_listened_to_who_is_not_named(services: Services) -> None:
    for one in (services, listening(services, "brevo:s3cret")):
        for provider in ("postmark", "unknown", ""):
            with pytest.raises(Unknown):
                await inbound.hear(one, provider, heard({}, "s3cret"))


async def test_a_message_that_is_not_the_providers_is_denied_and_one_that_is_none_is_malformed(
    services: Services,
) -> None:
    there = listening(services, "postmark:old", "postmark:new", f"resend:{WHSEC}")
    await subscribe(services)
    bounce = {"RecordType": "Bounce", "Type": "HardBounce", "ID": 1, "Email": EMAIL}
    with pytest.raises(Denied):
        await inbound.hear(there, "postmark", heard(bounce, "guessed"))
    with pytest.raises(Malformed):
        await inbound.hear(there, "postmark", heard(b"no", "new"))
    with pytest.raises(Denied):
        await inbound.hear(there, "resend", heard(bounce))
    assert await states(services) == {STORIES: "confirmed"}
    await inbound.hear(there, "postmark", heard(bounce, "new"))
    assert await states(services) == {STORIES: "bounced"}


async def test_every_signed_provider_is_heard(services: Services) -> None:
    sendgrid = SendGrid()
    there = listening(services, f"resend:{WHSEC}", "mailgun:mg-key", f"sendgrid:{sendgrid.public}", "brevo:s")
    told = {
        "resend": signing.resend({"type": "email.complained", "data": {"to": ["resend@example.org"]}}),
        "mailgun": signing.mailgun({"event": "complained", "recipient": "mailgun@example.org", "id": "e"}),
        "sendgrid": sendgrid.says({"event": "spamreport", "email": "sendgrid@example.org", "sg_event_id": "e"}),
        "brevo": heard({"event": "spam", "email": "brevo@example.org"}, "s"),
    }
    for provider, message in told.items():
        email = f"{provider}@example.org"
        await subscribe(services, email)
        await inbound.hear(there, provider, message)
        assert await states(services, email) == {STORIES: "complained"}, provider


@contextlib.asynccontextmanager
async def amazon_there(
    services: Services, folder: Path, answering: Answering
) -> AsyncIterator[tuple[Services, Receiver]]:
    """The service with SNS on this machine, under its own name and a certificate for it."""
    authority = Authority(folder)
    async with receiving(answering, authority.server(SNS_HOST)) as receiver:

        async def resolve(host: str, port: int) -> Sequence[tuple[str, int]]:
            assert host == SNS_HOST, "somebody else is asked"
            return [("127.0.0.1", receiver.port)]

        given = {"opens": LOOPBACK, "resolve": resolve, "tls": authority.believed()}
        async with reaching(listening(services, f"ses:{TOPIC}"), **given) as reached:
            yield reached, receiver


async def test_amazon_is_heard_and_its_certificate_fetched_once(services: Services, tmp_path: Path) -> None:
    amazon = Amazon()
    await subscribe(services)
    await subscribe(services, "second@example.org")
    recipients = [{"emailAddress": EMAIL}, {"emailAddress": "second@example.org"}]
    bounce = {"bounceType": "Permanent", "bouncedRecipients": recipients}
    said = amazon.says({"notificationType": "Bounce", "bounce": bounce, "mail": {}}, "1")
    async with amazon_there(services, tmp_path, lambda _: Reply(200, amazon.certificate)) as (reached, receiver):
        before = await count(services)
        await inbound.hear(reached, "ses", heard(amazon.says("Successfully validated SNS topic", id_="first")))
        for _ in range(2):
            await inbound.hear(reached, "ses", heard(said))
        assert [got.path for got in receiver.got] == ["/SimpleNotificationService-0123456789abcdef.pem"]
        assert await count(services) == before + 2
    assert await states(services) == await states(services, "second@example.org") == {STORIES: "bounced"}


async def test_a_topic_is_confirmed_only_when_it_is_ours_and_asks_at_amazons(
    services: Services, tmp_path: Path
) -> None:
    amazon = Amazon()

    def answering(got: Got) -> Reply:
        return Reply(200, amazon.certificate if got.path.endswith(".pem") else b"<ConfirmSubscriptionResponse/>")

    async with amazon_there(services, tmp_path, answering) as (reached, receiver):
        for bad in (
            amazon.confirmation(TopicArn=TOPIC + "-other"),
            amazon.confirmation(SubscribeURL="https://169.254.169.254/?Action=ConfirmSubscription"),
            amazon.confirmation(late_SubscribeURL=SUBSCRIBE_URL + "&more"),
            Amazon().confirmation(),
        ):
            with pytest.raises(Denied):
                await inbound.hear(reached, "ses", heard(bad))
        assert all(got.path.endswith(".pem") for got in receiver.got)
        await inbound.hear(reached, "ses", heard(amazon.confirmation()))
        assert receiver.got[-1].method == "GET"
        assert receiver.got[-1].path == SUBSCRIBE_URL.removeprefix(f"https://{SNS_HOST}")


async def test_when_amazon_cannot_be_asked_the_message_is_told_again(services: Services, tmp_path: Path) -> None:
    amazon = Amazon()
    async with amazon_there(services, tmp_path, lambda _: Reply(503)) as (reached, _):
        for said in (amazon.says("hello"), amazon.confirmation()):
            with pytest.raises(Unavailable):
                await inbound.hear(reached, "ses", heard(said))


@pytest.mark.parametrize("when", ["before", "after"])
async def test_what_cannot_be_kept_now_is_told_again_and_happens_once(services: Services, when: Any) -> None:
    """The event's id is spent in the transaction of what it does, so that neither is there without the other."""
    await subscribe(services)
    before = await count(services)
    with pytest.raises(Unavailable):
        await inbound.take(over(services, FaultyDatabase(services.database, [1], when)), "postmark", [event()])
    assert await states(services) == {STORIES: "confirmed" if when == "before" else "bounced"}
    await inbound.take(services, "postmark", [event()])
    assert await states(services) == {STORIES: "bounced"}
    assert await count(services) == before + 1 and await tallied(services, "bounced") == 1
