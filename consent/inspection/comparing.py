"""What a page left in a browser, held against what the notice says and what the visitor had answered by then.

Invariant: whatever is kept counts as too early unless its purpose is always on or it was allowed; the widget's own
names and the site's own hosts are never held against it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Literal
from urllib.parse import urlsplit

import msgspec

from consent import regimes
from consent.inspection import tools
from consent.inspection.remarks import WORST, Level, Remark, Terms
from consent.inspection.traces import Trace, Traces, fits, pattern
from consent.notices import Notice

Answer = Literal["none", "refused", "accepted"]
ANSWERS: Mapping[Answer, str] = {
    "none": "Nothing was answered yet",
    "refused": "Everything was refused",
    "accepted": "Everything was accepted",
}
"""What the visitor had answered when the traces were written down."""
EARLY: Mapping[Answer, str] = {"none": "before anybody was asked", "refused": "though everything was refused"}
KEPT = {
    "cookie": "The cookie",
    "local_storage": "In local storage",
    "session_storage": "In session storage",
    "indexed_db": "The database",
}
OWN = re.compile(r"fc(\..*)?")
"""The widget's own cookie and keys."""
LISTED = 10

How = Literal["undeclared", "early"]


class Discovery(msgspec.Struct, frozen=True, kw_only=True):
    """Something that should not be there: a trace, its name without ids in it."""

    how: How
    trace: Trace


class Compared(msgspec.Struct, frozen=True, kw_only=True):
    """All that is to be said of the traces, the worst first."""

    page: str
    remarks: tuple[Remark, ...]
    discoveries: tuple[Discovery, ...]

    @property
    def level(self) -> Level:
        """The worst of the remarks."""
        return self.remarks[0].level


class _Use(msgspec.Struct, frozen=True):
    """That a service keeps this, for a purpose."""

    service: str
    purpose: str
    required: bool
    trace: Trace


def compare(traces: Traces, terms: Terms, answer: Answer) -> Compared:
    """What is to be said of a page's traces.

    Where everything runs until somebody refuses, an answer that is not given yet allows as much as a yes. A site that
    asks by the visitor's place is held against the strictest of its regimes.
    """
    if answer == "none" and regimes.of(terms.notice.regime).regime != "opt_in":
        answer = "accepted"
    uses = tuple(_uses(terms.notice))
    strays, foreign = tuple(_strays(traces, uses, answer)), _foreign(traces, terms)
    said = [
        *(_of_stray(how, trace, uses, terms.notice, answer) for how, trace in strays),
        *_too_early(foreign, answer),
        *_others(foreign),
        *_unseen(traces, uses, answer),
    ]
    if not any(one.level == "bad" for one in said):
        words = f"{len(traces.kept)} names looked at: each is in the notice, and none came too early."
        said.append(Remark(level="good", about="traces", words=words))
    found = dict.fromkeys(Discovery(how=how, trace=Trace(kind=one.kind, name=pattern(one.name))) for how, one in strays)
    remarks = sorted(said, key=lambda one: WORST.index(one.level))
    return Compared(page=traces.page, remarks=tuple(remarks), discoveries=tuple(found))


def is_declared(trace: Trace, notice: Notice) -> bool:
    """Whether the notice in force names it by now."""
    return any(_fits(use, trace) for use in _uses(notice))


def _uses(notice: Notice) -> Iterator[_Use]:
    language = notice.languages[0]
    for purpose in notice.purposes:
        for service in purpose.services:
            for cookie in service.cookies:
                kind = "cookie" if isinstance(cookie.kind, msgspec.UnsetType) else cookie.kind
                trace = msgspec.convert({"kind": kind, "name": cookie.name}, Trace)
                yield _Use(service.name, purpose.name[language], purpose.required, trace)


def _fits(use: _Use, trace: Trace) -> bool:
    return use.trace.kind == trace.kind and fits(use.trace.name, trace.name)


def _strays(traces: Traces, uses: tuple[_Use, ...], answer: Answer) -> Iterator[tuple[How, Trace]]:
    for trace in traces.kept:
        meant = [use for use in uses if _fits(use, trace)]
        if OWN.fullmatch(trace.name):
            continue
        if not meant:
            yield "undeclared", trace
        elif answer != "accepted" and not any(use.required for use in meant):
            yield "early", trace


def _of_stray(how: How, trace: Trace, uses: tuple[_Use, ...], notice: Notice, answer: Answer) -> Remark:
    what = f"{KEPT[trace.kind]} {trace.name}"
    if how == "undeclared":
        words = f"{what} is kept, and the notice does not name it."
        mend = f"Name {pattern(trace.name)} in the notice, at the service that keeps it, or take that service away."
        return Remark(level="bad", about="traces", words=words, mend=mend)
    use = next(use for use in uses if _fits(use, trace))
    words = f"{what} ({use.service}) is kept {EARLY[answer]} for “{use.purpose}”."
    return Remark(level="bad", about="traces", words=words, mend="Hold back the script or frame that keeps it.")


def _too_early(foreign: Iterable[str], answer: Answer) -> Iterator[Remark]:
    """Known tools that the page spoke to without leave."""
    if answer == "accepted":
        return
    called: dict[str, str] = {}
    for address in foreign:
        called.setdefault(tools.by_address(address), urlsplit(address).hostname or "")
    for name, host in sorted(called.items()):
        if name:
            mend = 'Hold it back: <script type="text/plain" data-purpose="…">, or data-src for a frame or picture.'
            yield Remark(level="bad", about="traces", words=f"{name} was called {EARLY[answer]} ({host}).", mend=mend)


def _others(foreign: Iterable[str]) -> Iterator[Remark]:
    """Hosts that nobody here knows: who keeps data there has to be in the notice."""
    strange = sorted({urlsplit(one).hostname or "" for one in foreign if not tools.by_address(one)})
    if strange:
        more = f" and {len(strange) - LISTED} more" if len(strange) > LISTED else ""
        words = f"The page also loads from {', '.join(strange[:LISTED])}{more}."
        mend = "Whoever receives data there has to be named in the notice, unless it only serves files."
        yield Remark(level="warn", about="traces", words=words, mend=mend)


def _foreign(traces: Traces, terms: Terms) -> tuple[str, ...]:
    """The addresses that are neither the site's nor this service's."""
    own = {_host(one) for one in (traces.page, terms.url, *terms.partners)}
    return tuple(one for one in traces.addresses if urlsplit(one).hostname not in own)


def _host(origin: str) -> str:
    """The host of an address, of an origin whose port may be a `*` as well."""
    return origin.rpartition("//")[2].partition("/")[0].partition(":")[0].lower()


def _unseen(traces: Traces, uses: tuple[_Use, ...], answer: Answer) -> Iterator[Remark]:
    """What the notice names and this page does not keep, once it may."""
    unseen = {use.trace.name for use in uses if not any(_fits(use, trace) for trace in traces.kept)}
    if answer == "accepted" and unseen:
        words = f"The notice names more than this page keeps: {', '.join(sorted(unseen)[:LISTED])}."
        yield Remark(level="warn", about="traces", words=words, mend="Look at other pages before you take it out.")
