"""The real widget in a frame of its own: any notice, published, stored or still a draft, as one visitor would see it.

The scripts are the ones that visitors get. The frame's page only makes the world around them: where a sandboxed page
has no cookies and no storage, it lends them some that are forgotten with it, and it answers what the widget sends.

Invariant: nothing is recorded, kept or sent. The page has an opaque origin and no session, its policy lets nothing out,
and all that it needs stands in its own text; the words are the notice's, to the letter, but for when a prompt comes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple, TypeVar
from urllib.parse import quote, urlencode

import msgspec
from msgspec import UNSET
from starlette.responses import Response

from consent import ids, notices, regimes
from consent.notices import Notice, direction
from consent.regimes import Rule
from consent.web import scripts
from consent.web.pages import engine
from consent.web.scripts import Variant

Theme = Literal["light", "dark", "auto"]
Layer = Literal["notice", "preferences", "placeholder", "signup", "prompt", "reopen"]
One = TypeVar("One", bound=str)

REGIMES: Mapping[str, Rule] = {
    "opt_in": regimes.OPT_IN,
    "opt_out": regimes.OPT_OUT,
    "california": regimes.CALIFORNIA,
    "notice_only": regimes.NOTICE_ONLY,
}
THEMES: tuple[Theme, ...] = ("auto", "light", "dark")
LAYERS: tuple[Layer, ...] = ("notice", "preferences", "placeholder", "signup", "prompt", "reopen")

NOWHERE = "https://preview.invalid"
"""Where the widget believes its service to be: a name that is nobody's (RFC 2606), and that nothing is asked of."""
SOON = 1
"""Seconds after which a prompt comes here."""


class View(msgspec.Struct, frozen=True, kw_only=True):
    """What is looked at."""

    language: str
    theme: Theme = "auto"
    regime: str = "opt_in"
    layer: Layer = "notice"


class Offers(NamedTuple):
    """What there is to look at of a notice."""

    languages: tuple[str, ...]
    themes: tuple[Theme, ...]
    regimes: tuple[str, ...]
    layers: tuple[Layer, ...]


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """A choice that was made once, to be seen again: the text of its cookie, its instant, and what was pressed."""

    cookie: str = ""
    at: int | None = None
    pressed: str = ""
    """The part that was pressed, by the widget's name for it."""
    lists: tuple[str, ...] = ()
    """Of a form: the newsletters in it; none for all."""
    gpc: bool = False
    """The browser sent Global Privacy Control."""
    changes: Mapping[str, tuple[str, ...]] = {}
    """What had changed, by the fingerprint of what was asked before."""


NOTHING = Made()


def offers(notice: Notice) -> Offers:
    """What a person may choose from."""
    rules = scripts.rules(notice)
    lacks = {"signup": not _lists(notice), "prompt": not _has_prompt(notice)}
    return Offers(
        notice.languages,
        THEMES,
        tuple(name for name, rule in REGIMES.items() if rule in rules),
        tuple(layer for layer in LAYERS if not lacks.get(layer)),
    )


def view_of(asked: Mapping[str, str], notice: Notice) -> View:
    """The view that an address asks for; what there is not of a notice becomes the first that there is."""
    there = offers(notice)
    return View(
        language=_one_of(asked.get("language", ""), there.languages),
        theme=_one_of(asked.get("theme", ""), there.themes),
        regime=_one_of(asked.get("regime", ""), there.regimes),
        layer=_one_of(asked.get("layer", ""), there.layers),
    )


def query(view: View) -> str:
    """The view as an address asks for it."""
    return urlencode(msgspec.to_builtins(view))


