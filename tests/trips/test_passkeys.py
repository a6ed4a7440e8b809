"""Passkeys: made once, good where they were made, for a challenge of ours that nobody used; a copy is found out."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import msgspec
import pytest

from consent.accounts import ceremonies, everywhere, passkeys, sessions
from consent.accounts.ceremonies import CHALLENGE_MS
from consent.errors import Refused, Unknown
from consent.services import Services
from consent.storage.members import Member
from tests.authenticator import PRESENT, VERIFIED, Authenticator
from tests.clock import SetClock
from tests.signing_in import BROWSER, a_member
from tests.trips.accounts import ON_ONE_ENGINE, acts, holds

URL = "http://localhost:8000"


@pytest.fixture
async def there(services: Services) -> Services:
    """The service at a name that passkeys can be for: an address of the network is none."""
    return msgspec.structs.replace(services, settings=msgspec.structs.replace(services.settings, url=URL))


async def made(services: Services, member: Member, name: str = "Laptop") -> Authenticator:
    """A passkey of the member's."""
    key = Authenticator()
    await passkeys.register(services, member, name, key.create(await passkeys.pose_new(services, member)))
    return key


async def signed_in(services: Services, key: Authenticator, **wrong: Any) -> str:
    """A session by the passkey."""
    return await passkeys.sign_in(services, key.get(await passkeys.pose(services), **wrong), BROWSER)


async def test_a_passkey_signs_its_member_in(there: Services) -> None:
    member, other = await a_member(there, "editor"), await a_member(there)
    options = json.loads(await passkeys.pose_new(there, member))
    assert (options["rp"]["id"], options["user"]["name"]) == ("localhost", member.email)
    chosen = options["authenticatorSelection"]
    assert (chosen["residentKey"], chosen["userVerification"]) == ("required", "required")
    key, another = await made(there, member), await made(there, other)
    assert len(json.loads(await passkeys.pose_new(there, member))["excludeCredentials"]) == 1
    asked = json.loads(await passkeys.pose(there))
    assert (asked["userVerification"], asked.get("allowCredentials", [])) == ("required", [])
    for one, whose in ((key, member), (another, other), (key, member)):
        found = await sessions.find(there, await signed_in(there, one))
        assert found and found.member == whose
    [kept] = await passkeys.listed(there, member.id)
    assert (kept.name, kept.sign_count, kept.used_at) == ("Laptop", 2, there.clock())
    said = [(what, about) for _, what, about in await acts(there)]
    assert said.count(("member.signed_in", {"by": "passkey"})) == 3
    assert said.count(("passkey.added", {})) == 2


async def test_an_answer_counts_once_and_in_its_time(there: Services, clock: SetClock) -> None:
    member = await a_member(there)
    key = await made(there, member)
    options = await passkeys.pose(there)
    assert not await holds(there, json.loads(options)["challenge"], _plain(options))
    answer = key.get(options)
    tries = [passkeys.sign_in(there, answer, BROWSER) for _ in range(4)]
    done = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(isinstance(one, str) for one in done) == 1
    with pytest.raises(Refused):
        await passkeys.sign_in(there, key.get(options), BROWSER)
    late, in_time = await passkeys.pose(there), await passkeys.pose(there)
    clock.forward(CHALLENGE_MS - 1)
    await passkeys.sign_in(there, key.get(in_time), BROWSER)
    clock.forward(1)
    with pytest.raises(Refused, match="too long"):
        await passkeys.sign_in(there, key.get(late), BROWSER)


def _plain(options: str) -> str:
    import base64

    return base64.urlsafe_b64decode(json.loads(options)["challenge"] + "==").decode()


@ON_ONE_ENGINE
async def test_a_challenge_is_for_one_thing_and_one_member(there: Services) -> None:
    member, other = await a_member(there), await a_member(there)
    key, strange = await made(there, member), Authenticator()
    for options in (await passkeys.pose_new(there, member), await passkeys.pose_new(there, other)):
        with pytest.raises(Refused):
            await passkeys.sign_in(there, key.get(options), BROWSER)
    for_other = await passkeys.pose_new(there, other)
    with pytest.raises(Refused):
        await passkeys.register(there, member, "Mine now", strange.create(for_other))
    for_nobody = json.loads(await passkeys.pose(there)) | {"user": {"id": "AAAA"}}
    with pytest.raises(Refused):
        await passkeys.register(there, member, "Mine now", strange.create(json.dumps(for_nobody)))
    assert len(await passkeys.listed(there, member.id)) == 1


