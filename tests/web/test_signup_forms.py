"""Signing up by a plain form: pages for people, JSON for scripts, and no way on to a page that is not the site's."""

from __future__ import annotations

from typing import Any

import pytest

from consent.clock import DAY
from tests.acts import SITE
from tests.clock import SetClock
from tests.web import signing
from tests.web.seeing import HTML, Seen, is_guarded, page
from tests.web.signing import EVENTS, SIGNUPS, STORIES, by_form, form, known, new_address
from tests.web.stage import MIAMI_ORIGIN, Stage, outside

HOSTED = f"/newsletter/{SITE}"
ASKED = f"http://127.0.0.1:8000{HOSTED}/asked?language=en"
BOUNDARY = "a-boundary"


@pytest.fixture(autouse=True)
def another_day(module_clock: SetClock) -> None:
    """What one test's sign-ups count against its sources is none of the next one's."""
    module_clock.forward(DAY)


def multipart(*parts: str, end: str = f"--{BOUNDARY}--\r\n") -> bytes:
    """A body of these parts, each its headers, an empty line and its content."""
    return ("".join(f"--{BOUNDARY}\r\n{part}\r\n" for part in parts) + end).encode()


def field(name: str, value: str) -> str:
    return f'Content-Disposition: form-data; name="{name}"\r\n\r\n{value}'


async def send(stage: Stage, content: bytes, media: str) -> Any:
    return await stage.client().post(SIGNUPS, content=content, headers={"Content-Type": media})


async def by_parts(stage: Stage, *parts: str, **more: Any) -> Any:
    return await send(stage, multipart(*parts, **more), f"multipart/form-data; boundary={BOUNDARY}")


async def test_a_form_goes_on_to_a_page_that_says_the_same(stage: Stage) -> None:
    email = new_address()
    answer = await by_form(stage, {"Origin": MIAMI_ORIGIN}, email=email, list=[STORIES, EVENTS])
    assert (answer.status_code, answer.headers["location"]) == (303, ASKED)
    assert email not in answer.headers["location"]
    found = await known(stage, email)
    assert [one.list for one in found.asked] == [EVENTS, STORIES]
    assert found.asked[0].via == "form"
    told = await page(stage, f"{HOSTED}/asked?language=en")
    assert told.status_code == 200
    assert is_guarded(told)
    assert (await signing.by_script(stage)).json()["message"] in Seen(told.text).text


async def test_a_form_in_parts_is_the_same_form(stage: Stage) -> None:
    email = new_address()
    answer = await by_parts(stage, field("email", email), field("list", STORIES), field("list", EVENTS))
    assert (answer.status_code, answer.headers["location"]) == (303, ASKED)
    assert [one.list for one in (await known(stage, email)).asked] == [EVENTS, STORIES]


async def test_the_forms_page_and_campaign_are_kept(stage: Stage) -> None:
    email = new_address()
    page_, source = f"{MIAMI_ORIGIN}/film/her?q=1", dict[str, Any](utm_source="x", utm_medium="y")
    await by_form(stage, email=email, page=page_, variant="b", **source)
    [asked] = (await known(stage, email)).asked
    assert (asked.page, asked.source, asked.variant) == (f"{MIAMI_ORIGIN}/film/her", source, "b")
    email = new_address()
    await by_form(stage, {"Referer": f"{MIAMI_ORIGIN}/music?q=1"}, email=email)
    assert (await known(stage, email)).asked[0].page == f"{MIAMI_ORIGIN}/music"
    email = new_address()
    await by_form(stage, {"Referer": "https://evil.example/"}, email=email)
    assert (await known(stage, email)).asked[0].page == ""


async def test_a_script_is_never_sent_elsewhere(stage: Stage) -> None:
    """A form that a script sends: the answer is JSON, which it may read, whatever `next` says."""
    sent = {"Origin": MIAMI_ORIGIN, "Accept": "*/*", "Sec-Fetch-Mode": "cors"}
    for headers in (sent, {"Origin": MIAMI_ORIGIN, "Accept": "application/json"}):
        answer = await by_form(stage, headers, next=f"{MIAMI_ORIGIN}/thanks")
        assert (answer.status_code, answer.json()["status"]) == (202, "accepted")
        assert answer.headers["access-control-allow-origin"] == MIAMI_ORIGIN
        answer = await by_form(stage, headers, email="nobody")
        assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
        assert answer.headers["access-control-allow-origin"] == MIAMI_ORIGIN


