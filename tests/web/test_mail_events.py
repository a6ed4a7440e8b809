"""What providers post: heard at their own addresses, with their own signatures, and answered with nothing."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlencode

import httpx
import msgspec
import pytest

from consent.connections import connecting
from consent.connections.connecting import EndpointRequest
from consent.settings import Secret
from tests.acts import SITE
from tests.clock import SetClock
from tests.sync import signing
from tests.sync.peers import mailchimp
from tests.sync.signing import WHSEC
from tests.trips.newsletters import EVENTS, STORIES, states, subscribe
from tests.web.stage import Stage, staged

EVENTS_AT = "/v1/mail-events"
HEARD = (200, "heard\n")
_numbers = itertools.count(1)


def new_email() -> str:
    """An address that nobody had before."""
    return f"told-{next(_numbers)}@example.org"


@pytest.fixture(scope="module")
async def stage(module_url: str, module_clock: SetClock) -> AsyncIterator[Stage]:
    """An application that listens to some providers."""
    secrets = tuple(Secret(words) for words in ("postmark:s3cret", f"resend:{WHSEC}", "ses:" + signing.TOPIC))
    async with staged(module_url, module_clock, settings={"mail_events": secrets}) as made:
        yield made


def gist(answer: httpx.Response) -> tuple[int, str]:
    """Status and body, or the problem's code."""
    return answer.status_code, answer.text if answer.status_code == 200 else answer.json()["code"]


def bounce(email: str, **fields: Any) -> dict[str, Any]:
    """Postmark's."""
    return {"RecordType": "Bounce", "Type": "HardBounce", "ID": next(_numbers), "Email": email, **fields}


async def test_a_bounce_is_heard_by_the_secret_in_the_address_or_the_header(stage: Stage) -> None:
    for place, headers in (("/s3cret", {}), ("", {"authorization": "Bearer s3cret"})):
        email = new_email()
        await subscribe(stage.services, email)
        answer = await stage.client().post(f"{EVENTS_AT}/postmark{place}", json=bounce(email), headers=headers)
        assert gist(answer) == HEARD and "set-cookie" not in answer.headers
        assert await states(stage.services, email) == {STORIES: "bounced"}


async def test_a_signed_message_is_heard_as_it_came_byte_by_byte(stage: Stage) -> None:
    email = new_email()
    await subscribe(stage.services, email)
    message = signing.resend({"type": "email.complained", "data": {"to": [email]}})
    headers = {**message.headers, "content-type": "application/json"}
    spaced = message.body.replace(b":", b" :")
    answer = await stage.client().post(f"{EVENTS_AT}/resend", content=spaced, headers=headers)
    assert gist(answer) == (403, "denied")
    answer = await stage.client().post(f"{EVENTS_AT}/resend", content=message.body, headers=headers)
    assert gist(answer) == HEARD
    assert await states(stage.services, email) == {STORIES: "complained"}


async def test_who_is_not_known_is_not_heard(stage: Stage) -> None:
    email = new_email()
    await subscribe(stage.services, email)
    for path, expected in (
        ("/postmark", (403, "denied")),
        ("/postmark/guessed", (403, "denied")),
        ("/resend", (403, "denied")),
        ("/mailgun/s3cret", (404, "not_found")),
        ("/other", (404, "not_found")),
    ):
        assert gist(await stage.client().post(EVENTS_AT + path, json=bounce(email))) == expected, path
    foreign = signing.Amazon().says("hello", TopicArn="arn:aws:sns:eu-west-1:1:theirs")
    sent = {"content": msgspec.json.encode(foreign), "headers": {"content-type": "text/plain; charset=UTF-8"}}
    assert gist(await stage.client().post(f"{EVENTS_AT}/ses", **sent)) == (403, "denied")  # type: ignore[arg-type]
    assert await states(stage.services, email) == {STORIES: "confirmed"}


async def test_what_is_no_message_is_a_bad_request_and_too_much_is_too_much(stage: Stage) -> None:
    for body in (b"", b"no", b"\xff", b"[[[["):
        answer = await stage.client().post(f"{EVENTS_AT}/postmark/s3cret", content=body)
        assert gist(answer) == (400, "malformed")
    answer = await stage.client().post(f"{EVENTS_AT}/postmark/s3cret", content=b"x" * (1024 * 1024 + 1))
    assert gist(answer) == (413, "too_large")
    assert (await stage.client().get(f"{EVENTS_AT}/postmark/s3cret")).status_code == 405


async def test_nothing_that_was_sent_is_answered_with(stage: Stage) -> None:
    answer = await stage.client().post(f"{EVENTS_AT}/postmark/s3cret-guessed", json=bounce("secret-reader@example.org"))
    assert "guessed" not in answer.text and "secret-reader" not in answer.text


async def test_who_left_at_a_mailing_provider_leaves_here(stage: Stage) -> None:
    wanted = EndpointRequest(kind="mailchimp", secrets=mailchimp.SECRETS, lists=mailchimp.LISTS)
    made = await connecting.connect(stage.services, SITE, wanted)
    assert made.inbound
    path, email = made.inbound.removeprefix("http://127.0.0.1:8000"), new_email()
    await subscribe(stage.services, email, STORIES, EVENTS)
    form = {"type": "unsubscribe", "data[email]": email, "data[list_id]": mailchimp.LISTS[EVENTS]}
    client = stage.client()
    assert gist(await client.get(path)) == HEARD
    assert await states(stage.services, email) == {STORIES: "confirmed", EVENTS: "confirmed"}
    headers = {"content-type": "application/x-www-form-urlencoded"}
    for wrong in (path[:-1], path + "x", path.replace(SITE, "harbour-post"), path.replace(made.endpoint.id, "x")):
        answer = await client.post(wrong, content=urlencode(form), headers=headers)
        assert gist(answer) == (404, "not_found")
        assert gist(await client.get(wrong)) == (404, "not_found")
    for _ in range(2):
        assert gist(await client.post(path, content=urlencode(form), headers=headers)) == HEARD
    assert await states(stage.services, email) == {STORIES: "confirmed", EVENTS: "unsubscribed"}


async def test_who_guesses_too_often_has_to_wait(stage: Stage) -> None:
    client = stage.client()
    statuses = {(await client.post(f"{EVENTS_AT}/postmark/{number}", json={})).status_code for number in range(601)}
    assert statuses == {403, 429}
