"""The values of a record's life: what a page sends, what it must fit, the draft, the line of the log, the answer.

Invariant: fields of `ConsentRecord` stand in alphabetical order; one that comes later has a default that is not
written, so that the bytes of older records stay what they were.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, NamedTuple

import msgspec

from consent.regimes import Regime

Action = Literal["accept_all", "reject_all", "save", "dismiss", "acknowledge", "gpc", "withdraw", "import"]
NewsletterAction = Literal["confirm", "unsubscribe", "bounce", "complain", "import"]
Status = Literal["given", "refused", "withdrawn"]

# `$` alone would let a line break pass at the end; JSON Schema knows no \Z.
Uuid = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$(?!\n)")]
Digest = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}$(?!\n)")]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
Time = Annotated[str, msgspec.Meta(max_length=40)]
Signal = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_~.\-]+$(?!\n)", max_length=4096)]
HandOff = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_.\-]+$(?!\n)", max_length=1024)]
Decisions = Annotated[dict[Name, bool], msgspec.Meta(max_length=200)]


class ConsentRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What a page sends when a visitor decided: the body of `POST …/consents`."""

    id: Uuid
    subject: Uuid
    notice: Digest
    language: Name
    action: Action
    purposes: Decisions
    services: Decisions = {}
    regime: Regime
    gpc: bool = False
    page: Annotated[str, msgspec.Meta(min_length=1, max_length=2048)] | None = None
    decided_at: Time | None = None
    tcf: Signal | None = None
    gpp: Signal | None = None
    hand_off: HandOff | None = None
    """With `import`: the ticket of the choice made at another site, as `…/hand-offs/open` gave it."""


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What a record must fit: the parts of a published notice that an answer is checked against."""

    notice: str
    languages: frozenset[str]
    optional: frozenset[str]
    """Purpose ids that need a decision."""
    services: Mapping[str, str]
    """Service id -> its purpose's id, for optional purposes."""
    sale_or_sharing: frozenset[str]
    regime: str
    """opt_in, opt_out, notice_only or auto."""
    expires_days: int
    refusal_days: int | None = None
    """How long a choice lasts that gives nothing, when that is not `expires_days`."""
    order: tuple[str, ...] = ()
    """The optional purposes as the notice lists them."""
    material: str = ""
    """The fingerprint of what the notice asks."""
    lists: frozenset[str] = frozenset()
    """The ids of its newsletters."""


class Circumstances(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the service itself saw of the request."""

    gpc_header: bool = False
    country: str | None = None
    region: str | None = None
    device: str | None = None
    ip: str | None = None


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """A checked answer on its way to the log."""

    site: str
    request: ConsentRequest
    circumstances: Circumstances
    expires_days: int
    imported_from: str | None = None

    @property
    def id(self) -> str:
        """The client's UUID: the idempotency key."""
        return self.request.id

    @property
    def subject(self) -> str:
        """The UUID of who decided."""
        return self.request.subject

    @property
    def refuses(self) -> bool:
        """Whether something is refused, which only then can be a withdrawal."""
        return not all(self.request.purposes.values())


class NewsletterDraft(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a subscription, on its way to the log; its times are those of the transaction that moves it."""

    site: str
    id: str
    subject: str
    """The subscriber's id."""
    action: NewsletterAction
    lists: dict[str, bool]
    """Each list that is subscribed to (true) or left (false)."""
    language: str
    notice: str
    """The digest of the words that were shown when it was asked for; of a leaving, of those in force."""
    page: str | None = None
    source: dict[str, str] = {}
    via: str | None = None
    variant: str | None = None
    asked_at: str | None = None
    asked_ip: str | None = None
    confirmed_language: str | None = None
    confirmed_notice: str | None = None
    """The words beside the button that confirmed it, where they are others than those that were asked by."""
    offered: tuple[str, ...] = ()
    """The lists that stood beside that button, where there were others than those that were agreed to by this."""
    address: str | None = None
    """The keyed hash of the address, in hex: ties the record to it without telling it."""
    provenance: str | None = None
    circumstances: Circumstances = Circumstances()

    @property
    def refuses(self) -> bool:
        """A list that is left was subscribed to before: nothing need be looked up."""
        return False


class ConsentRecord(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line of the log. Fields stand in alphabetical order: they are the canonical order too."""

    action: Action | NewsletterAction
    address: str | None = None
    """Of a newsletter: the address's keyed hash, in hex."""
    asked_at: str | None = None
    """Of a newsletter: when it was asked for; `recorded_at` is when it was confirmed."""
    asked_ip: str | None = None
    """Of a newsletter: `ip` of who asked; `ip` itself is of who confirmed."""
    confirmed_language: str | None = None
    confirmed_notice: str | None = None
    """Of a newsletter: whose words stood beside the button, where they are others than those it was asked for by."""
    country: str | None
    decided_at: str | None = None
    device: str | None
    expires_at: str | None
    """None: until it is withdrawn."""
    gpc: bool
    gpc_header: bool
    gpp: str | None = None
    id: str
    imported_from: str | None = None
    """The site and the record that a hand-off brought this choice from: `site/id`."""
    ip: str | None = None
    kind: Literal["cookies", "newsletter"]
    language: str
    lists: dict[str, bool] = {}
    notice: str
    offered: tuple[str, ...] = ()
    """Of a newsletter: the lists that stood beside the button, where there were others than those of this record."""
    page: str | None = None
    provenance: str | None = None
    """Of an imported subscription: where its consent comes from, in the publisher's words."""
    purposes: dict[str, bool]
    recorded_at: str
    regime: Regime
    region: str | None = None
    seq: int
    services: dict[str, bool] = {}
    site: str
    source: dict[str, str] = {}
    """Of a newsletter: the campaign that led to the page (`utm_source` …), as it came."""
    status: dict[str, Status]
    """Of each purpose, or of each list."""
    subject: str
    tcf: str | None = None
    variant: str | None = None
    via: str | None = None
    """Of a newsletter: form, prompt, page, preferences or import."""


class Recorded(NamedTuple):
    """A record that is on disk, and whether this request put it there."""

    record: ConsentRecord
    is_new: bool


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What the page gets back once its act is on disk."""

    id: str
    seq: int
    recorded_at: str
    expires_at: str
    receipt: str
