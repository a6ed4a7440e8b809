"""Whether a domain takes mail, as DNS says: its MX records (RFC 5321, 5.1), or that it has none and says so (RFC 7505).

Invariant: only a domain that plainly takes no mail is said to take none; where DNS is silent, slow or at odds with
itself, or knows this machine's network alone, nobody knows, and whoever asks must go on as if it did.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import NamedTuple

import dns.asyncresolver
import dns.exception
import dns.name
import dns.rdatatype
import dns.resolver

from consent.clock import Clock

PATIENCE_SECONDS = 2.0
MAX_DOMAINS = 10_000
HOUR = 3_600_000
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
        resolver: dns.asyncresolver.Resolver | None = None,
        *,
        patience_seconds: float = PATIENCE_SECONDS,
        max_domains: int = MAX_DOMAINS,
    ) -> None:
        self._clock = clock
        self._resolver = resolver
        self._patience_seconds = patience_seconds
        self._max_domains = max_domains
        self._kept: OrderedDict[str, _Kept] = OrderedDict()

    async def has_mail(self, domain: str) -> bool | None:
        """Whether the domain (ASCII) takes mail; None when that cannot be told in time."""
        kept = self._fresh(domain)
        if kept is None:
            kept = _Kept(has_mail := await self._ask(domain), self._clock() + AGES_MS[has_mail])
            self._keep(domain, kept)
        return kept.has_mail

    def known(self, domain: str) -> bool | None:
        """The same from memory alone, at once."""
        kept = self._fresh(domain)
        return kept.has_mail if kept else None

    def _fresh(self, domain: str) -> _Kept | None:
        kept = self._kept.get(domain)
        return kept if kept and self._clock() < kept.until else None

    def _keep(self, domain: str, kept: _Kept) -> None:
        """Beyond the bound the domain that was asked longest ago is forgotten."""
        self._kept[domain] = kept
        self._kept.move_to_end(domain)
        if len(self._kept) > self._max_domains:
            self._kept.popitem(last=False)

    async def _ask(self, domain: str) -> bool | None:
        try:
            answer = await self._asked(domain)
        except dns.resolver.NXDOMAIN:
            return None if await self._denies_everything() else False
        except (dns.exception.DNSException, OSError, ValueError):
            return None
        records = list(answer.rrset or ())
        # Without MX records mail goes to the domain's own address (RFC 5321, 5.1): not worth a second question.
        return not all(record.exchange == dns.name.root for record in records) if records else None

    async def _denies_everything(self) -> bool:
        """Whether the resolver denies even the root, as in a closed network: mail may leave that by a relay."""
        try:
            await self._asked(".")
        except dns.resolver.NXDOMAIN:
            return True
        except (dns.exception.DNSException, OSError):
            pass
        return False

    async def _asked(self, domain: str) -> dns.resolver.Answer:
        if self._resolver is None:
            self._resolver = dns.asyncresolver.Resolver()
            self._resolver.timeout = self._patience_seconds / 2  # so that one lost packet is asked for again
        name = dns.name.from_text(domain)  # from the root: the machine's own search list is not the reader's domain
        return await self._resolver.resolve(
            name, dns.rdatatype.MX, raise_on_no_answer=False, lifetime=self._patience_seconds, search=False
        )
