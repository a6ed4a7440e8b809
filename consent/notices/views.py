"""What the widget is told of a notice: the settings of its loader, and the words of one layer in one language.

Invariant: everything shown comes from the notice alone, so what a record's digest names is what its visitor saw.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

import msgspec

from consent.notices.changes import material
from consent.notices.notice import Cookie, Notice, Purpose, Service

Layer = Literal["notice", "preferences", "placeholder"]
View = dict[str, Any]

# Languages (and scripts, as in az-Arab) that are written from right to left.
_RIGHT_TO_LEFT = frozenset("ar arc ckb dv fa he ks nqo ps sd syr ug ur yi Adlm Arab Hebr Nkoo Syrc Thaa".split())


def direction(language: str) -> Literal["ltr", "rtl"]:
    """Which way a language is written: a script that is named decides, else the language."""
    first, *rest = language.split("-")
    script = next((part for part in rest if len(part) == 4), first)
    return "rtl" if script in _RIGHT_TO_LEFT else "ltr"


def widget_settings(notice: Notice, digest: str) -> View:
    """What the loader must know of the notice; the service adds its `url`, the `files`, the `changes` since older ones.

    `regime` may be `auto`, which the service replaces by what holds at the visitor's place.
    """
    return {
        "site": notice.site,
        "notice": digest,
        "material": material(notice),
        "regime": notice.regime,
        "close": notice.close,
        "days": notice.expires_days,
        "purposes": [
            {"id": purpose.id, "services": _service_ids(purpose), "sale": purpose.sale_or_sharing}
            for purpose in notice.purposes
            if not purpose.required
        ],
        "required": [
            {"id": purpose.id, "services": _service_ids(purpose)} for purpose in notice.purposes if purpose.required
        ],
        "languages": list(notice.languages),
        "look": _picked(notice.look, "position", "accent", "radius", "reopen"),
    }


def layer_texts(notice: Notice, language: str, layer: Layer) -> View:
    """All that one layer shows, in one of the notice's languages; for any other language, in the first."""
    spoken = language if language in notice.languages else notice.languages[0]
    return _LAYERS[layer](notice, spoken)


def _head(notice: Notice, language: str, layer: Layer) -> View:
    return {"lang": language, "dir": direction(language), "words": dict(notice.texts[language][layer])}


def _first_layer(notice: Notice, language: str) -> View:
    return {
        **_head(notice, language, "notice"),
        "controller": _picked(notice.controller, "name", "privacy_policy", "cookie_policy"),
        "purposes": [
            {"id": purpose.id, "name": purpose.name[language], "required": purpose.required}
            for purpose in notice.purposes
        ],
        "services": sum(len(purpose.services) for purpose in notice.purposes),
        "look": _picked(notice.look, "position", "accent", "radius", "buttons"),
    }


def _second_layer(notice: Notice, language: str) -> View:
    return {
        **_head(notice, language, "preferences"),
        "controller": _picked(notice.controller, "name", "privacy_policy", "cookie_policy"),
        "purposes": [_purpose(purpose, language, notice.languages[0]) for purpose in notice.purposes],
        "look": _picked(notice.look, "position", "accent", "radius", "buttons"),
    }


def _placeholders(notice: Notice, language: str) -> View:
    services = (service for purpose in notice.purposes for service in purpose.services)
    return {
        **_head(notice, language, "placeholder"),
        "purposes": {purpose.id: purpose.name[language] for purpose in notice.purposes},
        "services": {service.id: _picked(service, "name", "provider") for service in services},
    }


_LAYERS: Mapping[Layer, Callable[[Notice, str], View]] = {
    "notice": _first_layer,
    "preferences": _second_layer,
    "placeholder": _placeholders,
}


def _purpose(purpose: Purpose, language: str, first: str) -> View:
    return {
        **_picked(purpose, "id", "required", "legal_basis"),
        "name": purpose.name[language],
        "description": purpose.description[language],
        "services": [_service(service, language, first) for service in purpose.services],
    }


def _service(service: Service, language: str, first: str) -> View:
    cookies = [_cookie(cookie, language, first) for cookie in service.cookies]
    return {**_picked(service, "id", "name", "provider", "privacy_policy"), "cookies": cookies}


def _cookie(cookie: Cookie, language: str, first: str) -> View:
    about = cookie.about.get(language, cookie.about[first])
    return {**_picked(cookie, "name", "lifetime", "domain"), "about": about}


def _service_ids(purpose: Purpose) -> list[str]:
    return [service.id for service in purpose.services]


def _picked(struct: msgspec.Struct, *keys: str) -> View:
    """Some fields of a value as plain JSON; those that are unset are left out."""
    plain = msgspec.to_builtins(struct)
    return {key: list(plain[key]) if isinstance(plain[key], tuple) else plain[key] for key in keys if key in plain}
