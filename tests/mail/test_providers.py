"""The providers' APIs: each is asked as its documentation demands, and its answers mean what they say."""

from __future__ import annotations

from urllib.parse import unquote_plus

import pytest

from consent.errors import MailDelayed, MailFault, MailRefused
from consent.mail.http import MOST_BYTES, HttpTransport
from tests.clock import SetClock
from tests.mail.api import answering
from tests.mail.demands import HEADERS, KEY, SECRET
from tests.mail.making import ID, MAIL, READER, mail
from tests.mail.providers import DEMANDS, later, reply
from tests.sync.receiver import Reply

MADE = mail(headers=HEADERS)
REFUSALS = [(name, said) for name, demand in DEMANDS.items() for said in demand.no]
LATER = {
    later(429, seconds=17): 17,
    later(500): None,
    later(502, "<html>Bad Gateway</html>"): None,
    later(503, seconds=120): 120,
    later(302, "elsewhere"): None,
}


def require_silent(fault: MailFault) -> None:
    """No address, key or secret is in what is kept and logged."""
    for word in (READER, "reader", KEY, SECRET):
        assert word not in str(fault)
        assert word not in repr(fault)


@pytest.mark.parametrize("name", DEMANDS)
async def test_a_mail_is_asked_for_as_the_api_demands(name: str, clock: SetClock) -> None:
    demand = DEMANDS[name]
    async with answering(demand.yes) as api:
        transport = HttpTransport(demand.make(api.url), clock)
        assert await transport.send(MADE) == demand.id
        await transport.close()
    [request] = api.got
    demand.check(request)


@pytest.mark.parametrize("name", DEMANDS)
async def test_sending_again_asks_the_same_again(name: str, clock: SetClock) -> None:
    demand = DEMANDS[name]
    async with answering(demand.yes) as api:
        transport = HttpTransport(demand.make(api.url), clock)
        await transport.send(MADE)
        await transport.send(MADE)
        await transport.close()
    first, second = api.got
    assert first == second


@pytest.mark.parametrize(("name", "said"), REFUSALS)
async def test_a_refusal_means_the_address_the_mail_or_the_account(name: str, said: Reply, clock: SetClock) -> None:
    demand = DEMANDS[name]
    async with answering(said) as api:
        transport = HttpTransport(demand.make(api.url), clock)
        with pytest.raises(MailFault) as caught:
            await transport.send(MADE)
        await transport.close()
    assert type(caught.value) is demand.no[said]
    assert f"answers {said.status}" in caught.value.detail
    require_silent(caught.value)


@pytest.mark.parametrize("name", DEMANDS)
@pytest.mark.parametrize("said", LATER)
async def test_a_provider_in_trouble_delays_the_mail_as_long_as_it_says(
    name: str, said: Reply, clock: SetClock
) -> None:
    async with answering(said) as api:
        transport = HttpTransport(DEMANDS[name].make(api.url), clock)
        with pytest.raises(MailDelayed) as caught:
            await transport.send(MADE)
        await transport.close()
    assert caught.value.retry_after == LATER[said]
    assert len(api.got) == 1


async def test_resend_says_that_the_key_came_before_so_the_mail_was_taken(clock: SetClock) -> None:
    said = reply(409, '{"statusCode": 409, "name": "invalid_idempotent_request", "message": "different payload"}')
    async with answering(said) as api:
        transport = HttpTransport(DEMANDS["resend"].make(api.url), clock)
        assert await transport.send(MADE) == ID
        await transport.close()


async def test_a_provider_that_hangs_delays_the_mail(clock: SetClock) -> None:
    async with answering(None) as api:
        transport = HttpTransport(DEMANDS["postmark"].make(api.url), clock, seconds=0.05)
        with pytest.raises(MailDelayed, match="Postmark could not be reached") as caught:
            await transport.send(MADE)
        require_silent(caught.value)
        await transport.close()


async def test_a_provider_that_is_down_delays_the_mail(clock: SetClock) -> None:
    async with answering(Reply(200)) as api:
        url = api.url
    transport = HttpTransport(DEMANDS["brevo"].make(url), clock)
    with pytest.raises(MailDelayed, match="Brevo could not be reached"):
        await transport.send(MADE)
    await transport.close()


