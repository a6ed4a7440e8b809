"""The page checker: what it says of good and of bad pages, and that nothing makes it fall."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.inspection import Inspection, Terms, inspect
from consent.notices import compile_notice, read_site_file
from tests.running import MIAMI

URL = "https://consent.example"
NOTICE = compile_notice(read_site_file(MIAMI.read_bytes()))
NOT_THERE = "The widget's tag is not on this page."
TERMS = Terms(site="miami-new-times", url=URL, notice=NOTICE, partners=frozenset({"https://www.miaminewtimes.com"}))
TAG = f'<script src="{URL}/w/miami-new-times.js" async></script>'
GATED = '<script type="text/plain" data-purpose="analytics" src="https://www.googletagmanager.com/gtag/js"></script>'
BACK = '<a href="#" data-consent-open>Cookie settings</a>'


def page(head: str = TAG + GATED, body: str = BACK) -> str:
    return f"<!doctype html>\n<html><head>{head}</head>\n<body>{body}</body></html>"


def bad(found: Inspection) -> list[tuple[str, int | None]]:
    return [(one.words, one.line) for one in found.remarks if one.level == "bad"]


def test_a_good_page_has_nothing_to_mend() -> None:
    found = inspect(page(), TERMS)
    assert (found.level, found.held) == ("good", 1)
    assert {one.about for one in found.remarks} == {"tag", "gates", "way back"}


WRONG = {
    "no tag": (page(GATED), NOT_THERE, None),
    "another site's tag": (
        page(TAG.replace("miami", "harbour") + GATED),
        "The widget's tag is not on this page.",
        None,
    ),
    "another host's": (
        page(TAG.replace(URL, "https://old.example") + GATED),
        "The tag loads the widget from old.example, not from this service.",
        2,
    ),
    "held back itself": (
        page(TAG.replace("<script", '<script type="text/plain" data-purpose="analytics"') + GATED),
        "The tag itself is held back: nobody would ever be asked.",
        2,
    ),
    "a tag that runs": (
        page(TAG + '\n<script async src="//www.googletagmanager.com/gtag/js?id=G-1"></script>'),
        "Google's tag loads before anybody was asked.",
        3,
    ),
    "an inline script": (
        page(TAG + "<script>fbq('init', '1'); fbq('track', 'PageView')</script>"),
        "Meta's pixel loads before anybody was asked.",
        2,
    ),
    "a player": (
        page(body=BACK + '\n<iframe src="https://www.youtube.com/embed/x"></iframe>'),
        "YouTube loads before anybody was asked.",
        4,
    ),
    "a pixel for those without scripts": (
        page(body=BACK + '<noscript><img src="https://www.facebook.com/tr?id=1"></noscript>'),
        "Facebook loads before anybody was asked.",
        3,
    ),
    "a gate that does not hold": (
        page(TAG + '<script data-purpose="analytics" src="/own.js"></script>'),
        "This script runs at once, whatever its data-purpose says.",
        2,
    ),
    "a frame with its address": (
        page(body=BACK + '<iframe data-purpose="content" src="/player"></iframe>'),
        "This <iframe> loads at once: its address is in src.",
        3,
    ),
    "a purpose that is none": (
        page(TAG + GATED.replace('"analytics"', '"statistics"')),
        'data-purpose="statistics" is no purpose of the notice: it never opens.',
        2,
    ),
    "a service that is none": (
        page(TAG + GATED.replace(" src", ' data-service="nobody" src')),
        'data-service="nobody" is no service of the notice: it never opens.',
        2,
    ),
    "a list that is none": (
        page(body=BACK + '<div data-newsletter="morning"></div>'),
        "data-newsletter names “morning”, which is no list of this site.",
        3,
    ),
    "a policy that forbids": (
        page('<meta http-equiv="Content-Security-Policy" content="script-src \'self\'">' + TAG + GATED),
        f"The page's policy forbids the widget: script-src does not name {URL}.",
        2,
    ),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_is_wrong_is_said_with_its_line_and_its_mend(what: str) -> None:
    html, words, line = WRONG[what]
    found = inspect(html, TERMS)
    assert bad(found) == [(words, line)]
    assert all(one.mend for one in found.remarks if one.level != "good")


RIGHT = {
    "in a template": page(
        TAG + '<template data-purpose="advertising"><script src="https://x.doubleclick.net"></script></template>'
    ),
    "a frame that waits": page(
        body=BACK + '<iframe data-purpose="content" data-src="https://www.youtube.com/embed/x"></iframe>'
    ),
    "data, no program": page(TAG + GATED + '<script type="application/ld+json">{"fbq(\'init\'": 1}</script>'),
    "a link to follow": page(
        body=BACK + '<a href="https://www.youtube.com/x">Video</a><link rel="canonical" href="https://www.youtube.com">'
    ),
    "a policy with a nonce": page(
        f'<meta http-equiv="Content-Security-Policy" content="script-src \'nonce-1\'; connect-src {URL}">' + TAG + GATED
    ),
    "when refused": page(TAG + GATED.replace('"analytics"', '"!analytics"')),
    "pinned": page(TAG.replace("times.js", "times@0123456789abcdef.js") + GATED),
}


@pytest.mark.parametrize("what", RIGHT)
def test_what_is_right_is_left_alone(what: str) -> None:
    assert bad(inspect(RIGHT[what], TERMS)) == []


def test_a_tag_outside_head_or_twice_is_odd() -> None:
    odd = [one.words for one in inspect(page(GATED, TAG + TAG + BACK), TERMS).remarks if one.level == "warn"]
    assert len(odd) == 2


def test_without_a_way_back_of_its_own_the_button_stands_in() -> None:
    [back] = [one for one in inspect(page(body=""), TERMS).remarks if one.about == "way back"]
    assert back.level == "good"
    assert "data-consent-open" in back.mend


# Each made the standard library's parser, or a careless one, go back and back, for hours.
ENDLESS = ("<a ", "<a href='", "<!--", "<svg>", "<template>", "</", "<script>", "<![ x", '<a b="', "<a\n/", "<b a=")


@pytest.mark.parametrize("piece", ENDLESS)
def test_a_page_made_to_be_endless_is_read_through(piece: str) -> None:
    """One whose time grows with the square of its length would not come to its end before the run is stopped."""
    assert inspect(piece * (900_000 // len(piece)), TERMS).remarks
    assert inspect("<script>" + piece * (900_000 // len(piece)), TERMS).remarks


@given(
    st.text()
    | st.lists(st.sampled_from(["<", ">", '"', "script", "template", "</", "data-purpose=", "src", " ", "\n"])).map(
        "".join
    )
)
def test_no_html_makes_it_fall(html: str) -> None:
    assert inspect(html, TERMS).remarks
