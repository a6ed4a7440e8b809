"""Bodies that parsers read differently: the same 4xx on both engines, never a 500, and the service goes on.

J1 to J10 are the cases of the project's list of threats to input parsing.
"""

from __future__ import annotations

import json

import pytest

from tests.web.stage import CONSENTS, Stage

JSON = {"Content-Type": "application/json"}


def spliced(stage: Stage, **raw: bytes) -> bytes:
    """A good body with fields whose JSON is given raw."""
    marks = {name: f"@{name}@" for name in raw}
    text = json.dumps(stage.body(**marks)).encode()
    for name, value in raw.items():
        text = text.replace(f'"@{name}@"'.encode(), value)
    return text


async def status(stage: Stage, content: bytes) -> int:
    """What the body is answered with; a good one afterwards shows that the service goes on."""
    answer = await stage.client().post(CONSENTS, content=content, headers=JSON)
    assert answer.headers["content-type"] in ("application/json", "application/problem+json")
    assert (await stage.give()).status_code == 201
    return answer.status_code


@pytest.mark.parametrize("depth", [100, 1_000, 8_000])
async def test_j1_depth(stage: Stage, depth: int) -> None:
    assert await status(stage, b"[" * depth + b"]" * depth) in (400, 422)
    assert await status(stage, b'{"a":' * (depth // 4) + b"1" + b"}" * (depth // 4)) in (400, 422)
    assert await status(stage, spliced(stage, page=b"[" * depth + b"]" * depth)[: 16 * 1024]) in (400, 422)


@pytest.mark.parametrize(
    "number", [b"1" * 4301, b"9223372036854775808", b"18446744073709551616", b"1e400", b"-0", b"1e999", b"-1", b"0.1"]
)
async def test_j2_numbers(stage: Stage, number: bytes) -> None:
    for name in ("id", "page", "gpc", "decided_at", "purposes", "seq"):
        assert await status(stage, spliced(stage, **{name: number})) in (400, 422)
    assert await status(stage, spliced(stage, purposes=b'{"analytics":%s}' % number)) in (400, 422)


@pytest.mark.parametrize("word", [b"NaN", b"Infinity", b"-Infinity", b"nan", b"True", b"undefined", b"'x'", b"01"])
async def test_j3_words_that_are_not_json(stage: Stage, word: bytes) -> None:
    assert await status(stage, spliced(stage, gpc=word)) == 400
    assert await status(stage, word) == 400


async def test_j4_a_key_twice_is_refused_wherever_it_stands(stage: Stage) -> None:
    good = json.dumps(stage.body()).encode()
    for twice in (
        good[:-1] + b', "language": "en"}',
        b'{"gpc": true, "gpc": false, ' + good[1:],
        good.replace(b'"analytics": true', b'"analytics": false, "analytics": true'),
        good.replace(b'"analytics": true', b'"analytics": false, "\\u0061nalytics": true'),
        b'{"\\u0067pc": true, "gpc": false, ' + good[1:],
    ):
        assert await status(stage, twice) == 400, twice


async def test_j5_only_utf8_is_read(stage: Stage) -> None:
    good = json.dumps(stage.body(page="https://example.org/é"), ensure_ascii=False)
    for codec in ("utf-16", "utf-16-le", "utf-32", "utf-8-sig", "latin-1"):
        assert await status(stage, good.encode(codec)) == 400, codec
    for bad in (b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xf5\x80\x80\x80", b"\xc0\x80"):
        assert await status(stage, good.encode().replace("é".encode(), bad)) == 400, bad


async def test_j6_nul_is_refused_in_every_spelling(stage: Stage) -> None:
    for name in ("page", "language", "decided_at", "id", "tcf"):
        assert await status(stage, spliced(stage, **{name: b'"https://x.example/\\u0000"'})) in (400, 422)
        assert await status(stage, spliced(stage, **{name: b'"https://x.example/\x00"'})) == 400
    assert await status(stage, spliced(stage, purposes=b'{"analytics\\u0000":true}')) == 400


async def test_j7_half_a_surrogate_pair_is_refused_in_values_and_keys(stage: Stage) -> None:
    for half in (b"\\ud800", b"\\udfff", b"\\udc00\\ud800", b"\\ud83dx"):
        for name in ("page", "language", "decided_at"):
            assert await status(stage, spliced(stage, **{name: b'"https://x.example/%s"' % half})) == 400
        assert await status(stage, spliced(stage, purposes=b'{"%s":true}' % half)) == 400
        assert await status(stage, b'{"%s":1}' % half) == 400
    assert await status(stage, spliced(stage, page=b'"https://x.example/\\ud83d\\ude00"')) == 201


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", 400), (b" ", 400),
        (b"{", 400), (b"{}x", 400), (b"[]", 422), (b'"x"', 422), (b"null", 422), (b"true", 422),
        (b"1", 422), (b"{}", 422), (b"[{}]", 422), (b"{}{}", 400), (b"//\n{}", 400), (b"{,}", 400), (b'{"id":}', 400),
    ],
)  # fmt: skip
async def test_j8_other_values_than_an_object(stage: Stage, content: bytes, expected: int) -> None:
    assert await status(stage, content) == expected


@pytest.mark.parametrize("value", [b"null", b"1", b"1.5", b"[]", b"{}", b'""', b'"true"', b"[true]"])
async def test_j8_wrong_types_in_every_field(stage: Stage, value: bytes) -> None:
    names = [*stage.body(), "services", "gpc", "page", "decided_at", "tcf", "gpp"]
    takes = {b"null": ("page", "decided_at", "tcf", "gpp"), b"{}": ("services",), b'"true"': ("tcf", "gpp")}
    for name in names:
        may = name in takes.get(value, ())
        assert await status(stage, spliced(stage, **{name: value})) == (201 if may else 422), name


async def test_j9_many_keys_and_long_ones(stage: Stage) -> None:
    good = json.dumps(stage.body()).encode()
    many = b",".join(b'"k%d":1' % number for number in range(1_500))
    assert await status(stage, good[:-1] + b"," + many + b"}") == 422
    assert await status(stage, b'{"' + b"k" * 16_000 + b'":1}') == 422
    assert await status(stage, b'{"' + b"k" * 1_000_000 + b'":1}') == 413
    purposes = b"{" + b",".join(b'"p%d":true' % number for number in range(1_000)) + b"}"
    assert await status(stage, spliced(stage, purposes=purposes)) == 422
    for long in (b'{"' + b"k" * 16_000 + b'":1}', spliced(stage, action=b'"%s"' % (b"k" * 15_000))):
        answer = await stage.http.post(CONSENTS, content=long, headers=JSON)
        assert (answer.status_code, len(answer.content) < 1_500) == (422, True)


async def test_j10_text_goes_round_byte_for_byte(stage: Stage) -> None:
    key = await stage.key("read")
    pages = ["é", "e\u0301", "\u05d0", "\U0001f600", "%00%ff", "a'--\"<b>{{7*7}}", "'); DROP TABLE records;--", "_%\\"]
    for path in pages:
        body = stage.body(page=f"https://x.example/{path}")
        answer = await stage.http.post(CONSENTS, json=body)
        assert answer.status_code == 201, path
        kept = (await stage.asked(f"/subjects/{body['subject']}", key)).json()["records"][0]
        assert kept["page"] == body["page"]


async def test_j10_what_cannot_be_seen_is_refused_in_a_page(stage: Stage) -> None:
    for letter in ("\u200b", "\u202e", "\u2028", "\ufeff", "\x7f", "\t"):
        assert await status(stage, json.dumps(stage.body(page=f"https://x.example/{letter}")).encode()) == 422
