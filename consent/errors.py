"""Everything that can go wrong, in one tree, each with a stable `code` that outsiders may rely on.

    ConsentError
    ├── Malformed            the bytes are not what they claim to be (not JSON, a key twice, …)
    ├── Refused              well-formed but wrong; carries one Fault for each thing that is wrong
    ├── Unknown              no such site, notice, record, page
    │   └── Erased           the record was there; its person was erased
    ├── Contradiction        the same id came before with other content
    ├── Overtaken            somebody else changed it since it was looked at
    ├── Reused               the Idempotency-Key came before with another request
    ├── Repeating            the same request is under way
    ├── TooLarge             more bytes than the limit
    ├── UnsupportedMedia     a content type that is not spoken here
    ├── Denied               the caller may not
    │   ├── ForeignOrigin    the page's origin is not one of the site's
    │   ├── KeyMissing       no key, or one that is unknown or revoked
    │   ├── SignInRequired   nobody is signed in to the console
    │   ├── OutOfScope       a key without the scope that is asked for
    │   └── ChallengeRequired  some work has to be proven first
    ├── TooMany              the caller must slow down
    ├── Unavailable          the store cannot commit now; nothing was recorded
    │   └── Busy             too many are waiting already
    ├── StorageFault         what an engine said
    │   ├── Duplicate        a key that must be unique is there already
    │   ├── Rejected         the engine refuses this value; another may pass
    │   └── Stale            someone else moved the head first; try again
    ├── BadToken             not a token of ours, or for another purpose or site
    │   └── TokenExpired     ours, but too old
    ├── MailFault            a mail did not leave
    │   ├── MailDelayed      not now: the same mail is sent again later
    │   ├── MailRefused      this mail never: sending it again would end the same
    │   └── AddressRefused   nobody can be reached at the address
    ├── Altered              the log does not agree with the records
    └── Misconfigured        a setting is missing or dangerous; the text says the mend

Invariant: an error's text is safe to show to whoever caused it: no secret, no address, no SQL.
"""

from __future__ import annotations

from typing import ClassVar

import msgspec


class Fault(msgspec.Struct, frozen=True):
    """One thing wrong with an input: where (`purposes[1].name`), and what is wrong and expected."""

    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}: {self.message}" if self.path else self.message


class ConsentError(Exception):
    """The root of the tree."""

    code: ClassVar[str] = "error"

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail)
        self.detail = detail


class Malformed(ConsentError):
    """The bytes are not what they claim to be."""

    code = "malformed"


class Refused(ConsentError):
    """Well-formed but wrong: `faults` says each thing that is."""

    code = "invalid"

    def __init__(self, *faults: Fault, detail: str = "") -> None:
        super().__init__(detail or "; ".join(str(fault) for fault in faults))
        self.faults = faults


class Unknown(ConsentError):
    """No such site, notice, record or page; also what belongs to somebody else."""

    code = "not_found"


class Erased(Unknown):
    """The record was there, and its person was erased: nothing but its leaf is left."""

    code = "erased"


class Contradiction(ConsentError):
    """The same id came before with other content."""

    code = "id_conflict"


class Reused(ConsentError):
    """The Idempotency-Key came before with another request."""

    code = "idempotency_key_reused"


class Repeating(ConsentError):
    """The same request, by its Idempotency-Key, is under way; ask again in `retry_after` seconds."""

    code = "idempotency_key_in_use"
    retry_after = 1


class Overtaken(ConsentError):
    """Somebody else changed it since it was looked at: look again, nothing was done."""

    code = "overtaken"


class TooLarge(ConsentError):
    """More bytes than the limit."""

    code = "too_large"


class UnsupportedMedia(ConsentError):
    """A content type that is not spoken here."""

    code = "unsupported_media_type"


class Denied(ConsentError):
    """The caller may not."""

    code = "denied"


class ForeignOrigin(Denied):
    """The page's origin is not one of the site's."""

    code = "origin_not_allowed"


class KeyMissing(Denied):
    """No key, or one that is unknown or revoked."""

    code = "key_required"


class SignInRequired(Denied):
    """Nobody is signed in to the console with this browser, or not any more."""

    code = "sign_in_required"


class OutOfScope(Denied):
    """A key without the scope that is asked for."""

    code = "scope_missing"


class ChallengeRequired(Denied):
    """The sender looks like a robot's: a challenge has to be solved first, whomever the sign-up names."""

    code = "challenge_required"


class TooMany(ConsentError):
    """The caller must wait `retry_after` seconds."""

    code = "rate_limited"

    def __init__(self, detail: str, retry_after: int) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class Unavailable(ConsentError):
    """The store cannot commit now. What was sent is not recorded; the same id may be sent again."""

    code = "unavailable"
    retry_after = 2


class Busy(Unavailable):
    """Too many are waiting already."""

    code = "busy"
    retry_after = 1


class StorageFault(ConsentError):
    """What an engine said about one statement or transaction."""

    code = "storage"


class Duplicate(StorageFault):
    """A key that must be unique is there already."""

    code = "duplicate"


class Rejected(StorageFault):
    """The engine refuses this value; another may pass."""

    code = "rejected"


class Stale(StorageFault):
    """Someone else moved the head first."""

    code = "stale"


class BadToken(ConsentError):
    """Not a token of ours, or one for another purpose or site. All of these look alike from outside."""

    code = "token_invalid"


class TokenExpired(BadToken):
    """Ours, but older than its purpose allows."""

    code = "token_expired"


class MailFault(ConsentError):
    """A mail did not leave. The text is kept and logged, so it names neither an address nor what the mail says."""

    code = "mail"


class MailDelayed(MailFault):
    """Not now. The same mail is sent again later, after `retry_after` seconds at the earliest when that was said."""

    code = "mail_delayed"

    def __init__(self, detail: str, retry_after: int | None = None) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class MailRefused(MailFault):
    """This mail never leaves: sending it again would end the same."""

    code = "mail_refused"


class AddressRefused(MailFault):
    """Nobody can be reached at the address."""

    code = "address_refused"


class Altered(ConsentError):
    """The log does not agree with the records, first at record `seq` (None: with the tree as a whole)."""

    code = "altered"

    def __init__(self, detail: str, seq: int | None = None) -> None:
        super().__init__(detail)
        self.seq = seq


class Misconfigured(ConsentError):
    """A setting is missing or dangerous; the text is one sentence and says the mend."""

    code = "misconfigured"
