"""Whether a domain takes mail, as DNS says: its MX records (RFC 5321, 5.1), or that it has none and says so (RFC 7505).

Invariant: only a domain that plainly takes no mail is said to take none; where DNS is silent, slow or at odds with
itself, or knows this machine's network alone, nobody knows, and whoever asks must go on as if it did.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, NamedTuple

from consent.clock import HOUR, Clock

if TYPE_CHECKING:
    from consent.mx.asking import Asking, Resolver

PATIENCE_SECONDS = 2.0
MAX_DOMAINS = 10_000
AGES_MS = {True: 24 * HOUR, False: HOUR, None: 60_000}
"""How long an answer is believed; a new domain may get its records any minute, and DNS recovers."""


class _Kept(NamedTuple):
    has_mail: bool | None
    until: int


class Mx:
    """What DNS said of domains, believed for a while."""

    def __init__(
        self,
        clock: Clock,
        resolver: Resolver | None = None,
        *,
        patience_seconds: float = PATIENCE_SECONDS,
        max_domains: int = MAX_DOMAINS,
    ) -> None:
        self._clock = clock
        self._resolver = resolver
        self._patience_seconds = patience_seconds
        self._max_domains = max_domains
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self._opened: Asking | None = None

    async def has_mail(self, domain: str) -> bool | None:
        """Whether the domain (ASCII) takes mail; None when that cannot be told in time."""
        kept = self._fresh(domain)
        if kept is None:
            kept = _Kept(has_mail := await self._asking.has_mail(domain), self._clock() + AGES_MS[has_mail])
            self._keep(domain, kept)
        return kept.has_mail

    def known(self, domain: str) -> bool | None:
        """The same from memory alone, at once."""
        kept = self._fresh(domain)
        return kept.has_mail if kept else None

    async def sees_internet(self) -> bool | None:
        """Whether the resolver knows the world's domains: False when it has a root of its own and denies them, which is
        believed of a reader's domain too; None when it denies even the root, or does not answer.
        """
        return await self._asking.sees_internet()

    async def texts(self, name: str) -> tuple[str, ...] | None:
        """The TXT records of a name; none when there is no such name, None when that cannot be told in time."""
        return await self._asking.texts(name)

    @property
    def _asking(self) -> Asking:
        """DNS itself, opened by the first question: most commands have none."""
        if self._opened is None:
            from consent.mx.asking import Asking

            self._opened = Asking(self._resolver, self._patience_seconds)
        return self._opened

    def _fresh(self, domain: str) -> _Kept | None:
        kept = self._kept.get(domain)
        return kept if kept and self._clock() < kept.until else None

    def _keep(self, domain: str, kept: _Kept) -> None:
        """Beyond the bound the domain that was asked longest ago is forgotten."""
        self._kept[domain] = kept
        self._kept.move_to_end(domain)
        if len(self._kept) > self._max_domains:
            self._kept.popitem(last=False)
