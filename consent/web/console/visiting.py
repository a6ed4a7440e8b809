"""A visit: one request of somebody who is signed in, and the ways to answer it.

Invariant: every page of the console is told to keep to itself: nothing is cached, framed, opened by others or loaded
from elsewhere, and no script can make markup out of text.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from consent import auditing
from consent.accounts import roles, sessions
from consent.accounts.roles import Capability, Role
from consent.accounts.sessions import Signed
from consent.directory import Published
from consent.records import Actor
from consent.services import Services
from consent.storage.members import EVERYWHERE, Member
from consent.web.console import cookies
from consent.web.forms import Fields
from consent.web.pages import engine

TABS: tuple[tuple[str, str, str, Capability], ...] = (
    ("overview", "", "Overview", "see"),
    ("notice", "/notice", "Notice", "see"),
    ("records", "/records", "Records", "see_people"),
    ("readers", "/readers", "Readers", "see_people"),
    ("requests", "/requests", "Requests", "see_people"),
    ("settings", "/settings", "Settings", "see"),
)
"""A site's pages: what they are called in templates and by people, where they are, and who may see them."""
TRUSTED_TYPES = "require-trusted-types-for 'script'; trusted-types 'none'"
HEADERS = {"Cross-Origin-Opener-Policy": "same-origin", "Vary": "Cookie, Accept"}


def policy(*, scripts: bool = False, more: str = "") -> str:
    """What a page of the console may do; `scripts` of our own may run and ask the console, `more` is added."""
    own = "; script-src 'self'; connect-src 'self'" if scripts else ""
    return f"{engine.POLICY}{own}; {TRUSTED_TYPES}" + (f"; {more}" if more else "")


def bare(
    template: str,
    /,
    *,
    title: str,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    scripts: Sequence[str] = (),
    **shown: object,
) -> Response:
    """A page in the console's layout for somebody who is not signed in."""
    usual = {"Content-Security-Policy": policy(scripts=bool(scripts)), **HEADERS}
    given = {
        "visit": None, "site": None, "member": None, "role": None, "csrf": "", "told": "", "tab": "", "tabs": (),
        "title": title, "scripts": scripts,
    }  # fmt: skip
    return engine.page(template, status=status, headers={**usual, **(headers or {})}, **{**given, **shown})


class Visit(msgspec.Struct, frozen=True, kw_only=True):
    """One request of a member."""

    request: Request
    services: Services
    signed: Signed
    secret: str
    """The session's id."""
    found: Published | None = None
    form: Fields = []
    """What was sent, in order; the token too."""

    @property
    def site(self) -> Published:
        """The site of the path."""
        if self.found is None:
            raise LookupError("this page is of no site")
        return self.found

    @property
    def member(self) -> Member:
        """Who asks."""
        return self.signed.member

    @property
    def role(self) -> Role | None:
        """What the member is at the site; None where the path has none."""
        return self.signed.role_at(self.found.id) if self.found else None

    @property
    def actor(self) -> Actor:
        """Who asks, as the audit trail names it."""
        return auditing.by_member(self.member.id)

    @property
    def is_told_all(self) -> bool:
        """Whether the member has a role at every site: what one site may not know of another is no secret to them."""
        return EVERYWHERE in self.signed.roles

    @property
    def csrf(self) -> str:
        """What every form of this session carries as `token`."""
        return sessions.form_token(self.secret)

    @property
    def home(self) -> str:
        """The address of the site's first page; the others begin with it."""
        return f"/console/sites/{self.site.id}"

    def may(self, capability: Capability) -> bool:
        """Whether the member may do this at the site."""
        return self.role is not None and roles.may(self.role, capability)

    def field(self, name: str) -> str:
        """The form's field, the first of its name; empty when there is none."""
        return next((value for key, value in self.form if key == name), "")

    def sites(self) -> list[Published]:
        """The sites where the member has a role, by name."""
        found = [site for site in self.services.directory.all() if self.signed.role_at(site.id)]
        return sorted(found, key=lambda site: site.notice.name.casefold())

    def answer(
        self,
        template: str,
        /,
        *,
        title: str,
        tab: str = "",
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        scripts: Sequence[str] = (),
        **shown: object,
    ) -> Response:
        """A page in the console's layout; `scripts` are files of ours, `headers` take the place of the usual ones."""
        told = cookies.opened(cookies.read(self.request, self.services, cookies.TOLD), self.secret)
        usual = {"Content-Security-Policy": policy(scripts=bool(scripts)), **HEADERS}
        given = {
            "visit": self, "site": self.found, "member": self.member, "role": self.role, "csrf": self.csrf,
            "told": told, "tab": tab, "tabs": self._tabs(), "title": title, "scripts": scripts,
        }  # fmt: skip
        response = engine.page(template, status=status, headers={**usual, **(headers or {})}, **{**given, **shown})
        if told:
            cookies.drop(response, self.services, cookies.TOLD)
        return response

    def to(self, address: str, *, told: str = "") -> Response:
        """To another page of the console, which says the sentence once."""
        response = RedirectResponse(address, 303)
        if told:
            cookies.put(response, self.services, cookies.TOLD, cookies.sealed(told, self.secret), cookies.TOLD_SECONDS)
        return response

    def _tabs(self) -> list[tuple[str, str, str]]:
        """The site's pages that the role may see: name, address, words."""
        return [(name, self.home + end, words) for name, end, words, needed in TABS if self.found and self.may(needed)]
