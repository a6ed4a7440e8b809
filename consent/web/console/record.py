"""One record: as a person reads it, shown again as it was answered, beside what came before and after, and its proof.

Invariant: nothing here writes; the words are those of the notice that the record names, never of the one in force.
"""

from __future__ import annotations

import base64
from typing import Any

import msgspec
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from consent import checkpoints, ids, ledger, notices, proofs, records
from consent.editing import labels
from consent.errors import Denied, Unknown
from consent.records import ConsentRecord, read_payload
from consent.storage import logs, sites, sweeps
from consent.storage import records as stored
from consent.storage.records import StoredRecord
from consent.web.console import preview, replay, visiting
from consent.web.console.guard import Visit, page
from consent.web.console.replay import Held, Scene
from consent.web.console.rows import ACTIONS, Row, row
from consent.web.pages import agreements, reading
from consent.web.pages import receipts as told

HOME = "/console/sites/{site}/records/{seq}"
BESIDE = 5
FAR = 1 << 53
SCRIPTS = ("proof.js", "console-proof.js", "console-names.js")
POLICY = visiting.policy(scripts=True, more="frame-src 'self'")
REGIMES = {"opt_in": "opt-in", "opt_out": "opt-out", "notice_only": "notice only"}


class Beside(msgspec.Struct, frozen=True, kw_only=True):
    """The same subject's records around one, each part with the newest first."""

    after: tuple[Row, ...] = ()
    before: tuple[Row, ...] = ()


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One hash of the path, and on which side of what was made so far it goes."""

    sibling: str
    side: str


@page("see_people")
async def record(visit: Visit) -> Response:
    """The record; a line of the audit trail is shown there."""
    found = await _found(visit)
    if found.kind == "audit":
        return _of_audit(visit, found.seq)
    proof = await proofs.inclusion_at(visit.services.database, visit.site.id, found.seq)
    shown = await _story(visit, read_payload(found.payload)) if found.payload else await _erased(visit, found)
    return visit.answer(
        "console/record.html",
        title=f"Record {found.seq}",
        tab="records",
        headers={"Content-Security-Policy": POLICY},
        scripts=SCRIPTS,
        row=row(found),
        payload=found.payload or "",
        whole=msgspec.json.format(found.payload, indent=2) if found.payload else "",
        salt=found.salt.hex() if found.salt else "",
        leaf=found.leaf.hex(),
        proof=proof,
        root=checkpoints.signed_root(proof.checkpoint).hex(),
        steps=_steps(proof),
        **shown,
    )


@page("see_people")
async def frame(visit: Visit) -> Response:
    """The layer that was answered, for the frame."""
    found, asked = await _found(visit), visit.request.query_params
    if found.payload is None or found.kind == "audit":
        raise Unknown("there is nothing to show of this record")
    scene = await _scene(visit, read_payload(found.payload))
    return replay.frame(scene, asked.get("layer", ""), asked.get("theme", ""))


async def _found(visit: Visit) -> StoredRecord:
    """The record of the path's number.

    Raises:
        Unknown: the log has none.
    """
    words = visit.request.path_params["seq"]
    seq = int(words) if words.isascii() and words.isdecimal() and len(words) < 16 else 0
    async with visit.services.database.reading() as reader:
        head = await logs.head(reader, visit.site.id)
        size = head.size if head else 0
        rows = await stored.page(reader, visit.site.id, seq - 1, seq, 1) if 0 < seq <= size else []
    if not rows:
        raise Unknown(f"There is no record {words[:20]}: the log goes from 1 to {size}.")
    return rows[0]


def _of_audit(visit: Visit, seq: int) -> Response:
    if not visit.may("audit"):
        raise Denied("This line of the log is of the audit trail, which your role does not show.")
    return RedirectResponse(f"{visit.home}/settings/audit?before={seq + 1}#r{seq}", 303)


async def _erased(visit: Visit, found: StoredRecord) -> dict[str, Any]:
    """Why it is empty, and the log's signature that it may be."""
    async with visit.services.database.reading() as reader:
        retired = await sweeps.retired_among(reader, visit.site.id, found.seq, found.seq)
    signature = base64.b64encode(found.erasure_seal or b"").decode()
    erasure = {"kind": found.kind, "seal": found.seal.hex(), "signature": signature}
    return {"record": None, "is_retired": found.seq in retired, "erasure": erasure}


