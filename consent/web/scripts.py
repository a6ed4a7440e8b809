"""The texts of a publication's scripts: the loader with the site's settings inside, and the layers with their words.

The loader comes in variants, for the server decides how the notice is laid out: one for each rule that the table of
regimes knows and for whether the visitor's browser was seen to send Global Privacy Control.

Invariant: what a page loads is one publication's: a loader names, by `build`, only layers made with it; and the same
publication and program give the same texts.
"""

from __future__ import annotations

import json
import re
from functools import cache
from importlib.resources import files
from itertools import product
from typing import Any, NamedTuple

import msgspec

from consent import notices, regimes
from consent.directory import Published
from consent.notices import Notice
from consent.regimes import Layout, Rule
from consent.web.coding import short

TOKEN = '"__SETTINGS__"'
_ON_PAGE = {
    "google": "dataLayer",
    "microsoft_uet": "uetq",
    "microsoft_clarity": "clarity",
    "meta": "fbq",
    "matomo": "_paq",
    "tiktok": "ttq",
    "wordpress": "wp_set_consent",
    "shopify": "Shopify",
}
"""The site file's name for each tool, and the page's own, which the loader finds it by."""


class Variant(NamedTuple):
    """Which of a site's loaders."""

    rule: Rule
    gpc: bool = False
    """The service saw the visitor's browser send `Sec-GPC: 1`."""
    is_module: bool = False


class Layers(NamedTuple):
    """A notice's layers in each of its languages, by their path, under the name they share.

    They have the words that one rule shows, and no others: most visitors would fetch the rest for nothing.
    """

    build: str
    texts: dict[str, str]


def layers(notice: Notice, rule: Rule) -> Layers:
    """The notice's layers under a rule; they hang on nothing else, so older publications' can be made anew."""
    named = regimes.words(_layout(notice, rule))
    made = {
        (layer, language): f"export const T={_literal(words)};\n{_dist(f'{layer}.js').rstrip()}\n"
        for language, layer in product(notice.languages, notices.layers(notice))
        for words in (_styled(notices.layer_texts(notice, language, layer, named), layer, rule),)
    }
    build = short("".join(made.values()).encode())
    texts = {f"/w/{notice.site}.{layer}.{language}.{build}.js": text for (layer, language), text in made.items()}
    return Layers(build, texts)


def _styled(told: dict[str, Any], layer: str, rule: Rule) -> dict[str, Any]:
    """With the style of what one law alone wants to be seen, which its visitors alone fetch: California's icon."""
    is_shown = layer == "notice" and rule.label == "privacy_choices"
    return told | {"css": told["css"] + _dist("privacy_choices.css")} if is_shown else told


def settings(site: Published, url: str, build: str) -> dict[str, Any]:
    """What every loader of the publication is told; what is usual is left out."""
    chosen = site.settings
    unusual = {
        "domain": chosen.cookie_domain,
        "by_service": chosen.cookie_by_service,
        "stay": not chosen.reload,
        "mute": [_ON_PAGE[name] for name in chosen.mute],
        "together": list(site.partner_origins),
    }
    told = notices.widget_settings(site.notice, site.digest) | {"url": url, "build": build, "changes": site.changes}
    return told | {name: value for name, value in unusual.items() if value}


def loader(told: dict[str, Any], notice: Notice, variant: Variant) -> str:
    """The loader's text, with what `settings` gave and the variant's layout."""
    inside = told | {"layout": msgspec.to_builtins(_layout(notice, variant.rule))} | _lives(told, variant.rule)
    inside |= {"gpc": True} if variant.gpc else {}
    script = _dist("loader.js").replace(TOKEN, _literal(inside), 1)
    return f"{script.rstrip()}\nexport default window.consent;\n" if variant.is_module else script


def _lives(told: dict[str, Any], rule: Rule) -> dict[str, int]:
    """How long choices hold under the rule, in days."""
    return {name: regimes.lasts(rule.regime, told[name]) for name in ("days", "refusal_days") if name in told}


def spoken(notice: Notice, rule: Rule) -> Rule:
    """The rule, or the strictest where an `auto` notice of an older version has no words for it."""
    return rule if notice.regime != "auto" or _is_spoken(notice, _usual(notice, rule)) else regimes.STRICTEST


def rules(notice: Notice) -> frozenset[Rule]:
    """The rules that the notice is shown under."""
    return frozenset(spoken(notice, rule) for rule in regimes.every(notice.regime))


def _layout(notice: Notice, rule: Rule) -> Layout:
    """The rule's layout; of an older version's notice under a fixed regime, in the only words that version had."""
    usual = _usual(notice, rule)
    if rule == regimes.STRICTEST or _is_spoken(notice, usual):
        return usual
    strictest = regimes.layout(regimes.STRICTEST, sells=False)
    says = tuple(key for key in strictest.says if key != "opt_in")  # which is not so under another regime
    return msgspec.structs.replace(strictest, regime=rule.regime, says=says)


def _usual(notice: Notice, rule: Rule) -> Layout:
    return regimes.layout(rule, sells=notices.sells(notice))


def _is_spoken(notice: Notice, layout: Layout) -> bool:
    return notices.speaks(notice, regimes.words(layout))


def _literal(value: object) -> str:
    """JSON as JavaScript writes it, names without quotes. A quote within a string has a backslash, so none is met."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return re.sub(r'(?<=[{,])"([A-Za-z_]\w*)":', r"\1:", text, flags=re.ASCII)


@cache
def _dist(name: str) -> str:
    return files("consent").joinpath("web/static", name).read_text("utf-8")
