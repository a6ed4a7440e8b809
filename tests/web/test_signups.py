"""`POST /v1/sites/{site}/signups` by script: one answer for everybody, and 422 only for what the sender can see."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from starlette.types import Receive, Scope, Send

from consent.clock import DAY
from consent.settings import Secret
from tests.acts import SITE
from tests.clock import SetClock
from tests.web import signing
from tests.web.signing import EVENTS, SIGNUPS, STORIES, body, by_script, known, new_address
from tests.web.stage import MIAMI_ORIGIN, Stage, outside, staged


@pytest.fixture(autouse=True)
def another_day(module_clock: SetClock) -> None:
    """What one test's sign-ups count against its sources is none of the next one's."""
    module_clock.forward(DAY)


async def test_a_sign_up_is_accepted_and_a_mail_is_owed(stage: Stage) -> None:
    email = new_address()
    answer = await by_script(stage, email=email, lists=[EVENTS, STORIES])
    assert answer.status_code == 202
    assert answer.json() == {"status": "accepted", "message": answer.json()["message"]}
    assert email not in answer.text
    found = await known(stage, email)
    assert [one.list for one in found.asked] == [EVENTS, STORIES]
    assert [one.what for one in found.mails] == ["confirm"]
    assert found.subscriptions == ()


async def test_the_message_is_in_the_readers_language(stage: Stage) -> None:
    english = (await by_script(stage)).json()["message"]
    spanish = (await by_script(stage, language="es")).json()["message"]
    assert english != spanish
    assert (await by_script(stage, {"Accept-Language": "es-MX,en;q=0.5"}, language=None)).json()["message"] == spanish
    assert (await by_script(stage, {"Accept-Language": "xx"}, language=None)).json()["message"] == english
    email = new_address()
    await by_script(stage, {"Accept-Language": "es"}, language=None, email=email)
    assert [one.language for one in (await known(stage, email)).asked] == ["es"]


@pytest.mark.parametrize("media", ["application/json", "text/plain", "text/plain; charset=utf-8"])
async def test_json_comes_as_json_or_without_a_preflight_as_text(stage: Stage, media: str) -> None:
    answer = await stage.client().post(SIGNUPS, content=json.dumps(body()), headers={"Content-Type": media})
    assert answer.status_code == 202


async def test_other_media_are_refused_and_both_ways_are_named(stage: Stage) -> None:
    answer = await stage.client().post(SIGNUPS, content=b"{}", headers={"Content-Type": "text/html"})
    assert answer.status_code == 415
    assert "application/json" in answer.json()["detail"] and "multipart/form-data" in answer.json()["detail"]


async def test_evidence_is_kept_without_query_and_as_it_was_shown(stage: Stage) -> None:
    email = new_address()
    page = "https://user:word@www.miaminewtimes.com/film/her?token=1#top"
    source = {"utm_source": "letter", "utm_campaign": "winter"}
    digest = stage.services.directory.get(SITE).digest
    sent: dict[str, Any] = {
        "page": page,
        "source": source,
        "notice": digest,
        "variant": "b",
        "via": "prompt",
        "seconds": 9.5,
    }
    assert (await by_script(stage, email=email, **sent)).status_code == 202
    [asked] = (await known(stage, email)).asked
    assert (asked.page, asked.source) == ("https://www.miaminewtimes.com/film/her", source)
    assert (asked.notice, asked.language, asked.variant, asked.via) == (digest, "en", "b", "prompt")


async def test_every_case_is_answered_alike(stage: Stage, module_clock: SetClock) -> None:
    """New, pending, confirmed, unsubscribed, suppressed, disposable, robot: byte for byte, headers included."""
    confirmed, gone = await signing.subscribed(stage), await signing.subscribed(stage)
    await signing.left(stage, gone)
    refused, pending = new_address(), new_address()
    for email in (refused, pending):
        assert (await by_script(stage, email=email)).status_code == 202
    await signing.not_me(stage, refused)
    module_clock.forward(DAY)
    cases: dict[str, dict[str, Any]] = {
        "new": {},
        "pending": {"email": pending},
        "confirmed": {"email": confirmed},
        "unsubscribed": {"email": gone},
        "suppressed": {"email": refused},
        "disposable": {"email": new_address("mailinator.com")},
        "robot": {"url_2": "https://buy.example"},
    }
    for headers in (None, {"Origin": MIAMI_ORIGIN}):
        answers = {name: outside(await by_script(stage, headers, **fields)) for name, fields in cases.items()}
        assert len({str(one) for one in answers.values()}) == 1, answers
        assert answers["new"][0] == 202
    assert (await known(stage, refused)).mails[1:] == ()


async def test_who_asks_too_often_waits_whoever_is_meant(stage: Stage) -> None:
    peer, confirmed = "10.252.0.1", await signing.subscribed(stage)
    for _ in range(60):
        await stage.client(peer).get(signing.CHALLENGE)
    answers = [
        outside(await by_script(stage, {"Origin": MIAMI_ORIGIN}, peer, email=email))
        for email in (confirmed, new_address())
    ]
    assert answers[0] == answers[1]
    assert answers[0][0] == 429
    assert {"retry-after", "access-control-allow-origin"} <= {name for name, _ in answers[0][2]}


async def test_a_robot_is_answered_like_everybody_and_nothing_comes_of_it(stage: Stage) -> None:
    email = new_address()
    assert (await by_script(stage, email=email, url_2="x")).status_code == 202
    found = await known(stage, email)
    assert (found.pending, found.mails) == (None, ())


@pytest.mark.parametrize(
    ("more", "path"),
    [
        ({"status": "confirmed"}, "status"),
        ({"confirmed": True}, "confirmed"),
        ({"created_at": "2020-01-01T00:00:00Z"}, "created_at"),
        ({"provenance": "bought"}, "provenance"),
        ({"name": "visit https://buy.example"}, "name"),
        ({"hint": "x"}, "hint"),
        ({"utm_source": "letter"}, "utm_source"),
        ({"source": "letter"}, "source"),
        ({"source": ["letter"]}, "source"),
        ({"source": {"utm_source": ["a", "b"]}}, "source.utm_source"),
        ({"source": {"a": "b", "utm_source": {"a": "b"}}}, "source.utm_source"),
        ({"source": {"a": "b", "utm_source": "x" * 10_000}}, "source.utm_source"),
        ({"source": {"UTM": "x"}}, "source"),
        ({"source": {f"utm_{number}": "x" for number in range(13)}}, "source"),
        ({"lists": []}, "lists"),
        ({"lists": None}, "lists"),
        ({"lists": "top-stories"}, "lists"),
        ({"lists": ["no-such-list"]}, "lists"),
        ({"lists": [STORIES, 7]}, "lists[1]"),
        ({"lists": [f"l{number}" for number in range(51)]}, "lists"),
        ({"language": "xx"}, "language"),
        ({"notice": "0" * 64}, "notice"),
        ({"notice": "x"}, "notice"),
        ({"via": "import"}, "via"),
        ({"variant": "A b"}, "variant"),
        ({"seconds": -1}, "seconds"),
        ({"page": "javascript:alert(1)"}, "page"),
        ({"page": "https://x.example/\n"}, "page"),
        ({"email": None}, "email"),
        ({"email": 7}, "email"),
    ],
)
async def test_what_the_sender_can_see_is_wrong_is_said(stage: Stage, more: dict[str, Any], path: str) -> None:
    answer = await by_script(stage, {"Origin": MIAMI_ORIGIN}, **more)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["access-control-allow-origin"] == MIAMI_ORIGIN
    assert path in [fault["path"] for fault in answer.json()["errors"]], answer.json()


@pytest.mark.parametrize(
    "email",
    [
        "",
        "nobody",
        "a@b",
        "reader@example.org\r\nBcc: other@example.org",
        "reader@example.org\n",
        "one@example.org, two@example.org",
        "one@example.org;two@example.org",
        "one@example.org\u037etwo@example.org",
        "Reader <reader@example.org>",
        '"a reader"@example.org',
        "=?utf-8?q?reader?=@example.org",
        "reader\u202e@example.org",
        "rea\u200bder@example.org",
        "reader@[127.0.0.1]",
        "a" * 65 + "@example.org",
        "a" * 300 + "@example.org",
        "reader@" + "a" * 64 + ".example.org",
        "reader@localhost",
    ],
)
async def test_what_is_no_address_is_refused(stage: Stage, email: str) -> None:
    answer = await by_script(stage, email=email)
    assert answer.status_code == 422
    assert [fault["path"] for fault in answer.json()["errors"]] == ["email"]


async def test_a_list_twice_is_one(stage: Stage) -> None:
    email = new_address()
    assert (await by_script(stage, email=email, lists=[STORIES, STORIES])).status_code == 202
    assert [one.list for one in (await known(stage, email)).asked] == [STORIES]


async def test_another_sites_list_is_none_here_and_a_site_without_newsletter_has_none(stage: Stage) -> None:
    assert (await by_script(stage, lists=["tides"])).status_code == 422
    for site, code in (("nobody", 404), (signing.OTHER, 404)):
        if site == signing.OTHER and stage.services.directory.get(site).notice.newsletter:
            continue
        for method, path in (("POST", f"/v1/sites/{site}/signups"), ("GET", f"/v1/sites/{site}/signups/challenge")):
            answer = await stage.client().request(method, path, json=body() if method == "POST" else None)
            assert answer.status_code == code


async def test_a_foreign_page_is_refused_on_the_server(stage: Stage) -> None:
    for origin in ("https://evil.example", "null"):
        answer = await by_script(stage, {"Origin": origin})
        assert (answer.status_code, answer.json()["code"]) == (403, "origin_not_allowed")
        assert "access-control-allow-origin" not in answer.headers
        assert (await stage.client().get(signing.CHALLENGE, headers={"Origin": origin})).status_code == 403


async def test_the_services_own_pages_may(stage: Stage) -> None:
    assert (await by_script(stage, {"Origin": "http://127.0.0.1:8000"})).status_code == 202


async def test_a_forged_forwarding_header_makes_nobody_another(stage: Stage) -> None:
    """Without a proxy that is trusted, the peer is who asks: the ninth sign-up has to prove something."""
    peer = "10.250.0.1"
    for number in range(8):
        assert (await by_script(stage, {"X-Forwarded-For": f"198.51.100.{number}"}, peer)).status_code == 202
    answer = await by_script(stage, {"X-Forwarded-For": "198.51.100.99"}, peer)
    assert (answer.status_code, answer.json()["code"]) == (403, "challenge_required")


async def test_who_comes_without_an_address_is_served(stage: Stage) -> None:
    """As behind a Unix socket: the peer is not known."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        await stage.app({**scope, "client": None, "state": dict(stage.state)}, receive, send)

    async with httpx.AsyncClient(transport=httpx.ASGITransport(serve), base_url="http://127.0.0.1:8000") as client:
        assert (await client.post(SIGNUPS, json=body())).status_code == 202