async def _story(visit: Visit, record: ConsentRecord) -> dict[str, Any]:
    """What a person reads of it."""
    services, asked = visit.services, visit.request.query_params
    story = await reading.story(services, record)
    replayed = replay.of(await _scene(visit, record))
    layer = asked.get("layer") if asked.get("layer") in replayed.layers else (replayed.layers or ("",))[0]
    theme = asked.get("theme") if asked.get("theme") in preview.THEMES else "auto"
    is_newsletter = record.kind == "newsletter"
    return {
        "record": record,
        "notice": story.told.notice,
        "sentence": sentence(record),
        "language": labels.language(record.language),
        "regime": REGIMES[record.regime],
        "purposes": [] if is_newsletter else told.rows(story.told),
        "agreed": await agreements.shown(services, story) if is_newsletter else None,
        "is_latest": story.is_latest,
        "is_current": records.until(record) > services.clock(),
        "published_at": story.told.notice_published_at,
        "replay": replayed,
        "layer": layer,
        "theme": theme,
        "themes": preview.THEMES,
        "receipt_link": f"/receipts/{ledger.receipt(services, record)}",
        "beside": await _beside(visit, record),
    }


async def _scene(visit: Visit, record: ConsentRecord) -> Scene:
    """The record with its notice, and the cookie choice that the same subject had made before."""
    subject, before = ids.parse_uuid(record.subject), None
    async with visit.services.database.reading() as reader:
        rows = await stored.page_of_subject(reader, record.site, subject, 0, record.seq - 1, 1, newest_first=True)
    if record.kind == "cookies" and rows and rows[0].payload:
        before = await _held(visit, read_payload(rows[0].payload))
    return Scene(told=await _held(visit, record), before=before)


async def _held(visit: Visit, record: ConsentRecord) -> Held:
    asked = await visit.services.directory.asked(visit.site, record.notice)
    if asked is None:
        raise Unknown("the notice of this record is not there")
    async with visit.services.database.reading() as reader:
        found = await sites.notice(reader, record.site, record.notice)
    notice = notices.parse_notice(found.document.encode()) if found else visit.site.notice
    return Held(record=record, notice=notice, asked=asked, receipt=ledger.receipt(visit.services, record))


def sentence(record: ConsentRecord) -> str:
    """Who did what, when, where and how it was asked."""
    who = "A robot" if record.device == "bot" else "A reader" if record.kind == "newsletter" else "A visitor"
    at = record.recorded_at
    device = f" on a {record.device}" if record.device not in (None, "bot") else ""
    region = f"{record.country}-{record.region}" if record.country and record.region else record.country
    place = f" in {region}" if region else ""
    asked = f"asked in {labels.language(record.language)} under {REGIMES[record.regime]}"
    return f"{who} {ACTIONS[record.action]}{device}{place} on {at[:10]} at {at[11:19]} UTC, {asked}."


async def _beside(visit: Visit, record: ConsentRecord) -> Beside:
    subject, site, seq = ids.parse_uuid(record.subject), visit.site.id, record.seq
    async with visit.services.database.reading() as reader:
        before = await stored.page_of_subject(reader, site, subject, 0, seq - 1, BESIDE, newest_first=True)
        after = await stored.page_of_subject(reader, site, subject, seq, FAR, BESIDE)
    return Beside(after=tuple(map(row, reversed(after))), before=tuple(map(row, before)))


def _steps(proof: proofs.InclusionProof) -> list[Step]:
    """Where each hash goes (RFC 9162, 2.1.3.2), for who follows it by hand."""
    node, last, steps = proof.index, proof.size - 1, []
    for sibling in proof.path:
        is_left = bool(node & 1) or node == last
        steps.append(Step(sibling=sibling, side="left" if is_left else "right"))
        while is_left and not node & 1 and node:
            node, last = node >> 1, last >> 1
        node, last = node >> 1, last >> 1
    return steps


ROUTES: list[BaseRoute] = [Route(HOME, record, methods=["GET"]), Route(f"{HOME}/frame", frame, methods=["GET"])]
