"""Mailboxes (RFC 5321): what a reader writes as an e-mail address, and by what it is found again.

Nothing here asks the network whether a mailbox is there: that is what the mail with the button is for.

Invariant: an address that passed is one mailbox, without a name, and safe in a header; whatever case, dots, tags or
script one mailbox's address is written with, where its provider does not tell them apart it has one `lookup`.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from functools import cache
from typing import TYPE_CHECKING

import msgspec

from consent.errors import Fault, Refused

if TYPE_CHECKING:  # the parser and the lists are loaded for the first address: most commands have none
    from email_validator import ValidatedEmail
    from publicsuffixlist import PublicSuffixList

PATH = "email"
LONGEST = 254
"""Octets of an address (RFC 5321, 4.5.3.1.3: a path of 256 with its angle brackets)."""
UNREACHABLE = frozenset({"alt", "example", "internal"})
"""Top-level names that are nobody's (RFC 9476, RFC 2606, ICANN), beside those that the parser knows; `example.org`,
`example.com` and `example.net` pass, for that is what examples and tests are written with."""
RELAYS = frozenset({"duck.com", "mozmail.com", "privaterelay.appleid.com", "relay.firefox.com"})
"""Forwarders that people keep, and that reach them: never thrown away like a disposable address."""
INVISIBLE = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0"
    + "".join(map(chr, range(0xFE00, 0xFE10)))
)
"""Characters that show nothing, though Unicode counts them as letters, marks or signs."""


class Mailbox(msgspec.Struct, frozen=True, kw_only=True):
    """One mailbox."""

    address: str
    """As it is mailed and shown: NFC, the domain in its own script and lower case."""
    ascii: str | None
    """The same with the domain as DNS has it; None when what is before the @ needs SMTPUTF8 (RFC 6531)."""
    lookup: str
    """What all spellings of the mailbox have in common; never mailed, never shown."""
    domain: str
    """The registrable domain, ASCII: whose mail is counted together."""
    host: str
    """The whole domain, ASCII: where DNS says who takes its mail."""

    def __repr__(self) -> str:
        """Without who it is: a fault's report may end in a log."""
        return f"Mailbox(•••@{self.host})"


class Provider(msgspec.Struct, frozen=True, kw_only=True):
    """Who keeps many people's mailboxes: how its addresses are folded, and where its mail is read."""

    name: str
    url: str
    domains: frozenset[str]
    tag: str = ""
    """What begins a tag: all from there on is the owner's own mark (RFC 5233), delivered to the same mailbox."""
    alias: str = ""
    """What ends the name that an owner gives all of several addresses, which are told apart by what follows; such a
    name is not that of the mailbox itself, and what follows may be nobody's."""
    ignored: str = ""
    """Characters before the @ that make no difference."""


def _provider(name: str, url: str, domains: str, tag: str = "", ignored: str = "", alias: str = "") -> Provider:
    return Provider(name=name, url=url, domains=frozenset(domains.split()), tag=tag, ignored=ignored, alias=alias)


