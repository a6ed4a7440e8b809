"""What a site file must keep beyond the shape of each value: names that mean one thing, and no contradiction.

Invariant: a rule looks only at what has the right type and passes over the rest, which `shape` faults; so that one
reading of a file says everything that is wrong with it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from itertools import chain
from urllib.parse import urlsplit

from publicsuffixlist import PublicSuffixList

from consent.errors import Fault
from consent.notices.finding import Table, find, find_tables, find_texts
from consent.notices.translations import misplaced, untranslated, wordless
from consent.notices.wording import listed, quoted

# Where a name must be given once: within each of the first, over all that stands at the second.
# Purposes and services share one namespace, because a page asks `given(purposeOrService)`.
NAMESPACES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("", ("origins[]",)),
    ("", ("languages[]",)),
    ("", ("consent.together[]",)),
    ("", ("purposes[].id", "purposes[].services[].id")),
    ("purposes[]", ("signals[]",)),
    ("", ("newsletter.lists[].id",)),
    ("", ("newsletter.prompt.lists[]",)),
)
TRIGGERS = ("after_seconds", "after_scroll_percent", "after_pages")
# Browsers keep 4096 bytes of a cookie. What is not ids (two UUIDs, two times, the receipt) has the rest.
CHOICE_BYTES = 3000


def repeated(raw: object) -> Iterator[Fault]:
    """A name given twice where it must mean one thing."""
    for scope, places in NAMESPACES:
        for path, within in find(raw, scope):
            yield from _twice(chain.from_iterable(find_texts(within, place, path) for place in places))


def cookies_repeated(raw: object) -> Iterator[Fault]:
    """The same cookie of the same host (or key of the same store), twice in one service."""
    for path, service in find(raw, "purposes[].services[]"):
        cookies = find_tables(service, "cookies[]", path)
        yield from _twice((where, _cookie(each)) for where, each in cookies)


def _cookie(entry: Table) -> str:
    kind = entry.get("kind", "cookie")
    named = [entry.get("name"), entry.get("domain"), None if kind == "cookie" else kind]
    return " ".join(str(part) for part in named if part)


def _twice(names: Iterable[tuple[str, str]]) -> Iterator[Fault]:
    first: dict[str, str] = {}
    for path, name in names:
        if name in first:
            yield Fault(path, f"{quoted(name)} is given already at {first[name]}")
        first.setdefault(name, path)


def nothing_to_decide(raw: object) -> Iterator[Fault]:
    """A notice that leaves its visitors no choice."""
    purposes = [purpose for _, purpose in find_tables(raw, "purposes[]")]
    if purposes and all(purpose.get("required") is True for purpose in purposes):
        yield Fault("purposes", "expected at least one purpose that visitors may refuse, found only required ones")


def contradictions(raw: object) -> Iterator[Fault]:
    """A purpose that cannot be refused, yet says that it can."""
    for path, purpose in find_tables(raw, "purposes[]"):
        if purpose.get("required") is True and purpose.get("legal_basis") == "consent":
            yield Fault(f"{path}.legal_basis", 'expected another than "consent": what is required is not asked for')
        if purpose.get("required") is True and purpose.get("sale_or_sharing") is True:
            yield Fault(f"{path}.sale_or_sharing", "expected false: everyone may switch sale and sharing off")


def too_many_ids(raw: object) -> Iterator[Fault]:
    """Ids that do not fit in the cookie which holds the choice."""
    optional = [each for _, each in find_tables(raw, "purposes[]") if each.get("required") is not True]
    places = ("id", "services[].id")
    ids = [name for each in optional for place in places for _, name in find_texts(each, place)]
    size = sum(len(name) + len("!.") for name in ids)
    if size > CHOICE_BYTES:
        room = f"expected ids that fit in the choice's cookie, {CHOICE_BYTES} bytes"
        yield Fault("purposes", f"{room}, found {size}; shorten ids, or name fewer services")


def prompt_of_nothing(raw: object) -> Iterator[Fault]:
    """A prompt for a list that does not exist, or that no trigger opens."""
    lists = {name: None for _, name in find_texts(raw, "newsletter.lists[].id")}
    for path, name in find_texts(raw, "newsletter.prompt.lists[]"):
        if name not in lists:
            yield Fault(path, f"expected a list of this site ({listed(lists) or 'it has none'}), found {quoted(name)}")
    for path, prompt in find_tables(raw, "newsletter.prompt"):
        if not any(prompt.get(trigger) for trigger in (*TRIGGERS, "on_exit")):
            yield Fault(path, f"expected at least one of {listed(TRIGGERS)} above 0, or on_exit, or it never opens")


def cookie_out_of_reach(raw: object) -> Iterator[Fault]:
    """A cookie for a host that no page of the site stands under, so that browsers would drop it."""
    hosts = [str(urlsplit(origin).hostname) for _, origin in find_texts(raw, "origins[]") if _is_plain(origin)]
    for path, domain in find_texts(raw, "consent.cookie_domain"):
        if hosts and not any(is_under(host, domain) for host in hosts):
            yield Fault(path, f"expected a host that some origin stands under, found {quoted(domain)}")
        elif domain not in hosts and _suffixes().is_public(domain):
            words = f"expected a domain of one owner, found {quoted(domain)}, for which browsers take no cookie"
            yield Fault(path, words)
    for path, asking in find_tables(raw, "consent"):
        if asking.get("cookie_from") == "service" and "cookie_domain" not in asking:
            yield Fault(f"{path}.cookie_domain", 'missing; expected with cookie_from = "service"')


@cache
def _suffixes() -> PublicSuffixList:
    """The domains under which anybody may have a domain (publicsuffix.org), as of the installed package."""
    return PublicSuffixList()


def is_under(host: str, domain: str) -> bool:
    """Whether a cookie for the domain reaches the host."""
    return host == domain or host.endswith(f".{domain}")


def _is_plain(origin: str) -> bool:
    """What is no origin is told by its shape, and may be no address at all."""
    return bool(re.fullmatch(r"https?://[a-z0-9.:*-]+", origin))


def together_with_itself(raw: object) -> Iterator[Fault]:
    """A site that goes together with itself."""
    own = dict(find_texts(raw, "id")).get("id")
    for path, name in find_texts(raw, "consent.together[]"):
        if name == own:
            yield Fault(path, "this is the site itself")


RULES: tuple[Callable[[object], Iterator[Fault]], ...] = (
    repeated,
    cookies_repeated,
    nothing_to_decide,
    contradictions,
    too_many_ids,
    untranslated,
    wordless,
    misplaced,
    prompt_of_nothing,
    cookie_out_of_reach,
    together_with_itself,
)


def breaches(raw: object) -> Iterator[Fault]:
    """Every rule broken by a file, given as TOML's plain tables, lists and scalars."""
    return chain.from_iterable(rule(raw) for rule in RULES)
