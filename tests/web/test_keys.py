"""Who may read a site's log: its own keys, with the scope, until they are revoked. Nobody learns what else is."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
from starlette.routing import Route

from consent import auditing, ids, keyring
from consent.errors import Refused
from consent.keyring import SCOPES, TOUCH_MS
from consent.records import read_audit
from consent.storage import keys as stored
from consent.storage import records
from consent.web.described import Operation
from consent.web.operations import OPERATIONS
from consent.web.routes import ROUTES
from tests.acts import SITE
from tests.clock import SetClock
from tests.web.stage import CONSENTS, Stage, staged

NONE = "01a206dc-9801-769b-8cff-11a5e02452cf"
SITES = "/v1/sites/{site}"
SAMPLES = {"digest": "0" * 64, "subject": NONE, "endpoint": NONE}
"""What stands in the places of an address; another place's is a UUID that there is not."""
OPEN = {
    ("post", f"{SITES}/consents"),
    ("post", f"{SITES}/events"),
    ("post", f"{SITES}/signups"),
    ("get", f"{SITES}/signups/challenge"),
    ("post", f"{SITES}/hand-offs"),
    ("post", f"{SITES}/hand-offs/open"),
    ("get", f"{SITES}/inbound/{{endpoint}}/{{secret}}"),
    ("post", f"{SITES}/inbound/{{endpoint}}/{{secret}}"),
}
"""What a site's address answers without a key: pages' browsers, and providers who have a secret in the address."""


def routed() -> Iterator[tuple[str, str]]:
    """Every method at every address of the API, by the URL table; HEAD goes with GET."""
    for route in ROUTES:
        if isinstance(route, Route) and route.path.startswith("/v1/"):
            yield from ((method.lower(), route.path) for method in sorted(route.methods or ()) if method != "HEAD")


def described(method: str, path: str) -> Operation:
    return next(one for one in OPERATIONS if (one.method, one.path) == (method, path))


def filled(path: str) -> str:
    places = [part[1:-1] for part in path.split("/") if part.startswith("{")]
    return path.format(**{name: SAMPLES.get(name, NONE) for name in places} | {"site": "{site}"})


KEYED = [
    (method.upper(), filled(path), scope)
    for method, path in routed()
    if (method, path) not in OPEN and (scope := described(method, path).scope)
]


def test_each_route_of_a_site_is_behind_a_key_or_is_known_to_be_open() -> None:
    """A new route is in the matrix below as soon as it is in the URL table, or fails here."""
    under = {(method, path) for method, path in routed() if path.startswith(SITES)}
    without = {(method, path) for method, path in under if described(method, path).scope is None}
    assert without == OPEN
    assert len(KEYED) == len(under) - len(OPEN)
    assert {scope for _, _, scope in KEYED} == set(SCOPES)


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


@pytest.mark.parametrize(("method", "path", "scope"), KEYED)
async def test_every_keyed_route_asks_for_its_key_and_scope(stage: Stage, method: str, path: str, scope: str) -> None:
    here, other, nowhere = (path.format(site=site) for site in (SITE, "harbour-post", "nobody"))
    for headers in (
        {}, {"Authorization": ""}, {"Authorization": "Bearer"}, {"Authorization": "Bearer "}, bearer("x"),
        bearer("ck_"),        bearer(f"ck_{ids.secret()}"), {"Authorization": "Basic Y2s6Y2s="}, bearer("ck_\xff\xff"),
        bearer("ck_" + "x" * 9_000),
        {"X-API-Key": await stage.key()}, {"Cookie": f"key={await stage.key()}"},
    ):  # fmt: skip
        raw = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
        for address in (here, nowhere):
            answer = await stage.http.request(method, address, headers=raw)
            assert (answer.status_code, answer.json()["code"]) == (401, "key_required")
            assert answer.headers["www-authenticate"] == 'Bearer realm="consent"'
    revoked, expired = await stage.key_row(), await stage.key_row(expires_at=stage.services.clock())
    await keyring.revoke(stage.services, SITE, revoked[1].id, actor=auditing.COMMAND)
    for key, _ in (revoked, expired):
        assert (await stage.http.request(method, here, headers=bearer(key))).status_code == 401
    for one in SCOPES:
        answer = await stage.http.request(method, here, headers=bearer(await stage.key(one)))
        assert (answer.status_code == 403) is (one != scope)
        assert one == scope or answer.json()["code"] == "scope_missing"
    assert (await stage.http.request(method, other, headers=bearer(await stage.key()))).status_code == 404
    if method == "GET":
        for headers in ({}, bearer(await stage.key("erase"))):
            assert (await stage.http.head(here, headers=headers)).status_code == (403 if headers else 401)


@pytest.mark.parametrize(("method", "path", "scope"), KEYED)
async def test_another_sites_key_sees_what_it_would_see_of_no_site(
    stage: Stage, method: str, path: str, scope: str
) -> None:
    """The same bytes, but for the name that was asked for; with the scope or without it."""
    for key in (await stage.key(), await stage.key("erase")):
        seen = {}
        for site in ("harbour-post", "nobody-here1"):
            answer = await stage.http.request(method, path.format(site=site), headers=bearer(key))
            assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
            del answer.headers["x-request-id"]
            seen[site] = (answer.text.replace(site, "*"), sorted(answer.headers.items()))
        assert len({text for text, _ in seen.values()}) == 1
        assert seen["harbour-post"][1] == seen["nobody-here1"][1]


