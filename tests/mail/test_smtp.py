"""SMTP: encrypted or not at all, one connection kept, and every answer taken for what it says."""

from __future__ import annotations

import asyncio
import socket

import pytest

from consent.errors import AddressRefused, MailDelayed, MailFault, MailRefused
from consent.mail.smtp import IDLE_MS, Server, Smtp
from tests.clock import SetClock
from tests.mail.certificates import Authority
from tests.mail.making import MAIL, MESSAGE_ID, READER, mail, read, words_of
from tests.mail.smtp_server import at, serving


async def refusal(smtp: Smtp, **changes: object) -> MailFault:
    """Why a mail does not leave."""
    with pytest.raises(MailFault) as caught:
        await smtp.send(mail(**changes))
    await smtp.close()
    assert READER not in str(caught.value)
    assert "reader" not in str(caught.value)
    return caught.value


async def test_a_mail_arrives_as_it_is_over_starttls(authority: Authority, clock: SetClock) -> None:
    async with serving(starttls=authority.server(), auth=True) as postbox:
        smtp = Smtp(at(postbox, auth=True), clock, authorities=authority.believed())
        assert await smtp.send(MAIL) == MESSAGE_ID
        await smtp.close()
        assert postbox.was_encrypted
    [envelope] = postbox.taken
    assert (envelope.mail_from, envelope.rcpt_tos) == ("newsletter@news.example.com", [READER])
    message = read(postbox.data())
    assert message["Message-ID"] == MESSAGE_ID
    assert message["Auto-Submitted"] == "auto-generated"
    assert words_of(message, "plain") == MAIL.text  # its line of one dot, too
    assert words_of(message, "html") == MAIL.html


async def test_a_mail_arrives_over_tls_from_the_first_byte(authority: Authority, clock: SetClock) -> None:
    async with serving(tls=authority.server()) as postbox:
        smtp = Smtp(at(postbox, is_tls=True), clock, authorities=authority.believed())
        await smtp.send(MAIL)
        assert await smtp.check() == f"by SMTP to 127.0.0.1:{postbox.port}, encrypted, any address"
        await smtp.close()
    assert len(postbox.taken) == 1


async def test_a_server_without_tls_gets_nothing_unless_told(clock: SetClock) -> None:
    async with serving() as postbox:
        fault = await refusal(Smtp(at(postbox), clock))
        assert isinstance(fault, MailDelayed)
        assert "no STARTTLS" in fault.detail
        assert postbox.taken == []
        smtp = Smtp(at(postbox, is_plain=True), clock)
        await smtp.send(MAIL)
        assert "in clear" in await smtp.check()
        await smtp.close()
        assert len(postbox.taken) == 1


@pytest.mark.parametrize("is_tls", [True, False])
async def test_a_certificate_for_another_name_gets_nothing(authority: Authority, clock: SetClock, is_tls: bool) -> None:
    context = authority.server("mail.example.net")
    async with serving(tls=context if is_tls else None, starttls=None if is_tls else context) as postbox:
        fault = await refusal(Smtp(at(postbox, is_tls=is_tls), clock, authorities=authority.believed()))
        assert isinstance(fault, MailDelayed)
        assert "certificate" in fault.detail
        assert postbox.taken == []


@pytest.mark.parametrize("is_tls", [True, False])
async def test_a_certificate_of_nobody_known_gets_nothing(authority: Authority, clock: SetClock, is_tls: bool) -> None:
    context = authority.server()
    async with serving(tls=context if is_tls else None, starttls=None if is_tls else context) as postbox:
        fault = await refusal(Smtp(at(postbox, is_tls=is_tls), clock))
        assert isinstance(fault, MailDelayed)
        assert "certificate" in fault.detail
        assert postbox.taken == []


async def test_a_wrong_password_is_told_to_the_operator(authority: Authority, clock: SetClock) -> None:
    async with serving(starttls=authority.server(), auth=True) as postbox:
        server = Server(host="127.0.0.1", port=postbox.port, is_tls=False, name="postbox", password="wrong")
        fault = await refusal(Smtp(server, clock, authorities=authority.believed()))
        assert isinstance(fault, MailDelayed)
        assert fault.detail.startswith("the mail server answers 535")
        assert postbox.taken == []


async def test_a_server_that_is_down_delays_the_mail(clock: SetClock) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        fault = await refusal(Smtp(Server(host="127.0.0.1", port=port, is_tls=False, is_plain=True), clock))
    assert isinstance(fault, MailDelayed)
    assert "could not be reached" in fault.detail


async def test_a_server_that_says_nothing_delays_the_mail(clock: SetClock) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        server = Server(host="127.0.0.1", port=silent.getsockname()[1], is_tls=False, is_plain=True)
        fault = await refusal(Smtp(server, clock, seconds=0.05))
    assert isinstance(fault, MailDelayed)
    assert fault.detail == "the mail server did not answer in time"


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA"])
async def test_a_server_that_hangs_delays_the_mail_and_the_next_one_leaves(clock: SetClock, command: str) -> None:
    async with serving() as postbox:
        smtp = Smtp(at(postbox, is_plain=True), clock, seconds=0.1)
        postbox.hangs_at = command
        with pytest.raises(MailDelayed):
            await smtp.send(MAIL)
        postbox.hangs_at = None
        await smtp.send(MAIL)
        await smtp.close()
        assert postbox.connections == 2
    assert len(postbox.taken) == 1


