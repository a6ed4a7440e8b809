"""What alters the Harbour Post's file so that a rule of the linter is broken, or nearly.

Invariant: only names and makers of alterations stand here; the cases stand beside, by theme.
"""

from __future__ import annotations

from consent.notices import packaged_words
from tests.words.sites.making import Place

Changes = dict[Place, object]
# Rule -> what breaks it, where that is told, and what only comes near.
Cases = dict[str, tuple[list[tuple[Changes, str]], list[Changes]]]

STATISTICS: Place = ("purposes", 1)
ADVERTISING: Place = ("purposes", 2)
NECESSARY: Place = ("purposes", 0)
COOKIE: Place = (*STATISTICS, "services", 0, "cookies", 0)
TRACKERS = ("_ga", "_ga_*", "_fbp", "_gcl_au", "IDE", "_uetsid", "_clck", "_hjSession_1", "_ttp")
ENGLISH = packaged_words("en")["notice"]


def service(name: str, *cookies: str, lifetime: str = "1 day", domain: str = "") -> dict[str, object]:
    """A service under its own id, with these cookies."""
    host = {"domain": domain} if domain else {}
    return {
        "id": "a-service",
        "name": name,
        "provider": f"{name} Ltd",
        "privacy_policy": "https://service.example/privacy",
        "cookies": [{"name": one, "lifetime": lifetime, "about": "Tells visits apart.", **host} for one in cookies],
    }


def wish(**habits: object) -> Changes:
    """A `[notice]` of the file."""
    return {("notice",): habits}


def text(key: str, words: str, section: str = "notice", language: str = "en") -> Changes:
    """One of the site's own words."""
    return {("texts",): {language: {section: {key: words}}}}


def required_cookie(name: str) -> tuple[Changes, str]:
    """A cookie that is known, under a purpose that nobody can refuse."""
    services = [service("Sessions", "sid", name, domain=".doubleclick.net")]
    return {(*NECESSARY, "services"): services}, "purposes[0].services[0].cookies[1]"


def at_home(country: str, regime: str) -> Changes:
    """A controller's country, and how everybody is asked."""
    return {("controller", "country"): country, ("consent", "regime"): regime}
