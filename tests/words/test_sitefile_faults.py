"""Every way in which a site file can be wrong, one place at a time: where it is said, and in which words."""

from __future__ import annotations

import pytest

from consent.errors import Fault, Refused
from consent.notices import packaged_languages, packaged_words, read_site_file
from tests.words.sites.making import GONE, Place, altered, tables, toml

LIFETIME = 'how long it stays: "session", "persistent", or a number and its unit, such as "90 days"'
ORIGIN = "an origin: scheme://host or scheme://host:port, such as https://www.example.org"
URL = "the address of a page, beginning with https:// or http://"
LANGUAGE = "a language tag, such as en, pt-BR or zh-Hans"
ID = "an id: a lower-case letter, then at most 63 of a-z 0-9 _ -"
COOKIE: Place = ("purposes", 1, "services", 0, "cookies", 0)
SERVICE: Place = ("purposes", 1, "services", 0)
AT_COOKIE = "purposes[1].services[0].cookies[0]"
ROOT_KEYS = "id, name, origins, languages, controller, consent, records, purposes, newsletter, theme, texts"

# What is altered, what stands there then, and the one fault that is told.
FAULTS: list[tuple[Place, object, str, str]] = [
    # types
    (("id",), 5, "id", f"expected {ID}, found the number 5"),
    (("name",), True, "name", "expected a name, found true"),
    (("origins",), "https://a.example", "origins", 'expected a list of origins, found "https://a.example"'),
    (("controller",), [], "controller", "expected a table with name, email, country, privacy_policy, found a list"),
    (("purposes", 1, "required"), "no", "purposes[1].required", 'expected true or false, found "no"'),
    (("consent", "close"), 0, "consent.close", "expected one of ask_later, refuse, found the number 0"),
    (
        ("consent", "expires_days"),
        1.5,
        "consent.expires_days",
        "expected a number of days (at most 13 months), from 1 to 395, found the number 1.5",
    ),
    (
        (*COOKIE, "about"),
        7,
        f"{AT_COOKIE}.about",
        "expected a line of words, or a table of words, one per language, found the number 7",
    ),
    (("texts", "en"), "words", "texts.en", 'expected a table, found "words"'),
    # keys
    ((*COOKIE, "lifetme"), "1 day", f"{AT_COOKIE}.lifetme", 'unknown key; did you mean "lifetime"?'),
    (("Origins",), [], "Origins", 'unknown key; did you mean "origins"?'),
    (("zzz",), 1, "zzz", f"unknown key; known here: {ROOT_KEYS}"),
    (("a b\n",), 1, r'"a b\n"', f"unknown key; known here: {ROOT_KEYS}"),
    (("__proto__",), {}, "__proto__", f"unknown key; known here: {ROOT_KEYS}"),
    (("controller", "email"), GONE, "controller.email", "missing; expected an e-mail address, such as privacy@example.org"),
    (("controller",), GONE, "controller", "missing; expected a table with name, email, country, privacy_policy"),
    ((*COOKIE, "lifetime"), GONE, f"{AT_COOKIE}.lifetime", f"missing; expected {LIFETIME}"),
    (
        ("purposes", 1, "legal_basis"),
        GONE,
        "purposes[1].legal_basis",
        "missing; expected one of consent, contract, legal_obligation, legitimate_interest, public_task, vital_interests",
    ),
    # one of
    (("consent", "close"), "accept", "consent.close", 'expected one of ask_later, refuse, found "accept"; closing is never a yes'),
    (
        ("consent", "regime"),
        "optin",
        "consent.regime",
        'expected one of auto, notice_only, opt_in, opt_out, found "optin"; did you mean "opt_in"?',
    ),
    (
        ("purposes", 1, "signals", 0),
        "analytics",
        "purposes[1].signals[0]",
        "expected one of ad_personalization, ad_storage, ad_user_data, analytics_storage, functionality_storage, "
        'personalization_storage, security_storage, found "analytics"; did you mean "analytics_storage"?',
    ),
    (("records", "ip"), "raw", "records.ip", 'expected one of hash, none, found "raw"'),
    (("theme", "position"), "top", "theme.position", 'expected one of bottom, bottom-left, bottom-right, center, found "top"'),
    # ids
    (("id",), "Harbour", "id", f'expected {ID}, found "Harbour"; no capitals'),
    (("id",), "__proto__", "id", f'expected {ID}, found "__proto__"'),
    (("id",), "constructor", "id", f'expected {ID}, found "constructor"; every JavaScript object has that name already'),
    (("id",), "a.b", "id", f'expected {ID}, found "a.b"'),
    (("id",), "", "id", f'expected {ID}, found ""'),
    (("id",), "a" * 65, "id", f"expected {ID}, of at most 64 characters, found 65"),
    (("purposes", 2, "id"), "statistics", "purposes[2].id", '"statistics" is given already at purposes[1].id'),
    (
        ("purposes", 2, "services", 0, "id"),
        "matomo",
        "purposes[2].services[0].id",
        '"matomo" is given already at purposes[1].services[0].id',
    ),
    (
        ("purposes", 2, "services", 0, "id"),
        "statistics",
        "purposes[2].services[0].id",
        '"statistics" is given already at purposes[1].id',
    ),
    # origins
    (("origins", 0), "https://*.example.org", "origins[0]", f'expected {ORIGIN}, found "https://*.example.org"; a star stands only for the port of http://localhost or http://127.0.0.1'),
    (("origins", 0), "https://localhost:*", "origins[0]", f'expected {ORIGIN}, found "https://localhost:*"; a star stands only for the port of http://localhost or http://127.0.0.1'),
    (("origins", 0), "https://a.example/", "origins[0]", f'expected {ORIGIN}, found "https://a.example/"; end after the host or port; an origin has no path'),
    (("origins", 0), "https://a.example:443", "origins[0]", f'expected {ORIGIN}, found "https://a.example:443"; leave the usual port out, as browsers do'),
    (("origins", 0), "https://a.example:65536", "origins[0]", f'expected {ORIGIN}, found "https://a.example:65536"'),
    (("origins", 0), "https://A.example", "origins[0]", f'expected {ORIGIN}, found "https://A.example"; write it as browsers send it, in lower case'),
    (("origins", 0), "https://é.example", "origins[0]", f'expected {ORIGIN}, found "https://é.example"; write the host as browsers send it, in ASCII (xn--…)'),
    (("origins", 0), "https://u@a.example", "origins[0]", f'expected {ORIGIN}, found "https://u@a.example"; an origin has no user name'),
    (("origins", 0), "a.example", "origins[0]", f'expected {ORIGIN}, found "a.example"'),
    (("origins", 0), "null", "origins[0]", f'expected {ORIGIN}, found "null"'),
    (("origins", 2), "https://www.harbour-post.example", "origins[2]", '"https://www.harbour-post.example" is given already at origins[0]'),
    (("origins",), [], "origins", "expected a list of origins, found an empty one"),
    (("origins",), [f"https://{at}.example" for at in range(101)], "origins", "expected at most 100 entries, found 101"),
    # addresses, mail, countries, looks
    (("controller", "privacy_policy"), "javascript:alert(1)", "controller.privacy_policy", f'expected {URL}, found "javascript:alert(1)"'),
    (("controller", "privacy_policy"), "www.a.example/p", "controller.privacy_policy", f'expected {URL}, found "www.a.example/p"; put https:// before it'),
    ((*SERVICE, "privacy_policy"), "https://u:p@a.example", "purposes[1].services[0].privacy_policy", f'expected {URL}, found "https://u:p@a.example"; no user name in it'),
    (("controller", "email"), "privacy", "controller.email", 'expected an e-mail address, such as privacy@example.org, found "privacy"'),
    (("controller", "email"), "a@b@c.example", "controller.email", 'expected an e-mail address, such as privacy@example.org, found "a@b@c.example"'),
    (("controller", "country"), "us", "controller.country", "expected a country's two letters (ISO 3166-1), such as US or DE, found \"us\"; use capitals"),
    (("controller", "country"), "UK", "controller.country", "expected a country's two letters (ISO 3166-1), such as US or DE, found \"UK\"; the United Kingdom is GB"),
    (("controller", "country"), "QQ", "controller.country", "expected a country's two letters (ISO 3166-1), such as US or DE, found \"QQ\""),
    (("theme", "accent"), "red", "theme.accent", 'expected a colour as #rrggbb, such as #c8102e, found "red"'),
    (("theme", "radius"), "5em", "theme.radius", 'expected a length up to 99px or 9.99rem, such as 6px, found "5em"'),
    (("newsletter", "sender"), "=?utf-8?q?x?= <n@a.example>", "newsletter.sender", 'expected a sender, such as Example News <news@example.org>, found "=?utf-8?q?x?= <n@a.example>"; write the name as it is read, not encoded'),
    # cookies
    ((*COOKIE, "lifetime"), "2 year", f"{AT_COOKIE}.lifetime", f'expected {LIFETIME}, found "2 year"; the unit wants a plural s'),
    ((*COOKIE, "lifetime"), "1 years", f"{AT_COOKIE}.lifetime", f'expected {LIFETIME}, found "1 years"; one has no plural s'),
    ((*COOKIE, "lifetime"), "90d", f"{AT_COOKIE}.lifetime", f'expected {LIFETIME}, found "90d"; write the unit out, after a space'),
    ((*COOKIE, "lifetime"), "long", f"{AT_COOKIE}.lifetime", f'expected {LIFETIME}, found "long"'),
    ((*COOKIE, "lifetime"), "٣ days", f"{AT_COOKIE}.lifetime", f'expected {LIFETIME}, found "٣ days"'),
    ((*COOKIE, "name"), "a b", f"{AT_COOKIE}.name", "expected a cookie's name, where * stands for any end or part, found \"a b\"; cookie names have no space, comma, semicolon or equals sign"),
    ((*COOKIE, "domain"), "https://a.example", f"{AT_COOKIE}.domain", 'expected the host that the cookie belongs to, such as .example.org or www.example.org, found "https://a.example"'),
    (
        ("purposes", 1, "services", 0, "cookies", 1),
        {"name": "_pk_id.*", "lifetime": "1 day", "domain": ".harbour-post.example", "about": "Again."},
        "purposes[1].services[0].cookies[1]",
        '"_pk_id.* .harbour-post.example" is given already at purposes[1].services[0].cookies[0]',
    ),
    # numbers
    (("consent", "expires_days"), 396, "consent.expires_days", "expected a number of days (at most 13 months), from 1 to 395, found the number 396"),
    (("consent", "expires_days"), 0, "consent.expires_days", "expected a number of days (at most 13 months), from 1 to 395, found the number 0"),
    (("consent", "expires_days"), 2**63, "consent.expires_days", "expected a number of days (at most 13 months), from 1 to 395, found a number far too large"),
    (("consent", "expires_days"), True, "consent.expires_days", "expected a number of days (at most 13 months), from 1 to 395, found true"),
    # words
    (("name",), "x" * 121, "name", "expected a name, of at most 120 characters, found 121"),
    (("name",), " ", "name", '" " begins or ends with a space'),
    (("name",), "a ", "name", '"a " begins or ends with a space'),
    (("name",), "a\nb", "name", r'"a\nb" contains U+000A, a line break: write it on one line'),
    (("name",), "a\u2028b", "name", r'"a\u2028b" contains U+2028, a line break: write it on one line'),
    (("name",), "a\0b", "name", r'"a\x00b" contains U+0000, a control character'),
    (("name",), "a\x7fb", "name", r'"a\x7fb" contains U+007F, a control character'),
    (("name",), "a\u202eb", "name", r'"a\u202eb" contains U+202E, which turns the direction of what follows'),
    (("name",), "a\u2066b", "name", r'"a\u2066b" contains U+2066, which turns the direction of what follows'),
    (("name",), "a\ufeffb", "name", r'"a\ufeffb" contains U+FEFF, which cannot be seen'),
    # languages
    (("purposes", 1, "name", "es"), GONE, "purposes[1].name.es", "missing; expected words in each of en, es"),
    (("purposes", 1, "name", "fr"), "Nom", "purposes[1].name.fr", "not one of the site's languages (en, es)"),
    (("purposes", 1, "name", "EN"), "Name", "purposes[1].name.EN", f'expected {LANGUAGE}, found "EN"; the language comes first, in lower case'),
    (("newsletter", "lists", 0, "description", "es"), GONE, "newsletter.lists[0].description.es", "missing; expected words in each of en, es"),
    (("purposes", 1, "services", 0, "cookies", 1, "about", "es"), GONE, "purposes[1].services[0].cookies[1].about.es", "missing; expected words in each of en, es"),
    (("languages",), ["en", "es", "en"], "languages[2]", '"en" is given already at languages[0]'),
    (("languages",), ["en", "es", "pt_BR"], "languages[2]", f'expected {LANGUAGE}, found "pt_BR"; join its parts with a hyphen'),
    (("languages",), [], "languages", "expected a list of language tags, found an empty one"),
    # replaced words
    (("texts", "fr"), {}, "texts.fr", "not one of the site's languages (en, es)"),
    (("texts", "en", "notices"), {}, "texts.en.notices", 'unknown section; did you mean "notice"?'),
    (("texts", "en", "notice", "acept"), "Yes", "texts.en.notice.acept", 'unknown key; did you mean "accept"?'),
    (("texts", "en", "notice", "accept"), "Yes, {site}", "texts.en.notice.accept", "unknown placeholder {site}; known here: none"),
    (("texts", "es", "preferences", "intro"), "{name}", "texts.es.preferences.intro", "unknown placeholder {name}; known here: {controller}"),
    (("texts", "en", "notice", "accept"), "", "texts.en.notice.accept", 'expected words, found ""'),
    # what contradicts itself
    (("purposes",), tables()["purposes"][:1], "purposes", "expected at least one purpose that visitors may refuse, found only required ones"),
    (("purposes",), [], "purposes", "expected a list of purposes, found an empty one"),
    (("purposes", 0, "legal_basis"), "consent", "purposes[0].legal_basis", 'expected another than "consent": what is required is not asked for'),
    (("purposes", 0, "sale_or_sharing"), True, "purposes[0].sale_or_sharing", "expected false: everyone may switch sale and sharing off"),
    (("purposes", 1, "signals"), ["ad_storage", "ad_storage"], "purposes[1].signals[1]", '"ad_storage" is given already at purposes[1].signals[0]'),
    (("newsletter", "prompt", "lists", 0), "weekly", "newsletter.prompt.lists[0]", 'expected a list of this site (daily), found "weekly"'),
    (("newsletter", "prompt", "after_seconds"), GONE, "newsletter.prompt", "expected at least one of after_seconds, after_scroll_percent, after_pages above 0, or it never opens"),
    (("newsletter", "lists", 0, "id"), "prototype.x", "newsletter.lists[0].id", f'expected {ID}, found "prototype.x"'),
]  # fmt: skip


