"""Proofs as a stranger checks them: with RFC 9162's own algorithms and the checkpoint's key, and nothing of ours."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import itertools
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from consent import clock as clocks
from tests.acts import SITE, new_id
from tests.clock import SetClock
from tests.reading import erase
from tests.web.stage import Stage

JSON, LINES = "application/json", "application/x-ndjson"
SIZES = (1, 2, 3, 7, 8, 255, 256, 257, 300)


def leaf_hash(data: bytes) -> bytes:
    return hashlib.sha256(b"\0" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\1" + left + right).digest()


def root_by_inclusion(index: int, size: int, leaf: bytes, path: list[bytes]) -> bytes:
    """RFC 9162, section 2.1.3.2."""
    assert index < size
    fn, sn, root = index, size - 1, leaf
    for p in path:
        assert sn != 0
        if fn & 1 or fn == sn:
            root = node_hash(p, root)
            while not fn & 1 and fn != 0:
                fn, sn = fn >> 1, sn >> 1
        else:
            root = node_hash(root, p)
        fn, sn = fn >> 1, sn >> 1
    assert sn == 0
    return root


def roots_by_consistency(old: int, size: int, old_root: bytes, path: list[bytes]) -> tuple[bytes, bytes]:
    """RFC 9162, section 2.1.4.2."""
    if old == size:
        assert path == []
        return old_root, old_root
    if old & (old - 1) == 0:
        path = [old_root, *path]
    fn, sn = old - 1, size - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    fr = sr = path[0]
    for c in path[1:]:
        assert sn != 0
        if fn & 1 or fn == sn:
            fr, sr = node_hash(c, fr), node_hash(c, sr)
            while not fn & 1 and fn != 0:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = node_hash(sr, c)
        fn, sn = fn >> 1, sn >> 1
    assert sn == 0
    return fr, sr


def open_checkpoint(note: str, key: str) -> tuple[int, bytes]:
    """C2SP signed-note and tlog-checkpoint; gives size and root once the signature is checked."""
    text, _, signature = note.partition("\n\n")
    origin, size, root = text.split("\n")
    name, hash_, encoded = key.rsplit("+", 2) if key.count("+") == 2 else key.split("+", 2)
    raw_key = base64.b64decode(encoded)
    assert (name, raw_key[0]) == (origin, 1)
    assert hashlib.sha256(name.encode() + b"\n" + raw_key).hexdigest()[:8] == hash_
    dash, signer, encoded = signature.strip("\n").split(" ")
    signed = base64.b64decode(encoded)
    assert (dash, signer, signed[:4].hex()) == ("\u2014", origin, hash_)
    Ed25519PublicKey.from_public_bytes(raw_key[1:]).verify(signed[4:], f"{text}\n".encode())
    return int(size), base64.b64decode(root)


def unhexed(proof: dict[str, Any]) -> list[bytes]:
    return [bytes.fromhex(one) for one in proof["path"]]


@pytest.fixture(scope="module")
async def log(stage: Stage) -> dict[int, bytes]:
    """300 records; the signed root at each of SIZES, as it was then."""
    key, roots = await stage.key("read"), {}
    for before, number in itertools.pairwise((0, *SIZES)):
        answers = await asyncio.gather(*(stage.give() for _ in range(number - before)))
        assert {answer.status_code for answer in answers} == {201}
        signed = (await stage.asked("/log/checkpoint", key, headers={"Accept": "application/json"})).json()
        size, roots[number] = open_checkpoint(signed["checkpoint"], signed["key"])
        assert size == signed["size"] == number
    return roots


async def test_the_checkpoint_is_a_signed_note(stage: Stage, log: dict[int, bytes]) -> None:
    key = await stage.key("read")
    plain = await stage.asked("/log/checkpoint", key)
    assert plain.headers["content-type"] == "text/plain; charset=utf-8"
    signed = (await stage.asked("/log/checkpoint", key, headers={"Accept": "application/json"})).json()
    assert signed["checkpoint"] == plain.text
    assert open_checkpoint(plain.text, signed["key"]) == (300, log[300])


async def test_every_record_is_shown_to_be_in_the_log(stage: Stage, log: dict[int, bytes]) -> None:
    key = await stage.key("read")
    lines = (await stage.asked("/consents", key, params={"limit": 1000})).json()["consents"]
    for line in lines[:10] + lines[250:262] + lines[-3:]:
        proof = (await stage.asked("/log/proof", key, params={"record": line["id"]})).json()
        size, root = open_checkpoint(proof["checkpoint"], proof["key"])
        shown = line.pop("proof")
        payload = json.dumps(line, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
        commitment = hmac.digest(bytes.fromhex(shown["salt"]), payload, "sha256")
        assert leaf_hash(commitment).hex() == proof["leaf"] == shown["leaf"]
        assert (proof["record"], proof["index"], size) == (line["id"], line["seq"] - 1, 300)
        assert root_by_inclusion(proof["index"], size, bytes.fromhex(proof["leaf"]), unhexed(proof)) == root == log[300]


async def test_every_older_head_is_shown_to_be_the_beginning(stage: Stage, log: dict[int, bytes]) -> None:
    key = await stage.key("read")
    for old, old_root in log.items():
        proof = (await stage.asked("/log/proof", key, params={"old": old})).json()
        size, root = open_checkpoint(proof["checkpoint"], proof["key"])
        assert (proof["old"], proof["size"], size) == (old, 300, 300)
        assert roots_by_consistency(old, size, old_root, unhexed(proof)) == (old_root, root)


async def test_proofs_of_what_is_not_there_are_refused(stage: Stage, log: dict[int, bytes]) -> None:
    key = await stage.key("read")
    assert (await stage.asked("/log/proof", key, params={"record": new_id()})).status_code == 404
    records = [{"record": words} for words in ("x", "", "\0", "0" * 64)]
    sizes = [{"old": words} for words in ("0", "301", "-1", "x", "9" * 400, "٣")]
    for params in ({}, *records, *sizes, {"old": "1", "record": new_id()}, {"index": "1"}):
        assert (await stage.asked("/log/proof", key, params=params)).status_code == 422, params


async def test_an_empty_log_has_no_proofs_and_says_so(stage: Stage) -> None:
    key = await stage.key("read", site="harbour-post")
    headers = {"Authorization": f"Bearer {key}"}
    answer = await stage.http.get("/v1/sites/harbour-post/log/proof?old=1", headers=headers)
    assert answer.status_code == 422
    answer = await stage.http.get("/v1/sites/harbour-post/log/checkpoint", headers={**headers, "Accept": JSON})
    signed = answer.json()
    assert open_checkpoint(signed["checkpoint"], signed["key"]) == (0, hashlib.sha256(b"").digest())
    answer = await stage.http.get(
        "/v1/sites/harbour-post/consents", headers={**headers, "Accept": "application/x-ndjson"}
    )
    assert answer.status_code == 200


async def test_a_receipt_is_verified_and_nothing_else_passes_for_one(stage: Stage, log: dict[int, bytes]) -> None:
    key = await stage.key("read")
    path, headers = f"/v1/sites/{SITE}/tokens/verify", {"Authorization": f"Bearer {key}"}
    body = stage.body(services={"youtube": True})
    given = (await stage.http.post(f"/v1/sites/{SITE}/consents", json=body)).json()
    answer = (await stage.http.post(path, json={"token": given["receipt"]}, headers=headers)).json()
    assert answer["valid"] is True
    shared = ("id", "subject", "notice", "purposes", "services")
    assert {name: answer["receipt"][name] for name in shared} == {name: body[name] for name in shared}
    assert {name: answer["receipt"][name] for name in ("seq", "recorded_at", "expires_at")} == {
        name: given[name] for name in ("seq", "recorded_at", "expires_at")
    }
    token = given["receipt"]
    for other in (
        "",
        "x",
        "x.y.z",
        "\0",
        "é",
        token[:-5],
        token.replace(".", "", 1),
        token.swapcase(),
        "a" * 10_000,
        f".{token}",
    ):
        answer = await stage.http.post(path, json={"token": other}, headers=headers)
        expected = 400 if other == "\0" else 200
        assert answer.status_code == expected
        assert expected == 400 or answer.json() == {"valid": False, "code": "token_invalid"}
    bad: object
    for bad in ({}, {"token": 1}, {"token": token, "site": "x"}, []):
        assert (await stage.http.post(path, json=bad, headers=headers)).status_code == 422


async def exported(stage: Stage, key: str, **params: str) -> list[dict[str, Any]]:
    answer = await stage.asked("/consents", key, params=params, headers={"Accept": LINES})
    return [json.loads(line) for line in answer.content.splitlines()]


async def test_each_line_of_a_selection_leads_to_the_signed_root(stage: Stage, log: dict[int, bytes]) -> None:
    key, subject = await stage.key("read"), new_id()
    for _ in range(3):
        await stage.give(subject=subject)
    await asyncio.gather(*(stage.give() for _ in range(5)))
    told = await stage.count()
    *lines, last = await exported(stage, key, subject=subject)
    size, root = open_checkpoint(last["checkpoint"], last["key"])
    assert (len(lines), size, last["selection"]) == (3, told, True)
    for line in lines:
        proof = line["proof"]
        assert root_by_inclusion(line["seq"] - 1, size, bytes.fromhex(proof["leaf"]), unhexed(proof)) == root


async def test_an_older_part_leads_to_the_signed_root(
    stage: Stage, log: dict[int, bytes], module_clock: SetClock
) -> None:
    key, old = await stage.key("read"), await stage.count()
    module_clock.forward(1000)
    instant = clocks.text(module_clock())
    await asyncio.gather(*(stage.give() for _ in range(4)))
    *lines, last = await exported(stage, key, until=instant)
    size, root = open_checkpoint(last["checkpoint"], last["key"])
    assert (len(lines), size, last["consistency"]["size"]) == (old, old + 4, old)
    old_root = root_of([bytes.fromhex(line["proof"]["leaf"]) for line in lines])
    assert roots_by_consistency(old, size, old_root, unhexed(last["consistency"])) == (old_root, root)


def root_of(leaves: list[bytes]) -> bytes:
    """RFC 9162, section 2.1.1."""
    if len(leaves) == 1:
        return leaves[0]
    half = 1 << (len(leaves) - 1).bit_length() - 1
    return node_hash(root_of(leaves[:half]), root_of(leaves[half:]))


async def test_an_erasure_is_signed_by_the_logs_key(stage: Stage, log: dict[int, bytes]) -> None:
    """As `schema/README.md` describes the text; a page of JSON and a file tell the same."""
    key, place = await stage.key("read"), await stage.count()
    await erase(stage.services, place)
    *lines, last = await exported(stage, key)
    line = lines[place - 1]
    [paged] = (await stage.asked("/consents", key, params={"after": place - 1, "limit": 1})).json()["consents"]
    proof, (origin, _, encoded) = line["proof"], last["key"].split("+", 2)
    assert (set(line), set(proof)) == ({"erased_at", "kind", "seq", "proof"}, {"leaf", "seal", "erasure"})
    assert paged == line
    told = ["consent erasure", origin, place, line["kind"], proof["leaf"], proof["seal"], line["erased_at"]]
    text = "".join(f"{one}\n" for one in told).encode()
    public = Ed25519PublicKey.from_public_bytes(base64.b64decode(encoded)[1:])
    public.verify(base64.b64decode(proof["erasure"]), text)
