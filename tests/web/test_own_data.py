"""What a person does alone by a receipt: see everything, take it along, withdraw, erase; and the receipts of that."""

from __future__ import annotations

from typing import Any

import pytest

from consent import clock, ids
from consent.newsletter import preferences
from consent.rights.keeping import STAYS
from consent.tokens import AGES
from consent.web.pages.rights import SAID
from tests.acts import GIVEN, REFUSED, SITE, new_id
from tests.clock import SetClock
from tests.linking import Reader
from tests.reading import all_records, verified
from tests.web.pressing import press, to_manage
from tests.web.seeing import HTML, Seen, is_guarded, page
from tests.web.stage import Stage

FORMS = ("json-ld", "kantara", "proof")


async def kept_of(stage: Stage, subject: str, **fields: Any) -> str:
    """A choice by this subject; gives the path of what is kept of it."""
    answer = (await stage.give(subject=subject, **fields)).json()
    return f"/receipts/{answer['receipt']}/kept"


async def rows(stage: Stage) -> int:
    """How many records and claims there are."""
    async with stage.services.database.reading() as reader:
        row = await reader.row("SELECT (SELECT count(*) FROM claims) + (SELECT count(*) FROM erasures) AS number")
    return (row["number"] if row else 0) + await stage.count()


async def test_a_receipt_opens_all_that_is_kept_of_its_browser_and_of_no_other(stage: Stage) -> None:
    subject, other = new_id(), (await stage.give()).json()
    path = await kept_of(stage, subject, action="reject_all", purposes=REFUSED, language="es")
    await stage.give(subject=subject, action="accept_all", purposes=GIVEN)
    before = await rows(stage)
    for method in ("GET", "HEAD"):
        assert (await stage.client().request(method, path, headers=HTML)).status_code == 200
    shown = await page(stage, path)
    assert await rows(stage) == before
    assert is_guarded(shown) and '<html lang="es"' in shown.text
    seen = Seen(shown.text)
    assert "Lo que se guarda sobre usted" in seen.text and "1825" in seen.text
    assert subject in seen.text and other["id"] not in shown.text
    assert len([link for link in seen.links() if "/receipts/" in link]) == 2
    assert [link for link in seen.links() if "/withdraw/" in link]
    assert f"{path}" in (await page(stage, path.removesuffix("/kept"))).text


async def test_a_person_takes_all_along_and_erases_it_alone(stage: Stage) -> None:
    subject = new_id()
    path = await kept_of(stage, subject)
    await stage.give(subject=subject)
    file = await press(stage, path, do="export")
    assert file.headers["content-disposition"] == f'attachment; filename="{SITE}.json"'
    assert [len(one["records"]) for one in file.json()["subjects"]] == [2]
    asked = await press(stage, path, do="erase")
    assert is_guarded(asked) and "all your decisions here: 2." in asked.text and "What stays, and why" in asked.text
    assert set().union(*SAID.values()) == set(STAYS), "all that stays has words in every language"
    assert subject in str([record.subject for record in await all_records(stage.services)])
    done = await press(stage, path, do="erase_now")
    assert "Your data is erased" in done.text and is_guarded(done)
    await verified(stage.services)
    for link, words in (
        (file.json()["claim"], "Your data was given to you"),
        (_claim(done.text), "Your data is erased"),
    ):
        told = await page(stage, link.removeprefix("http://127.0.0.1:8000"))
        assert is_guarded(told) and words in told.text and "Decisions: 2." in told.text and subject not in told.text
        said = (await stage.client().get(link, headers={"Accept": "application/json"})).json()
        assert (said["site"], said["counts"]["records"], said["asked_by"]) == (SITE, 2, ["receipt"])
    for method in ("GET", "POST"):
        gone = await stage.client().request(method, path, data={"do": "erase_now"} if method == "POST" else None)
        assert gone.status_code == 410, gone.text


def _claim(text: str) -> str:
    [link] = [link for link in Seen(text).links() if "/claims/" in link]
    return link


async def test_what_is_no_button_or_no_receipt_does_nothing(stage: Stage) -> None:
    path = await kept_of(stage, new_id())
    before = await rows(stage)
    for do in ("", "erase_all"):
        assert (await press(stage, path, do=do)).status_code == 422
    for wrong in ("/receipts/x.y.z/kept", "/claims/x", path.replace("/kept", "x/kept")):
        assert (await press(stage, wrong, do="erase_now")).status_code in (400, 405), wrong
    claim = (await press(stage, path, do="export")).json()["claim"]
    token = claim.rpartition("/")[2]
    assert (await page(stage, f"/receipts/{token}/kept")).status_code == 400
    assert (await page(stage, path.replace("/receipts/", "/claims/").removesuffix("/kept"))).status_code == 400
    assert await rows(stage) == before + 1