def faults(data: bytes) -> tuple[Fault, ...]:
    """What `read_site_file` says is wrong."""
    with pytest.raises(Refused) as refused:
        read_site_file(data)
    return refused.value.faults


@pytest.mark.parametrize(
    ("place", "value", "path", "message"), FAULTS, ids=[f"{path} {value!a:.30}" for _, value, path, _ in FAULTS]
)
def test_a_fault_is_told_at_its_place(place: Place, value: object, path: str, message: str) -> None:
    told = {fault.path: fault.message for fault in faults(toml(altered(place, value)))}
    assert told[path] == message


def test_the_harbour_posts_own_file_is_right() -> None:
    read_site_file(toml(tables()))


def test_all_faults_are_told_at_once() -> None:
    raw = altered(("consent", "close"), "accept")
    altered(("controller", "country"), "UK", raw)
    altered(("purposes", 1, "name", "es"), GONE, raw)
    altered(("purposes", 2, "services", 1, "id"), "adnet", raw)
    altered((*COOKIE, "lifetime"), GONE, raw)
    altered((*COOKIE, "lifetme"), "1 day", raw)
    altered(("theme", "colour"), "red", raw)
    assert {fault.path for fault in faults(toml(raw))} == {
        "consent.close",
        "controller.country",
        "purposes[1].name.es",
        "purposes[2].services[1].id",
        f"{AT_COOKIE}.lifetime",
        f"{AT_COOKIE}.lifetme",
        "theme.colour",
    }


