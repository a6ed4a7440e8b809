"""What `consent demo` adds: the article, the player, the mailbox; and the console, which comes along with it."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from consent.app import create_app
from consent.web.demo import demo_routes
from tests import running
from tests.acts import SITE
from tests.clock import SetClock
from tests.web.seeing import Seen, is_guarded, page
from tests.web.stage import Stage
from tests.web.test_links import given

SERVICE = "http://localhost:8000"
PATHS = ("/demo", "/demo/mail", "/demo/video", "/console/sign-in", "/docs")


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
    for path in ("/demo", "/demo/mail", "/console/sign-in", "/docs"):
        seen = Seen((await page(stage, path)).text)
        places = [attrs.get("src") or attrs.get("href") or "" for _, attrs in seen.tags]
        for place in {place.partition("#")[0].removeprefix(SERVICE) for place in places} - {""}:
            if not place.startswith(("https://", "mailto:", "?")):
                assert (await page(stage, place)).status_code in (200, 303), place


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


async def test_the_console_is_signed_in_at_the_services_own_name(stage: Stage) -> None:
    here = await page(stage, "/demo/console")
    assert here.headers["location"] == f"{SERVICE}/demo/console"
    assert "set-cookie" not in here.headers
    client = stage.client()
    entered = await client.get("/demo/console", headers={"Host": "localhost:8000"})
    assert (entered.status_code, entered.headers["location"]) == (303, f"/console/sites/{SITE}")
    shown = await client.get(entered.headers["location"])
    assert shown.status_code == 200
    assert "owner@example.org" in shown.text
    again = await client.get("/demo/console", headers={"Host": "localhost:8000"})
    assert again.status_code == 303
