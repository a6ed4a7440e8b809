"""The console's requests and retention: who is meant travels in forms alone, and nothing goes before it is typed."""

from __future__ import annotations

import json

from consent.rights import Who, accessing
from tests.acts import SITE, new_id
from tests.linking import Reader
from tests.reading import verified
from tests.signing_in import posted, signed_in
from tests.web.seeing import Seen
from tests.web.stage import Stage

HOME = f"/console/sites/{SITE}"


async def test_a_request_is_looked_at_answered_and_on_record(stage: Stage) -> None:
    subject, reader = new_id(), Reader(stage.services)
    receipt = (await stage.give(subject=subject)).json()["receipt"]
    await reader.subscribe()
    signed = await signed_in(stage, "dpo")
    who = f"{reader.email}\r\nhttp://127.0.0.1:8000/receipts/{receipt}\r\n"
    found = await posted(stage.http, f"{HOME}/requests", signed, who=who)
    assert found.status_code == 200 and reader.email in found.text and subject in found.text
    trail = await stage.http.get(f"{HOME}/settings/audit", headers=signed)
    assert "Subscriber accessed" in trail.text and reader.email not in trail.text, "a look is on record too"
    given = await posted(stage.http, f"{HOME}/requests/access", signed, who=who, do="page")
    text = " ".join(Seen(given.text).text.split())
    for words in (reader.email, "What happened", "Performance and usage", "1825 days", "Complaint"):
        assert words in text, words
    file = await posted(stage.http, f"{HOME}/requests/access", signed, who=who, do="file")
    assert file.headers["content-disposition"] == f'attachment; filename="{SITE}-access.json"'
    assert json.loads(file.text)["asked_by"] == ["email", "receipt"]
    untyped = await posted(stage.http, f"{HOME}/requests/erase", signed, who=who, confirm="yes")
    assert untyped.status_code == 422 and "Nothing was erased" in untyped.text
    assert not (await accessing.look(stage.services, SITE, Who(emails=(reader.email,)))).is_empty
    done = await posted(stage.http, f"{HOME}/requests/erase", signed, who=who, confirm="Erase")
    assert done.status_code == 200 and "records 2" in done.text and "/claims/" in done.text
    assert reader.email not in done.text
    assert (await accessing.look(stage.services, SITE, Who(emails=(reader.email,)))).readers == ()
    listed = await stage.http.get(f"{HOME}/requests", headers=signed)
    assert listed.text.count("badge warn") == 1 and listed.text.count("badge good") == 2
    assert reader.email not in listed.text and subject not in listed.text
    again = await posted(stage.http, f"{HOME}/requests", signed, who=subject)
    assert "Nothing is kept." in again.text
    await verified(stage.services)


async def test_what_is_wrong_stands_with_the_form(stage: Stage) -> None:
    signed = await signed_in(stage, "owner")
    for who, words in (("", "one thing a line"), ("a@b@c", "The email:"), ("not a receipt", "The receipt:")):
        answer = await posted(stage.http, f"{HOME}/requests", signed, who=who)
        assert answer.status_code == 422 and words in answer.text, who
        assert 'role="alert"' in answer.text
    assert (await posted(stage.http, f"{HOME}/requests/erase", signed, who="x", confirm="erase")).status_code == 422


async def test_the_periods_and_what_goes_next_are_shown(stage: Stage) -> None:
    await stage.give()
    shown = await stage.http.get(f"{HOME}/settings/retention", headers=await signed_in(stage, "viewer"))
    assert shown.status_code == 200
    assert "records_days = 1825" in shown.text and "not yet" in shown.text
    assert "2032-05-2" in shown.text  # the choice lasts for 182 days, and its proof for five years more
