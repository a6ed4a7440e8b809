"""What the newsletter's trips need of a site that mails: its lists, languages, sender, and what it owes a subscriber.

Invariant: what is owed names ids; no address and no word that a stranger typed is in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import msgspec

from consent import ids, mailboxes, owing
from consent.directory import Published
from consent.errors import Fault, Refused
from consent.mailboxes import Mailbox
from consent.services import Services
from consent.storage.database import Writer
from consent.storage.pendings import Pending
from consent.storage.subscribers import Subscriber


def lists_of(site: Published) -> tuple[str, ...]:
    """The ids of the lists that the site offers now."""
    newsletter = site.notice.newsletter
    return () if isinstance(newsletter, msgspec.UnsetType) else tuple(one.id for one in newsletter.lists)


def sender_domain(site: Published) -> str:
    """The domain that the site's mails come from, which their Message-IDs end with."""
    newsletter = site.notice.newsletter
    sender = "" if isinstance(newsletter, msgspec.UnsetType) else newsletter.sender
    return sender.rpartition("@")[2].strip(" <>") or "localhost"


def spoken(site: Published, who: Pending | Subscriber | None) -> str:
    """The reader's language, as far as the notice still has it."""
    languages = site.notice.languages
    return who.language if who and who.language in languages else languages[0]


def deliverable(services: Services, words: str) -> Mailbox:
    """The mailbox that the words name, if the service's transport can name it too.

    Raises:
        Refused: no address; or one that only SMTPUTF8 carries, which the transport does not speak.
    """
    mailbox = mailboxes.parse(words)
    if mailbox.ascii is None and not services.mailer.supports_utf8:
        raise Refused(
            Fault(mailboxes.PATH, "mail to an address with such letters before the @ cannot be sent from here")
        )
    return mailbox


async def owe_letter(
    writer: Writer,
    site: Published,
    subscriber: Subscriber,
    what: Literal["welcome", "goodbye", "manage"],
    at: int,
    *,
    lists: Sequence[str] = (),
    record: str | None = None,
    due_at: int | None = None,
    is_real: bool = True,
) -> None:
    """Owes a subscriber a mail."""
    about: dict[str, object] = {
        "subscriber": ids.uuid_text(subscriber.id),
        "lists": list(lists),
        "language": spoken(site, subscriber),
        "address_of": "subscriber",
    }
    await owing.owe_mail(
        writer,
        site=site.id,
        at=at,
        what=what,
        about=about | ({"record": record} if record else {}),
        key=subscriber.key,
        sender_domain=sender_domain(site),
        due_at=due_at,
        is_real=is_real,
    )


async def owe_news(
    writer: Writer,
    site: Published,
    subscriber: Subscriber,
    event: Literal["subscriber.paused", "subscriber.changed"],
    at: int,
    told: dict[str, Any],
) -> None:
    """Owes it to whoever keeps the site's subscribers that something of this one is otherwise now."""
    about = {"subscriber": ids.uuid_text(subscriber.id), **told}
    await owing.owe_event(writer, site=site.id, at=at, event=event, about=about, key=subscriber.key)
