"""What a page leaves in a browser and asks of others, as a browser tells it: two ways to write it down, one to read it.

`SCRIPT` is for a browser's own console; an HTTP archive (HAR 1.2) is what every browser's network panel and every test
driver can export, and has the cookies that no script may read.

Invariant: names alone are read, never what is kept under them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Literal
from urllib.parse import urlsplit

import msgspec

from consent.errors import Fault, Refused

Kind = Literal["cookie", "local_storage", "session_storage", "indexed_db"]
KINDS: tuple[Kind, ...] = ("cookie", "local_storage", "session_storage", "indexed_db")
MOST = 1000
"""Names, and addresses, of one page that are looked at."""
LONGEST = 256

SCRIPT = """\
(async () => {
  const databases = (await indexedDB.databases?.()) ?? [];
  console.log(JSON.stringify({
    page: location.origin + location.pathname,
    cookie: document.cookie.split("; ").map((one) => one.split("=")[0]),
    local_storage: Object.keys(localStorage),
    session_storage: Object.keys(sessionStorage),
    indexed_db: databases.map((one) => one.name),
    addresses: performance.getEntriesByType("resource").map((one) => one.name.split(/[?#]/)[0]),
  }));
})()"""


class Trace(msgspec.Struct, frozen=True, kw_only=True, order=True):
    """Something that is kept in the browser, by its name."""

    kind: Kind
    name: str


class Traces(msgspec.Struct, frozen=True, kw_only=True):
    """What one page left and asked for; each once, in order."""

    page: str
    """Its address without a query."""
    kept: tuple[Trace, ...]
    addresses: tuple[str, ...]


class _Told(msgspec.Struct):
    """What `SCRIPT` writes."""

    page: str
    cookie: list[str] = []
    local_storage: list[str] = []
    session_storage: list[str] = []
    indexed_db: list[str] = []
    addresses: list[str] = []


def read(text: str | bytes) -> Traces:
    """What was written down, by the script or in an HTTP archive.

    Raises:
        Refused: it is neither.
    """
    try:
        found = msgspec.json.decode(text)
        if isinstance(found, dict) and "log" in found:
            return _archived(found["log"])
        return _told(msgspec.convert(found, _Told))
    except (msgspec.DecodeError, TypeError, KeyError, AttributeError, ValueError, RecursionError):
        words = "expected the line that the script wrote in the browser's console, or an HTTP archive (.har)"
        raise Refused(Fault("traces", words)) from None


def _told(told: _Told) -> Traces:
    kept = (Trace(kind=kind, name=name) for kind in KINDS for name in getattr(told, kind))
    return _traces(told.page, kept, told.addresses)


def _archived(log: dict[str, Any]) -> Traces:
    entries = [(one["request"], one["response"]) for one in log["entries"]]
    urls = [str(request["url"]) for request, _ in entries]
    documents = (
        str(request["url"])
        for request, response in entries
        if str(response.get("content", {}).get("mimeType", "")).startswith("text/html")
    )
    names = (name for request, response in entries for name in _cookies(request, response))
    kept = (Trace(kind="cookie", name=name) for name in names)
    return _traces(next(documents, urls[0] if urls else ""), kept, urls)


def _cookies(request: dict[str, Any], response: dict[str, Any]) -> Iterator[str]:
    """Those that the browser had, and those that it was given."""
    for one in (*request.get("cookies", ()), *response.get("cookies", ())):
        yield str(one["name"])
    for header in response.get("headers", ()):
        if str(header["name"]).lower() == "set-cookie":
            for line in str(header["value"]).splitlines():
                yield line.partition("=")[0].strip()


def _traces(page: str, kept: Iterator[Trace], addresses: list[str]) -> Traces:
    named = sorted({one for one in kept if one.name and len(one.name) <= LONGEST})
    plain = dict.fromkeys(found for one in addresses if (found := _plain(one)))
    return Traces(page=_plain(page), kept=tuple(named[:MOST]), addresses=tuple(plain)[:MOST])


def _plain(address: str) -> str:
    """The address of the web without query and fragment; nothing for what is no such address."""
    try:
        parts = urlsplit(address.strip())
    except ValueError:
        return ""
    host = parts.hostname or ""
    return f"{parts.scheme}://{parts.netloc}{parts.path}"[:LONGEST] if host and parts.scheme.startswith("http") else ""


_IDS = re.compile(r"(?i)[0-9a-f]{8,}|\d{4,}")


def pattern(name: str) -> str:
    """The name with a `*` for each id in it, as a site file would declare it: ids are of one visitor, names of all."""
    return _IDS.sub("*", name)


def fits(declared: str, name: str) -> bool:
    """Whether the name is meant by what was declared, in which `*` stands for any part (as the widget reads it).

    In time proportional to both, however many stars there are; an expression would try every way to place them.
    """
    head, *rest = declared.split("*")
    if not rest:
        return name == head
    *middle, tail = rest
    place, end = len(head), len(name) - len(tail)
    if place > end or not name.startswith(head) or not name.endswith(tail):
        return False
    for part in middle:
        place = name.find(part, place, end)
        if place < 0:
            return False
        place += len(part)
    return True
