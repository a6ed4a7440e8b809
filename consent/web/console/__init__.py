"""`/console`: the publisher's pages, behind sign-in.

`guard` decides who may see and do what; every other module is a group of pages and exports its `ROUTES`.
"""

from __future__ import annotations

from starlette.routing import BaseRoute

from consent.web.console import (
    account,
    audit,
    cookies_found,
    deliveries,
    editor,
    experiments,
    install,
    keys,
    notice_words,
    overview,
    passkeys,
    people,
    readers,
    record,
    records,
    requests,
    retention,
    rosters,
    signing_in,
    webhooks,
)

ROUTES: list[BaseRoute] = [
    *account.ROUTES,
    *signing_in.ROUTES,
    *passkeys.ROUTES,
    *signing_in.LINKS,  # after those whose addresses it would take for a secret
    *people.ROUTES,
    *overview.ROUTES,
    *records.ROUTES,
    *record.ROUTES,
    *notice_words.ROUTES,
    *editor.ROUTES,
    *experiments.ROUTES,
    *deliveries.ROUTES,
    *rosters.ROUTES,
    *readers.ROUTES,  # after those whose addresses it would take for a reader's
    *requests.ROUTES,
    *install.ROUTES,
    *keys.ROUTES,
    *webhooks.ROUTES,
    *audit.ROUTES,
    *cookies_found.ROUTES,
    *retention.ROUTES,
]