def test_an_empty_file_is_told_what_it_lacks() -> None:
    assert [fault.path for fault in faults(b"")] == ["id", "name", "origins", "languages", "controller", "purposes"]


def test_one_place_is_told_one_fault() -> None:
    raw = altered(("texts", "EN"), {"notice": {}})
    assert [fault.path for fault in faults(toml(raw))] == ["texts.EN"]


def test_ids_that_do_not_fit_the_choices_cookie_are_refused() -> None:
    raw = tables()
    service = raw["purposes"][2]["services"][1]
    raw["purposes"][2]["services"] = [{**service, "id": f"s{at:062}"} for at in range(50)]
    size = 50 * 65 + sum(len(f"!{name}.") for name in ("statistics", "matomo", "advertising"))
    words = f"expected ids that fit in the choice's cookie, 3000 bytes, found {size}; shorten ids, or name fewer services"
    assert faults(toml(raw)) == (Fault("purposes", words),)


def test_a_language_without_words_of_ours_must_bring_them_all() -> None:
    raw = altered(("languages",), ["en", "es", "gd"])
    altered(("texts", "gd"), {"notice": {"accept": "Gabh ri"}}, raw)
    told = {fault.path: fault.message for fault in faults(toml(raw))}["texts.gd"]
    assert f"because none come with the service for this language (there are {packaged_languages()[0]}" in told
    assert "missing notice." in told
    assert "notice.accept" not in told


def test_a_language_without_words_of_ours_may_bring_them_all() -> None:
    raw = altered(("languages",), ["en"])
    raw["languages"].append("gd")
    del raw["texts"]["es"]
    for table in (raw["purposes"], raw["newsletter"]["lists"]):
        for each in table:
            each["name"] = {"en": "Name", "gd": "Ainm"}
            each["description"] = {"en": "Words", "gd": "Faclan"}
    altered((*SERVICE, "cookies", 1, "about"), "Words", raw)
    raw["texts"]["gd"] = {section: dict(words) for section, words in packaged_words("en").items()}
    read_site_file(toml(raw))
