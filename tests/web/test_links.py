"""The pages behind signed links, as people and programs ask for them."""

from __future__ import annotations

import re
from typing import Any

import pytest

from consent import clock, ids, ledger
from consent.tokens import AGES, LEEWAY, Reference
from tests import running
from tests.acts import GIVEN, REFUSED, SITE, new_id
from tests.clock import SetClock
from tests.reading import all_records, erase, verified
from tests.web.seeing import HTML, Seen, is_guarded, page
from tests.web.stage import Stage

CANARY = "<script>canary()</script>\"'><img src=x onerror=canary()>{{ 7 * 7 }}"


class Given:
    """A recorded act and the addresses that lead to it."""

    def __init__(self, stage: Stage, answer: dict[str, Any], withdraw: str) -> None:
        self.id, self.seq, self.token = answer["id"], answer["seq"], answer["receipt"]
        self.receipt, self.withdraw = f"/receipts/{self.token}", withdraw.removeprefix(stage.services.settings.url)


async def given(stage: Stage, **fields: Any) -> Given:
    """A new act, recorded over HTTP."""
    answer = (await stage.give(**fields)).json()
    record = await ledger.find(stage.services, SITE, answer["id"])
    return Given(stage, answer, ledger.withdraw_link(stage.services, record))


async def test_a_receipt_is_a_page_that_says_what_was_decided(stage: Stage) -> None:
    act = await given(stage, services={"youtube": True}, page="https://www.miaminewtimes.com/film/her?q=1")
    response = await page(stage, act.receipt)
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/html")
    assert is_guarded(response)
    seen = Seen(response.text)
    words = " ".join(seen.text.split())
    for expected in ("Performance and usage", "Given", "Refused", "YouTube", "decided separately", act.id):
        assert expected in words
    assert "https://www.miaminewtimes.com/film/her " in words
    assert "22 November 2026, 10:00 UTC" in words
    assert running.notice_of(stage.services) in words
    assert f"http://127.0.0.1:8000{act.withdraw}" in seen.links()


async def test_a_receipt_speaks_the_language_of_the_decision(stage: Stage) -> None:
    act = await given(stage, language="es")
    response = await page(stage, act.receipt)
    assert '<html lang="es" dir="ltr">' in response.text
    assert "22 de noviembre de 2026" in response.text
    assert "Rendimiento y uso" in response.text
    assert "Given" not in response.text


async def test_a_program_gets_json_ld(stage: Stage) -> None:
    act = await given(stage)
    made: dict[str, Any] = {}
    for accept in ("application/ld+json", "application/json"):
        response = await stage.client().get(act.receipt, headers={"Accept": accept})
        assert response.headers["content-type"] == "application/ld+json"
        made = response.json()
        assert made["@type"] == "dpv:ConsentReceipt"
        assert made["consent:token"] == act.token
        assert made["dpv:hasRecordOfActivity"]["dct:identifier"] == act.id
        assert made["dpv:hasRecordOfActivity"]["dpv:hasNotice"]["dct:identifier"] == running.notice_of(stage.services)
    plain = await stage.client().get(f"{act.receipt}?form=json-ld", headers=HTML)
    assert plain.json() == made


async def test_a_receipt_says_what_holds_now(stage: Stage) -> None:
    subject = new_id()
    first = await given(stage, subject=subject, action="accept_all", purposes=GIVEN)
    assert "This is your latest decision" in (await page(stage, first.receipt)).text
    await given(stage, subject=subject, action="reject_all", purposes=REFUSED)
    later = await page(stage, first.receipt)
    assert "You decided again on" in later.text
    assert later.text.count("Withdrawn</span>") == 3
    assert "/withdraw/" not in later.text


async def test_a_receipt_says_when_it_ran_out(stage: Stage, module_clock: SetClock) -> None:
    act = await given(stage)
    start = module_clock.at
    module_clock.forward(183 * clock.DAY)
    try:
        assert "ran out on" in (await page(stage, act.receipt)).text
    finally:
        module_clock.at = start


async def test_get_and_head_never_write(stage: Stage) -> None:
    act = await given(stage, action="accept_all", purposes=GIVEN)
    before = await stage.count()
    for path in (act.receipt, act.withdraw):
        for method in ("GET", "HEAD"):
            response = await stage.client().request(method, path, headers=HTML)
            assert response.status_code == 200
            assert method == "GET" or not response.content
    assert await stage.count() == before


async def test_the_page_before_a_withdrawal_is_one_sentence_and_one_button(stage: Stage) -> None:
    act = await given(stage, services={"youtube": True})
    response = await page(stage, act.withdraw)
    assert is_guarded(response)
    assert "This takes back everything you allowed on Miami New Times: Performance and usage, YouTube." in response.text
    tags = [tag for tag, _ in Seen(response.text).tags]
    assert (tags.count("button"), tags.count("form"), tags.count("a")) == (1, 1, 0)


async def test_posting_twice_withdraws_once(stage: Stage) -> None:
    act = await given(stage, action="accept_all", purposes=GIVEN)
    before = await stage.count()
    pages = [await stage.client().post(act.withdraw, headers=HTML) for _ in range(2)]
    assert [response.status_code for response in pages] == [200, 200]
    assert all("Your consent is withdrawn" in response.text and is_guarded(response) for response in pages)
    assert pages[0].text == pages[1].text
    assert await stage.count() == before + 1
    last = (await all_records(stage.services))[-1]
    assert (last.action, set(last.status.values())) == ("withdraw", {"withdrawn"})
    [link] = Seen(pages[0].text).links()
    told = await page(stage, link.removeprefix("http://127.0.0.1:8000"))
    assert "You withdrew your consent" in told.text
    assert "There is nothing to withdraw" in (await page(stage, act.withdraw)).text
    await verified(stage.services)