PROVIDERS = (
    _provider("Gmail", "https://mail.google.com/mail/", "gmail.com googlemail.com", "+", "."),
    _provider(
        "Outlook",
        "https://outlook.live.com/mail/",
        "outlook.com outlook.at outlook.be outlook.cl outlook.co.id outlook.co.il outlook.co.th outlook.com.ar"
        " outlook.com.au outlook.com.br outlook.com.gr outlook.com.tr outlook.com.vn outlook.cz outlook.de outlook.dk"
        " outlook.es outlook.fr outlook.hu outlook.ie outlook.in outlook.it outlook.jp outlook.kr outlook.lv"
        " outlook.my outlook.ph outlook.pt outlook.sa outlook.sg outlook.sk"
        " hotmail.com hotmail.be hotmail.ca hotmail.ch hotmail.co.jp hotmail.co.th hotmail.co.uk hotmail.com.ar"
        " hotmail.com.au hotmail.com.br hotmail.com.mx hotmail.com.tr hotmail.de hotmail.dk hotmail.es hotmail.fi"
        " hotmail.fr hotmail.it hotmail.nl hotmail.no hotmail.se"
        " live.com live.at live.be live.ca live.cl live.cn live.co.uk live.co.za live.com.ar live.com.au live.com.mx"
        " live.com.pt live.de live.dk live.fr live.hk live.ie live.in live.it live.jp live.nl live.no live.se"
        " msn.com passport.com windowslive.com",
        "+",
    ),
    _provider(
        "Yahoo",
        "https://mail.yahoo.com/",
        "yahoo.com yahoo.at yahoo.be yahoo.ca yahoo.cl yahoo.co.id yahoo.co.in yahoo.co.nz yahoo.co.th yahoo.co.uk"
        " yahoo.co.za yahoo.com.ar yahoo.com.au yahoo.com.br yahoo.com.co yahoo.com.hk yahoo.com.mx yahoo.com.my"
        " yahoo.com.pe yahoo.com.ph yahoo.com.sg yahoo.com.tr yahoo.com.tw yahoo.com.vn yahoo.cz yahoo.de yahoo.dk"
        " yahoo.es yahoo.fi yahoo.fr yahoo.gr yahoo.hu yahoo.ie yahoo.in yahoo.it yahoo.nl yahoo.no yahoo.pl yahoo.pt"
        " yahoo.ro yahoo.se myyahoo.com rocketmail.com ymail.com",
        alias="-",
    ),
    _provider("iCloud", "https://www.icloud.com/mail/", "icloud.com me.com mac.com", "+"),
    _provider("Proton Mail", "https://mail.proton.me/", "proton.me protonmail.com protonmail.ch pm.me", "+", "._-"),
    _provider("Fastmail", "https://app.fastmail.com/mail/", "fastmail.com fastmail.fm fastmail.net fastmail.org", "+"),
    _provider("GMX", "https://www.gmx.net/", "gmx.net gmx.de gmx.at gmx.ch gmx.eu gmx.org"),
    _provider("GMX", "https://www.gmx.com/", "gmx.com gmx.us gmx.co.uk gmx.es gmx.fr"),
    _provider("WEB.DE", "https://web.de/", "web.de email.de"),
    _provider("T-Online", "https://email.t-online.de/", "t-online.de magenta.de"),
    _provider("freenet", "https://email.freenet.de/", "freenet.de"),
    _provider("AOL", "https://mail.aol.com/", "aol.com aol.co.uk aol.de aol.fr"),
    _provider("Orange", "https://messagerie.orange.fr/", "orange.fr wanadoo.fr"),
    _provider("Libero", "https://mail.libero.it/", "libero.it"),
    _provider("Seznam", "https://email.seznam.cz/", "seznam.cz email.cz post.cz"),
    _provider("WP Poczta", "https://poczta.wp.pl/", "wp.pl"),
    _provider("Onet Poczta", "https://poczta.onet.pl/", "onet.pl op.pl"),
    _provider("Zoho Mail", "https://mail.zoho.com/", "zoho.com zohomail.com"),
)
SAME_DOMAINS: Mapping[str, str] = {
    "googlemail.com": "gmail.com",
    "protonmail.com": "proton.me",
    "protonmail.ch": "proton.me",
    "pm.me": "proton.me",
    "me.com": "icloud.com",
    "mac.com": "icloud.com",
}
_BY_DOMAIN = {domain: provider for provider in PROVIDERS for domain in provider.domains}

# What is refused, by the compatible form (NFKC) of what was written, and in which words.
FORMS: tuple[tuple[Callable[[str], bool], str], ...] = (
    (lambda words: not words, "Please give your e-mail address."),
    (lambda words: any(map(_is_unseen, words)), "The address has a line break or another character that is not seen."),
    (lambda words: any(mark in words for mark in ",;"), "Please give one address alone, without commas or semicolons."),
    (lambda words: any(mark in words for mark in "<>"), "Please give the address alone, without a name beside it."),
    (lambda words: '"' in words, "An address with quotation marks cannot be signed up."),
    (lambda words: "=?" in words, "An address with the signs =? in it cannot be signed up."),
    (lambda words: any(map(str.isspace, words)), "An e-mail address has no spaces in it."),
    (lambda words: words.count("@") != 1, "An e-mail address has one @ in it, as in reader@example.org."),
)
TOO_LONG = f"The address is longer than any that mail is delivered to ({LONGEST} characters)."
NO_ADDRESS = "Mail cannot be delivered to this address. Please check it."


