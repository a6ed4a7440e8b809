"""What `consent demo` adds: the article, the player, the mailbox; and the console, which comes along with it."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from consent import clock
from consent.app import create_app
from consent.tokens import LEEWAY
from consent.web import console
from consent.web.demo import demo_routes
from tests import running
from tests.acts import SITE
from tests.clock import SetClock
from tests.linking import Reader
from tests.reading import erase
from tests.web.seeing import Seen, is_guarded, page
from tests.web.stage import Stage
from tests.web.test_links import given, with_canaries

SERVICE = "http://localhost:8000"
PATHS = ("/demo", "/demo/mail", "/demo/video", "/console", "/docs")


@pytest.fixture
def settable_clock() -> SetClock:
    """The clock of the test's application."""
    return SetClock()


@pytest.fixture
async def stage(database_url: str, settable_clock: SetClock, tmp_path: Path) -> AsyncIterator[Stage]:
    """The application as the demo runs it, with the spool's folder at `mail`, not there yet."""
    routes = demo_routes(service_url=SERVICE, mail_folder=tmp_path / "mail")
    app = create_app(running.settings(database_url), clock=settable_clock, more_routes=routes)
    async with app.router.lifespan_context(app) as state:
        made = Stage(app, state or {}, database_url)
        await running.publish(made.services)
        yield made


def console_path(stage: Stage) -> str:
    """The console's address for the Miami site."""
    return console.link(stage.services.tokens, "", SITE, stage.services.clock())


async def test_the_article_keeps_a_strict_policy(stage: Stage) -> None:
    response = await page(stage, "/demo")
    policy = response.headers["content-security-policy"]
    [nonce] = set(re.findall(r"'nonce-([\w-]+)'", policy))
    assert "default-src 'none'" in policy
    assert "require-trusted-types-for 'script'" in policy
    assert "unsafe" not in policy
    assert f"frame-src {SERVICE};" in policy
    scripts = [attrs for tag, attrs in Seen(response.text).tags if tag == "script"]
    assert all(attrs["nonce"] == nonce for attrs in scripts)
    assert nonce not in (await page(stage, "/demo")).headers["content-security-policy"]


async def test_what_is_optional_is_held_back_in_the_articles_source(stage: Stage) -> None:
    tags = Seen((await page(stage, "/demo")).text).tags
    gated = [(tag, attrs) for tag, attrs in tags if "data-purpose" in attrs]
    assert [attrs["data-purpose"] for _, attrs in gated] == [
        *("analytics", "analytics", "advertising"),
        *("advertising", "content"),
    ]
    assert all(attrs["type"] == "text/plain" for tag, attrs in gated if tag == "script")
    assert all("src" not in attrs for tag, attrs in gated if tag == "iframe")
    running_scripts = [attrs["src"] for tag, attrs in tags if tag == "script" and "type" not in attrs]
    assert running_scripts == ["/demo/assets/page.js", f"{SERVICE}/w/{SITE}.js"]


async def test_only_the_player_sets_a_cookie(stage: Stage) -> None:
    for path in PATHS:
        response = await page(stage, path)
        assert response.status_code == 200
        assert ("set-cookie" in response.headers) == (path == "/demo/video")
    assert (await page(stage, "/demo/video")).headers["set-cookie"].startswith("VISITOR_INFO1_LIVE=")


async def test_every_link_works(stage: Stage) -> None:
    await given(stage)
    for path in ("/demo", "/demo/mail", "/console", console_path(stage), "/docs"):
        seen = Seen((await page(stage, path)).text)
        places = [attrs.get("src") or attrs.get("href") or "" for _, attrs in seen.tags]
        for place in {place.partition("#")[0].removeprefix(SERVICE) for place in places} - {""}:
            if not place.startswith(("https://", "mailto:", "?")):
                assert (await page(stage, place)).status_code == 200, place


async def test_an_empty_mailbox_says_what_will_come(stage: Stage) -> None:
    response = await page(stage, "/demo/mail")
    assert "No mail yet" in response.text
    assert is_guarded(response)


async def test_the_mailbox_lists_what_was_sent(stage: Stage, tmp_path: Path) -> None:
    folder = tmp_path / "mail"
    folder.mkdir()
    mail = b"To: reader@example.org\r\nSubject: =?utf-8?q?Hello_=3Cb=3E_=C2=B7?=\r\n\r\n<script>canary()</script>\r\n"
    (folder / "1-a.eml").write_bytes(mail)
    (folder / "broken.eml").write_bytes(b"\xff\x00: \xfe\r\nSubject: \xff\r\nTo: =?utf-8?b?!?=, <<>\r\n\r\n")
    response = await page(stage, "/demo/mail")
    assert is_guarded(response)
    assert "Hello &lt;b&gt; ·" in response.text
    assert "2 mails" in response.text
    for opened in (await page(stage, "/demo/mail/1-a.eml?part=raw"), await stage.http.get("/demo/mail/1-a.eml")):
        assert opened.content == mail
        assert opened.headers["content-type"] == "text/plain; charset=utf-8"
        assert "sandbox" in opened.headers["content-security-policy"]
    for name in ("1-a.eml", "broken.eml"):
        assert is_guarded(await page(stage, f"/demo/mail/{name}"))
    assert "&lt;script&gt;canary()" in (await page(stage, "/demo/mail/1-a.eml")).text