async def test_every_case_goes_on_alike(stage: Stage, module_clock: SetClock) -> None:
    confirmed, refused = await signing.subscribed(stage), new_address()
    await by_form(stage, email=refused)
    await signing.not_me(stage, refused)
    module_clock.forward(DAY)
    cases: list[dict[str, Any]] = [
        {},
        {"email": confirmed},
        {"email": refused},
        {"email": new_address("mailinator.com")},
        {"url_2": "x"},
    ]
    answers = [await by_form(stage, **fields) for fields in cases]
    told = {str(outside(one)) for one in answers}
    assert len(told) == 1
    assert answers[0].status_code == 303


async def test_a_fault_comes_back_beside_what_was_typed(stage: Stage) -> None:
    answer = await by_form(stage, email='no"body<b>', list=[EVENTS], next=f"{MIAMI_ORIGIN}/thanks")
    assert (answer.status_code, answer.headers["content-type"]) == (422, "text/html; charset=utf-8")
    assert is_guarded(answer)
    assert "<b>" not in answer.text
    inputs = [attrs for tag, attrs in Seen(answer.text).tags if tag == "input"]
    [email] = [one for one in inputs if one.get("name") == "email" and one.get("value")]
    assert (email["value"], email.get("aria-invalid")) == ('no"body<b>', "true")
    assert [one["value"] for one in inputs if one.get("name") == "list" and "checked" in one] == [EVENTS]
    assert [one["value"] for one in inputs if one.get("name") == "next"] == [f"{MIAMI_ORIGIN}/thanks"]
    assert "Please check the address." in Seen(answer.text).text
    answer = await by_form(stage, list=None)
    assert answer.status_code == 422
    assert "Choose at least one." in Seen(answer.text).text
    answer = await by_form(stage, status="confirmed")
    assert answer.status_code == 422
    assert "Nothing was sent. Please try again." in Seen(answer.text).text


async def test_a_program_that_sends_a_form_is_told_as_a_program(stage: Stage) -> None:
    answer = await stage.client().post(SIGNUPS, data=form(email="nobody"))
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert (await stage.client().post(SIGNUPS, data=form())).status_code == 303


async def test_where_a_form_comes_from(stage: Stage) -> None:
    """The site's pages, the service's own, none; and those that keep their referrer, when they are of the same site."""
    for headers in ({"Origin": MIAMI_ORIGIN}, {"Origin": "http://127.0.0.1:8000"}, {},
                    {"Origin": "null", "Sec-Fetch-Site": "same-origin"},
                    {"Origin": "null", "Sec-Fetch-Site": "same-site"}):  # fmt: skip
        assert (await by_form(stage, headers)).status_code == 303, headers
    for headers in ({"Origin": "https://evil.example"}, {"Origin": "null"},
                    {"Origin": "null", "Sec-Fetch-Site": "cross-site"}):  # fmt: skip
        answer = await by_form(stage, headers)
        assert answer.status_code == 403, headers
        assert answer.headers["content-type"] == "text/html; charset=utf-8"


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"status": "confirmed"}, 422),
        ({"email": ["a@example.org", "b@example.org"]}, 422),
        ({"list": ["no-such-list"]}, 422),
        ({"language": "xx"}, 422),
        ({"seconds": "x"}, 422),
        ({"seconds": "-1"}, 422),
        ({"seconds": "1e400"}, 422),
        ({"utm_source": "x" * 300}, 422),
        ({"x" * 65: ""}, 422),
        ({"seconds": "12.5"}, 303),
        ({"language": "es"}, 303),
        ({"page": "", "notice": "", "variant": "", "challenge": "", "seconds": "", "next": ""}, 303),
    ],
)
async def test_fields_of_forms(stage: Stage, more: dict[str, Any], status: int) -> None:
    assert (await stage.client().post(SIGNUPS, data=form(**more))).status_code == status


