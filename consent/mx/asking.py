"""Asks DNS. Invariant: no question takes longer than the patience it was given, and a fault is an answer: not known."""

from __future__ import annotations

from typing import TypeAlias

import dns.asyncresolver
import dns.exception
import dns.name
import dns.rdatatype
import dns.resolver

Resolver: TypeAlias = dns.asyncresolver.Resolver


class Asking:
    """A resolver, and what can be asked of it."""

    def __init__(self, resolver: Resolver | None, patience_seconds: float) -> None:
        self._resolver = resolver
        self._patience_seconds = patience_seconds

    async def has_mail(self, domain: str) -> bool | None:
        """Whether the domain (ASCII) takes mail; None when that cannot be told in time."""
        try:
            answer = await self._asked(domain)
        except dns.resolver.NXDOMAIN:
            return None if await self._denies_everything() else False
        except (dns.exception.DNSException, OSError, ValueError):
            return None
        records = list(answer.rrset or ())
        # Without MX records mail goes to the domain's own address (RFC 5321, 5.1): not worth a second question.
        return not all(record.exchange == dns.name.root for record in records) if records else None

    async def sees_internet(self) -> bool | None:
        """Whether the resolver knows the world's domains: False when it has a root of its own and denies them, which is
        believed of a reader's domain too; None when it denies even the root, or does not answer.
        """
        try:
            await self._asked("com.")
        except dns.resolver.NXDOMAIN:
            return None if await self._denies_everything() else False
        except (dns.exception.DNSException, OSError, ValueError):
            return None
        return True

    async def texts(self, name: str) -> tuple[str, ...] | None:
        """The TXT records of a name; none when there is no such name, None when that cannot be told in time."""
        try:
            answer = await self._asked(name, dns.rdatatype.TXT)
        except dns.resolver.NXDOMAIN:
            return None if await self._denies_everything() else ()
        except (dns.exception.DNSException, OSError, ValueError):
            return None
        return tuple(b"".join(record.strings).decode("utf-8", "replace") for record in answer.rrset or ())

    async def _denies_everything(self) -> bool:
        """Whether the resolver denies even the root, as in a closed network: mail may leave that by a relay."""
        try:
            await self._asked(".")
        except dns.resolver.NXDOMAIN:
            return True
        except (dns.exception.DNSException, OSError):
            pass
        return False

    async def _asked(self, domain: str, kind: dns.rdatatype.RdataType = dns.rdatatype.MX) -> dns.resolver.Answer:
        if self._resolver is None:
            self._resolver = dns.asyncresolver.Resolver()
            self._resolver.timeout = self._patience_seconds / 2  # so that one lost packet is asked for again
        name = dns.name.from_text(domain)  # from the root: the machine's own search list is not the reader's domain
        return await self._resolver.resolve(
            name, kind, raise_on_no_answer=False, lifetime=self._patience_seconds, search=False
        )
