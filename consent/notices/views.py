"""What the widget is told of a notice: the settings of its loader, and the words of one layer in one language.

Nothing is told twice: what is in the first layer's words (language, controller, look, purposes' names) or in the
loader's settings (services' ids), the other layers take from there; lists of the same things have the same order.

Invariant: everything shown comes from the notice alone, so what a record's digest names is what its visitor saw.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any, Literal, get_args

import msgspec

from consent.notices.changes import material
from consent.notices.colours import faint_on, ink_on
from consent.notices.notice import Cookie, Look, Newsletter, Notice, Prompt, Purpose, Service
from consent.notices.sitefile import Signal
from consent.notices.tags import aliases, direction

Layer = Literal["notice", "preferences", "placeholder", "clear", "signup", "carry"]
View = dict[str, Any]

# In the order they are told; security_storage is never asked for.
SIGNALS: tuple[str, ...] = tuple(name for name in get_args(Signal) if name != "security_storage")
# Lifetimes that are no number of something.
_WORDED = ("session", "persistent")


def widget_settings(notice: Notice, digest: str) -> View:
    """What the loader must know of the notice; the service adds what it knows of the place, the site and itself."""
    told = {
        "site": notice.site,
        "notice": digest,
        "material": material(notice),
        "close": notice.close,
        "days": notice.expires_days,
        **_picked(notice, "refusal_days"),
        "purposes": [_decided(purpose) for purpose in notice.purposes if not purpose.required],
        "required": [_decided(purpose) for purpose in notice.purposes if purpose.required],
        "languages": list(notice.languages),
        "reopen": notice.look.reopen,
    }
    more = {"aliases": aliases(notice.languages), "signals": _signals(notice), "offer": _offers(notice)}
    return told | {name: value for name, value in more.items() if value}


def layers(notice: Notice) -> tuple[Layer, ...]:
    """The layers that a notice has; only sites that go together carry choices, only some have newsletters."""
    lacks = {"carry": not _partners(notice), "signup": _newsletter(notice) is None}
    return tuple(layer for layer in _LAYERS if not lacks.get(layer))


def layer_texts(notice: Notice, language: str, layer: Layer, named: Collection[str] | None = None) -> View:
    """All that one layer shows, in one of the notice's languages; for any other language, in the first.

    `named` are the words that the layout names; words that are then never shown are not told. Without it, all are.
    """
    spoken = language if language in notice.languages else notice.languages[0]
    told = _LAYERS[layer](notice, spoken)
    if named is not None and layer in _SOMETIMES:
        shown = {*_SOMETIMES[layer](notice), *named}
        told["words"] = {key: words for key, words in told["words"].items() if key in shown}
    return told


def speaks(notice: Notice, words: Iterable[str]) -> bool:
    """Whether the first layer has these words in every language; a notice of an older version may lack newer ones."""
    return all(key in notice.texts[language]["notice"] for key in words for language in notice.languages)


def sells(notice: Notice) -> bool:
    """Whether some purpose counts as a sale or sharing."""
    return any(purpose.sale_or_sharing for purpose in notice.purposes)


def _decided(purpose: Purpose) -> View:
    return {"id": purpose.id, "services": [service.id for service in purpose.services], **_sale(purpose)}


def _sale(purpose: Purpose) -> View:
    return {"sale": True} if purpose.sale_or_sharing else {}


def is_always_granted(notice: Notice, signal: str) -> bool:
    """Whether a signal is named, and by purposes alone that nobody may refuse."""
    naming = [purpose.required for purpose in notice.purposes if signal in purpose.signals]
    return bool(naming) and all(naming)


def _signals(notice: Notice) -> View:
    """Each signal that may be refused, with the optional purposes that it stands for; nothing when none names one."""
    if not any(name in SIGNALS for purpose in notice.purposes for name in purpose.signals):
        return {}
    return {
        name: [purpose.id for purpose in notice.purposes if name in purpose.signals and not purpose.required]
        for name in SIGNALS
        if not is_always_granted(notice, name)
    }


def _first_layer(notice: Notice, language: str) -> View:
    partners = _partners(notice)
    return {
        "lang": language,
        "dir": direction(language),
        "words": dict(notice.texts[language]["notice"]),
        "controller": _picked(notice.controller, "name", "privacy_policy", "cookie_policy"),
        "position": notice.look.position,
        "css": _style(notice.look),
        "purposes": [
            {"id": purpose.id, "name": purpose.name[language], "required": purpose.required, **_sale(purpose)}
            for purpose in notice.purposes
        ],
        "services": sum(len(purpose.services) for purpose in notice.purposes),
        **({"together": partners} if partners else {}),
    }


def _always_named(notice: Notice) -> Iterator[str]:
    """The first layer's words that every layout of this notice shows, the other layers' among them."""
    yield from ("title", "changed", "changed_unnamed", "cookie_policy", "privacy_policy")
    yield from ("accept", "refuse", "reopen", "saved", "unsaved")
    yield "close_later" if notice.close == "ask_later" else "close_refuse"
    if _partners(notice):
        yield "together"


def _style(look: Look) -> str:
    """What the site gives all layers to wear; an accent too faint for a scheme's paper is edged in ink there."""
    values = {"accent": look.accent, "on-accent": ink_on(look.accent), "radius": look.radius}
    worn = ";".join(f"--{name}:var(--consent-{name},{value})" for name, value in values.items())
    edged = (f"@media(prefers-color-scheme:{scheme}){{:host{{--edge:var(--ink)}}}}" for scheme in faint_on(look.accent))
    return "".join([f":host{{{worn}}}", *edged])


def _partners(notice: Notice) -> list[str]:
    return [] if notice.together is msgspec.UNSET else [partner.name for partner in notice.together]