WRONG: dict[str, dict[str, Any]] = {
    "another site": {"origin": "https://evil.example"},
    "another port": {"origin": "http://localhost:8001"},
    "another scheme": {"origin": "https://localhost:8000"},
    "another host": {"host": "evil.example"},
    "its owner not verified": {"flags": PRESENT},
    "nobody there": {"flags": VERIFIED},
}


@ON_ONE_ENGINE
async def test_what_was_made_elsewhere_or_by_nobody_is_refused(there: Services) -> None:
    member = await a_member(there)
    good = await made(there, member)
    for name, wrong in WRONG.items():
        right = (good.origin, good.host, good.flags)
        strange = Authenticator()
        for key in (good, strange):
            for what, value in wrong.items():
                setattr(key, what, value)
        with pytest.raises(Refused, match="not accepted"):
            await signed_in(there, good)
        answer = strange.create(await passkeys.pose_new(there, member))
        with pytest.raises(Refused, match="not accepted"):
            await passkeys.register(there, member, name, answer)
        good.origin, good.host, good.flags = right
    assert await signed_in(there, good)
    assert [one.name for one in await passkeys.listed(there, member.id)] == ["Laptop"]


@ON_ONE_ENGINE
async def test_a_copy_shows_by_its_counter(there: Services) -> None:
    key = await made(there, await a_member(there))
    for _ in range(3):
        await signed_in(there, key)
    key.count -= 2
    for _ in range(2):
        with pytest.raises(Refused, match="not accepted"):
            await signed_in(there, key)
    await signed_in(there, key)


async def test_who_is_not_whom_the_key_is_of_stays_out(there: Services) -> None:
    member, other = await a_member(there), await a_member(there)
    key, removed, strange = await made(there, member), await made(there, member, "Old"), Authenticator()
    await passkeys.remove(there, member, removed.id)
    with pytest.raises(Unknown):
        await passkeys.remove(there, other, key.id)
    with pytest.raises(Unknown):
        await passkeys.remove(there, member, removed.id)
    for one in (removed, strange):
        with pytest.raises(Refused, match="not accepted"):
            await signed_in(there, one)
    key.handle = other.id
    with pytest.raises(Refused, match="not accepted"):
        await signed_in(there, key)
    key.handle, strange.id, strange.handle = member.id, key.id, member.id
    with pytest.raises(Refused, match="not accepted"):
        await signed_in(there, strange)
    await everywhere.disable(there, member, may_sign_in=False)
    with pytest.raises(Refused, match="not accepted"):
        await signed_in(there, key)
    await everywhere.disable(there, member, may_sign_in=True)
    assert await signed_in(there, key)


@ON_ONE_ENGINE
async def test_a_passkey_has_a_name_and_is_registered_once(there: Services) -> None:
    member = await a_member(there)
    key = await made(there, member, "  My   laptop ")
    assert [one.name for one in await passkeys.listed(there, member.id)] == ["My laptop"]
    for name in ("", "   ", "x" * 61, "a\u202eb"):
        with pytest.raises(Refused, match="name"):
            await passkeys.register(there, member, name, key.create(await passkeys.pose_new(there, member)))
    with pytest.raises(Refused, match="already"):
        await passkeys.register(there, member, "Again", key.create(await passkeys.pose_new(there, member)))
    for _ in range(passkeys.MOST - 1):
        await made(there, member)
    with pytest.raises(Refused, match="remove one first"):
        await made(there, member)


@pytest.mark.parametrize(
    "words",
    ["", "{}", "[]", "null", "x" * 20_000, '{"rawId": 1}', '{"rawId": "é", "response": {"clientDataJSON": "é"}}',
     '{"rawId": "AA", "response": {"clientDataJSON": "e30"}}', '{"rawId": "AA", "response": {"clientDataJSON": ""}}',
     "\udcff"],
    ids=lambda words: repr(words)[:40],
)  # fmt: skip
def test_what_is_no_answer_is_refused(words: str) -> None:
    with pytest.raises(Refused, match="not accepted"):
        ceremonies.read(words)


def test_an_origin_is_written_as_browsers_write_it() -> None:
    for url, origin in (
        ("https://Consent.Example.org:443", "https://consent.example.org"),
        ("http://127.0.0.1:80/base", "http://127.0.0.1"),
        ("http://[::1]:8000", "http://[::1]:8000"),
        ("https://consent.example.org:80", "https://consent.example.org:80"),
    ):
        assert ceremonies.place(url).origin == origin