def frame(notice: Notice, view: View, made: Made = NOTHING) -> Response:
    """The frame's page."""
    notice, rule, nonce = _narrowed(notice, view), scripts.spoken(notice, REGIMES[view.regime]), ids.secret()
    build, texts = scripts.layers(notice, rule)
    told = notices.widget_settings(notice, notices.digest(notice)) | {
        "url": NOWHERE,
        "build": build,
        "changes": dict(made.changes),
        "stay": True,
    }
    there = {f"{NOWHERE}{path}": _address(_themed(text, view.theme)) for path, text in texts.items()}
    return engine.page(
        "console/frame.html",
        headers={"Content-Security-Policy": policy(nonce)},
        nonce=nonce,
        language=view.language,
        dir=direction(view.language),
        view=view,
        made=made,
        notice=notice,
        cookie=made.cookie or _settled(notice, view),
        lists=" ".join(made.lists or [one.id for one in _lists(notice)]),
        gate=_gate(notice),
        loader=_address(scripts.loader(told, notice, Variant(rule, gpc=made.gpc))),
        import_map={"imports": there},
    )


def policy(nonce: str) -> str:
    """Scripts and styles of this very answer, and nothing else, from nowhere, to nowhere."""
    return (
        f"sandbox allow-scripts; default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}';"
        " connect-src 'none'; form-action 'none'; base-uri 'none'; frame-ancestors 'self';"
        " require-trusted-types-for 'script'; trusted-types 'none'"
    )


def _narrowed(notice: Notice, view: View) -> Notice:
    """The notice in two languages at most, for no other is shown; a prompt in it comes at once."""
    languages = tuple(dict.fromkeys((notice.languages[0], view.language)))
    newsletter = notice.newsletter
    if view.layer == "prompt" and newsletter is not UNSET and newsletter.prompt is not UNSET:
        prompt = msgspec.structs.replace(newsletter.prompt, after_seconds=SOON)
        newsletter = msgspec.structs.replace(newsletter, prompt=prompt)
    elif newsletter is not UNSET:
        newsletter = msgspec.structs.replace(newsletter, prompt=UNSET)
    return msgspec.structs.replace(notice, languages=languages, newsletter=newsletter)


def _themed(text: str, theme: Theme) -> str:
    """The script with the browser's wish for light or dark answered, for a frame cannot be given one."""
    if theme == "auto":
        return text
    for scheme in ("light", "dark"):
        media = "all" if scheme == theme else "not all"
        text = text.replace(f"@media(prefers-color-scheme:{scheme})", f"@media {media}")
    return text.replace("color-scheme:light dark!important", f"color-scheme:{theme}!important")


def _address(script: str) -> str:
    """The script as an address that holds it whole."""
    return f"data:text/javascript;charset=utf-8,{quote(script, safe=SAFE)}"


SAFE = " !$&'()*+,-./:;=?@[]_`{|}~^"
"""What stands for itself in a `data:` address, as it is written into a page: neither %, #, < nor a quotation mark."""


def _settled(notice: Notice, view: View) -> str:
    """A refusal of everything, where what is looked at comes only once the notice was answered."""
    if view.layer in ("notice", "preferences"):
        return ""
    refused = ".".join(f"!{purpose.id}" for purpose in notice.purposes if not purpose.required)
    nobody = "00000000-0000-4000-8000-000000000000"
    return f"fc=1~{notices.material(notice)}~{nobody}~{nobody}~1~zzzzzzzz~{refused}~~preview"


def _gate(notice: Notice) -> tuple[str, str] | None:
    """The first purpose and service that a frame can wait for."""
    optional = [purpose for purpose in notice.purposes if not purpose.required]
    found = next(((one.id, one.services[0].id) for one in optional if one.services), None)
    return found or ((optional[0].id, "") if optional else None)


def _lists(notice: Notice) -> tuple[notices.MailingList, ...]:
    return () if notice.newsletter is UNSET or "signup" not in notices.layers(notice) else notice.newsletter.lists


def _has_prompt(notice: Notice) -> bool:
    return bool(_lists(notice)) and notice.newsletter is not UNSET and notice.newsletter.prompt is not UNSET


def _one_of(asked: str, there: Sequence[One]) -> One:
    return next((one for one in there if one == asked), there[0])
