"""Rules of who receives data: named, reachable, with what they leave in a browser and for how long.

Invariant: what stands under a purpose that nobody can refuse is held to the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import msgspec

from consent.lint import phrases
from consent.lint.choices import OPTIONAL
from consent.lint.finding import Objection, Rule
from consent.notices import Notice, SiteFile
from consent.notices.sitefile import PurposeEntry, ServiceEntry
from consent.notices.wording import quoted


def _services(site: SiteFile) -> Iterator[tuple[str, PurposeEntry, ServiceEntry]]:
    for at, purpose in enumerate(site.purposes):
        for number, service in enumerate(purpose.services):
            yield f"purposes[{at}].services[{number}]", purpose, service


def nobody(site: SiteFile, notice: Notice) -> Iterator[Objection]:
    """A recipient without a name."""
    for where, _, service in _services(site):
        for field in ("provider", "name"):
            text = getattr(service, field)
            if any(phrases.is_all("nobody", language, text) for language in site.languages):
                yield Objection(f"{where}.{field}", f"{quoted(text)} is nobody in particular")


def kept_unsaid(site: SiteFile, notice: Notice) -> Iterator[Objection]:
    """Nothing, or no end, is said of what stays in the browser."""
    for where, purpose, service in _services(site):
        if not service.cookies and (purpose.sale_or_sharing or OPTIONAL & set(purpose.signals)):
            why = f"{quoted(service.id)} names no cookie and no storage, which its purpose is there for"
            yield Objection(f"{where}.cookies", why)
        for which, cookie in enumerate(service.cookies):
            if cookie.kind == "cookie" and cookie.lifetime == "persistent":
                why = f"{quoted(cookie.name)} is said to stay without end, which no browser lets a cookie do"
                yield Objection(f"{where}.cookies[{which}].lifetime", why)


def no_recipients(site: SiteFile, notice: Notice) -> Iterator[Objection]:
    """A purpose that can be refused and names nobody."""
    for at, purpose in enumerate(site.purposes):
        if not purpose.required and not purpose.services:
            yield Objection(f"purposes[{at}].services", f"{quoted(purpose.id)} names nobody who uses data for it")


def unprotected(site: SiteFile, notice: Notice) -> Iterator[Objection]:
    """The site's own policies over an open line."""
    for field in ("privacy_policy", "cookie_policy"):
        address = getattr(site.controller, field)
        if not isinstance(address, msgspec.UnsetType) and _is_open(address):
            yield Objection(f"controller.{field}", f"{quoted(address)} is fetched without encryption")


def unprotected_elsewhere(site: SiteFile, notice: Notice) -> Iterator[Objection]:
    """A recipient's policy over an open line."""
    for where, _, service in _services(site):
        if _is_open(service.privacy_policy):
            yield Objection(
                f"{where}.privacy_policy", f"{quoted(service.privacy_policy)} is fetched without encryption"
            )


def _is_open(address: str) -> bool:
    try:
        parts = urlsplit(address)
        return parts.scheme == "http" and parts.hostname not in ("localhost", "127.0.0.1")
    except ValueError:
        return True


RULES = (
    Rule(
        id="R12",
        words="Everybody who receives data is named.",
        jurisdiction="EU",
        source="CJEU C-673/17 (Planet49); CNIL 2020-091; GDPR, article 13(1)(e)",
        mend="write the legal name of whoever runs the service",
        check=nobody,
    ),
    Rule(
        id="R12b",
        severity="warning",
        words="Of every optional service its cookies and their lifetimes are told.",
        jurisdiction="EU",
        source="CJEU C-673/17 (Planet49), 75-81",
        mend='list what it keeps: { name = "…", lifetime = "90 days", about = "…" }, and kind for other stores',
        check=kept_unsaid,
    ),
    Rule(
        id="R12c",
        severity="warning",
        words="A purpose names the services that it is for.",
        jurisdiction="EU",
        source="CNIL 2020-091; GDPR, article 13(1)(e)",
        mend="list its services, the site's own among them, or take the purpose out",
        check=no_recipients,
    ),
    Rule(
        id="R38",
        words="The policies are reachable by an encrypted line.",
        jurisdiction="EU",
        source="GDPR, articles 12(1) and 32",
        mend="begin the address with https://",
        check=unprotected,
    ),
    Rule(
        id="R38b",
        severity="warning",
        words="The recipients' policies are reachable by an encrypted line.",
        jurisdiction="EU",
        source="GDPR, articles 12(1) and 32",
        mend="begin the address with https://",
        check=unprotected_elsewhere,
    ),
)
