"""Lines of the audit trail verify as all others do, in the database and in a file; they answer no notice."""

from __future__ import annotations

import msgspec

from consent import auditing, ledger, verifying
from consent.records import Circumstances
from consent.services import Services
from tests.acts import SITE, request
from tests.running import notice_of
from tests.trips.exported import export, found, replaced, verdict


async def test_an_act_that_names_a_notice_that_is_gone_is_in_order(services: Services) -> None:
    await ledger.give(services, SITE, request(notice_of(services)), Circumstances())
    gone = {"notice": "0" * 64, "revision": 2}
    await auditing.note(services, SITE, auditing.COMMAND, "draft.discarded", gone)
    assert (await verifying.verify(services.database, services.vault, SITE)).records == 2
    lines = await export(services)
    assert found(lines) == (2, 0, 2)
    assert msgspec.json.decode(lines[1])["kind"] == "audit"
    assert verdict(replaced(b"draft.discarded", b"notice.approved", place=1)(lines)) == 2
