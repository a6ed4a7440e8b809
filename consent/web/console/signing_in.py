"""Signing in by a link: asked for, opened, pressed; and signing out.

Opening a link shows a button and changes nothing, for programs open the links in mails too; the button signs in. A link
that was asked for works in the browser where that was, so that nobody can have another person open theirs.

Invariant: the answer to who asks for a link is the same, and takes as long, whoever may sign in.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from consent import addresses, ids
from consent.accounts import links, passkeys, sessions, signing_in
from consent.accounts.links import Looked
from consent.errors import Refused
from consent.limits import Rate
from consent.services import Services
from consent.web import access, evenly, forms
from consent.web.console import browsers, cookies, crossing
from consent.web.console.guard import act, outside
from consent.web.console.visiting import Visit, bare
from consent.web.requests import client_of, header

RATE = Rate(burst=20, per_minute=10)
"""Of one address of the network: sign-in pages sent and links opened."""
HOME = "/console"
SCRIPTS = ("console-passkeys.js",)


@outside
async def show(request: Request, services: Services) -> Response:
    """The page that asks for an address, or for a passkey."""
    return form(services, crossing.safe_next(request.query_params.get("next", "")))


@outside
async def ask(request: Request, services: Services) -> Response:
    """Owes a link to the address, if it may sign in."""
    await check(request, services)
    fields = dict(await forms.read(request.scope, request.receive))
    wanted = crossing.safe_next(fields.get("next", ""))
    browser = cookies.read(request, services, cookies.ASKED) or ids.secret()
    try:
        async with evenly.answered():
            await signing_in.ask(services, fields.get("email", ""), browser, _network(request, services))
    except Refused as error:
        return form(services, wanted, email=fields.get("email", ""), fault=error.faults[0].message)
    response = RedirectResponse("/console/sign-in/asked", 303)
    cookies.put(response, services, cookies.ASKED, browser, cookies.ASKED_SECONDS)
    cookies.put(response, services, cookies.NEXT, wanted, cookies.ASKED_SECONDS)
    return response


@outside
async def asked(request: Request, services: Services) -> Response:
    """What comes next, whether a mail was sent or not."""
    return bare("console/asked.html", title="Look into your mail")


@outside
async def open_link(request: Request, services: Services) -> Response:
    """What the link would do, and one button."""
    await access.check_rate(services, "console", client_of(request.scope, services.networks), RATE)
    looked = await links.look(services, request.path_params["secret"], _browser(request, services))
    return _opened(looked)


@outside
async def use_link(request: Request, services: Services) -> Response:
    """Signs in."""
    await check(request, services)
    secret, browser = request.path_params["secret"], _browser(request, services)
    looked = await links.look(services, secret, browser)
    if looked.state != "good":
        return _opened(looked)
    begun = await signing_in.use(services, secret, browser, browser_of(request))
    return await entered(request, services, begun, cookies.read(request, services, cookies.NEXT))


@act(None)
async def sign_out(visit: Visit) -> Response:
    """Ends this session, and has the browser forget what it keeps of the console."""
    await sessions.end_this(visit.services, visit.secret)
    await signing_in.note(visit.services, visit.member, "session.ended", {"by": "sign-out"})
    response = RedirectResponse("/console/sign-in", 303)
    cookies.drop(response, visit.services, cookies.SESSION)
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


async def entered(request: Request, services: Services, begun: str, wanted: str) -> Response:
    """Into the console with a new session; one that this browser had before is over."""
    if old := cookies.read(request, services, cookies.SESSION):
        await sessions.end_this(services, old)
    response = RedirectResponse(crossing.safe_next(wanted) or HOME, 303)
    cookies.put(response, services, cookies.SESSION, begun)
    for name in (cookies.ASKED, cookies.NEXT):
        cookies.drop(response, services, name)
    return response


def browser_of(request: Request) -> str:
    """What the list of sessions calls this browser."""
    return browsers.named(header(request.scope, b"user-agent"))


async def check(request: Request, services: Services) -> None:
    """Refuses forms of other origins, and too many of one address."""
    crossing.check_page(request)
    await access.check_rate(services, "console", client_of(request.scope, services.networks), RATE)


def _network(request: Request, services: Services) -> str:
    return addresses.bucket(client_of(request.scope, services.networks))


def _browser(request: Request, services: Services) -> str:
    return cookies.read(request, services, cookies.ASKED)


def form(services: Services, wanted: str, email: str = "", fault: str = "", said: str = "") -> Response:
    """The page that asks who it is; `fault` is the address's, `said` the passkey's."""
    return bare(
        "console/sign_in.html",
        title="Sign in",
        status=422 if fault or said else 200,
        scripts=SCRIPTS,
        next=crossing.safe_next(wanted),
        email=email,
        fault=fault,
        said=said,
        are_offered=passkeys.are_offered(services),
    )


def _opened(looked: Looked) -> Response:
    """A button; or why there is none: too old (410), or asked for in another browser (403)."""
    status = {"good": 200, "elsewhere": 403, "over": 410}[looked.state]
    titles = {"good": "Open the console", "elsewhere": "Another browser", "over": "This link is over"}
    return bare("console/link.html", title=titles[looked.state], status=status, looked=looked)


ROUTES: list[BaseRoute] = [
    Route("/console/sign-in", show),
    Route("/console/sign-in", ask, methods=["POST"]),
    Route("/console/sign-in/asked", asked),
    Route("/console/sign-out", sign_out, methods=["POST"]),
]
LINKS: list[BaseRoute] = [
    Route("/console/sign-in/{secret}", open_link),
    Route("/console/sign-in/{secret}", use_link, methods=["POST"]),
]
"""After all other addresses below sign-in."""