async def test_what_another_site_has_is_not_reached_through_ones_own_address(stage: Stage) -> None:
    harbour = stage.services.directory.get("harbour-post")
    body = stage.body(notice=harbour.digest, purposes={"statistics": True, "advertising": False})
    given = await stage.http.post("/v1/sites/harbour-post/consents", json=body)
    key = await stage.key()
    assert (await stage.asked(f"/notices/{harbour.digest}", key)).status_code == 404
    assert (await stage.asked(f"/subjects/{body['subject']}", key)).status_code == 404
    assert (await stage.asked(f"/log/proof?record={body['id']}", key)).status_code == 404
    lines = (await stage.asked("/consents", key, params={"subject": body["subject"]})).json()["consents"]
    assert lines == []
    token = {"token": given.json()["receipt"]}
    answer = await stage.http.post(f"/v1/sites/{SITE}/tokens/verify", json=token, headers=bearer(key))
    assert answer.json() == {"valid": False, "code": "token_invalid"}


async def test_a_key_that_one_process_revokes_is_none_to_the_others(stage: Stage, module_clock: SetClock) -> None:
    key, row = await stage.key_row("read")
    assert (await stage.asked("/consents", key)).status_code == 200
    async with staged(stage.database_url, module_clock) as other:
        await keyring.revoke(other.services, SITE, row.id, actor=auditing.COMMAND)
    assert (await stage.asked("/consents", key)).status_code == 401


async def test_a_body_that_comes_late_does_nothing_for_a_key_that_was_revoked_meanwhile(stage: Stage) -> None:
    for more in ({}, {"Idempotency-Key": "late"}):
        key, row = await keyring.make(stage.services, SITE, frozenset({"write"}), actor=auditing.COMMAND)

        async def body(id_: str = row.id) -> AsyncIterator[bytes]:
            yield b'{"kind": "webhook", '
            await keyring.revoke(stage.services, SITE, id_, actor=auditing.COMMAND)
            yield b'"url": "https://late.example.org/x", "events": ["signup.confirmed"]}'

        headers = {**bearer(key), "Content-Type": "application/json", **more}
        late = await stage.client().post(f"/v1/sites/{SITE}/webhooks", headers=headers, content=body())
        assert (late.status_code, late.json()["code"]) == (401, "key_required")
    async with stage.services.database.reading() as reader:
        assert await reader.rows("SELECT id FROM endpoints") == []


async def test_making_and_revoking_a_key_is_in_the_log_and_a_key_ends_by_itself(
    stage: Stage, module_clock: SetClock
) -> None:
    services, ends = stage.services, module_clock() + 1000
    key, row = await keyring.make(
        services, SITE, frozenset({"read"}), actor=auditing.COMMAND, name="Reporting", expires_at=ends
    )
    assert (await stage.asked("/notices", key)).status_code == 200
    module_clock.forward(1000)
    assert (await stage.asked("/notices", key)).status_code == 401
    [listed] = [one for one in await keyring.listed(services.database, SITE) if one.id == row.id]
    assert (listed.name, listed.expires_at, listed.used_at) == ("Reporting", ends, ends - 1000)
    await keyring.revoke(services, SITE, row.id, actor=auditing.by_key(row.id))
    async with services.database.reading() as reader:
        last = await records.page(reader, SITE, 0, 1 << 53, 2, newest_first=True)
    acts = [read_audit(one.payload or "") for one in last]
    assert [(one.action, one.by, one.about["key"]) for one in acts] == [
        ("key.revoked", f"key:{row.id}", row.id),
        ("key.made", "command", row.id),
    ]
    assert key not in str(acts)
    for wrong in ({"name": "x" * 65}, {"name": "a\nb"}, {"expires_at": module_clock()}):
        with pytest.raises(Refused):
            await keyring.make(services, SITE, frozenset({"read"}), actor=auditing.COMMAND, **wrong)


async def test_a_key_is_found_in_any_case_of_bearer_and_never_in_the_query(stage: Stage) -> None:
    key = await stage.key("read")
    for word in ("bearer", "BEARER", "Bearer"):
        answer = await stage.http.get(CONSENTS, headers={"Authorization": f"{word} {key}"})
        assert answer.status_code == 200
    assert (await stage.http.get(CONSENTS, params={"key": key, "access_token": key})).status_code == 401


async def test_only_a_hash_of_a_key_is_kept_and_its_use_is_noted_at_most_once_a_minute(
    stage: Stage, module_clock: SetClock
) -> None:
    key, row = await stage.key_row("read")

    async def used_at() -> int | None:
        async with stage.services.database.reading() as reader:
            rows = await reader.rows("SELECT * FROM keys")
            assert key not in str([list(one) for one in rows])
            return next(one.used_at for one in await stored.of_site(reader, SITE) if one.id == row.id)

    assert await used_at() is None
    await stage.asked("/consents", key)
    first = await used_at()
    assert first == module_clock()
    module_clock.forward(TOUCH_MS)
    await stage.asked("/consents", key)
    assert await used_at() == first
    module_clock.forward(1)
    await stage.asked("/consents", key)
    assert await used_at() == module_clock()


async def test_a_site_named_twice_is_the_addresss(stage: Stage) -> None:
    key = await stage.key()
    for params in ({"site": "harbour-post"}, {"site": SITE}):
        assert (await stage.asked("/consents", key, params=params)).status_code == 422
    answer = await stage.http.post(CONSENTS, json=stage.body(site="harbour-post"))
    assert answer.status_code == 422


async def test_keys_are_256_bit_random_and_share_nothing(stage: Stage) -> None:
    made = {(await stage.key("read")).removeprefix("ck_") for _ in range(30)}
    assert len(made) == 30
    assert min(map(len, made)) >= 43
    assert len({key[:4] for key in made}) == 30
