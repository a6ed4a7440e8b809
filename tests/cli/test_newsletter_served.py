"""The newsletter from outside: a service with several workers, a real mail server, and sockets between them."""

from __future__ import annotations

import asyncio
import itertools
import json
import re
from email.message import EmailMessage
from typing import Any

import pytest

from consent.courier import LEASE_MS
from consent.storage.budgets import APART
from tests.acts import SITE
from tests.cli import posted
from tests.cli.command import WAIT_SECONDS, Shell
from tests.cli.posted import ACCEPTED, MANY, REFUSED, Crowd, crowd, has_failed, is_done, mails_once, served, taken, to
from tests.mail.making import words_of
from tests.mail.smtp_server import Postbox, bind, serving
from tests.trips.posting import arrived, link
from tests.trips.test_sign_up_budget import DISGUISES
from tests.web.signing import EVENTS, STORIES

HOUR = 3_600_000
READER, SECOND, OTHER = "the.reader@gmail.com", "second.reader@gmail.com", "other.reader@gmail.com"
ONE_CLICK = {"List-Unsubscribe": "One-Click"}
ENCODINGS: tuple[dict[str, Any], ...] = (
    {"data": ONE_CLICK},
    {"files": {name: (None, value) for name, value in ONE_CLICK.items()}},
)


async def bomb(crowd: Crowd, numbers: range) -> list[list[int]]:
    """One victim's disguises at once, each from an address of its own; a fifth as hurried as a robot."""
    asked = [
        crowd.ask(
            DISGUISES[number],
            number + 1,
            solves=number % 10 == 0,
            list_=(STORIES, EVENTS)[number % 2],
            seconds=9.0 if number % 5 else 0.2,
        )
        for number in numbers
    ]
    return await asyncio.gather(*asked)


async def test_a_hundred_sign_ups_for_one_victim_are_one_mail(shell_on_each: Shell) -> None:
    """Over four workers and a restart; a second one is planned, a quarter of an hour later."""
    shell = shell_on_each
    shell.published()
    async with serving() as postbox:
        async with served(shell, postbox.port, MANY) as server, crowd(server) as strangers:
            answers = await bomb(strangers, range(60))
            await taken(postbox, 1)
        async with served(shell, postbox.port, MANY) as server, crowd(server) as strangers:
            answers += await bomb(strangers, range(60, 100))
            assert (await strangers.ask(OTHER, 201))[-1] == ACCEPTED
            messages = await taken(postbox, 2)
    assert {status for sent in answers for status in sent} == {ACCEPTED, REFUSED}
    assert [sent[-1] for sent in answers[::10]] == [ACCEPTED] * 10  # who solves is let in
    assert len(answers) == 100
    assert sum(sent == [REFUSED] for sent in answers) >= 10
    assert len(to(messages, *DISGUISES)) == len(to(messages, OTHER)) == len(postbox.taken) - 1
    due = await planned(shell, but=to(messages, OTHER)[0])
    assert 1 <= len(due) <= 2
    assert all(later - earlier >= APART for earlier, later in itertools.pairwise(due))


async def planned(shell: Shell, but: EmailMessage) -> list[int]:
    """When the mails to the one other address than this mail's are due, or were."""
    owed = await posted.mails(shell)
    [known] = [mail["key"] for mail in owed if mail["message_id"] == but["Message-ID"]]
    assert len({mail["key"] for mail in owed}) == 2
    return sorted(mail["due_at"] for mail in owed if mail["key"] != known)


@pytest.mark.parametrize("is_taken", [True, False])
async def test_a_service_that_is_killed_while_it_mails_mails(shell_on_each: Shell, is_taken: bool) -> None:
    """Killed after the mail server took the mail and before that was noted; or just before it was taken."""
    shell = shell_on_each
    shell.published()
    async with serving() as postbox:
        async with served(shell, postbox.port) as server, crowd(server) as readers:
            postbox.hangs_at = "DATA"
            assert await readers.ask(READER, 1) == [ACCEPTED]
            async with asyncio.timeout(WAIT_SECONDS):
                await postbox.hung.wait()
            await posted.freeze(server)
            postbox.hangs_at = None
            if is_taken:
                postbox.go_on.set()
                await taken(postbox, 1)
            await posted.kill(server)
        [left] = await posted.mails(shell)
        assert (left["state"], left["attempts"]) == ("waiting", 1)
        async with served(shell, postbox.port) as server, crowd(server) as readers:
            assert await readers.ask(OTHER, 2) == [ACCEPTED]
            before = await taken(postbox, is_taken + 1)
            assert len(to(before, READER)) == is_taken  # nobody touches what another may still be at
            await mails_once(shell, lambda mail: is_done(mail) or mail["id"] == left["id"])
            await posted.let_pass(shell, LEASE_MS)
            messages = to(await taken(postbox, is_taken + 2), READER)
            done = await mails_once(shell, is_done)
    assert {message["Message-ID"] for message in messages} == {left["message_id"]}
    assert len({link(message, "confirm") for message in messages}) == 1
    assert len(messages) == is_taken + 1
    assert sorted(mail["attempts"] for mail in done) == [1, 2]


