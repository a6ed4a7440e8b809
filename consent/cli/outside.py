"""What `consent doctor` looks at around the database: settings, files, disk, proxies, limits, mail and DNS."""

from __future__ import annotations

import shutil
import stat
from collections.abc import AsyncIterator, Collection, Iterator
from pathlib import Path

from consent import clock
from consent.cli.examining import Finding, bad, good, weak
from consent.errors import ConsentError
from consent.mail import open_transport
from consent.metrics import Metrics
from consent.mx import Mx
from consent.services import limits_of
from consent.settings import Settings
from consent.storage.engines import sqlite_path

FREE_BYTES = 1 << 30
OWN = ("", ".secret", "-wal", "-shm", ".lock")
"""The endings of the files that lie beside a SQLite database."""


async def around(settings: Settings) -> AsyncIterator[Finding]:
    """Everything that can be told without the database."""
    yield _proxies(settings)
    yield await _limits(settings)
    async for finding in _mail(settings):
        yield finding
    if settings.database.startswith("sqlite:///"):
        for one in _files(sqlite_path(settings.database)):
            yield one


def _proxies(settings: Settings) -> Finding:
    if settings.is_public and not settings.trusted_proxies:
        mend = "set CONSENT_TRUSTED_PROXIES to the proxy that ends TLS, or all visitors share one rate limit"
        return bad("proxies", "the URL is https, but no proxy is trusted", mend)
    return good("proxies", " ".join(settings.trusted_proxies) or "none, visitors connect directly")


async def _limits(settings: Settings) -> Finding:
    mend = "correct CONSENT_LIMITS, or start the server it names"
    try:
        limits = limits_of(settings, clock.now, Metrics())
    except ConsentError as error:
        return bad("limits", error.detail, mend)
    try:
        return good("limits", await limits.check())
    except ConsentError as error:
        return bad("limits", error.detail, mend)
    finally:
        await limits.close()


async def _mail(settings: Settings) -> AsyncIterator[Finding]:
    """Whether mails could leave now (none is sent), and whether DNS may say that nobody takes them."""
    transport = open_transport(settings.mail, clock.now)
    try:
        yield good("mail", await transport.check())
    except ConsentError as error:
        yield bad("mail", error.detail, "correct CONSENT_MAIL, or mend the server it names")
    finally:
        await transport.close()
    if transport.leaves:
        yield await resolver(Mx(clock.now))


async def resolver(mx: Mx) -> Finding:
    """A resolver that has a root of its own and denies the rest of the world makes every sign-up's mail drop."""
    sees = await mx.sees_internet()
    if sees is False:
        mend = (
            "give this machine a resolver that knows the internet: as it is, confirmations to such domains are not sent"
        )
        return bad("dns", "the resolver says that the domains of the internet do not exist", mend)
    if sees is None:
        return good("dns", "it does not know the internet, or does not answer: every domain is believed to take mail")
    return good("dns", "answers")


async def senders(settings: Settings, domains: Collection[str]) -> AsyncIterator[Finding]:
    """What receivers look up of the sites' senders, where mails go out to readers."""
    transport = open_transport(settings.mail, clock.now)
    await transport.close()
    for domain in sorted(domains) if transport.leaves else ():
        async for finding in sender(Mx(clock.now), domain):
            yield finding


async def sender(mx: Mx, domain: str) -> AsyncIterator[Finding]:
    """What receivers look up of a site's sender; DKIM cannot be seen from here, for its name is the sender's own."""
    spf, dmarc = await mx.texts(domain), await mx.texts(f"_dmarc.{domain}")
    if spf is None or dmarc is None:
        yield good("sender", f"{domain}: DNS does not say now")
        return
    if not any(text.startswith("v=spf1") for text in spf):
        mend = "publish an SPF record that names whoever sends your mail; its documents give the text"
        yield weak("sender", f"{domain} has no SPF record", mend)
    if not any(text.startswith("v=DMARC1") for text in dmarc):
        mend = f"publish a TXT record at _dmarc.{domain}, to begin with: v=DMARC1; p=none"
        yield weak("sender", f"{domain} has no DMARC record", mend)
    else:
        yield good("sender", f"{domain}: DMARC is there; see that your provider signs with DKIM")


def _files(path: Path) -> Iterator[Finding]:
    folder = path.absolute().parent
    if folder.is_dir():
        free = shutil.disk_usage(folder).free
        words = f"{free / (1 << 30):.1f} GiB free in {folder}"
        yield good("disk", words) if free > FREE_BYTES else bad("disk", words, "make room, or move the database")
    kept = [one for ending in OWN if (one := Path(f"{path}{ending}")).is_file()]
    if seen := [str(one) for one in kept if stat.S_IMODE(one.stat().st_mode) & 0o077]:
        yield bad("rights", f"others can read {' and '.join(seen)}", f"chmod 600 {' '.join(seen)}")