async def test_an_older_link_withdraws_what_was_given_since(stage: Stage) -> None:
    subject = new_id()
    first = await given(stage, subject=subject, action="reject_all", purposes=REFUSED)
    await given(stage, subject=subject, action="accept_all", purposes=GIVEN)
    assert "Your consent is withdrawn" in (await stage.client().post(first.withdraw, headers=HTML)).text
    assert set((await all_records(stage.services))[-1].status.values()) == {"withdrawn"}


async def test_without_anything_given_a_post_writes_nothing(stage: Stage) -> None:
    act = await given(stage, action="reject_all", purposes=REFUSED)
    before = await stage.count()
    response = await stage.client().post(act.withdraw, headers=HTML)
    assert (response.status_code, await stage.count()) == (200, before)
    assert "There is nothing to withdraw" in response.text


async def test_a_withdrawal_asks_for_no_body_of_any_kind(stage: Stage) -> None:
    for body in ({"data": {"a": "b"}}, {"json": {"a": 1}}, {"content": b"\xff\x00"}, {"files": {"a": b"b"}}):
        act = await given(stage, action="accept_all", purposes=GIVEN)
        assert (await stage.client().post(act.withdraw, headers=HTML, **body)).status_code == 200


@pytest.mark.parametrize("kind", ["receipt", "withdraw"])
async def test_what_is_no_link_of_ours_gets_a_friendly_page(stage: Stage, kind: str) -> None:
    act = await given(stage)
    ours = getattr(act, kind)
    other = act.withdraw.rpartition("/")[2] if kind == "receipt" else act.token
    stem = ours.rpartition("/")[0]
    harbour = await _foreign(stage, kind)
    for path in (f"{ours}x", f"{stem}/nonsense", f"{stem}/{other}", f"{stem}/{harbour}", f"{stem}/{'a' * 5000}"):
        response = await page(stage, path)
        assert response.status_code == 400, path
        assert is_guarded(response)
        assert "This link is not one of ours" in response.text
        assert (await stage.client().post(path)).status_code in (400, 405)
        problem = await stage.client().get(path)
        assert problem.json()["code"] == "token_invalid"


async def _foreign(stage: Stage, kind: Any) -> str:
    """A token signed for one site that claims to be of another."""
    reference = Reference(id=new_id(), site=SITE)
    return stage.services.tokens.sign(kind, "harbour-post", reference, stage.services.clock())


async def test_a_link_that_is_too_old_says_so(stage: Stage, module_clock: SetClock) -> None:
    act = await given(stage)
    start = module_clock.at
    module_clock.forward(AGES["receipt"] + LEEWAY + 2000)
    try:
        for path in (act.receipt, act.withdraw):
            response = await page(stage, path, **{"Accept-Language": "es-MX, en;q=0.5"})
            assert response.status_code == 410
            assert "Este enlace es demasiado antiguo" in response.text
            assert '<html lang="es"' in response.text
            assert (await stage.client().get(path)).json()["code"] == "token_expired"
    finally:
        module_clock.at = start


async def test_an_erased_record_says_so(stage: Stage) -> None:
    act = await given(stage)
    await erase(stage.services, act.seq)
    for path in (act.receipt, act.withdraw):
        response = await page(stage, path)
        assert response.status_code == 410
        assert "This record was erased" in response.text
        problem = await stage.client().get(path, headers={"Accept": "application/ld+json"})
        assert (problem.status_code, problem.json()["code"]) == (410, "erased")
        assert problem.headers["content-type"] == "application/problem+json"
    before = await stage.count()
    assert (await stage.client().post(act.withdraw, headers=HTML)).status_code == 410
    assert await stage.count() == before


async def test_words_of_a_notice_are_inert(stage: Stage) -> None:
    await running.publish(stage.services, with_canaries())
    body = {"notice": running.notice_of(stage.services), "purposes": {"analytics": True}, "action": "accept_all"}
    act = await given(stage, **body)
    for path in (act.receipt, act.withdraw):
        response = await page(stage, path)
        assert response.status_code == 200
        assert is_guarded(response)
        assert "<script" not in response.text
        assert "49" not in re.findall(r"Performance.{0,80}", Seen(response.text).text)
    assert CANARY in Seen((await page(stage, act.receipt)).text).text
    await running.publish(stage.services)


def with_canaries() -> bytes:
    """A site file of the Miami site whose every word is hostile."""
    words = CANARY.replace("\\", "\\\\").replace('"', '\\"')
    return f"""
id = "{SITE}"
name = "{words}"
origins = ["https://www.miaminewtimes.com"]
languages = ["en"]
[controller]
name = "{words}"
email = "privacy@miaminewtimes.com"
country = "US"
privacy_policy = "https://www.miaminewtimes.com/privacy"
[consent]
expires_days = 182
regime = "auto"
close = "refuse"
[[purposes]]
id = "analytics"
legal_basis = "consent"
name.en = "{words}"
description.en = "{words}"
[[purposes.services]]
id = "google-analytics"
name = "{words}"
provider = "{words}"
privacy_policy = "https://policies.google.com/privacy"
""".encode()


async def test_a_receipt_that_the_log_does_not_have_is_not_found(stage: Stage) -> None:
    act = await given(stage)
    claims = ledger.read_receipt(stage.services, SITE, act.token)
    made_up = type(claims)(
        id=str(ids.uuid7(0)),
        seq=act.seq,
        site=SITE,
        subject=claims.subject,
        notice=claims.notice,
        purposes=claims.purposes,
        recorded_at=claims.recorded_at,
        expires_at=claims.expires_at,
    )
    token = stage.services.tokens.sign("receipt", SITE, made_up, stage.services.clock())
    assert (await page(stage, f"/receipts/{token}")).status_code == 404
