"""Who may see a page of the console, and who may change something there: the one place that decides it.

`page` and `act` wrap what shows a page and what takes a form; both are handed a Visit: who is signed in, at which site,
in which role, and the ways to answer.

Invariant: nothing of a site is shown or done without a session whose member has a role there that allows it, looked up
for this very request, and once more when its form has come. To whoever has no role at a site it does not exist.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
from collections.abc import Awaitable, Callable
from urllib.parse import quote, urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from consent.accounts import roles, sessions
from consent.accounts.roles import Capability
from consent.accounts.sessions import Signed
from consent.directory import Published
from consent.errors import ConsentError, SignInRequired, Unknown
from consent.services import Services
from consent.web import bodies, forms, problems
from consent.web.console import cookies, crossing
from consent.web.console.visiting import Visit, bare
from consent.web.pages import failures
from consent.web.requests import header, services_of

__all__ = ["Visit", "act", "outside", "page"]

SIGN_IN = "/console/sign-in"
PROBLEM = "console/problem.html"
MANY_FIELDS = 4000
"""Of a form that may be longer than usual."""
LONG = 1024 * 1024
"""Bytes of a form from which on few are read at once: each takes several times its length while it is."""

Handler = Callable[[Request], Awaitable[Response]]
Shown = Callable[[Visit], Awaitable[Response]]
Outside = Callable[[Request, Services], Awaitable[Response]]


def page(capability: Capability | None) -> Callable[[Shown], Handler]:
    """For what shows a page to who has the capability at the `site` of the path; None: to whoever is signed in."""

    def guarded(shown: Shown) -> Handler:
        @functools.wraps(shown)
        async def answer(request: Request) -> Response:
            visit = await _visit(request, capability)
            return await _answered(visit, shown) if isinstance(visit, Visit) else visit

        return answer

    return guarded


def act(capability: Capability | None, *, limit: int = bodies.LIMIT) -> Callable[[Shown], Handler]:
    """For what takes a form of at most `limit` bytes: as `page`, and the form was sent by a page of this session."""

    def guarded(done: Shown) -> Handler:
        @functools.wraps(done)
        async def answer(request: Request) -> Response:
            before = await _visit(request, capability)
            if not isinstance(before, Visit):
                return before
            try:
                form = await _form(request, limit)
            except ConsentError as error:
                return _failed(before, error)
            visit = await _visit(request, capability)  # a form takes its time: what held before it may be over
            if not isinstance(visit, Visit):
                return visit
            visit.form.extend(form)

            async def checked(visit: Visit) -> Response:
                crossing.check_token(visit.field("token"), visit.csrf)
                return await done(visit)

            return await _answered(visit, checked)

        return answer

    return guarded


def outside(shown: Outside) -> Handler:
    """For what needs no session: signing in."""

    @functools.wraps(shown)
    async def answer(request: Request) -> Response:
        services = services_of(request.scope)
        try:
            return await shown(request, services)
        except ConsentError as error:
            return _told(request, None, error)

    return answer


_reading_long = asyncio.Semaphore(2)


async def _form(request: Request, limit: int) -> forms.Fields:
    """The form of a page of ours."""
    crossing.check_page(request)
    most = MANY_FIELDS if limit > bodies.LIMIT else forms.MOST_FIELDS
    async with _reading_long if limit > LONG else contextlib.nullcontext():
        return await forms.read(request.scope, request.receive, limit, most)


async def _visit(request: Request, capability: Capability | None) -> Visit | Response:
    """The visit when it is allowed; else the page that says why not."""
    services = services_of(request.scope)
    secret = cookies.read(request, services, cookies.SESSION)
    signed = await sessions.find(services, secret)
    if signed is None:
        return _sign_in(request)
    try:
        site = _site(services, request, signed)
    except Unknown as error:
        return _failed(Visit(request=request, services=services, signed=signed, secret=secret), error)
    visit = Visit(request=request, services=services, signed=signed, secret=secret, found=site)
    if capability is not None and not visit.may(capability):
        return _refused(visit, capability)
    return visit


def _site(services: Services, request: Request, signed: Signed) -> Published | None:
    """The site of the path, None when it has none.

    Raises:
        Unknown: there is none, or the member has no role there, which must look alike.
    """
    name = request.path_params.get("site")
    if name is None:
        return None
    site = services.directory.find(name) if signed.role_at(name) else None
    if site is None:
        raise Unknown("There is no such site, or you have no role there.")
    return site


async def _answered(visit: Visit, shown: Shown) -> Response:
    """The answer; what is wrong is told in the way that the caller reads."""
    try:
        return await shown(visit)
    except ConsentError as error:
        return _failed(visit, error)


def _sign_in(request: Request) -> Response:
    """To the page for it, and back afterwards; a script is told so."""
    if failures.wants_json(request):
        return problems.response(SignInRequired("nobody is signed in with this browser: sign in to the console"))
    wanted = crossing.safe_next(_wanted(request))
    query = f"?{urlencode({'next': wanted}, quote_via=quote, safe='/')}" if wanted not in ("", "/console") else ""
    return RedirectResponse(f"{SIGN_IN}{query}", 303)


def _wanted(request: Request) -> str:
    """The page that is asked for; of a form that is sent, the one that it is on."""
    if request.method in ("GET", "HEAD"):
        return request.url.path + (f"?{request.url.query}" if request.url.query else "")
    ours = crossing.origin_of(services_of(request.scope))
    referrer = header(request.scope, b"referer")
    return referrer.removeprefix(ours) if referrer.startswith(f"{ours}/") else ""


def _refused(visit: Visit, capability: Capability) -> Response:
    """A page that says which roles may."""
    able = [role for role in roles.ROLES if roles.may(role, capability)]
    return visit.answer(
        "console/refused.html", title="Not in your role", status=403, able=able, what=roles.MEANS[capability]
    )


def _failed(visit: Visit, error: ConsentError) -> Response:
    return _told(visit.request, visit, error)


def _told(request: Request, visit: Visit | None, error: ConsentError) -> Response:
    """The problem as a page of the console; for a script as it is everywhere else."""
    problem = problems.response(error)
    if problem.status_code == 500 or failures.wants_json(request):  # the first was logged, and says nothing to show
        return problem
    told = problems.problem(error)
    headers = {name: problem.headers[name] for name in ("retry-after",) if name in problem.headers}
    if visit is None:
        return bare(PROBLEM, title=told.title, status=told.status, headers=headers, problem=told)
    return visit.answer(PROBLEM, title=told.title, status=told.status, headers=headers, problem=told)
