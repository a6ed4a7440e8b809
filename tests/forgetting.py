"""Somebody erased, as the console, the API, a command and the person's own link do it."""

from __future__ import annotations

from consent import ids
from consent.rights import Who, forgetting
from consent.services import Services
from tests.acts import SITE


async def erase_reader(services: Services, email: str, site: str = SITE) -> dict[str, int]:
    """Whoever has the address; gives how much there was, by kind."""
    return (await forgetting.erase(services, site, Who(emails=(email,)))).counts


async def erase_subject(services: Services, subject: str | bytes, site: str = SITE) -> int:
    """All of a subject, by its id as text or as 16 bytes; gives how many records were emptied."""
    text = subject if isinstance(subject, str) else ids.uuid_text(subject)
    return (await forgetting.erase(services, site, Who(subjects=(text,)))).counts["records"]