async def test_a_mail_is_read_with_its_html_in_a_frame_where_nothing_runs(stage: Stage, tmp_path: Path) -> None:
    folder = tmp_path / "mail"
    folder.mkdir()
    message = EmailMessage()
    message["Subject"], message["List-Unsubscribe"] = "Grüße", "<http://localhost:8000/unsubscribe/t>"
    message.set_content("Open https://example.org/a?b=1&c=2 <now>")
    message.add_alternative("<html><head></head><body><script>x()</script><a href='/y'>Grüße</a>", subtype="html")
    (folder / "1-a.eml").write_bytes(message.as_bytes())
    opened = await page(stage, "/demo/mail/1-a.eml")
    assert is_guarded(opened)
    seen = Seen(opened.text)
    [frame] = [attrs for tag, attrs in seen.tags if tag == "iframe"]
    assert frame["sandbox"] == "allow-popups allow-popups-to-escape-sandbox"
    assert "https://example.org/a?b=1&c=2" in seen.links()
    assert "<http://localhost:8000/unsubscribe/t>" in seen.text
    framed = await page(stage, frame["src"] or "")
    policy = framed.headers["content-security-policy"]
    assert "default-src 'none'" in policy and "sandbox allow-popups" in policy and "script" not in policy
    assert "frame-ancestors 'self'" in policy
    assert '<base target="_blank">' in framed.text and "Grüße</a>" in framed.text


async def test_the_mailbox_opens_nothing_but_its_mails(stage: Stage, tmp_path: Path) -> None:
    folder = tmp_path / "mail"
    folder.mkdir()
    (tmp_path / "outside.eml").write_text("secret")
    (folder / "link.eml").symlink_to(tmp_path / "outside.eml")
    (folder / "notes.txt").write_text("secret")
    (folder / ".hidden.eml").write_text("secret")
    (folder / "folder.eml").mkdir()
    names = (
        "link.eml",
        "notes.txt",
        ".hidden.eml",
        "folder.eml",
        "..%2Foutside.eml",
        "%2e%2e%2foutside.eml",
        "x%00.eml",
    )
    for name in (*names, "x%00.eml", "1-a.eml%0a", "no.eml", "a" * 300 + ".eml"):
        assert (await page(stage, f"/demo/mail/{name}")).status_code == 404, name
    assert "secret" not in (await page(stage, "/demo/mail")).text


async def test_the_console_shows_the_site_and_its_records(stage: Stage) -> None:
    acts = [await given(stage) for _ in range(30)]
    path = console_path(stage)
    response = await page(stage, path)
    assert is_guarded(response)
    links = Seen(response.text).links()
    assert f"{path}/records/{acts[-1].seq}" in links
    assert f"{path}/records/{acts[0].seq}" not in links
    older = await page(stage, f"{path}?up_to=5")
    assert f"{path}/records/{acts[0].seq}" in Seen(older.text).links()
    assert running.notice_of(stage.services)[:12] in response.text


async def test_a_record_comes_with_its_proof(stage: Stage) -> None:
    first, second = await given(stage), await given(stage)
    one = await page(stage, f"{console_path(stage)}/records/{first.seq}")
    assert is_guarded(one)
    assert first.id in one.text
    assert "These 1 hashes" not in one.text
    assert "RFC 6962" in one.text
    [receipt_link] = [link for link in Seen(one.text).links() if link.startswith("/receipts/")]
    assert receipt_link == first.receipt
    await erase(stage.services, second.seq)
    erased = await page(stage, f"{console_path(stage)}/records/{second.seq}")
    assert erased.status_code == 200
    assert "was erased" in erased.text
    assert second.id not in erased.text
    assert "Erased" in (await page(stage, console_path(stage))).text
    for nowhere in (0, 3, 10**15):
        assert (await page(stage, f"{console_path(stage)}/records/{nowhere}")).status_code == 404


async def test_the_console_shows_what_became_of_subscriptions(stage: Stage) -> None:
    reader = Reader(stage.services)
    await reader.subscribe()
    assert (await stage.client().post(await reader.leaving())).status_code == 200
    path = console_path(stage)
    overview = Seen((await page(stage, path)).text).text
    assert "subscribed" in overview and "unsubscribed" in overview
    one = await page(stage, f"{path}/records/1")
    assert is_guarded(one)
    assert "The reader subscribed." in one.text and "never" in one.text
    [receipt] = [link for link in Seen(one.text).links() if link.startswith("/receipts/")]
    assert "You confirmed your subscription." in (await page(stage, receipt)).text


async def test_the_console_opens_with_its_link_alone(stage: Stage, settable_clock: SetClock) -> None:
    act, path = await given(stage), console_path(stage)
    assert (await page(stage, "/console")).status_code == 200
    for wrong in (act.token, "nonsense", f"{path.rpartition('/')[2]}x"):
        response = await page(stage, f"/console/{wrong}")
        assert response.status_code == 400
        assert "This is no sign-in link" in response.text
        assert act.id not in response.text
    settable_clock.forward(clock.DAY + LEEWAY + 2000)
    assert (await page(stage, path)).status_code == 410
    assert (await page(stage, f"{path}/records/{act.seq}")).status_code == 410


async def test_words_of_a_notice_are_inert_in_the_console(stage: Stage) -> None:
    await running.publish(stage.services, with_canaries())
    act = await given(stage, purposes={"analytics": True}, action="accept_all")
    for path in (console_path(stage), f"{console_path(stage)}/records/{act.seq}"):
        response = await page(stage, path)
        assert response.status_code == 200
        assert is_guarded(response)
