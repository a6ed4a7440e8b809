"""Every way in which a site file can be wrong, one place at a time: where it is said, and in which words."""

from __future__ import annotations

from collections.abc import Iterator
from functools import reduce

import pytest

from consent.errors import Fault, Refused
from consent.notices import read_site_file
from consent.notices.wording import found
from tests.words.sites.making import GONE, Place, altered, tables, toml

SERVICE: Place = ("purposes", 1, "services", 0)
COOKIE: Place = (*SERVICE, "cookies", 0)
AT_COOKIE = "purposes[1].services[0].cookies[0]"

ID = "an id: a lower-case letter, then at most 63 of a-z 0-9 _ -"
LANGUAGE = "a language tag, such as en, pt-BR or zh-Hans"
DAYS = "a number of days (at most 13 months), from 1 to 395"
LIFETIME = 'how long it stays: "session", "persistent", or a number and its unit, such as "90 days"'
SIGNAL = (
    "one of ad_personalization, ad_storage, ad_user_data, analytics_storage, functionality_storage, "
    "personalization_storage, security_storage"
)
CONTROLLER = "a table with name, email, country, privacy_policy"
BASIS = "one of consent, contract, legal_obligation, legitimate_interest, public_task, vital_interests"
ROOT_KEYS = (
    "id, name, origins, languages, controller, consent, notice, records, retention, signals, purposes, newsletter"
    " and 2 more"
)
STAR = "; a star stands only for the port of http://localhost or http://127.0.0.1"
TRIGGER = (
    "expected at least one of after_seconds, after_scroll_percent, after_pages above 0, or on_exit, or it never opens"
)

# Where, what is expected there, and values that are not: each with the advice that follows what was found.
UNEXPECTED: list[tuple[Place, str, list[tuple[object, str]]]] = [
    (
        ("id",),
        ID,
        [
            (5, ""),
            ("", ""),
            ("a.b", ""),
            ("__proto__", ""),
            ("Harbour", "; no capitals"),
            ("constructor", "; every JavaScript object has that name already"),
        ],
    ),
    (("name",), "a name", [(True, ""), (["x"], ""), ({"en": "x"}, ""), ("", "")]),
    (
        ("origins", 0),
        "an origin: scheme://host or scheme://host:port, such as https://www.example.org",
        [
            ("https://*.example.org", STAR),
            ("https://localhost:*", STAR),
            ("http://a.example:*", STAR),
            ("https://a.example/", "; end after the host or port; an origin has no path"),
            ("https://a.example:443", "; leave the usual port out, as browsers do"),
            ("http://a.example:80", "; leave the usual port out, as browsers do"),
            ("https://A.example", "; write it as browsers send it, in lower case"),
            ("https://é.example", "; write the host as browsers send it, in ASCII (xn--…)"),
            ("https://u@a.example", "; an origin has no user name"),
            ("https://a.example:65536", ""),
            ("https://a.example:0", ""),
            ("ftp://a.example", ""),
            ("https://-a.example", ""),
            ("a.example", ""),
            ("null", ""),
            ("*", STAR),
        ],
    ),
    (("origins",), "a list of origins", [("https://a.example", "")]),
    (
        ("languages", 1),
        LANGUAGE,
        [("es_MX", "; join its parts with a hyphen"), ("ES", "; the language comes first, in lower case")],
    ),
    (("controller",), CONTROLLER, [([], "")]),
    (
        ("controller", "privacy_policy"),
        "the address of a page, beginning with https:// or http://",
        [
            ("javascript:alert(1)", ""),
            ("//a.example", ""),
            ("https://", ""),
            ("https:// a.example", "; no spaces"),
            ("www.a.example/p", "; put https:// before it"),
            ("https://u:p@a.example", "; no user name in it"),
        ],
    ),
    (
        ("controller", "email"),
        "an e-mail address, such as privacy@example.org",
        [
            ("privacy", ""),
            ("a@b@c.example", ""),
            ("a@localhost", ""),
            (".a@b.example", ""),
            ("=?utf-8?q?a?=@b.example", ""),
        ],
    ),
    (
        ("controller", "country"),
        "a country's two letters (ISO 3166-1), such as US or DE",
        [("us", "; use capitals"), ("UK", "; the United Kingdom is GB"), ("QQ", "")],
    ),
    (("consent", "expires_days"), DAYS, [(0, ""), (396, ""), (-1, ""), (1.5, ""), (True, ""), ("182", "")]),
    (
        ("consent", "close"),
        "one of ask_later, refuse",
        [("accept", "; closing is never a yes"), (0, ""), ("refus", '; did you mean "refuse"?')],
    ),
    (("consent", "regime"), "one of auto, notice_only, opt_in, opt_out", [("optin", '; did you mean "opt_in"?')]),
    (("consent", "refusal_days"), DAYS, [(0, ""), (396, ""), (True, ""), ("90", "")]),
    (
        ("consent", "cookie_domain"),
        "a host name that the site's pages stand under, such as example.org",
        [
            (".harbour-post.example", "; leave the dot before it out"),
            ("example", "; browsers keep no cookie for a whole top-level domain"),
            ("https://harbour-post.example", "; a host alone, without scheme and path"),
            ("Harbour-Post.example", "; write it in lower case"),
            ("127.0.0.1", ""),
            (True, ""),
        ],
    ),
    (("consent", "cookie_from"), "one of page, service", [("server", '; did you mean "service"?'), (1, "")]),
    (("consent", "reload"), "true or false", [("no", ""), (0, "")]),
    (("consent", "together"), "a list of ids of sites", [("harbour-radio", "")]),
    (("signals",), "a table", [("all", "")]),
    (
        (*COOKIE, "kind"),
        "one of cookie, indexed_db, local_storage, session_storage",
        [("localstorage", '; did you mean "local_storage"?')],
    ),
    (("records", "ip"), "one of hash, none", [("raw", "")]),
    (("purposes", 1, "required"), "true or false", [("no", ""), (0, "")]),
    (
        ("purposes", 1, "legal_basis"),
        BASIS,
        [("marketing", ""), ("legitimate_interests", '; did you mean "legitimate_interest"?')],
    ),
    (("purposes", 1, "signals", 0), SIGNAL, [("analytics", '; did you mean "analytics_storage"?')]),
    ((*COOKIE, "about"), "a line of words, or a table of words, one per language", [(7, "")]),
    (
        (*COOKIE, "lifetime"),
        LIFETIME,
        [
            ("2 year", "; the unit wants a plural s"),
            ("1 years", "; one has no plural s"),
            ("90d", "; write the unit out, after a space"),
            ("0 days", ""),
            ("long", ""),
            ("٣ days", ""),
        ],
    ),
    (
        (*COOKIE, "name"),
        "a cookie's name, where * stands for any end or part",
        [("a b", "; cookie names have no space, comma, semicolon or equals sign"), ("é", "")],
    ),
    (
        (*COOKIE, "domain"),
        "the host that the cookie belongs to, such as .example.org or www.example.org",
        [("https://a.example", ""), ("..a.example", "")],
    ),
    (
        ("newsletter", "sender"),
        "a sender, such as Example News <news@example.org>",
        [
            ("=?utf-8?q?x?= <n@a.example>", "; write the name as it is read, not encoded"),
            ("News, Inc. <n@a.example>", "; letters and spaces only"),
            ("News", ""),
        ],
    ),
    (("theme", "position"), "one of bottom, bottom-left, bottom-right, center", [("top", "")]),
    (("theme", "accent"), "a colour as #rrggbb, such as #c8102e", [("red", ""), ("#fff", "")]),
    (("theme", "radius"), "a length up to 99px or 9.99rem, such as 6px", [("5em", ""), ("100px", ""), ("-1px", "")]),
    (("texts", "en"), "a table", [("words", "")]),
    (("texts", "en", "notice", "accept"), "words", [("", ""), (1, "")]),
]

