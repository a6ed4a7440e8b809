"""What a site file says, as values: one struct for each table of the TOML.

Invariant: these structs are the one definition of the file. The reader (`shape`, `rules`), the JSON schema and the
compiler all take keys, types, limits and defaults from here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from consent.notices.habits import REFUSED, Habits
from consent.notices.kinds import (
    Accent,
    CookieDomain,
    CookieName,
    Country,
    Email,
    Id,
    Key,
    Language,
    Lifetime,
    Line,
    Lines,
    Name,
    Names,
    Origin,
    Prose,
    Proses,
    Radius,
    Sender,
    SharedDomain,
    Url,
    many,
    said,
    whole,
)

Regime = Annotated[
    Literal["opt_in", "opt_out", "notice_only", "auto"],
    said("How visitors are asked: opt_in, opt_out, notice_only, or auto (by the visitor's place)."),
]
Close = Annotated[
    Literal["refuse", "ask_later"],
    said("What the X of the notice does. It never accepts."),
    Meta(extra={"hints": {"^accept": "closing is never a yes"}}),
]
CookieFrom = Annotated[
    Literal["page", "service"],
    said("Who sets the choice's cookie: the page, or this service as well, which must stand under cookie_domain."),
]
Kind = Annotated[
    Literal["cookie", "local_storage", "session_storage", "indexed_db"],
    said("Where the browser keeps it."),
]
LegalBasis = Annotated[
    Literal["consent", "contract", "legal_obligation", "vital_interests", "public_task", "legitimate_interest"],
    said("Why the data may be used (GDPR, article 6(1))."),
]
Signal = Literal[
    "ad_storage",
    "ad_user_data",
    "ad_personalization",
    "analytics_storage",
    "functionality_storage",
    "personalization_storage",
    "security_storage",
]
Position = Annotated[
    Literal["bottom", "bottom-left", "bottom-right", "center"],
    said("Where the notice stands in the page."),
]
Days = Annotated[int, whole("a number of days (at most 13 months)", 1, 395)]
Words = Mapping[Language, Mapping[Key, Mapping[Key, Prose]]]


class ControllerEntry(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The legal entity behind the site."""

    name: Annotated[Name, said("Its full legal name.", "Example News, Inc.")]
    email: Annotated[Email, said("Where people write about their data.", "privacy@example.org")]
    country: Annotated[Country, said("Where it is established, two letters.", "US")]
    privacy_policy: Annotated[Url, said("Its privacy policy.", "https://www.example.org/privacy")]
    cookie_policy: Annotated[
        Url | UnsetType, said("Its cookie policy, when that is a page of its own.", "https://www.example.org/cookies")
    ] = UNSET


