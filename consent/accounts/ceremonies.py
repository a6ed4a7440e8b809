"""What WebAuthn (level 3) says of passkeys, through the library that knows it: what browsers are asked, and answer.

The credential is discoverable, so that nobody types an address, and its owner is verified by the device each time.

The library is loaded when the first passkey is asked for: a process that only records choices does without.

Invariant: whatever is wrong with an answer is refused alike; the library is asked here alone.
"""

from __future__ import annotations

import base64
import logging
from collections.abc import Callable, Sequence
from typing import TypeVar
from urllib.parse import urlsplit

import msgspec

from consent import addresses
from consent.clock import Clock
from consent.errors import Refused
from consent.storage.members import Member
from consent.storage.passkeys import StoredPasskey

CHALLENGE_MS = 5 * 60_000
PORTS = {"http": 80, "https": 443}
LONGEST_ANSWER = 12_000
NOT_TAKEN = "This passkey was not accepted. Try it again, or sign in by a link."
T = TypeVar("T")

log = logging.getLogger(__name__)


class _Response(msgspec.Struct):
    client_data: str = msgspec.field(name="clientDataJSON")
    whose: str | None = msgspec.field(name="userHandle", default=None)


class _Credential(msgspec.Struct):
    raw_id: str = msgspec.field(name="rawId")
    response: _Response


class _ClientData(msgspec.Struct):
    challenge: str


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What a browser answered, not checked yet: by which credential, to which challenge, as whom."""

    words: str
    credential: bytes
    challenge: bytes
    member: bytes | None


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where passkeys are for: a host, and the origin that answers are made at."""

    host: str
    origin: str

    @property
    def has_name(self) -> bool:
        """Whether passkeys can be for it: an address of the network has none."""
        return not addresses.is_address(self.host)


def place(url: str) -> Place:
    """The place of the service's public address, its origin as browsers write it: without the scheme's own port."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    named = f"[{host}]" if ":" in host else host
    port = "" if parts.port in (None, PORTS.get(parts.scheme)) else f":{parts.port}"
    return Place(host=host, origin=f"{parts.scheme}://{named}{port}")


def creation(where: Place, member: Member, known: Sequence[StoredPasskey], challenge: str) -> str:
    """What the browser makes a new passkey by, as JSON."""
    from webauthn import generate_registration_options, options_to_json
    from webauthn.helpers.structs import AuthenticatorSelectionCriteria as Criteria
    from webauthn.helpers.structs import PublicKeyCredentialDescriptor as Descriptor
    from webauthn.helpers.structs import ResidentKeyRequirement, UserVerificationRequirement

    chosen = Criteria(
        resident_key=ResidentKeyRequirement.REQUIRED,
        require_resident_key=True,
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    options = generate_registration_options(
        rp_id=where.host,
        rp_name="consent",
        user_id=member.id,
        user_name=member.email,
        challenge=challenge.encode(),
        timeout=CHALLENGE_MS,
        authenticator_selection=chosen,
        exclude_credentials=[Descriptor(id=one.id) for one in known],
    )
    return options_to_json(options)


def request(where: Place, challenge: str) -> str:
    """What the browser signs in by, as JSON; it names no credential, so that it tells nothing about anybody."""
    from webauthn import generate_authentication_options, options_to_json
    from webauthn.helpers.structs import UserVerificationRequirement

    required = UserVerificationRequirement.REQUIRED
    options = generate_authentication_options(
        rp_id=where.host, challenge=challenge.encode(), timeout=CHALLENGE_MS, user_verification=required
    )
    return options_to_json(options)


def read(words: str) -> Answer:
    """The browser's answer.

    Raises:
        Refused: it is none.
    """
    try:
        if len(words) > LONGEST_ANSWER:
            raise ValueError
        sent = msgspec.json.decode(words.encode(), type=_Credential)
        data = msgspec.json.decode(_bytes(sent.response.client_data), type=_ClientData)
        whose = sent.response.whose
        return Answer(
            words=words,
            credential=_bytes(sent.raw_id),
            challenge=_bytes(data.challenge),
            member=_bytes(whose) if whose else None,
        )
    except ValueError:  # msgspec's and binascii's are of this kind
        raise refused() from None


def new_key(where: Place, answer: Answer, member: bytes, name: str, clock: Clock) -> StoredPasskey:
    """The passkey that was made.

    Raises:
        Refused: it was made elsewhere, without verifying its owner, or is none.
    """
    from webauthn import verify_registration_response

    verified = _checked(
        lambda: verify_registration_response(
            credential=answer.words,
            expected_challenge=answer.challenge,
            expected_rp_id=where.host,
            expected_origin=where.origin,
            require_user_verification=True,
        )
    )
    return StoredPasskey(
        id=verified.credential_id,
        member=member,
        name=name,
        public_key=verified.credential_public_key,
        sign_count=verified.sign_count,
        made_at=clock(),
    )


def new_count(where: Place, answer: Answer, passkey: StoredPasskey) -> int:
    """The passkey's counter after the answer, whose signature is the passkey's.

    Raises:
        Refused: it is not, or the counter went back; or it was made elsewhere, or without verifying its owner.
    """
    from webauthn import verify_authentication_response

    verified = _checked(
        lambda: verify_authentication_response(
            credential=answer.words,
            expected_challenge=answer.challenge,
            expected_rp_id=where.host,
            expected_origin=where.origin,
            credential_public_key=passkey.public_key,
            credential_current_sign_count=passkey.sign_count,
            require_user_verification=True,
        )
    )
    return verified.new_sign_count


def refused() -> Refused:
    """What every answer gets that is wrong in any way."""
    return Refused(detail=NOT_TAKEN)


def _checked(verify: Callable[[], T]) -> T:
    """What the library finds; what it says of a wrong answer is not passed on, for it may hold parts of it."""
    from webauthn.helpers.exceptions import WebAuthnException

    try:
        return verify()
    except (WebAuthnException, ValueError) as error:
        log.warning("a passkey was refused: %s", type(error).__name__)
        raise refused() from None


def _bytes(words: str) -> bytes:
    """Base64 for addresses, without padding; raises ValueError for anything else."""
    return base64.b64decode(words + "=" * (-len(words) % 4), b"-_", validate=True)
