"""Words altered in the database: the service does not pass them on, and says no more than that it failed."""

from __future__ import annotations

from tests.acts import SITE
from tests.clock import SetClock
from tests.storage.tampering import intruding
from tests.web.stage import staged


async def test_an_altered_notice_is_not_given_out(database_url: str, clock: SetClock) -> None:
    async with staged(database_url, clock) as stage:
        key = await stage.key()
        digest = (await stage.asked("/notices", key)).json()["current"]
        before = await stage.asked(f"/notices/{digest}", key)
        assert before.status_code == 200
        script = await stage.http.get(f"/w/{SITE}.js")
        async with intruding(database_url) as intruder:
            await intruder.execute("UPDATE notices SET document = replace(document, 'cookies', 'biscuits')")
        done = await stage.asked(f"/notices/{digest}", key)
        assert (done.status_code, done.json()["code"]) == (500, "internal_error")
        assert "biscuits" not in done.text
        assert "digest" not in done.text
        assert (await stage.http.get(f"/w/{SITE}.js")).content == script.content