class Asking(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How, and how often, visitors are asked."""

    expires_days: Annotated[Days, said("Days after which visitors are asked again, whatever they chose.")] = 182
    refusal_days: Annotated[
        Days | UnsetType,
        said("Days after which those are asked again who gave nothing; without it, expires_days."),
    ] = UNSET
    regime: Regime = "auto"
    close: Close = "refuse"
    cookie_domain: Annotated[
        SharedDomain | UnsetType,
        said("The choice holds for this host and all under it; without it, for the page's own host.", "example.org"),
    ] = UNSET
    cookie_from: CookieFrom = "page"
    reload: Annotated[bool, said("A page on which something runs that was taken back is loaded anew.")] = True
    together: Annotated[
        tuple[Id, ...],
        many("a list of ids of sites", 0, 20),
        said("Sites of the same controller, on this service, that a visitor's choice goes along to.", "example-events"),
    ] = ()
    children: Annotated[bool, said("The site is made for children: the linter then refuses advertising.")] = False


class Signals(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which other tools in the page are told what the visitor decided; each unless it is switched off."""

    google: Annotated[bool, said("Google Consent Mode.")] = True
    microsoft_uet: Annotated[bool, said("Microsoft Advertising's UET.")] = True
    microsoft_clarity: Annotated[bool, said("Microsoft Clarity.")] = True
    meta: Annotated[bool, said("Meta's pixel.")] = True
    matomo: Annotated[bool, said("Matomo.")] = True
    tiktok: Annotated[bool, said("TikTok's pixel.")] = True
    wordpress: Annotated[bool, said("WordPress's consent API.")] = True
    shopify: Annotated[bool, said("Shopify's customer privacy.")] = True


class Records(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is kept of a visitor's network address in a consent record."""

    ip: Annotated[Literal["none", "hash"], said("none: nothing. hash: a keyed hash of the shortened address.")] = "none"


def _days(least: int, most: int) -> Meta:
    return whole("a number of days", least, most)


class Retention(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """For how many days each kind of data is kept; what is older goes in the daily sweep."""

    records_days: Annotated[int, _days(1, 7300), said("A visitor's record, after its choice has run out.")] = 1825
    ip_days: Annotated[
        int, _days(1, 1095), said("The same of records with a hash of the network address, where that is sooner.")
    ] = 365
    unsubscribed_days: Annotated[
        int, _days(1, 7300), said("A reader and the reader's records, after the last list was left.")
    ] = 1095
    bounced_days: Annotated[int, _days(1, 7300), said("The same after a bounce or a complaint.")] = 365
    pending_days: Annotated[int, _days(7, 14), said("A sign-up that nobody confirmed.")] = 14
    outbox_days: Annotated[int, _days(1, 365), said("A mail or an event that was sent or given up.")] = 30
    counters_days: Annotated[int, _days(30, 7300), said("Counts, which hold nobody's id.")] = 1125
    audit_days: Annotated[int, _days(365, 7300), said("What the publisher's people, keys and commands did.")] = 1825
    claims_days: Annotated[int, _days(90, 7300), said("That a person's request was answered; not whose it was.")] = 1095


class CookieEntry(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One cookie that a service sets, or what it keeps in the browser otherwise."""

    name: Annotated[CookieName, said("Its name; * stands for any end or part.", "_ga_*")]
    lifetime: Annotated[Lifetime, said("How long it stays.", "session", "90 days", "2 years")]
    domain: Annotated[CookieDomain | UnsetType, said("The host that it belongs to.", ".example.org")] = UNSET
    kind: Kind = "cookie"
    about: Annotated[Line | Lines, said("What it does: words in the first language, or a table of every language.")]


class ServiceEntry(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Somebody's code (and cookies) that runs for one purpose."""

    id: Annotated[Id, said("Used in data-service and in the records.", "youtube")]
    name: Annotated[Name, said("What people know it as.", "YouTube")]
    provider: Annotated[Name, said("The company that receives the data.", "Google Ireland Limited")]
    privacy_policy: Annotated[Url, said("The provider's privacy policy.", "https://policies.google.com/privacy")]
    cookies: Annotated[
        tuple[CookieEntry, ...], many("a list of cookies", 0, 200), said("The cookies that it sets.")
    ] = ()


class PurposeEntry(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One reason for which data is used."""

    id: Annotated[Id, said("Used in data-purpose and in the records.", "analytics")]
    legal_basis: LegalBasis
    name: Annotated[Names, said("Its name, in every language of the site.")]
    description: Annotated[Proses, said("What is done and why, in every language of the site.")]
    required: Annotated[bool, said("The site does not work without it, so it cannot be refused.")] = False
    signals: Annotated[
        tuple[Signal, ...], many("a list of signals", 0, 7), said("Google Consent Mode's names for it.")
    ] = ()
    sale_or_sharing: Annotated[bool, said("What GPC and “do not sell or share” switch off.")] = False
    preset: Annotated[bool, said(f"It was switched on before anybody chose. {REFUSED}")] = False
    services: Annotated[tuple[ServiceEntry, ...], many("a list of services", 0, 100), said("Whose code uses it.")] = ()


class ListEntry(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One newsletter that readers may subscribe to."""

    id: Annotated[Id, said("Used in data-newsletter and in the records.", "top-stories")]
    name: Annotated[Names, said("Its name, in every language of the site.")]
    description: Annotated[Proses, said("What it brings and how often, in every language of the site.")]


class PromptEntry(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When a page offers the newsletter by itself; whichever trigger comes first, 0 is none."""

    lists: Annotated[tuple[Id, ...], many("a list of the ids of lists", 1, 50), said("The lists that it offers.")]
    after_seconds: Annotated[int, whole("seconds", 0, 3600), said("Seconds on a page.")] = 0
    after_scroll_percent: Annotated[int, whole("percent", 0, 100), said("Part of the page that was scrolled.")] = 0
    after_pages: Annotated[int, whole("a number of pages", 0, 100), said("Pages that were read.")] = 0
    on_exit: Annotated[bool, said("When the mouse leaves the page at its top, as if to close it.")] = False
    later_days: Annotated[int, whole("a number of days", 1, 365), said("“Remind me later”.")] = 7
    decline_days: Annotated[int, whole("a number of days", 1, 3650), said("“No thanks”.")] = 365


class NewsletterEntry(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The site's newsletters."""

    sender: Annotated[Sender, said("Who its mails come from.", "Example News <news@example.org>")]
    postal_address: Annotated[Line, said("The sender's postal address, shown in every mail.")]
    lists: Annotated[tuple[ListEntry, ...], many("a list of newsletters", 1, 50), said("The lists there are.")]
    prompt: Annotated[PromptEntry | UnsetType, said("The offer on the page; without it there is none.")] = UNSET
    reminder_days: Annotated[
        int,
        whole("a number of days", 0, 6),
        said("Days after which an unconfirmed reader is reminded, once; 0: never."),
    ] = 0
    preset: Annotated[bool, said(f"Its boxes were ticked before anybody chose. {REFUSED}")] = False
    double_opt_in: Annotated[bool, said(f"Nobody is subscribed before the mailbox has answered. {REFUSED}")] = True


class Theme(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the notice looks."""

    position: Position = "bottom"
    accent: Annotated[Accent, said("The one colour.")] = "#1d4f91"
    radius: Annotated[Radius, said("How round the corners are.")] = "6px"
    reopen: Annotated[bool, said("A small button that opens the settings again, where the page has no link.")] = True


class SiteFile(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A site: what its visitors are asked, and how."""

    id: Annotated[Id, said("The site's name in addresses and commands.", "example-news")]
    name: Annotated[Name, said("What visitors know it as.", "Example News")]
    origins: Annotated[
        tuple[Origin, ...],
        many("a list of origins", 1, 100),
        said("The origins whose pages embed the notice.", "https://www.example.org", "http://localhost:*"),
    ]
    languages: Annotated[
        tuple[Language, ...],
        many("a list of language tags", 1, 60),
        said("The languages of the notice; the first is the fallback.", "en", "es"),
    ]
    controller: ControllerEntry
    consent: Asking = Asking()
    notice: Habits = Habits()
    records: Records = Records()
    retention: Retention = Retention()
    signals: Signals = Signals()
    purposes: Annotated[
        tuple[PurposeEntry, ...], many("a list of purposes", 1, 50), said("What visitors decide about, in order.")
    ]
    newsletter: NewsletterEntry | UnsetType = UNSET
    theme: Theme = Theme()
    texts: Annotated[Words, said("Words to use instead of the usual ones: [texts.en.notice] title = “…”.")] = {}
