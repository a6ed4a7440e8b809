"""Services that are known by name or by what they leave in a browser (`known.toml`), and what they are for.

Invariant: what is known is a fact about somebody's service, never a guess from a purpose's name; so a finding that
rests on it names the service.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from fnmatch import fnmatchcase
from functools import cache, lru_cache
from importlib import resources
from typing import Literal, NamedTuple

import msgspec

from consent.notices import SiteFile
from consent.notices.sitefile import CookieEntry, ServiceEntry

Kind = Literal["advertising", "measurement", "exemptible", "embed"]


class Known(NamedTuple):
    """A service of somebody's."""

    name: str
    kind: Kind
    called: tuple[str, ...]
    keeps: tuple[str, ...]


class Spotted(NamedTuple):
    """A known service in a file: at which purpose, where, and by what it was known."""

    purpose: int
    where: str
    by: str
    known: Known


@cache
def catalogue() -> tuple[Known, ...]:
    """Every service that is known."""
    kinds = tomllib.loads((resources.files("consent.lint") / "known.toml").read_text("utf-8"))
    return tuple(
        Known(name, msgspec.convert(kind, Kind), tuple(one["called"]), tuple(one["keeps"]))
        for kind, services in kinds.items()
        for name, one in services.items()
    )


def spotted(site: SiteFile) -> Iterator[Spotted]:
    """The known services that a file names, each once a service: by its name, else by its first cookie that tells."""
    for at, purpose in enumerate(site.purposes):
        for number, service in enumerate(purpose.services):
            where = f"purposes[{at}].services[{number}]"
            named = _by_name(service.id, service.name)
            if named:
                yield Spotted(at, where, service.name, named)
            else:
                yield from (Spotted(at, *rest) for rest in _by_cookies(service, where))


def _by_cookies(service: ServiceEntry, where: str) -> Iterator[tuple[str, str, Known]]:
    for number, cookie in enumerate(service.cookies):
        if known := by_cookie(cookie):
            yield f"{where}.cookies[{number}]", cookie.name, known
            return


@lru_cache(4096)
def _by_name(id_: str, name: str) -> Known | None:
    named = f"{_spaced(id_)}\n{_spaced(name)}"
    return next((known for pattern, known in _names() if pattern.search(named)), None)


@cache
def _names() -> tuple[tuple[re.Pattern[str], Known], ...]:
    return tuple(
        (re.compile(rf"(?<!\w)(?:{'|'.join(re.escape(_spaced(called)) for called in known.called)})(?!\w)"), known)
        for known in catalogue()
    )


def _spaced(name: str) -> str:
    return re.sub(r"[-_\s]+", " ", name.lower())


def by_cookie(cookie: CookieEntry) -> Known | None:
    """Whose cookie it is, when that is known."""
    return _whose(cookie.name, "" if isinstance(cookie.domain, msgspec.UnsetType) else cookie.domain.lstrip("."))


@lru_cache(4096)
def _whose(name: str, domain: str) -> Known | None:
    # A file's own star stands for any end, and so for one that fits.
    given = name.replace("*", "x")
    for known in catalogue():
        for keeps in known.keeps:
            pattern, _, host = keeps.partition("@")
            if fnmatchcase(given, pattern.replace("[", "[[]")) and (
                not host or domain == host or domain.endswith(f".{host}")
            ):
                return known
    return None
