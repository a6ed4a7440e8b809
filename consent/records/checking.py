"""Holds an answer against the notice that it names.

Invariant: every purpose of the notice that is not required is decided, and nothing else is.
"""

from __future__ import annotations

from functools import lru_cache
from urllib.parse import urlsplit

from consent import clock
from consent.errors import Fault, Refused
from consent.records.shape import Asked, ConsentRequest
from consent.regimes import allowed, lasts


def check(request: ConsentRequest, asked: Asked) -> None:
    """Holds an answer against the notice it names.

    Raises:
        Refused: with one fault for each purpose that is missing or unknown, a foreign language, …
    """
    faults = [*_decision_faults(request, asked), *_action_faults(request, asked)]
    if request.language not in asked.languages:
        faults.append(Fault("language", f"the notice has no '{request.language}'"))
    if request.regime not in allowed(asked.regime):
        faults.append(Fault("regime", f"the site's is {asked.regime}"))
    if request.decided_at is not None and not _is_time(request.decided_at):
        faults.append(Fault("decided_at", "expected a time in UTC like 2026-11-22T10:00:00.123Z"))
    if request.hand_off is not None and request.action != "import":
        faults.append(Fault("hand_off", "belongs to the action import"))
    if request.page is not None and not is_page(request.page):
        faults.append(Fault("page", "expected an http or https address"))
    if faults:
        raise Refused(*faults)


def days(request: ConsentRequest, asked: Asked) -> int:
    """How long the choice lasts: one that gives nothing may have a life of its own, and so may one of a regime."""
    is_refusal = not any(request.purposes.values()) and not any(request.services.values())
    days = asked.refusal_days if is_refusal and asked.refusal_days is not None else asked.expires_days
    return lasts(request.regime, days)


def _decision_faults(request: ConsentRequest, asked: Asked) -> list[Fault]:
    decided, services = request.purposes.keys(), request.services
    if decided == asked.optional and not services:
        return []
    missing = [Fault(f"purposes.{name}", "missing: expected true or false") for name in asked.optional - decided]
    foreign = [Fault(f"purposes.{name}", "the notice asks for no such purpose") for name in decided - asked.optional]
    unknown = [name for name in services if name not in asked.services]
    return [*missing, *foreign, *(Fault(f"services.{name}", "the notice has no such service") for name in unknown)]


def _action_faults(request: ConsentRequest, asked: Asked) -> list[Fault]:
    decisions = [*request.purposes.values(), *request.services.values()]
    match request.action:
        case "accept_all" if not all(decisions):
            return [Fault("action", "accept_all, but something is refused")]
        case "reject_all" | "withdraw" if any(decisions):
            return [Fault("action", f"{request.action}, but something is given")]
        case "dismiss" if request.regime == "opt_in" and any(decisions):
            return [Fault("action", "closing the notice gives nothing under opt_in")]
        case "acknowledge" if request.regime != "notice_only":
            return [Fault("action", "acknowledge belongs to notice_only")]
        case "gpc" if any(request.purposes.get(name) for name in asked.sale_or_sharing):
            return [Fault("action", "gpc refuses what is sold or shared")]
    return []


def _is_time(words: str) -> bool:
    """Whether it is RFC 3339 in UTC, the one form that times have here."""
    try:
        clock.parse(words)
    except ValueError:
        return False
    return words.endswith(("Z", "+00:00"))


@lru_cache(maxsize=1024)  # many decide on the same few pages
def is_page(page: str) -> bool:
    """Whether it is the address of a page."""
    try:
        parts = urlsplit(page)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and page.isprintable()