async def test_forms_that_are_none(stage: Stage) -> None:
    urlencoded = "application/x-www-form-urlencoded"
    good = b"email=a%40example.org&list=top-stories"
    for content, media, status in (
        (good, f"{urlencoded}; charset=utf-8", 303),
        (good, f"{urlencoded}; charset=latin-1", 415),
        (b"email=%ff&list=top-stories", urlencoded, 400),
        (b"email=a%00@example.org&list=top-stories", urlencoded, 400),
        (b"email=a%4", urlencoded, 400),
        (b"\xff", urlencoded, 400),
        (b"&".join([b"a=b"] * 200), urlencoded, 422),
        (b"a=" + b"b" * 20_000, urlencoded, 413),
        (b"", urlencoded, 422),
        (b"", "multipart/form-data", 400),
        (b"", f"multipart/form-data; boundary={'x' * 71}", 400),
        (b"x", f"multipart/form-data; boundary={BOUNDARY}", 400),
    ):
        answer = await send(stage, content, media)
        assert answer.status_code == status, (content[:40], media, answer.text)


async def test_parts_that_are_no_fields(stage: Stage) -> None:
    email, list_ = field("email", "a@example.org"), field("list", STORIES)
    file = 'Content-Disposition: form-data; name="email"; filename="a.txt"\r\nContent-Type: text/plain\r\n\r\nx'
    assert (await by_parts(stage, email, list_)).status_code == 303
    assert (await by_parts(stage, file, list_)).status_code == 422
    assert (await by_parts(stage, email, list_, end="")).status_code == 400
    for odd in (
        "Content-Disposition: form-data\r\n\r\nx",
        'Content-Disposition: attachment; name="email"\r\n\r\nx',
        "Content-Type: text/plain\r\n\r\nx",
        'Content-Disposition: form-data; name="email"\r\nContent-Transfer-Encoding: base64\r\n\r\nYQ==',
        field("email", "a\0@example.org"),
        'Content-Disposition: form-data; name="email"\r\n' + "X: y\r\n" * 20 + "\r\nx",
    ):
        assert (await by_parts(stage, odd, list_)).status_code == 400, odd
    assert (await by_parts(stage, *[field("utm_a", "b")] * 130)).status_code == 422
    assert (await by_parts(stage, email, email, list_)).status_code == 422


async def test_the_hosted_form_sends_what_the_gate_takes(stage: Stage) -> None:
    answer = await page(stage, f"{HOSTED}?list={EVENTS}&next={MIAMI_ORIGIN}/thanks&language=es")
    assert answer.status_code == 200
    assert is_guarded(answer)
    seen = Seen(answer.text)
    assert dict(seen.tags[0][1])["lang"] == "es"
    [whole] = [attrs for tag, attrs in seen.tags if tag == "form" and str(attrs["action"]).endswith("/signups")]
    assert whole["method"] == "post"
    inputs = [attrs for tag, attrs in seen.tags if tag == "input"]
    hidden = {str(one["name"]): one["value"] for one in inputs if one.get("type") == "hidden"}
    ticked = [one["value"] for one in inputs if one.get("name") == "list" and "checked" in one]
    assert ticked == [EVENTS]
    email = new_address()
    sent = {**hidden, "email": email, "list": ticked, "url_2": ""}
    answer = await stage.client().post(str(whole["action"]), data=sent, headers=HTML)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{MIAMI_ORIGIN}/thanks")
    [asked] = (await known(stage, email)).asked
    assert (asked.via, asked.language) == ("page", "es")
    assert asked.notice == stage.services.directory.get(SITE).digest


async def test_hosted_pages_are_only_of_sites_with_newsletters(stage: Stage) -> None:
    for path in ("/newsletter/nobody", "/newsletter/nobody/asked"):
        answer = await page(stage, path)
        assert answer.status_code == 404
        assert answer.headers["content-type"] == "text/html; charset=utf-8"


async def test_a_link_is_mailed_and_nobody_learns_to_whom(stage: Stage, module_clock: SetClock) -> None:
    confirmed = await signing.subscribed(stage)
    module_clock.forward(DAY)
    answers = [
        await stage.client().post(f"{HOSTED}/link", data={"email": email}, headers=HTML)
        for email in (confirmed, new_address(), new_address("mailinator.com"))
    ]
    told = {str(outside(one)) for one in answers}
    assert len(told) == 1
    assert answers[0].status_code == 303
    assert (await page(stage, answers[0].headers["location"])).status_code == 200
    assert "manage" in [one.what for one in (await known(stage, confirmed)).mails]
    answer = await stage.client().post(f"{HOSTED}/link", data={"email": "nobody"}, headers=HTML)
    assert answer.status_code == 422
    assert 'value="nobody"' in answer.text
