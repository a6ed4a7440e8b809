"""The mails: what they say, in which language, and that nothing in them comes from anywhere else."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any, get_args

import msgspec
import pytest

from consent import mails
from consent.mails import Letter, Links, MailKind, Rendered
from consent.notices import Notice, compile_notice, packaged_languages, packaged_words, read_site_file
from tests.running import MIAMI
from tests.words.sites.making import GONE, altered, notice, toml

KINDS: tuple[MailKind, ...] = get_args(MailKind)
UNTIL = 1_795_262_400_000
DAY = "21 November 2026"
LINKS = Links(
    confirm="https://consent.example/confirm/token",
    not_me="https://consent.example/not-me/token",
    unsubscribe="https://consent.example/unsubscribe/token",
    manage="https://consent.example/manage/token",
    receipt="https://consent.example/receipts/token",
)
NAMED = ("confirm", "reminder", "already", "welcome", "goodbye")
CANARY = "<b>&amp;\"'{{ 7 * 7 }}{site}</b>"
site = compile_notice(read_site_file(MIAMI.read_bytes()))


class Elements(HTMLParser):
    """The elements of a mail, its text, and what its style attributes say."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data: str) -> None:
        self.text += data


def rendered(kind: MailKind, **fields: Any) -> Rendered:
    """A mail of the Miami site about its first list, in English."""
    usual: dict[str, Any] = {"language": "en", "site": site, "lists": ("top-stories",), "links": LINKS, "until": UNTIL}
    return mails.render(Letter(kind=kind, **(usual | fields)))


@pytest.mark.parametrize("kind", KINDS)
def test_text_and_html_say_the_same(kind: MailKind) -> None:
    mail = rendered(kind)
    seen = Elements(mail.html)
    shown = " ".join(seen.text.split())
    links = {attrs["href"] for tag, attrs in seen.tags if tag == "a"}
    assert links == set(re.findall(r"https://\S+", mail.text))
    for line in mail.text.splitlines():
        for part in re.split(r"https://\S+|: |^\* |^-- ", line):
            assert part.rstrip(":").strip() in shown


@pytest.mark.parametrize("kind", KINDS)
def test_every_mail_names_the_site_who_answers_for_it_and_where_they_are(kind: MailKind) -> None:
    mail = rendered(kind)
    assert "Miami New Times" in mail.subject
    for words in (mail.text, mail.html):
        assert "Miami New Times, LLC" in words
        assert "Miami New Times, Miami, Florida, US" in words
        assert "https://www.miaminewtimes.com/privacy" in words
        assert (("Top Stories" in words) and ("All-access pass" in words)) == (kind in NAMED)


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_loaded_and_nothing_runs(kind: MailKind) -> None:
    html = rendered(kind).html
    elements = Elements(html)
    assert {tag for tag, _ in elements.tags} <= set(
        "html head meta title style body div p h1 ul li strong br span a bdi".split()
    )
    sources = {
        name for _, attrs in elements.tags for name in attrs if name in ("src", "background", "srcset", "onclick")
    }
    assert not sources
    assert "url(" not in html
    assert "@import" not in html


@pytest.mark.parametrize(
    ("kind", "lead"),
    [
        ("confirm", LINKS.confirm),
        ("reminder", LINKS.confirm),
        ("manage", LINKS.manage),
        ("change", LINKS.confirm),
        ("already", None),
        ("welcome", None),
        ("goodbye", None),
    ],
)
def test_at_most_one_button_and_its_address_to_copy(kind: MailKind, lead: str | None) -> None:
    mail = rendered(kind)
    buttons = [attrs for tag, attrs in Elements(mail.html).tags if tag == "a" and "background-color" in attrs["style"]]
    assert [button["href"] for button in buttons] == ([lead] if lead else [])
    if lead:
        assert mail.html.count(f">{lead}</a>") == 1


@pytest.mark.parametrize("kind", ["confirm", "reminder", "manage", "change"])
def test_a_link_says_until_when_it_works(kind: MailKind) -> None:
    assert DAY in rendered(kind).text
    without = rendered(kind, until=None)
    assert "{date}" not in without.text
    assert DAY not in without.html


@pytest.mark.parametrize(("kind", "missing"), [("confirm", "confirm"), ("change", "confirm"), ("manage", "manage")])
def test_a_mail_without_its_link_is_not_made(kind: MailKind, missing: str) -> None:
    with pytest.raises(ValueError, match="link"):
        rendered(kind, links=msgspec.structs.replace(LINKS, **{missing: None}))


