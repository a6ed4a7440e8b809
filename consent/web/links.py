"""The pages behind signed links: a receipt, and withdrawal.

Invariant: GET never changes anything.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from consent import ledger, tokens
from consent.web import replies
from consent.web.requests import services_of


async def receipt(request: Request) -> Response:
    """The receipt."""
    token = request.path_params["token"]
    return replies.json(ledger.read_receipt(services_of(request.scope), tokens.site_of(token), token))


async def withdraw(request: Request) -> Response:
    """Withdraws."""
    token = request.path_params["token"]
    services, site = services_of(request.scope), tokens.site_of(token)
    reference = services.tokens.read("withdraw", site, token, tokens.Reference)
    if request.method == "POST":
        return replies.json(await ledger.withdraw(services, site, reference.id))
    return replies.json(reference)