async def test_behind_a_trusted_proxy_the_last_address_that_is_no_proxy_counts(
    sqlite_url: str, module_clock: SetClock
) -> None:
    proxies = {"trusted_proxies": ("10.0.0.0/8",)}
    async with staged(sqlite_url, module_clock, settings=proxies) as made:
        for number in range(8):
            line = f"203.0.113.{number}, 198.51.100.7"  # the first is what the sender made up
            assert (await by_script(made, {"X-Forwarded-For": line})).status_code == 202
        for line in ("203.0.113.99, 198.51.100.7", "198.51.100.7, 10.1.1.1"):
            assert (await by_script(made, {"X-Forwarded-For": line})).status_code == 403
        for line in ("2001:db8::1", "[2001:db8::1]:4711", "fe80::1%eth0", "nonsense", "", "198.51.100.7:4711"):
            assert (await by_script(made, {"X-Forwarded-For": line})).status_code == 202
        for number in range(7):  # one /64 is one house: the first above was the first of them
            line = f"2001:db8::{number + 2}"
            assert (await by_script(made, {"X-Forwarded-For": line})).status_code == 202
        assert (await by_script(made, {"X-Forwarded-For": "2001:db8::ffff"})).status_code == 403


async def test_without_limits_nobody_is_in_doubt_and_budgets_hold(sqlite_url: str, module_clock: SetClock) -> None:
    """As for benchmarks; but one mailbox, however it is written, gets a mail now, and one in a quarter of an hour."""
    peer, victim = "10.253.0.1", new_address().partition("@")[0].replace("-", "")
    async with staged(sqlite_url, module_clock, settings={"limits": Secret("off")}) as made:
        spellings = [f"{victim}+{number}@gmail.com" for number in range(35)]
        spellings += [f"{victim.upper()}@GMAIL.com", f"{victim[0]}.{victim[1:]}@googlemail.com"] * 15
        for email in spellings:
            assert (await by_script(made, None, peer, email=email)).status_code == 202
        mails = (await known(made, f"{victim}@gmail.com")).mails
        assert [one.what for one in mails] == ["confirm", "confirm"]
        first, second = sorted(one.due_at for one in mails)
        assert second - first >= 15 * 60_000
