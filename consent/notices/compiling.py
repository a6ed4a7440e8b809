"""Makes the notice that a site file describes.

Invariant: a pure function of the file and of the words that come with the service. Nothing in the notice is left to
be looked up later: every default is written out, and every word of every language is there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

import msgspec

from consent.notices.catalogue import READ_AFTERWARDS, measure, packaged_words
from consent.notices.notice import (
    Controller,
    Cookie,
    Look,
    Newsletter,
    Notice,
    Partner,
    Purpose,
    Service,
    Translated,
    Warned,
)
from consent.notices.sitefile import CookieEntry, PurposeEntry, ServiceEntry, SiteFile

Part = TypeVar("Part", bound=msgspec.Struct)

# The same order everywhere: yes and no side by side and equal, then the finer choice.
BUTTONS = ("accept", "refuse", "choose")
EMPTY: Mapping[str, str] = {}


def compile_notice(site: SiteFile, names: Mapping[str, str] = EMPTY, findings: Sequence[Warned] = ()) -> Notice:
    """The notice of a site file that `read_site_file` gave; `names` are those of the sites that it goes together with.

    One that is not published yet has no name but its id. `findings` are what it is published in spite of.
    """
    return Notice(
        format=1,
        site=site.id,
        name=site.name,
        controller=_same(site.controller, Controller),
        languages=site.languages,
        regime=site.consent.regime,
        close=site.consent.close,
        expires_days=site.consent.expires_days,
        purposes=tuple(_purpose(entry, site.languages[0]) for entry in site.purposes),
        texts={language: _texts(site, language) for language in site.languages},
        look=_look(site),
        newsletter=_newsletter(site),
        refusal_days=site.consent.refusal_days,
        together=tuple(Partner(id=id_, name=names.get(id_, id_)) for id_ in site.consent.together) or msgspec.UNSET,
        findings=tuple(findings) or msgspec.UNSET,
    )


def _purpose(entry: PurposeEntry, first: str) -> Purpose:
    return Purpose(
        id=entry.id,
        required=entry.required,
        legal_basis=entry.legal_basis,
        signals=entry.signals,
        sale_or_sharing=entry.sale_or_sharing,
        name=entry.name,
        description=entry.description,
        services=tuple(_service(service, first) for service in entry.services),
    )


def _service(entry: ServiceEntry, first: str) -> Service:
    return Service(
        id=entry.id,
        name=entry.name,
        provider=entry.provider,
        privacy_policy=entry.privacy_policy,
        cookies=tuple(_cookie(cookie, first) for cookie in entry.cookies),
    )


def _cookie(entry: CookieEntry, first: str) -> Cookie:
    about: Translated = {first: entry.about} if isinstance(entry.about, str) else entry.about
    kind = msgspec.UNSET if entry.kind == "cookie" else entry.kind
    return Cookie(name=entry.name, lifetime=entry.lifetime, domain=entry.domain, about=about, kind=kind)


def _texts(site: SiteFile, language: str) -> Mapping[str, Mapping[str, str]]:
    """The words a visitor is shown when asked; of what is read afterwards, only the site's own."""
    ours, theirs = packaged_words(language), site.texts.get(language, {})
    sections = measure(newsletter=site.newsletter is not msgspec.UNSET)
    usual = {section: {} if section in READ_AFTERWARDS else ours.get(section, {}) for section in sections}
    merged = {section: {**words, **theirs.get(section, {})} for section, words in usual.items()}
    return {section: words for section, words in merged.items() if words}


def _look(site: SiteFile) -> Look:
    theme = site.theme
    return Look(position=theme.position, accent=theme.accent, radius=theme.radius, buttons=BUTTONS, reopen=theme.reopen)


def _newsletter(site: SiteFile) -> Newsletter | msgspec.UnsetType:
    if isinstance(site.newsletter, msgspec.UnsetType):
        return msgspec.UNSET
    told = msgspec.to_builtins(site.newsletter)
    for unseen in ("reminder_days", "preset", "double_opt_in"):
        del told[unseen]  # which nobody is shown
    if "prompt" in told and not told["prompt"]["on_exit"]:
        del told["prompt"]["on_exit"]
    return msgspec.convert(told, Newsletter)


def _same(entry: msgspec.Struct, kind: type[Part]) -> Part:
    """A part of the notice that says what the file's table says, key for key."""
    return msgspec.convert(msgspec.to_builtins(entry), kind)