# What is altered, and the message that follows at that same place.
TOLD: list[tuple[Place, object, str]] = [
    # keys
    ((*COOKIE, "lifetme"), "1 day", 'unknown key; did you mean "lifetime"?'),
    (("Origins",), [], 'unknown key; did you mean "origins"?'),
    (("zzz",), 1, f"unknown key; known here: {ROOT_KEYS}"),
    (("__proto__",), {}, f"unknown key; known here: {ROOT_KEYS}"),
    (("controller",), GONE, f"missing; expected {CONTROLLER}"),
    (("controller", "email"), GONE, "missing; expected an e-mail address, such as privacy@example.org"),
    (("purposes", 1, "legal_basis"), GONE, f"missing; expected {BASIS}"),
    ((*COOKIE, "lifetime"), GONE, f"missing; expected {LIFETIME}"),
    # sizes
    (("id",), "a" * 65, f"expected {ID}, of at most 64 characters, found 65"),
    (("name",), "x" * 121, "expected a name, of at most 120 characters, found 121"),
    (("consent", "expires_days"), 2**63, f"expected {DAYS}, found a number far too large"),
    (("origins",), [], "expected a list of origins, found an empty one"),
    (("origins",), [f"https://{at}.example" for at in range(101)], "expected at most 100 entries, found 101"),
    (("languages",), [], "expected a list of language tags, found an empty one"),
    (("purposes",), [], "expected a list of purposes, found an empty one"),
    # names that must mean one thing
    (("origins", 1), "http://localhost:*", '"http://localhost:*" is given already at origins[1]'),
    (("languages",), ["en", "es", "en"], '"en" is given already at languages[0]'),
    (("purposes", 2, "id"), "statistics", '"statistics" is given already at purposes[1].id'),
    (("purposes", 2, "services", 0, "id"), "matomo", '"matomo" is given already at purposes[1].services[0].id'),
    (("purposes", 2, "services", 0, "id"), "statistics", '"statistics" is given already at purposes[1].id'),
    (("purposes", 1, "signals"), ["ad_storage"] * 2, '"ad_storage" is given already at purposes[1].signals[0]'),
    # words
    (("name",), " ", '" " begins or ends with a space'),
    (("name",), "a ", '"a " begins or ends with a space'),
    (("name",), "a\nb", r'"a\nb" contains U+000A, a line break: write it on one line'),
    (("name",), "a\u2028b", r'"a\u2028b" contains U+2028, a line break: write it on one line'),
    (("name",), "a\0b", r'"a\x00b" contains U+0000, a control character'),
    (("name",), "a\tb", r'"a\tb" contains U+0009, a control character'),
    (("name",), "a\x7fb", r'"a\x7fb" contains U+007F, a control character'),
    (("name",), "a\u202eb", r'"a\u202eb" contains U+202E, which turns the direction of what follows'),
    (("name",), "a\u2066b", r'"a\u2066b" contains U+2066, which turns the direction of what follows'),
    (("name",), "a\ufeffb", r'"a\ufeffb" contains U+FEFF, which cannot be seen'),
    # languages
    (("purposes", 1, "name", "es"), GONE, "missing; expected words in each of en, es"),
    (("purposes", 1, "name", "fr"), "Nom", "not one of the site's languages (en, es)"),
    (("purposes", 1, "name", "EN"), "N", f'expected {LANGUAGE}, found "EN"; the language comes first, in lower case'),
    (("newsletter", "lists", 0, "description", "es"), GONE, "missing; expected words in each of en, es"),
    ((*SERVICE, "cookies", 1, "about", "es"), GONE, "missing; expected words in each of en, es"),
    # words of the site's own
    (("texts", "fr"), {}, "not one of the site's languages (en, es)"),
    (("texts", "en", "notices"), {}, 'unknown section; did you mean "notice"?'),
    (("texts", "en", "notice", "acept"), "Yes", 'unknown key; did you mean "accept"?'),
    (("texts", "en", "notice", "accept"), "Yes, {site}", "unknown placeholder {site}; known here: none"),
    (("texts", "es", "preferences", "intro"), "{name}", "unknown placeholder {name}; known here: {controller}"),
    # contradictions
    (
        ("purposes",),
        tables()["purposes"][:1],
        "expected at least one purpose that visitors may refuse, found only required ones",
    ),
    (("purposes", 0, "legal_basis"), "consent", 'expected another than "consent": what is required is not asked for'),
    (("purposes", 0, "sale_or_sharing"), True, "expected false: everyone may switch sale and sharing off"),
    (("newsletter", "prompt", "lists", 0), "weekly", 'expected a list of this site (daily), found "weekly"'),
    (("newsletter", "prompt", "after_seconds"), GONE, TRIGGER),
    (
        (*SERVICE, "cookies", 1),
        {"name": "_pk_id.*", "lifetime": "1 day", "domain": ".harbour-post.example", "about": "Again."},
        f'"_pk_id.* .harbour-post.example" is given already at {AT_COOKIE}',
    ),
]
# Where the fault is told at another place than the one that was altered.
ELSEWHERE = {
    ("origins", 1): "origins[2]",
    ("languages",): "languages[2]",
    ("purposes", 1, "signals"): "purposes[1].signals[1]",
    ("newsletter", "prompt", "after_seconds"): "newsletter.prompt",
}


