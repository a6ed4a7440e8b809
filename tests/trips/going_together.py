"""Two sites of one controller that go together, and a choice on its way from the one to the other."""

from __future__ import annotations

from typing import Any

from consent import handing_off, ledger
from consent.handing_off import HandOffRequest, OpenRequest
from consent.records import Circumstances, ConsentRecord, ConsentRequest
from consent.regimes import Regime
from consent.services import Services
from tests import acts
from tests.acts import SITE
from tests.running import MIAMI, notice_of

PARTNER = "phoenix-new-times"
THERE = "https://www.phoenixnewtimes.com"
SOME = {"analytics": True, "content": False, "advertising": False}
REGIME: Regime = "opt_in"


def file(site: str = SITE, together: str = PARTNER, *changes: tuple[str, str]) -> bytes:
    """The Miami site's file, or its sister's, going together with another."""
    text = MIAMI.read_text("utf-8")
    pairs = [("[consent]\n", f'[consent]\ntogether = ["{together}"]\n')]
    if site != SITE:
        pairs += [(f'id = "{SITE}"', f'id = "{site}"'), ('https://www.miaminewtimes.com"', f'{THERE}"')]
        pairs += [('name = "Miami New Times"', 'name = "Phoenix New Times"')]
    for old, new in (*pairs, *changes):
        assert old in text, old
        text = text.replace(old, new, 1)
    return text.encode()


async def choose(services: Services, purposes: dict[str, bool] = SOME, /, **fields: Any) -> tuple[ConsentRequest, str]:
    """A choice at the Miami site, and its receipt."""
    request = acts.request(notice_of(services), purposes, **fields)
    answer, _ = await ledger.give(services, SITE, request, Circumstances())
    return request, answer.receipt


def token_of(services: Services, receipt: str, to: str = THERE) -> str:
    body = HandOffRequest(receipt=receipt, to=to)
    return handing_off.hand_over(services, services.directory.get(SITE), body).token


async def opened(services: Services, token: str, regime: Regime = REGIME) -> tuple[dict[str, bool], dict[str, bool]]:
    found = await handing_off.open_(services, services.directory.get(PARTNER), OpenRequest(token=token), regime)
    return found.purposes, found.services


async def ticket_of(services: Services, token: str) -> str:
    opening = OpenRequest(token=token)
    return (await handing_off.open_(services, services.directory.get(PARTNER), opening, REGIME)).ticket


async def bring(services: Services, token: str, purposes: dict[str, bool] = SOME, /, **fields: Any) -> ConsentRecord:
    """The record that the partner site makes of it, opened now unless a ticket is given; as the database has it."""
    ticket = fields.pop("hand_off") if "hand_off" in fields else await ticket_of(services, token)
    usual = {"notice": notice_of(services, PARTNER), "action": "import", "hand_off": ticket}
    request = acts.request(purposes=purposes, **(usual | fields))
    answer, _ = await ledger.give(services, PARTNER, request, Circumstances())
    return await ledger.find(services, PARTNER, answer.id)
