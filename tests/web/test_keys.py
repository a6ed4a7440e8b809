"""Who may read a site's log: its own keys, with the scope, until they are revoked. Nobody learns what else is."""

from __future__ import annotations

import pytest

from consent import ids, keyring
from consent.keyring import SCOPES, TOUCH_MS
from consent.storage import keys as stored
from tests.acts import SITE
from tests.clock import SetClock
from tests.web.stage import CONSENTS, Stage

SITES = "/v1/sites/{site}"
NONE = "01a206dc-9801-769b-8cff-11a5e02452cf"
KEYED: list[tuple[str, str, str]] = [
    ("GET", f"{SITES}/consents", "read"),
    ("GET", f"{SITES}/notices", "read"),
    ("POST", f"{SITES}/notices", "write"),
    ("GET", f"{SITES}/notices/{'0' * 64}", "read"),
    ("GET", f"{SITES}/subjects/{NONE}", "read"),
    ("DELETE", f"{SITES}/subjects/{NONE}", "erase"),
    ("POST", f"{SITES}/tokens/verify", "read"),
    ("GET", f"{SITES}/log/checkpoint", "read"),
    ("GET", f"{SITES}/log/proof?record={NONE}", "read"),
    ("GET", f"{SITES}/subscribers", "read"),
    ("POST", f"{SITES}/subscribers/lookup", "read"),
    ("POST", f"{SITES}/subscribers/erase", "erase"),
    ("GET", f"{SITES}/suppressions", "read"),
    ("GET", f"{SITES}/outbox", "read"),
    ("POST", f"{SITES}/outbox/replay", "write"),
    ("GET", f"{SITES}/stats/newsletter", "read"),
    ("GET", f"{SITES}/webhooks", "read"),
    ("POST", f"{SITES}/webhooks", "write"),
    ("DELETE", f"{SITES}/webhooks/{NONE}", "write"),
    ("POST", f"{SITES}/webhooks/{NONE}/test", "write"),
    ("POST", f"{SITES}/webhooks/{NONE}/enable", "write"),
    ("POST", f"{SITES}/webhooks/{NONE}/secret", "write"),
]


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
    for one in SCOPES:
        answer = await stage.http.request(method, here, headers=bearer(await stage.key(one)))
        assert (answer.status_code == 403) is (one != scope)
        assert one == scope or answer.json()["code"] == "scope_missing"
    assert (await stage.http.request(method, other, headers=bearer(await stage.key()))).status_code == 404


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


async def test_a_revoked_key_is_no_key(stage: Stage) -> None:
    key, row = await stage.key_row("read")
    assert (await stage.asked("/consents", key)).status_code == 200
    await keyring.revoke(stage.services.database, SITE, row.id, stage.services.clock())
    assert (await stage.asked("/consents", key)).status_code == 401


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