async def test_what_anybody_may_have_made_opens_nothing_from_before_and_no_reader(stage: Stage) -> None:
    """A page may assert any subject: one that is known to be a reader's, or another browser's."""
    reader, victim = Reader(stage.services), new_id()
    await reader.subscribe()
    subscriber = ids.uuid_text((await reader.held()).id)
    refusal = await kept_of(stage, victim, action="reject_all", purposes=REFUSED)
    headers = {"Authorization": f"Bearer {await stage.key('read')}"}
    for subject, is_older in ((subscriber, False), (victim, True)):
        forged = await kept_of(stage, subject, action="accept_all", purposes=GIVEN)
        shown = await page(stage, forged)
        assert shown.status_code == 200 and reader.email not in shown.text
        assert ("There are older decisions too" in shown.text) is is_older
        body = {"receipts": [forged.removesuffix("/kept")]}
        asked = await stage.client().post(f"/v1/sites/{SITE}/claims/access", json=body, headers=headers)
        for bundle in (asked.json(), (await press(stage, forged, do="export")).json()):
            assert (bundle["readers"], bundle["deliveries"], bundle["has_older"]) == ([], [], is_older)
            assert [record["record"]["action"] for one in bundle["subjects"] for record in one["records"]] == [
                "accept_all"
            ]
        assert "all your decisions here: 1." in (await press(stage, forged, do="erase")).text
        assert (await press(stage, forged, do="erase_now")).status_code == 200
    assert (await reader.held()).email == reader.email
    shown = await page(stage, refusal)
    assert shown.status_code == 200 and "/withdraw/" not in shown.text
    await verified(stage.services)


async def test_a_subscriptions_receipt_opens_no_more_than_itself(stage: Stage, module_clock: SetClock) -> None:
    """It may have been passed on with a mail: the mailbox has to say so, by a link of today."""
    module_clock.forward(clock.DAY)
    reader = Reader(stage.services)
    path = await to_manage(stage, reader)
    bundle = await preferences.export(stage.services, path.rpartition("/")[2])
    receipt = bundle.subjects[0].records[0].receipt.removeprefix("http://127.0.0.1:8000")
    for answer in (await page(stage, f"{receipt}/kept"), await press(stage, f"{receipt}/kept", do="erase_now")):
        assert (answer.status_code, answer.headers["location"]) == (303, f"http://127.0.0.1:8000/newsletter/{SITE}")
    assert "Mail me my link" in (await page(stage, receipt)).text
    done = await press(stage, path, do="erase_now")
    assert "Your data is erased" in done.text and "stays" not in (await page(stage, path)).text
    told = await page(stage, _claim(done.text).removeprefix("http://127.0.0.1:8000"))
    assert "A keyed hash of your address" in told.text


async def test_a_receipt_has_the_forms_that_others_read(stage: Stage, module_clock: SetClock) -> None:
    given = (await stage.give(action="save")).json()["receipt"]
    refused = (await stage.give(action="reject_all", purposes=REFUSED)).json()["receipt"]
    answers = {form: await stage.client().get(f"/receipts/{given}?format={form}") for form in FORMS}
    assert {form: answer.status_code for form, answer in answers.items()} == dict.fromkeys(FORMS, 200)
    assert answers["kantara"].json()["version"] == "KI-CR-v1.1.0"
    assert answers["proof"].json()["token"] == given
    assert "attachment" in answers["proof"].headers["content-disposition"]
    none = await stage.client().get(f"/receipts/{refused}?format=kantara")
    assert (none.status_code, "knows no refusal" in none.json()["detail"]) == (404, True)
    assert (await stage.client().get(f"/receipts/{refused}?format=json-ld")).status_code == 200
    assert (await stage.client().get(f"/receipts/{given}?format=pdf")).status_code == 422
    start = module_clock.at
    module_clock.forward(AGES["receipt"] + clock.DAY)
    try:
        assert (await stage.client().get(f"/receipts/{given}?format=proof")).status_code == 410
    finally:
        module_clock.at = start


@pytest.mark.parametrize("scope", ["read", "erase"])
async def test_a_key_answers_requests_as_its_scope_allows(stage: Stage, module_clock: SetClock, scope: str) -> None:
    module_clock.forward(1)  # claims of one millisecond have no order
    subject = new_id()
    path = await kept_of(stage, subject)
    headers = {"Authorization": f"Bearer {await stage.key(scope)}"}
    where = f"/v1/sites/{SITE}/claims"
    body = {"receipts": [path.removesuffix("/kept")], "emails": ["nobody@example.org"]}

    async def ask(what: str, **more: Any) -> Any:
        return await stage.client().post(f"{where}/{what}", json=body | more, headers=headers)

    if scope == "read":
        bundle = (await ask("access")).json()
        assert bundle["subjects"][0]["subject"] == subject and "/claims/" in bundle["claim"]
        assert (await ask("erasure")).status_code == 403
        listed = (await stage.client().get(f"{where}?limit=1", headers=headers)).json()
        assert (listed["claims"][0]["kind"], listed["claims"][0]["asked_by"]) == ("access", ["email", "receipt"])
        assert listed["claims"][0]["actor"].startswith("key:") and listed["next"]
    else:
        plan = (await ask("erasure", dry_run=True)).json()
        done = (await ask("erasure")).json()
        assert (plan["is_done"], done["is_done"], plan["claim"]) == (False, True, None)
        assert plan["counts"] == done["counts"] and done["counts"]["records"] == 1
        assert {one["name"] for one in done["kept"]} >= {"log", "suppression", "claim"}
        assert (await ask("access")).status_code == 403
        assert (await page(stage, path)).status_code == 410
    assert (await ask("erasure", unknown=1)).status_code in (403, 422)
