"""Site files and notices: what a publisher writes, what a visitor is shown, and what differs between two of them.

A site file (TOML) is read into a `SiteFile`, which compiles to a `Notice`: immutable, whole, and named by its digest.
`changes` tells two notices apart, `material` says whether visitors must be asked again, and the views are what the
widget shows.

Invariant: everything here is pure. The only files read are the words that come with the service.
"""

from __future__ import annotations

from consent.notices.catalogue import packaged_languages, packaged_words
from consent.notices.changes import Change, changed_purposes, changes, material
from consent.notices.compiling import compile_notice
from consent.notices.notice import (
    Controller,
    Cookie,
    Look,
    MailingList,
    Newsletter,
    Notice,
    Prompt,
    Purpose,
    Service,
    digest,
    document,
    parse_notice,
)
from consent.notices.reading import read_site_file
from consent.notices.schemas import notice_schema, site_schema
from consent.notices.sitefile import SiteFile
from consent.notices.views import direction, layer_texts, widget_settings

__all__ = [
    "Change",
    "Controller",
    "Cookie",
    "Look",
    "MailingList",
    "Newsletter",
    "Notice",
    "Prompt",
    "Purpose",
    "Service",
    "SiteFile",
    "changed_purposes",
    "changes",
    "compile_notice",
    "digest",
    "direction",
    "document",
    "layer_texts",
    "material",
    "notice_schema",
    "packaged_languages",
    "packaged_words",
    "parse_notice",
    "read_site_file",
    "site_schema",
    "widget_settings",
]
