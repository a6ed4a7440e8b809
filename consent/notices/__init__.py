"""Site files and notices: what a publisher writes, what a visitor is shown, and what differs between two of them.

A site file (TOML) is read into a `SiteFile`, which compiles to a `Notice`: immutable, whole, and named by its digest.
`changes` tells two notices apart, `material` says whether visitors must be asked again, and the views are what the
widget shows.

Invariant: everything here is pure. The only files read are the words that come with the service.
"""

from __future__ import annotations

from consent.notices.catalogue import packaged_languages, packaged_words
from consent.notices.changes import Change, changed_purposes, changes, material, purposes_alike
from consent.notices.colours import faint_on, ink_on
from consent.notices.compiling import compile_notice
from consent.notices.finding import Table
from consent.notices.fitting import fitted, plain
from consent.notices.notice import (
    Controller,
    Cookie,
    Look,
    MailingList,
    Newsletter,
    Notice,
    Partner,
    Prompt,
    Purpose,
    Service,
    Warned,
    digest,
    document,
    parse_notice,
)
from consent.notices.reading import read_site_file, site_faults, site_file, site_tables
from consent.notices.rules import is_under
from consent.notices.schemas import notice_schema, site_schema
from consent.notices.sitefile import Retention, SiteFile
from consent.notices.spoken import Spoken, spoken
from consent.notices.tags import aliases, direction
from consent.notices.views import Layer, layer_texts, layers, sells, speaks, widget_settings
from consent.notices.writing import write_site_file

__all__ = [
    "Change",
    "Controller",
    "Cookie",
    "Layer",
    "Look",
    "MailingList",
    "Newsletter",
    "Notice",
    "Partner",
    "Prompt",
    "Purpose",
    "Retention",
    "Service",
    "SiteFile",
    "Spoken",
    "Table",
    "Warned",
    "aliases",
    "changed_purposes",
    "changes",
    "compile_notice",
    "digest",
    "direction",
    "document",
    "faint_on",
    "fitted",
    "ink_on",
    "is_under",
    "layer_texts",
    "layers",
    "material",
    "notice_schema",
    "packaged_languages",
    "packaged_words",
    "parse_notice",
    "plain",
    "purposes_alike",
    "read_site_file",
    "sells",
    "site_faults",
    "site_file",
    "site_schema",
    "site_tables",
    "speaks",
    "spoken",
    "widget_settings",
    "write_site_file",
]