@pytest.mark.parametrize("body", ["", "null", "[]", '"x"', "{", '{"MessageID": [1]}', "\\ud83d", "[" * 5000])
async def test_an_answer_that_is_no_json_says_yes_all_the_same(body: str, clock: SetClock) -> None:
    """A mail that was taken must not be sent again because of how that is told."""
    async with answering(reply(200, body)) as api:
        transport = HttpTransport(DEMANDS["postmark"].make(api.url), clock)
        assert await transport.send(MADE) == ""
        await transport.close()


async def test_no_more_of_an_answer_is_read_than_can_matter(clock: SetClock) -> None:
    async with answering(reply(422, '{"ErrorCode": 300, "Message": "' + "x" * MOST_BYTES * 4 + '"}')) as api:
        transport = HttpTransport(DEMANDS["postmark"].make(api.url), clock)
        with pytest.raises(MailRefused) as caught:
            await transport.send(MADE)
        assert caught.value.detail == "Postmark answers 422"
        await transport.close()


@pytest.mark.parametrize("name", DEMANDS)
async def test_what_cannot_be_said_in_ascii_or_smuggles_is_not_even_asked(name: str, clock: SetClock) -> None:
    async with answering(DEMANDS[name].yes) as api:
        transport = HttpTransport(DEMANDS[name].make(api.url), clock)
        assert transport.supports_utf8 is False
        for made in (
            mail(to="jörg@example.org"),
            mail(subject="Hello\r\nBcc: victim@example.com"),
            mail(subject="=?utf-8?q?=0D=0ABcc:_victim@example.com?="),
            mail(headers={"X-A": "=?utf-8?q?=0D=0ABcc:_victim@example.com?="}),
        ):
            with pytest.raises(MailRefused) as caught:
                await transport.send(made)
            require_silent(caught.value)
        await transport.close()
    assert api.got == []


@pytest.mark.parametrize("name", DEMANDS)
async def test_a_domain_in_its_own_script_is_said_in_ascii(name: str, clock: SetClock) -> None:
    async with answering(DEMANDS[name].yes) as api:
        transport = HttpTransport(DEMANDS[name].make(api.url), clock)
        await transport.send(mail(to="reader@bücher.de", sender=MAIL.sender))
        await transport.close()
    assert b"xn--bcher-kva.de" in api.got[0].body


@pytest.mark.parametrize("name", DEMANDS)
async def test_a_sender_without_a_name_is_an_address(name: str, clock: SetClock) -> None:
    async with answering(DEMANDS[name].yes) as api:
        transport = HttpTransport(DEMANDS[name].make(api.url), clock)
        await transport.send(mail(sender="news@example.com"))
        await transport.close()
    body = api.got[0].body.replace(b"%40", b"@")
    assert b"news@example.com" in body
    assert b'"name":""' not in body


@pytest.mark.parametrize("name", DEMANDS)
async def test_a_sender_s_name_may_have_special_signs_and_any_letters(name: str, clock: SetClock) -> None:
    """Unquoted, a full stop in a name is refused; SES wants names beyond ASCII in encoded words."""
    async with answering(DEMANDS[name].yes) as api:
        transport = HttpTransport(DEMANDS[name].make(api.url), clock)
        await transport.send(mail(sender="St. Louis <news@example.com>"))
        await transport.send(mail(sender="Zürich heute <news@example.com>"))
        await transport.close()
    special, beyond = (unquote_plus(request.body.decode()) for request in api.got)
    if name in ("sendgrid", "brevo"):  # they take it apart from the address
        assert '"name":"St. Louis"' in special
        assert '"name":"Zürich heute"' in beyond
    else:
        assert '"St. Louis" <news@example.com>' in special.replace("\\", "")
        expected = "=?utf-8?B?WsO8cmljaCBoZXV0ZQ==?= <news@" if name == "ses" else "Zürich heute <news@"
        assert expected in beyond
