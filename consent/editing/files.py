"""The site file of each publication: as it was kept, or made again from what an older version of the program kept.

Invariant: what is made again compiles to the same notice and says the same settings; only what neither has (the exact
spelling of a default, comments) is lost.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import UNSET

from consent import notices
from consent.directory import SiteSettings, read_settings
from consent.errors import Unknown
from consent.notices import Notice, Table, packaged_words
from consent.storage import site_files, sites
from consent.storage.database import Reader


async def published(reader: Reader, site: str, revision: int) -> Table:
    """The tables of the site file that a publication put in force.

    Raises:
        Unknown: the site has no such publication.
        Altered: its notice or settings are not what was published.
    """
    kept = await site_files.find(reader, site, revision)
    if kept:
        return tables(kept.file)
    made_with = await site_files.settings(reader, site, revision)
    stored = await sites.notice(reader, site, made_with[1]) if made_with else None
    if made_with is None or stored is None:
        raise Unknown("there is no such publication of the site")
    return rebuilt(notices.parse_notice(stored.document.encode()), read_settings(made_with[0]))


async def published_by(reader: Reader, site: str, revision: int) -> str:
    """The actor of a publication; empty where nobody wrote it down."""
    kept = await site_files.find(reader, site, revision)
    return kept.published_by if kept else ""


def tables(file: str) -> Table:
    """The tables that were stored as text."""
    return msgspec.json.decode(file, type=dict[str, object])


def rebuilt(notice: Notice, settings: SiteSettings) -> Table:
    """The tables that this notice and these settings could have been made of."""
    told = msgspec.to_builtins(notice)
    raw = {
        "id": notice.site,
        "name": notice.name,
        "origins": list(settings.origins),
        "languages": list(notice.languages),
        "controller": told["controller"],
        "consent": _consent(told, settings),
        "records": {"ip": settings.ip},
        "signals": dict.fromkeys(settings.mute, False),
        "purposes": [_purpose(each, notice.languages[0]) for each in told["purposes"]],
        "newsletter": _newsletter(told, settings),
        "theme": {key: told["look"][key] for key in ("position", "accent", "radius", "reopen")},
        "retention": msgspec.to_builtins(settings.retention),
        "texts": _texts(notice),
    }
    return notices.fitted({key: value for key, value in raw.items() if value is not UNSET}).tables


def _consent(told: Mapping[str, Any], settings: SiteSettings) -> dict[str, Any]:
    both = {
        "expires_days": told["expires_days"],
        "refusal_days": told.get("refusal_days", UNSET),
        "regime": told["regime"],
        "close": told["close"],
        "cookie_domain": settings.cookie_domain or UNSET,
        "cookie_from": "service" if settings.cookie_by_service else "page",
        "reload": settings.reload,
        "together": [each["id"] for each in told.get("together", ())],
    }
    return {key: value for key, value in both.items() if value is not UNSET}


def _purpose(told: dict[str, Any], first: str) -> dict[str, Any]:
    services = [{**each, "cookies": [_cookie(one, first) for one in each["cookies"]]} for each in told["services"]]
    return {**told, "services": services}


def _cookie(told: dict[str, Any], first: str) -> dict[str, Any]:
    """Words in the first language alone were a line, for a table has every language of the site."""
    about = told["about"]
    return {**told, "about": about[first] if list(about) == [first] else about}


def _newsletter(told: Mapping[str, Any], settings: SiteSettings) -> object:
    if "newsletter" not in told:
        return UNSET
    return {**told["newsletter"], "reminder_days": settings.reminder_days}


def _texts(notice: Notice) -> dict[str, dict[str, dict[str, str]]]:
    """The words that are not the ones that come with the service."""
    return {
        language: {
            part: {key: text for key, text in words.items() if packaged_words(language).get(part, {}).get(key) != text}
            for part, words in sections.items()
        }
        for language, sections in notice.texts.items()
    }
