"""A record shown again: the very layer that was answered, from the notice as it was stored, the answer marked in it.

A subject's id lives in the choice that the browser kept, so the same subject's record before is the choice that this
one was made over: from it follows whether the first layer asked at all, and what it said had changed.

Invariant: what is shown follows from the records and their notices alone; where they do not tell what was on the
screen, nothing is made up.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from starlette.responses import Response

from consent import choices, clock, notices, regimes
from consent.notices import Notice
from consent.records import Answer, Asked, ConsentRecord, ConsentRequest, until
from consent.web.console import preview
from consent.web.console.preview import Layer, Made, Theme, View

FIRST: Mapping[str, str] = {"accept_all": "accept", "reject_all": "refuse", "dismiss": "close"} | {
    "acknowledge": "acknowledge"
}
"""What is pressed on the first layer, by its part's name."""
SECOND: Mapping[str, str] = {"accept_all": "accept", "reject_all": "refuse", "save": "save", "withdraw": "withdraw"}
FORMS: Mapping[str, Layer] = {"form": "signup", "prompt": "prompt"}


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """A record with its notice, and what that asked."""

    record: ConsentRecord
    notice: Notice
    asked: Asked
    receipt: str = ""

    @property
    def cookie(self) -> str:
        """The choice as the visitor's browser kept it."""
        fields = {name: getattr(self.record, name) for name in ConsentRequest.__struct_fields__ if name in _KEPT}
        request = msgspec.convert(fields | {"action": "save"}, ConsentRequest)
        answer = Answer(
            id=self.record.id,
            seq=self.record.seq,
            recorded_at=self.record.recorded_at,
            expires_at=clock.text(until(self.record)),
            receipt=self.receipt,
        )
        return f"{choices.COOKIE}={choices.text(request, answer, self.asked)}"


_KEPT = {"id", "subject", "notice", "language", "purposes", "services", "regime", "gpc"}


class Scene(msgspec.Struct, frozen=True, kw_only=True):
    """A record, and the same subject's cookie choice before it."""

    told: Held
    before: Held | None = None

    @property
    def was_asked(self) -> bool:
        """Whether the first layer asked: there was no choice, or one that had run out or answered something else."""
        if self.told.record.gpc or self.told.record.gpc_header:
            return False
        if self.before is None or self.before.asked.material != self.told.asked.material:
            return True
        return until(self.before.record) <= clock.parse(self.told.record.recorded_at)

    @property
    def changes(self) -> Mapping[str, tuple[str, ...]]:
        """What the loader said had changed since the choice before."""
        before = self.before
        if before is None or before.asked.material == self.told.asked.material:
            return {}
        return {before.asked.material: notices.changed_purposes(before.notice, self.told.notice)}


class Replay(msgspec.Struct, frozen=True, kw_only=True):
    """What can be shown again: layers, the first as it was answered, with what was pressed there; none: no widget."""

    says: str
    layers: tuple[Layer, ...] = ()
    pressed: str = ""


def of(scene: Scene) -> Replay:
    """What there is to show."""
    record = scene.told.record
    if record.kind == "newsletter":
        return _of_newsletter(record, scene.told.notice)
    if record.action == "import":
        return Replay(says="This choice was brought along from another site, where it was made.")
    if record.action == "withdraw" and record.page is None:
        return Replay(says="It was taken back by the link in a receipt, without the widget.")
    if record.action in FIRST and scene.was_asked:
        says = "The first layer as it asked, with what was pressed outlined. The second layer shows what came of it."
        return Replay(says=says, layers=("notice", "preferences"), pressed=FIRST[record.action])
    if record.action == "gpc":
        return Replay(says="Nobody pressed anything: the browser’s signal spoke.", layers=("preferences",))
    says = "The second layer, with what was pressed outlined."
    if record.action == "save":
        says += " Its switches stand as they were saved; a page’s own script may have asked for the same."
    layers: tuple[Layer, ...] = ("preferences", "notice") if scene.was_asked else ("preferences",)
    return Replay(says=says, layers=layers, pressed=SECOND.get(record.action, ""))


def _of_newsletter(record: ConsentRecord, notice: Notice) -> Replay:
    layer = FORMS.get(record.via or "")
    if record.action != "confirm" or layer is None or layer not in preview.offers(notice).layers:
        return Replay(says="It came without the widget.")
    return Replay(says="The form as it asked for the address, before the mail that was confirmed.", layers=(layer,))


def frame(scene: Scene, layer: str, theme: str) -> Response:
    """The frame's page; another layer than there is becomes the first."""
    replay, record, notice = of(scene), scene.told.record, scene.told.notice
    there = replay.layers or ("notice",)
    shown = next((one for one in there if one == layer), there[0])
    is_answered = shown == there[0]
    view = View(
        language=record.language if record.language in notice.languages else notice.languages[0],
        theme=msgspec.convert(theme if theme in preview.THEMES else "auto", Theme),
        regime=regime(record),
        layer=shown,
    )
    made = Made(
        cookie=_cookie(scene, shown, is_answered),
        at=clock.parse(record.recorded_at),
        pressed=replay.pressed if is_answered else "",
        lists=tuple(record.lists),
        gpc=record.gpc or record.gpc_header,
        changes=scene.changes,
    )
    return preview.frame(notice, view, made)


def _cookie(scene: Scene, layer: Layer, is_answered: bool) -> str:
    """What the browser kept: before the act where it is shown in the making, else after it."""
    if layer not in ("notice", "preferences"):
        return ""
    is_before = layer == "notice" or (is_answered and scene.told.record.action not in ("save", "gpc"))
    if is_before:
        return scene.before.cookie if scene.before else ""
    return scene.told.cookie


def regime(record: ConsentRecord) -> str:
    """The layout that the record's place had; where that is not known, the usual one of its regime."""
    rule = regimes.at(record.country, record.region)
    if rule.regime != record.regime:
        rule = regimes.of(record.regime)
    return next(name for name, each in preview.REGIMES.items() if each == rule)
