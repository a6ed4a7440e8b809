"""What a link in a mail to a reader is about, once its signature, its purpose and its age are checked.

Invariant: a link is good for the one thing that it was mailed for, at the site that mailed it.
"""

from __future__ import annotations

from typing import NamedTuple

from consent import ids
from consent.clock import DAY
from consent.directory import Published
from consent.errors import BadToken, TokenExpired, Unknown
from consent.services import Services
from consent.storage.subscribers import Subscriber
from consent.tokens import LetterLink, TokenPurpose, site_of

FRESH = DAY


class Opened(NamedTuple):
    """A link's site, what it says, and the id in it as 16 bytes."""

    site: Published
    link: LetterLink
    id: bytes


def opened(services: Services, purpose: TokenPurpose, token: str) -> Opened:
    """The link.

    Raises:
        BadToken, TokenExpired: none of a site that is published here, or none for this purpose, or too old.
    """
    site = services.directory.find(site_of(token))
    if site is None:
        raise BadToken("not a token of this service")
    link = services.tokens.read(purpose, site.id, token, LetterLink)
    try:
        return Opened(site, link, ids.parse_uuid(link.id))
    except ValueError:
        raise BadToken("not a token of this kind") from None


def same(subscriber: Subscriber | None, found: Opened) -> Subscriber:
    """The subscriber, when the link was mailed to the address that it has now.

    Raises:
        Unknown: the link is nobody's any more.
    """
    if subscriber is None or subscriber.version != found.link.version:
        raise Unknown("this link is no longer good: ask for a new one")
    return subscriber


def is_fresh(services: Services, found: Opened) -> bool:
    """Whether the link was mailed within a day, so that few but its reader can have it."""
    return services.clock() - found.link.at < FRESH


def fresh(services: Services, token: str) -> Opened:
    """A link to the preferences that is good for what a stranger must not do.

    Raises:
        BadToken, TokenExpired: none, or mailed longer ago than a day.
    """
    found = opened(services, "manage", token)
    if not is_fresh(services, found):
        raise TokenExpired("this wants a link of today: ask for a new one")
    return found
