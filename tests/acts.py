"""What visitors do in the tests: answers to the Miami site's notice, as requests and as drafts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from consent import clock, ids
from consent.records import Circumstances, ConsentRequest, Draft

SITE = "miami-new-times"
GIVEN = {"advertising": True, "analytics": True, "content": True}
REFUSED = dict.fromkeys(GIVEN, False)
SERVICES = {"youtube": True, "google-ads": False}


def new_id() -> str:
    """An id as the widget makes them."""
    return str(ids.uuid7(clock.now()))


def request(notice: str, purposes: Mapping[str, bool] = GIVEN, **fields: Any) -> ConsentRequest:
    """An answer to the notice with this digest; `fields` say what is not as usual."""
    usual = {
        "id": new_id(),
        "subject": new_id(),
        "notice": notice,
        "language": "en",
        "action": "save",
        "purposes": dict(purposes),
        "regime": "opt_in",
    }
    return msgspec.convert(usual | fields, ConsentRequest)


def draft(notice: str, purposes: Mapping[str, bool] = GIVEN, site: str = SITE, **fields: Any) -> Draft:
    """The same, on its way to the log."""
    seen = Circumstances(country="US", device="phone", gpc_header=True)
    return Draft(site=site, request=request(notice, purposes, **fields), circumstances=seen, expires_days=182)


def unchecked(like: Draft, **fields: str) -> Draft:
    """A draft with fields that no body could carry past the checks."""
    return msgspec.structs.replace(like, request=msgspec.structs.replace(like.request, **fields))


def again(like: Draft) -> Draft:
    """The same answer by another subject, quickly made."""
    return msgspec.structs.replace(like, request=msgspec.structs.replace(like.request, id=new_id(), subject=new_id()))
