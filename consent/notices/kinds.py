"""The kinds of value a site file is made of: their patterns, their limits, and how each is called when it is wrong.

Invariant: everything a kind demands is written in its `Meta` (pattern, lengths, range), so that the reader, the
JSON schema and msgspec demand the same; `extra` only adds words for people: `expects`, and `hints` (pattern -> advice).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from msgspec import Meta

LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
HOST = rf"{LABEL}(?:\.{LABEL})*"
PORT = r"(?:[1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])"
DOMAIN = rf"(?:{LABEL}\.)+[a-z](?:[a-z0-9-]{{0,61}}[a-z0-9])?"
LANGUAGE = r"^[a-z]{2,3}(?:-[A-Z][a-z]{3})?(?:-(?:[A-Z]{2}|[0-9]{3}))?$"
MAILBOX = rf"[A-Za-z0-9!#$%&'*+/^_`{{|}}~-]+(?:\.[A-Za-z0-9!#$%&'*+/^_`{{|}}~-]+)*@{DOMAIN}"

# ISO 3166-1 alpha-2, and XK, which the standard leaves to its users and everyone uses for Kosovo.
COUNTRIES = """
AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ
CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR
GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP
KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT
MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW
SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ
UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW
""".split()


def said(description: str, *examples: str | int) -> Meta:
    """What a key means, for the schema and so for an editor's completion."""
    return Meta(description=description, examples=list(examples) or None)


def _kind(expects: str, pattern: str, at_most: int, hints: Mapping[str, str] | None = None) -> Meta:
    return Meta(pattern=pattern, min_length=1, max_length=at_most, extra={"expects": expects, "hints": hints or {}})


def _words(expects: str, at_most: int) -> Meta:
    return Meta(min_length=1, max_length=at_most, extra={"expects": expects})


def whole(expects: str, at_least: int, at_most: int) -> Meta:
    """A whole number of something within bounds, both included."""
    return Meta(ge=at_least, le=at_most, extra={"expects": f"{expects}, from {at_least} to {at_most}"})


def many(expects: str, at_least: int, at_most: int) -> Meta:
    """So many entries of something, both bounds included."""
    return Meta(min_length=at_least, max_length=at_most, extra={"expects": expects})