def path(place: Place) -> str:
    """A place as a fault names it."""
    return reduce(lambda above, step: f"{above}[{step}]" if isinstance(step, int) else f"{above}.{step}", place, "")[1:]


def every() -> Iterator[tuple[Place, object, Fault]]:
    """Each alteration, and the fault that must be told for it."""
    for place, expects, values in UNEXPECTED:
        for value, advice in values:
            yield place, value, Fault(path(place), f"expected {expects}, found {found(value)}{advice}")
    for place, value, message in TOLD:
        elsewhere = "given already" in message or message == TRIGGER
        yield place, value, Fault(ELSEWHERE.get(place, path(place)) if elsewhere else path(place), message)


FAULTS = list(every())
NAMES = [f"{fault.path} {value!a:.30}" for _, value, fault in FAULTS]


def faults(data: bytes) -> tuple[Fault, ...]:
    """What `read_site_file` says is wrong."""
    with pytest.raises(Refused) as refused:
        read_site_file(data)
    return refused.value.faults


@pytest.mark.parametrize(("place", "value", "fault"), FAULTS, ids=NAMES)
def test_a_fault_is_told_at_its_place_and_alone(place: Place, value: object, fault: Fault) -> None:
    assert faults(toml(altered(place, value))) == (fault,)


def test_an_id_of_a_list_is_an_id() -> None:
    raw = altered(("newsletter", "prompt"), GONE)
    altered(("newsletter", "lists", 0, "id"), "daily mail", raw)
    assert faults(toml(raw)) == (Fault("newsletter.lists[0].id", f'expected {ID}, found "daily mail"'),)


def test_a_key_of_any_characters_is_told_printably() -> None:
    assert faults(toml(altered(("a b\n\u202e",), 1)))[0].path == r'"a b\n\u202e"'