async def test_a_mail_server_that_is_down_gets_the_mail_when_it_is_back(shell_on_each: Shell) -> None:
    """And one that says the address in its answer does not bring it into the log."""
    shell = shell_on_each
    shell.published()
    bound = bind()
    async with served(shell, bound.getsockname()[1]) as server, crowd(server) as readers:
        assert await readers.ask(READER, 1) == [ACCEPTED]
        [owed] = await mails_once(shell, has_failed(attempts=1))
        assert "could not be reached" in owed["fault"]
        async with serving(bound=bound) as postbox:
            postbox.answers["DATA"] = f"451 4.7.1 <{READER}>: come back later"
            await posted.let_pass(shell, HOUR)
            [owed] = await mails_once(shell, has_failed(attempts=2))
            assert owed["fault"] == "the mail server answers 451 4.7.1"
            postbox.answers.clear()
            await posted.let_pass(shell, HOUR)
            [message] = await taken(postbox, 1)
            await mails_once(shell, is_done)
        assert (message["To"], message["Message-ID"]) == (READER, owed["message_id"])
        assert "confirm" in server.err
        assert "did not get through, and will be tried again: the mail server" in server.err


async def test_a_whole_life_by_nothing_but_http(shell_on_each: Shell) -> None:
    """Two readers, one for each encoding of the one click."""
    shell = shell_on_each
    shell.published()
    async with serving() as postbox, served(shell, postbox.port) as server, crowd(server) as readers:
        for place, (email, encoding) in enumerate(zip((READER, SECOND), ENCODINGS, strict=True)):
            assert await readers.ask(email, place + 1) == [ACCEPTED]
            [asks] = to(await taken(postbox, 2 * place + 1), email)
            await mails_once(shell, is_done)
            await look_without_touching(shell, readers, asks)
            pressed = await readers.all_send("POST", f"/confirm/{link(asks, 'confirm')}", 50)
            assert {answer.status_code for answer in pressed} == {200}
            _, welcome = to(await taken(postbox, 2 * place + 2), email)
            await leave_by_one_click(readers, welcome, encoding)
        await mails_once(shell, is_done)
        for token in tokens_of(postbox):
            assert token not in server.err + server.out
    assert len(postbox.taken) == 4
    assert_all_is_in_the_log(shell)
    assert_both_have_left(shell)


async def look_without_touching(shell: Shell, readers: Crowd, asks: EmailMessage) -> None:
    """What mail scanners do: they open every link, often."""
    before = await posted.everything(shell)
    for purpose in ("confirm", "not-me"):
        path = f"/{purpose}/{link(asks, purpose)}"
        for method in ("GET", "HEAD"):
            opened = await readers.all_send(method, path, 20)
            assert {answer.status_code for answer in opened} == {200}
    assert await posted.everything(shell) == before


async def leave_by_one_click(readers: Crowd, welcome: EmailMessage, encoding: dict[str, Any]) -> None:
    """As a mail program does (RFC 8058), and once more, as one does that lost the answer."""
    assert welcome["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    path = posted.path_of(welcome["List-Unsubscribe"].strip("<>"))
    for _ in range(2):
        answer = await readers.send("POST", path, 1, **encoding)
        assert (answer.status_code, "set-cookie" in answer.headers) == (200, False)


def tokens_of(postbox: Postbox) -> list[str]:
    """Every link that was mailed."""
    return [
        token
        for message in arrived(postbox)
        for token in re.findall(r"127\.0\.0\.1:8000/[a-z-]+/([\w.~-]+)", words_of(message, "plain"))
    ]


def assert_all_is_in_the_log(shell: Shell) -> None:
    """One record of each reader's joining and leaving, in the database and in the file of it."""
    exported = shell.good("export", "consents", SITE).out
    (shell.folder / "consents.jsonl").write_text(exported)
    *lines, _checkpoint = map(json.loads, exported.splitlines())
    found = [(line["subject"], line["action"]) for line in lines]
    assert [action for _, action in found] == ["confirm", "unsubscribe"] * 2
    assert len({subject for subject, _ in found}) == 2
    for what in (SITE, "consents.jsonl"):
        assert shell.good("verify", what).out.startswith(f"{what}: 4 records, all as committed to, 0 erased\n")


def assert_both_have_left(shell: Shell) -> None:
    """The roster names both, and has no link to leave by any more."""
    lines = [json.loads(line) for line in shell.good("export", "subscribers", SITE).out.splitlines()]
    assert sorted(line["email"] for line in lines) == [SECOND, READER]
    for line in lines:
        [one] = line["subscriptions"]
        assert (one["list"], one["state"], "unsubscribe" in one) == (STORIES, "unsubscribed", False)