def test_a_site_without_a_newsletter_sends_nothing() -> None:
    with pytest.raises(ValueError, match="newsletter"):
        rendered("welcome", site=notice(altered(("newsletter",), GONE)))


@pytest.mark.parametrize("kind", KINDS)
def test_links_that_there_are_not_leave_no_hole(kind: MailKind) -> None:
    mail = rendered(kind, links=Links(confirm=LINKS.confirm, manage=LINKS.manage))
    assert "None" not in mail.text + mail.html
    assert "not-me" not in mail.text


def test_only_who_may_not_have_asked_is_offered_to_refuse() -> None:
    assert {kind for kind in KINDS if "/not-me/" in rendered(kind).text} == {"confirm", "reminder"}


def test_a_list_that_is_gone_is_not_named() -> None:
    mail = rendered("goodbye", lists=("events", "long-gone"))
    assert "Events this week" in mail.text
    assert "long-gone" not in mail.text + mail.html


@pytest.mark.parametrize("kind", KINDS)
def test_what_the_author_wrote_is_text(kind: MailKind) -> None:
    named = msgspec.structs.replace(site, name=CANARY)
    mail = rendered(kind, site=named)
    assert CANARY in mail.text
    assert CANARY not in mail.html
    assert "<b>" not in mail.html
    assert "49" not in Elements(mail.html).text


@pytest.mark.parametrize("kind", KINDS)
def test_a_subject_is_one_line(kind: MailKind) -> None:
    mail = rendered(kind, site=msgspec.structs.replace(site, name="Two\r\nBcc: lines"))
    assert mail.subject.splitlines() == [mail.subject]
    assert "Two Bcc: lines" in mail.subject


def in_language(language: str) -> Notice:
    """The Miami site in one language."""
    text = MIAMI.read_text().replace('languages = ["en", "es"]', f'languages = ["{language}"]')
    kept = [line for line in text.splitlines() if not line.startswith("es = ")]
    return compile_notice(read_site_file(re.sub(r"(?m)^en = ", f"{language} = ", "\n".join(kept)).encode()))


@pytest.mark.parametrize("language", packaged_languages())
@pytest.mark.parametrize("kind", KINDS)
def test_every_mail_in_every_language(kind: MailKind, language: str) -> None:
    mail = rendered(kind, language=language, site=in_language(language))
    assert "{" not in mail.subject + mail.text
    assert f'lang="{language}"' in mail.html
    is_rtl = language in ("ar", "fa", "he")
    assert ('dir="rtl"' in mail.html) == is_rtl
    assert ("text-align:right" in mail.html) == is_rtl
    assert ("\u2068" in mail.text) == (is_rtl and kind not in ("already", "goodbye"))
    words = packaged_words(language)["letters"]
    assert mail.subject == words[f"{kind}_subject"].replace("{site}", "Miami New Times")


def test_a_language_that_the_site_does_not_have_is_its_first() -> None:
    assert rendered("welcome", language="fi").subject == rendered("welcome").subject


def test_the_sites_own_words_come_first() -> None:
    raw = altered(("texts", "en", "letters"), {"welcome_subject": "Ahoy from {site}"})
    own = compile_notice(read_site_file(toml(raw)))
    assert rendered("welcome", site=own, lists=()).subject == f"Ahoy from {own.name}"


@pytest.mark.parametrize(("accent", "ink", "edge"), [("#c8102e", "#fff", "#c8102e"), ("#fff2a8", "#000", "#1d1c1a")])
def test_the_button_is_seen_and_read_on_every_accent(accent: str, ink: str, edge: str) -> None:
    look = msgspec.structs.replace(site.look, accent=accent)
    html = rendered("confirm", site=msgspec.structs.replace(site, look=look)).html
    assert f"border:2px solid {edge};border-radius:8px;background-color:{accent};color:{ink}" in html


def test_colours_come_in_pairs_for_clients_that_invert_them() -> None:
    html = rendered("confirm").html
    for style in re.findall(r'style="([^"]*background-color[^"]*)"', html):
        assert re.search(r"(?:^|;)color:", style)
    assert 'name="color-scheme" content="light dark"' in html
    assert "prefers-color-scheme: dark" in html


def test_lines_of_the_text_end_with_a_line_feed_alone() -> None:
    assert all("\r" not in rendered(kind).text for kind in KINDS)
    assert all(rendered(kind).text.endswith("\n") for kind in KINDS)