# `constructor` is the one name that fits the pattern and that every JavaScript object answers to.
Id = Annotated[
    str,
    _kind(
        "an id: a lower-case letter, then at most 63 of a-z 0-9 _ -",
        r"^(?!constructor$)[a-z][a-z0-9_-]{0,63}$",
        64,
        {r"^constructor$": "every JavaScript object has that name already", r"[A-Z]": "no capitals"},
    ),
]
Language = Annotated[
    str,
    _kind(
        "a language tag, such as en, pt-BR or zh-Hans",
        LANGUAGE,
        12,
        {r"_": "join its parts with a hyphen", r"^[A-Z]": "the language comes first, in lower case"},
    ),
]
Origin = Annotated[
    str,
    _kind(
        "an origin: scheme://host or scheme://host:port, such as https://www.example.org",
        rf"^(?:https://{HOST}(?::(?!443$){PORT})?|http://{HOST}(?::(?!80$){PORT})?|http://(?:localhost|127\.0\.0\.1):\*)$",
        300,
        {
            r"\*": "a star stands only for the port of http://localhost or http://127.0.0.1",
            r"[^\x00-\x7f]": "write the host as browsers send it, in ASCII (xn--…)",
            r"^https?://[^/]+/": "end after the host or port; an origin has no path",
            r"^(?:https://[^/]+:443|http://[^/]+:80)$": "leave the usual port out, as browsers do",
            r"[A-Z]": "write it as browsers send it, in lower case",
            r"@": "an origin has no user name",
        },
    ),
]
Url = Annotated[
    str,
    _kind(
        "the address of a page, beginning with https:// or http://",
        r"^https?://(?![.:])[^\s/?#@<>\"\\]+(?:[/?#][^\s<>\"\\]*)?$",
        2048,
        {r"\s": "no spaces", r"^[a-z0-9.-]+\.[a-z]+(?:/|$)": "put https:// before it", r"@": "no user name in it"},
    ),
]
Email = Annotated[str, _kind("an e-mail address, such as privacy@example.org", rf"^{MAILBOX}$", 254)]
Sender = Annotated[
    str,
    _kind(
        "a sender, such as Example News <news@example.org>",
        rf"^(?:(?!.*=\?)[^<>\"@,;:\\()\[\]]{{1,100}} <{MAILBOX}>|{MAILBOX})$",
        360,
        {r"=\?": "write the name as it is read, not encoded", r"^[^<]*[\",;:@\\()\[\]].*<": "letters and spaces only"},
    ),
]
Country = Annotated[
    str,
    Meta(extra_json_schema={"enum": COUNTRIES}),
    _kind(
        "a country's two letters (ISO 3166-1), such as US or DE",
        rf"^(?:{'|'.join(COUNTRIES)})$",
        2,
        {r"^[a-z]{2}$": "use capitals", r"^UK$": "the United Kingdom is GB"},
    ),
]
Accent = Annotated[str, _kind("a colour as #rrggbb, such as #c8102e", r"^#[0-9a-fA-F]{6}$", 7)]
Radius = Annotated[
    str,
    _kind(
        "a length up to 99px or 9.99rem, such as 6px",
        r"^(?:0|[0-9]{1,2}px|(?:[0-9](?:\.[0-9]{1,2})?|\.[0-9]{1,2})rem)$",
        8,
    ),
]
Lifetime = Annotated[
    str,
    _kind(
        'how long it stays: "session", "persistent", or a number and its unit, such as "90 days"',
        r"^(?:session|persistent|1 (?:second|minute|hour|day|week|month|year)"
        r"|(?:[2-9]|[1-9][0-9]{1,4}) (?:second|minute|hour|day|week|month|year)s)$",
        20,
        {
            r"^1 [a-z]+s$": "one has no plural s",
            r"^[0-9]+ (?:second|minute|hour|day|week|month|year)$": "the unit wants a plural s",
            r"^[0-9]+(?:\.[0-9]+)?[a-z]*$": "write the unit out, after a space",
        },
    ),
]
CookieName = Annotated[
    str,
    _kind(
        "a cookie's name, where * stands for any end or part",
        r"^[A-Za-z0-9!#$%&'*+.^_`|~\[\]{}():/@<>?-]+$",
        128,
        {r"[\s=;,]": "cookie names have no space, comma, semicolon or equals sign"},
    ),
]
CookieDomain = Annotated[
    str,
    _kind("the host that the cookie belongs to, such as .example.org or www.example.org", rf"^\.?{HOST}$", 254),
]
SharedDomain = Annotated[
    str,
    _kind(
        "a host name that the site's pages stand under, such as example.org",
        rf"^{DOMAIN}$",
        253,
        {
            r"^\.": "leave the dot before it out",
            r"^[a-z0-9-]+$": "browsers keep no cookie for a whole top-level domain",
            r"[A-Z]": "write it in lower case",
            r"://|/": "a host alone, without scheme and path",
        },
    ),
]
Name = Annotated[str, _words("a name", 120)]
Line = Annotated[str, _words("a line of words", 500)]
Prose = Annotated[str, _words("words", 2000)]
Key = Annotated[str, _kind("a key of the texts", r"^[a-z][a-z0-9_]{0,63}$", 64)]

Names = Annotated[Mapping[Language, Name], many("a table of names, one per language", 1, 100)]
Lines = Annotated[Mapping[Language, Line], many("a table of words, one per language", 1, 100)]
Proses = Annotated[Mapping[Language, Prose], many("a table of words, one per language", 1, 100)]
