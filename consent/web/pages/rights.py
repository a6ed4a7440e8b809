"""The pages of what a person asks for by right: what is kept, its erasure, and the receipt of a request.

Invariant: a page speaks the language of the receipt it is opened by, or, of a claim, which names nobody, the reader's
browser's; what stays after an erasure is named in full.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import msgspec
from starlette.responses import Response

from consent.notices import Notice, Spoken, spoken
from consent.records import ConsentRecord, Status
from consent.rights.bundle import Bundle
from consent.rights.finding import COOKIES
from consent.tokens import ClaimReceipt
from consent.web.pages import engine, words
from consent.web.pages.receipts import Held

SAID: Mapping[str, Collection[str]] = {
    "stays_text": frozenset({"log", "counts", "claim"}),
    "stays_address": frozenset({"suppression", "forgotten", "deliveries", "budget"}),
    "stays_backups": frozenset({"backups"}),
}
"""What stays after an erasure, by the words that say it."""


class Act(msgspec.Struct, frozen=True, kw_only=True):
    """One decision, as the list of all has it."""

    said: str
    at: str
    status: Sequence[tuple[str, Status]]
    receipt: str


def kept(held: Held, bundle: Bundle, withdraw_link: str | None) -> Response:
    """All decisions under the receipt's consent id, and what can be done with them."""
    shown = _shown(held)
    return engine.page(
        "pages/kept.html",
        **shown,
        bundle=bundle,
        subject=held.record.subject,
        acts=list(_acts(bundle, held.notice, shown["words"])),
        days=next(period.days for period in bundle.retention if period.kind == "records"),
        withdraw_link=withdraw_link,
    )


def _acts(bundle: Bundle, notice: Notice, said: Spoken) -> Iterable[Act]:
    """Choices, the latest first; of a purpose that the receipt's notice does not have only its id is known here."""
    names = {purpose.id: purpose.name.get(said.language, purpose.id) for purpose in notice.purposes}
    for one in reversed([each for subject in bundle.subjects for each in subject.records]):
        record = msgspec.convert(one.record, ConsentRecord)
        if record.kind != COOKIES:
            continue
        yield Act(
            said=said(f"action_{record.action}"),
            at=record.recorded_at,
            status=[(names.get(id_, id_), status) for id_, status in record.status.items()],
            receipt=one.receipt,
        )


def erase(held: Held, number: int, kept: Iterable[str]) -> Response:
    """The last question."""
    return engine.page("pages/erase_kept.html", **_shown(held), number=number, stays=told(kept))


def erased(held: Held, claim_link: str) -> Response:
    """It is done."""
    return engine.page("pages/forgotten.html", **_shown(held), claim_link=claim_link)


def claim(notice: Notice, said: ClaimReceipt, accept_language: str) -> Response:
    """The receipt of a request."""
    spoken_words = words.of_reader(accept_language)
    return engine.page(
        "pages/claim.html",
        headers={"Vary": "Accept, Accept-Language"},
        words=spoken_words,
        own=spoken_words.of("rights"),
        notice=notice,
        said=said,
        stays=told(said.kept),
    )


def told(kept: Iterable[str]) -> list[str]:
    """The words for what stays."""
    names = set(kept)
    return [key for key, told in SAID.items() if names & set(told)]


def _shown(held: Held) -> dict[str, Any]:
    own = spoken(held.notice, "rights", held.record.language)
    return {"words": own.of("receipt"), "reader": own.of("reader"), "own": own, "notice": held.notice}
