"""A problem as a plain, friendly page, where a person followed a link.

Invariant: the page has the problem's own status and tells no more than the problem does.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from consent.errors import Erased
from consent.web import problems
from consent.web.pages import engine, words
from consent.web.requests import header

KINDS = {400: "foreign", 404: "foreign", 410: "old", 429: "busy"}


def prefers_page(request: Request) -> bool:
    """Whether a person's browser asks: HTML comes before any other form that is spoken here."""
    ranked = _ranked(header(request.scope, b"accept"))
    return ranked.get("text/html", 0.0) > max(ranked.get(name, 0.0) for name in MACHINE)


def wants_json(request: Request) -> bool:
    """Whether a program asks for JSON by name; who asks for nothing or for anything gets the page."""
    ranked = _ranked(header(request.scope, b"accept"))
    machine = max(ranked.get(name, 0.0) for name in MACHINE)
    return machine > 0 and machine > ranked.get("text/html", 0.0)


MACHINE = ("application/ld+json", "application/json", "application/problem+json")


def answer(request: Request, error: Exception) -> Response:
    """The problem as a page or, for a program, as it is everywhere else."""
    problem = problems.response(error)
    if not prefers_page(request):
        return problem
    headers = {name: problem.headers[name] for name in ("retry-after",) if name in problem.headers}
    kind = "erased" if isinstance(error, Erased) else KINDS.get(problem.status_code, "failed")
    return page(request, kind, problem.status_code, headers)


def too_old(request: Request, error: Exception) -> Response:
    """The same for a link of a mail that leads nowhere any more: it was too old, or whom it was about is gone."""
    return page(request, "old", 410, section="reader") if prefers_page(request) else problems.response(error)


def page(
    request: Request, kind: str, status: int, headers: dict[str, str] | None = None, section: str = words.RECEIPT
) -> Response:
    """The page that says what happened: erased, old, foreign, busy or failed; unsubscribed is the readers' own."""
    spoken = words.of_reader(header(request.scope, b"accept-language"))
    titles = spoken.of("reader") if kind == "unsubscribed" else spoken
    shown = {"words": spoken, "title": titles(f"{kind}_title"), "lead": titles.of(section)(kind)}
    shown_headers = {**(headers or {}), "Vary": "Accept, Accept-Language"}
    return engine.page("pages/failure.html", status=status, headers=shown_headers, **shown)


def _ranked(accept: str) -> dict[str, float]:
    """Media type -> weight; a weight that cannot be read counts as 1."""
    ranked = {}
    for offer in accept.lower().split(","):
        media, *parameters = (part.strip() for part in offer.split(";"))
        weight = next((value[2:] for value in parameters if value.startswith("q=")), "1")
        ranked[media] = float(weight) if weight.replace(".", "", 1).isdigit() else 1.0
    return ranked
