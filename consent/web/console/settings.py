"""The pages under Settings: what stands in their list, and how each is answered.

Invariant: a page that the role may not see is not in the list.
"""

from __future__ import annotations

from starlette.responses import Response

from consent.accounts.roles import Capability
from consent.web.console.guard import Visit

HOME = "/console/sites/{site}/settings"
PLACES: tuple[tuple[str, str, str, Capability], ...] = (
    ("install", "", "Install", "see"),
    ("cookies", "/cookies", "Cookies found", "see"),
    ("keys", "/keys", "Keys", "connect"),
    ("people", "/people", "People", "invite"),
    ("webhooks", "/webhooks", "Webhooks", "connect"),
    ("retention", "/retention", "Retention", "see"),
    ("audit", "/audit", "Audit trail", "audit"),
)
"""Name, address below `/settings`, words, and who may see it."""


def answer(visit: Visit, template: str, /, *, place: str, title: str, **shown: object) -> Response:
    """A page under Settings; `shown` is as `Visit.answer` takes it."""
    places = [(name, f"{visit.home}/settings{end}", words) for name, end, words, needed in PLACES if visit.may(needed)]
    # `answer` names its own keywords; what is for the template goes along with them.
    return visit.answer(template, title=title, tab="settings", place=place, places=places, **shown)  # type: ignore[arg-type]
