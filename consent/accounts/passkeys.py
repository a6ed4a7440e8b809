"""The trip of a passkey: registered by who is signed in, and from then on the quickest way in; removed at any time.

Invariant: an answer is to a challenge of ours, of the last five minutes, posed for this very thing, and to no other; a
key whose counter went back, which a copy of it would show by, is refused.
"""

from __future__ import annotations

from collections.abc import Sequence

from consent import ids
from consent.accounts import ceremonies, signing_in
from consent.accounts.ceremonies import Answer
from consent.accounts.sessions import digest
from consent.errors import Duplicate, Fault, Refused, Unknown
from consent.services import Services
from consent.storage import members, passkeys
from consent.storage.members import Member
from consent.storage.passkeys import StoredPasskey

MOST = 20
"""Of one member."""
LONGEST_NAME = 60
AT_ONCE = 100


def are_offered(services: Services) -> bool:
    """Whether there can be any at the service's public address."""
    return ceremonies.place(services.settings.url).has_name


async def listed(services: Services, member: bytes) -> Sequence[StoredPasskey]:
    """The member's passkeys."""
    async with services.database.reading() as reader:
        return await passkeys.of_member(reader, member)


async def pose_new(services: Services, member: Member) -> str:
    """What the member's browser makes a new passkey by: JSON, with a challenge that is good once."""
    challenge = await _pose(services, member.id)
    known = await listed(services, member.id)
    return ceremonies.creation(ceremonies.place(services.settings.url), member, known, challenge)


async def pose(services: Services) -> str:
    """What a browser signs in by: JSON, with a challenge that is good once."""
    return ceremonies.request(ceremonies.place(services.settings.url), await _pose(services, None))


async def register(services: Services, member: Member, name: str, words: str) -> StoredPasskey:
    """Keeps the passkey that the browser made, by this name.

    Raises:
        Refused: no name; or the answer is none, or to another challenge, or made elsewhere.
    """
    shown, answer = _checked_name(name), ceremonies.read(words)
    await _take(services, answer, member.id)
    where = ceremonies.place(services.settings.url)
    passkey = ceremonies.new_key(where, answer, member.id, shown, services.clock)
    await _keep(services, passkey)
    await signing_in.note(services, member, "passkey.added")
    return passkey


async def sign_in(services: Services, words: str, browser: str) -> str:
    """Signs in whoever the passkey is of, in the browser of this name; gives the session's id.

    Raises:
        Refused: the answer is none, to another challenge, or made elsewhere; or the passkey is removed or was copied.
    """
    answer = ceremonies.read(words)
    await _take(services, answer, None)
    async with services.database.reading() as reader:
        passkey = await passkeys.by_id(reader, answer.credential)
        member = await members.by_id(reader, passkey.member) if passkey else None
    if passkey is None or member is None or answer.member not in (None, member.id):
        raise ceremonies.refused()
    count = ceremonies.new_count(ceremonies.place(services.settings.url), answer, passkey)
    async with services.database.writing() as writer:
        now = await members.by_id(writer, member.id)
        is_used = await passkeys.used(writer, passkey.id, passkey.sign_count, count, services.clock())
        if now is None or now.disabled_at is not None or not is_used:
            raise ceremonies.refused()
        begun = await signing_in.begin(services, writer, member, browser)
    await signing_in.note(services, member, "member.signed_in", {"by": "passkey"})
    return begun


async def remove(services: Services, member: Member, id_: bytes) -> None:
    """Takes the member's passkey away; a link by mail remains.

    Raises:
        Unknown: the member has no such passkey.
    """
    async with services.database.writing() as writer:
        if not await passkeys.remove(writer, member.id, id_):
            raise Unknown("This passkey has been removed already.")
    await signing_in.note(services, member, "passkey.removed")


async def _pose(services: Services, member: bytes | None) -> str:
    """A new challenge, of which the hash alone is kept; takes old ones away."""
    now, challenge = services.clock(), ids.secret()
    async with services.database.writing() as writer:
        await passkeys.purge(writer, now, AT_ONCE)
        await passkeys.pose(writer, digest(challenge), member, now + ceremonies.CHALLENGE_MS)
    return challenge


async def _take(services: Services, answer: Answer, member: bytes | None) -> None:
    """Takes the challenge that the answer is to, which nobody can answer again."""
    hash_ = digest(answer.challenge.decode("latin-1"))
    async with services.database.writing() as writer:
        is_ours = await passkeys.take(writer, hash_, member, services.clock())
    if not is_ours:
        raise Refused(detail="This took too long, or was sent twice. Try it again.")


async def _keep(services: Services, passkey: StoredPasskey) -> None:
    try:
        async with services.database.writing() as writer:
            if len(await passkeys.of_member(writer, passkey.member)) >= MOST:
                raise Refused(Fault("name", f"There are {MOST} passkeys: remove one first."))
            await passkeys.add(writer, passkey)
    except Duplicate:
        raise Refused(Fault("name", "This passkey is registered already.")) from None


def _checked_name(name: str) -> str:
    shown = " ".join(name.split())
    if not shown or len(shown) > LONGEST_NAME or not shown.isprintable():
        raise Refused(Fault("name", f"Give it a name of 1 to {LONGEST_NAME} letters, by which you know it again."))
    return shown