def parse(words: str) -> Mailbox:
    """The mailbox that somebody's words name; spaces around them are no part of them.

    Raises:
        Refused: no address, more than one, one with a name, or one that mail cannot reach or a header cannot hold.
    """
    if len(words) > 4 * LONGEST:
        raise _refused(TOO_LONG)
    written = unicodedata.normalize("NFC", words.strip(" "))
    if len(written.encode("utf-8", "surrogatepass")) > LONGEST:
        raise _refused(TOO_LONG)
    _refuse_forms(written)
    found = _validated(written)
    _refuse_forms(found.normalized)
    host = found.ascii_domain.lower()
    if host.rpartition(".")[2] in UNREACHABLE:
        raise _refused(NO_ADDRESS)
    return Mailbox(
        address=found.normalized,
        ascii=found.ascii_email,
        lookup=_lookup(found, host),
        domain=registrable(host),
        host=host,
    )


def warm_up() -> None:
    """Loads what the first address would otherwise wait for."""
    is_disposable(parse("reader@example.org").domain)


def person(mailbox: Mailbox) -> str:
    """What the addresses of one person have in common as far as anybody can tell: for counting, never for finding.

    What follows a `+` is nobody else anywhere, or almost; two people whose server takes it for a letter look like one.
    """
    local, _, domain = mailbox.lookup.rpartition("@")
    provider = _BY_DOMAIN.get(domain)
    for sign in ("+", provider.alias if provider else ""):
        local = (local.partition(sign)[0] if sign else local) or local
    return f"{local}@{domain}"


def registrable(host: str) -> str:
    """The domain that somebody registered, of a host's ASCII name: itself when it is a public suffix."""
    return _suffixes().privatesuffix(host) or host


def is_disposable(domain: str) -> bool:
    """Whether mailboxes of the domain (ASCII), or of one that it is under, are made to be thrown away."""
    from disposable_email_domains import blocklist

    parents = _with_parents(domain.lower())
    return not any(one in RELAYS for one in parents) and any(one in blocklist for one in parents)


def inbox(domain: str) -> tuple[str, str] | None:
    """Where the mail of a domain (`Mailbox.host`) is read in a browser, when it is known: its name, and the address."""
    provider = _BY_DOMAIN.get(domain)
    return (provider.name, provider.url) if provider else None


def shown(address: str) -> str:
    """`r•••@example.org`: enough to know one's own, for pages whose link may have been forwarded."""
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}•••@{domain}"


def _refuse_forms(words: str) -> None:
    compatible = unicodedata.normalize("NFKC", words)
    for is_there, message in FORMS:
        if is_there(compatible):
            raise _refused(message)


def _refused(message: str) -> Refused:
    return Refused(Fault(PATH, message))


def _validated(words: str) -> ValidatedEmail:
    from email_validator import EmailNotValidError, validate_email

    try:
        return validate_email(words, check_deliverability=False, strict=True)
    except EmailNotValidError:
        raise _refused(NO_ADDRESS) from None


def _is_unseen(character: str) -> bool:
    """Also line breaks and other controls, directions, zero widths, halves of pairs, and what is nothing yet."""
    return character in INVISIBLE or not character.isprintable()


def _lookup(found: ValidatedEmail, host: str) -> str:
    local = _folded(found.local_part)
    if not local.isascii() or local != found.local_part.lower():
        _validated(f"{local}@{host}")  # what stands for it must be an address as well: no `…` for three dots
    provider = _BY_DOMAIN.get(host)
    if provider:
        local = _untagged(local, provider) or local
    return f"{local}@{SAME_DOMAINS.get(host, host)}"


def _untagged(local: str, provider: Provider) -> str:
    """Without its tag and what makes no difference; empty when nothing else was there."""
    name = local.partition(provider.tag)[0] if provider.tag else local
    return "".join(character for character in name if character not in provider.ignored)


def _folded(words: str) -> str:
    """Without case and compatible forms; once more, for each may bring back what the other took away."""
    for _ in range(2):
        words = unicodedata.normalize("NFKC", words.casefold())
    return words


def _with_parents(domain: str) -> list[str]:
    """`a.b.org` as itself, `b.org` and `org`."""
    labels = domain.split(".")
    return [".".join(labels[place:]) for place in range(len(labels))]


@cache
def _suffixes() -> PublicSuffixList:
    """The domains under which anybody may have a domain (publicsuffix.org), as of the installed package."""
    from publicsuffixlist import PublicSuffixList

    return PublicSuffixList()