def _second_layer(notice: Notice, language: str) -> View:
    return {
        "words": _second_words(notice, language),
        "purposes": [_explanation(purpose, language, notice.languages[0]) for purpose in notice.purposes],
    }


def _second_words(notice: Notice, language: str) -> dict[str, str]:
    """With the lifetimes that are words as the notice writes them, where an older version's has no better ones."""
    return {lifetime: lifetime for lifetime in _WORDED} | dict(notice.texts[language]["preferences"])


def _explained(notice: Notice) -> Iterator[str]:
    """The second layer's words but those for grounds, kinds and lifetimes that this notice has none of."""
    cookies = [cookie for purpose in notice.purposes for service in purpose.services for cookie in service.cookies]
    used = {f"basis_{purpose.legal_basis}" for purpose in notice.purposes}
    used |= {str(cookie.kind) for cookie in cookies} | {cookie.lifetime for cookie in cookies}
    used |= {"gpc"} if sells(notice) else set()
    for key in _second_words(notice, notice.languages[0]):
        if key in used or not (key in _SELDOM or key.startswith("basis_")):
            yield key


def _placeholders(notice: Notice, language: str) -> View:
    services = (service for purpose in notice.purposes for service in purpose.services)
    return {
        "words": dict(notice.texts[language]["placeholder"]),
        "services": {service.id: service.name for service in services},
    }


def _clearing(notice: Notice, language: str) -> View:
    """What the services leave in a browser, by where, to be taken away when they may no longer run."""
    kept: dict[str, list[list[str]]] = {}
    optional = (purpose for purpose in notice.purposes if not purpose.required)
    for service in (service for purpose in optional for service in purpose.services):
        for cookie in service.cookies:
            kind = "cookie" if cookie.kind is msgspec.UNSET else cookie.kind
            domain = () if cookie.domain is msgspec.UNSET else (cookie.domain,)
            kept.setdefault(kind, []).append([service.id, cookie.name, *domain])
    return {"kept": kept}


def _carrying(notice: Notice, language: str) -> View:
    return {}


def _newsletter(notice: Notice) -> Newsletter | None:
    """What readers can be asked about by the widget; a notice of an older version has no words for it."""
    if notice.newsletter and all("signup" in words for words in notice.texts.values()):
        return notice.newsletter
    return None


def _offers(notice: Notice) -> bool:
    """Whether the newsletter is offered unasked."""
    newsletter = _newsletter(notice)
    return bool(newsletter and newsletter.prompt)


def _signing_up(notice: Notice, language: str) -> View:
    """All that the form and the prompt show: unlike the other layers, this one does without the first one's file."""
    newsletter, texts = _newsletter(notice), notice.texts[language]
    if newsletter is None:
        return {}
    shown = {key: words for key, words in texts["signup"].items() if key in set(_said(newsletter))}
    return {
        "lang": language,
        "dir": direction(language),
        "words": shown | {"privacy_policy": texts["notice"]["privacy_policy"]},
        "controller": _picked(notice.controller, "name", "privacy_policy"),
        "css": _style(notice.look),
        "lists": [[one.id, one.name[language], one.description[language]] for one in newsletter.lists],
        **({"prompt": _prompt(newsletter.prompt)} if newsletter.prompt else {}),
    }


def _said(newsletter: Newsletter) -> Iterator[str]:
    """The words of asking that the widget says; the others are the pages'."""
    yield from ("title", "label", "submit", "privacy", "typo", "invalid", "sending", "sent", "open_mail", "again")
    yield from ("failed", "wait")
    if len(newsletter.lists) > 1:
        yield from ("choose_lists", "no_list")
    if newsletter.prompt:
        yield from ("decline", "later", "later_date", "close", "declined")


def _prompt(prompt: Prompt) -> View:
    """When it comes, by the names of its triggers; one that is switched off is not told."""
    triggers = {
        "seconds": prompt.after_seconds,
        "scroll": prompt.after_scroll_percent,
        "pages": prompt.after_pages,
        "exit": bool(prompt.on_exit),
    }
    told = {name: value for name, value in triggers.items() if value}
    return {"lists": list(prompt.lists), **told, "later": prompt.later_days, "decline": prompt.decline_days}


_LAYERS: Mapping[Layer, Callable[[Notice, str], View]] = {
    "notice": _first_layer,
    "preferences": _second_layer,
    "placeholder": _placeholders,
    "clear": _clearing,
    "signup": _signing_up,
    "carry": _carrying,
}


_SOMETIMES: Mapping[Layer, Callable[[Notice], Iterable[str]]] = {"notice": _always_named, "preferences": _explained}
_SELDOM = ("gpc", "session", "persistent", "local_storage", "session_storage", "indexed_db")


def _explanation(purpose: Purpose, language: str, first: str) -> View:
    return {
        "description": purpose.description[language],
        "legal_basis": purpose.legal_basis,
        "services": [_service(service, language, first) for service in purpose.services],
    }


def _service(service: Service, language: str, first: str) -> View:
    cookies = [_cookie(cookie, language, first) for cookie in service.cookies]
    return {**_picked(service, "name", "provider", "privacy_policy"), "cookies": cookies}


def _cookie(cookie: Cookie, language: str, first: str) -> View:
    about = cookie.about.get(language, cookie.about[first])
    return {**_picked(cookie, "kind", "name", "lifetime", "domain"), "about": about}


def _picked(struct: msgspec.Struct, *keys: str) -> View:
    """Some fields of a value as plain JSON; those that are unset are left out."""
    plain = msgspec.to_builtins(struct)
    return {key: list(plain[key]) if isinstance(plain[key], tuple) else plain[key] for key in keys if key in plain}