ANSWERS = {
    ("RCPT", "550 5.1.1 reader@example.org: no such user"): AddressRefused,
    ("RCPT", "550 no reader here"): AddressRefused,
    ("RCPT", "551 moved to reader@example.net"): AddressRefused,
    ("RCPT", "553 5.1.3 bad address"): AddressRefused,
    ("RCPT", "550 5.2.1 reader's mailbox is disabled"): AddressRefused,
    ("DATA", "550 5.1.1 reader is unknown"): AddressRefused,
    ("RCPT", "550 5.7.1 your network is blocked for reader"): MailRefused,
    ("RCPT", "554 5.7.1 no"): MailRefused,
    ("DATA", "554 5.6.0 reader does not like it"): MailRefused,
    ("DATA", "550 spam"): MailRefused,
    ("RCPT", "552 5.2.2 reader's mailbox is full"): MailDelayed,
    ("RCPT", "450 4.2.1 come back, reader"): MailDelayed,
    ("RCPT", "421 4.3.2 shutting down"): MailDelayed,
    ("DATA", "451 4.7.1 greylisted"): MailDelayed,
    ("MAIL", "553 5.7.1 not your sender"): MailDelayed,
    ("MAIL", "452 4.3.1 no room"): MailDelayed,
}


@pytest.mark.parametrize(("command", "answer"), ANSWERS)
async def test_an_answer_means_the_address_the_mail_or_the_hour(clock: SetClock, command: str, answer: str) -> None:
    async with serving() as postbox:
        postbox.answers[command] = answer
        smtp = Smtp(at(postbox, is_plain=True), clock)
        fault = await refusal(smtp)
        assert type(fault) is ANSWERS[command, answer]
        assert fault.detail.startswith(f"the mail server answers {answer[:3]}")
        postbox.answers.clear()
        await smtp.send(MAIL)
        await smtp.close()
    assert len(postbox.taken) == 1


async def test_one_connection_carries_many_mails_one_after_the_other(clock: SetClock) -> None:
    async with serving() as postbox:
        smtp = Smtp(at(postbox, is_plain=True), clock)
        await asyncio.gather(*(smtp.send(mail(to=f"reader{number}@example.org")) for number in range(20)))
        assert postbox.connections == 1
        clock.forward(IDLE_MS)
        await smtp.send(MAIL)
        assert postbox.connections == 2
        await smtp.close()
    assert {envelope.rcpt_tos[0] for envelope in postbox.taken} == {
        READER,
        *(f"reader{number}@example.org" for number in range(20)),
    }


async def test_a_connection_that_the_server_ended_is_made_anew(clock: SetClock) -> None:
    async with serving() as postbox:
        smtp = Smtp(at(postbox, is_plain=True), clock)
        await smtp.send(MAIL)
        postbox.cut()
        await smtp.send(MAIL)
        postbox.answers["RSET"] = "421 too long"
        await smtp.send(MAIL)
        await smtp.close()
    assert len(postbox.taken) == 3


async def test_a_mail_that_is_broken_off_leaves_the_next_one_a_clean_connection(clock: SetClock) -> None:
    async with serving() as postbox:
        smtp = Smtp(at(postbox, is_plain=True), clock)
        postbox.hangs_at = "RCPT"
        sending = asyncio.create_task(smtp.send(MAIL))
        await postbox.hung.wait()
        sending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sending
        postbox.hangs_at = None
        await smtp.send(mail(to="second@example.org"))
        await smtp.close()
    assert [envelope.rcpt_tos for envelope in postbox.taken] == [["second@example.org"]]


async def test_letters_beyond_ascii_before_the_at_need_a_server_that_takes_them(clock: SetClock) -> None:
    address = "jörg@example.org"
    async with serving(utf8=False) as postbox:
        smtp = Smtp(at(postbox, is_plain=True), clock)
        before = smtp.supports_utf8
        with pytest.raises(MailRefused, match="SMTPUTF8") as caught:
            await smtp.send(mail(to=address))
        assert "jörg" not in str(caught.value)
        assert "ASCII addresses only" in await smtp.check()
        await smtp.close()
        assert (before, smtp.supports_utf8) == (True, False)
        assert postbox.taken == []
    async with serving() as postbox:
        smtp = Smtp(at(postbox, is_plain=True), clock)
        await smtp.send(mail(to=address))
        await smtp.close()
        assert postbox.taken[0].rcpt_tos == [address]
        assert "SMTPUTF8" in postbox.taken[0].mail_options
        assert read(postbox.data())["To"] == address


async def test_a_domain_in_its_own_script_is_reached_by_any_server(clock: SetClock) -> None:
    async with serving(utf8=False) as postbox:
        smtp = Smtp(at(postbox, is_plain=True), clock)
        await smtp.send(mail(to="reader@bücher.de"))
        await smtp.close()
    assert postbox.taken[0].rcpt_tos == ["reader@xn--bcher-kva.de"]


@pytest.mark.parametrize("to", ["reader@example.org>\r\nRCPT TO:<victim@example.com", "a@b@example.org", ""])
async def test_no_address_becomes_a_command(clock: SetClock, to: str) -> None:
    async with serving() as postbox:
        smtp = Smtp(at(postbox, is_plain=True), clock)
        with pytest.raises(MailRefused):
            await smtp.send(mail(to=to))
        await smtp.close()
        assert postbox.taken == []
