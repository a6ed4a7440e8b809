"""The receipt checks that publishers copy into their own backends: each run by its own language, on real receipts."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import zlib
from collections.abc import Mapping
from pathlib import Path

import httpx
import msgspec
import pytest
from itsdangerous import TimestampSigner
from itsdangerous.encoding import base64_decode, base64_encode

from consent import clock as clocks
from consent.tokens import AGES, LEEWAY, Receipt, Reference, Tokens
from tests.acts import SITE, new_id
from tests.running import SECRET
from tests.web.snippets import SNIPPETS, check
from tests.web.stage import staged

ROOT = Path(__file__).parents[2]
NEWER = "the-newer-secret-9876543210-zyxwvutsrqponm"
LANGUAGES = {"py": "python", "mjs": "js", "php": "php"}
OTHER_SITE = "harbour-post"

pytestmark = pytest.mark.parametrize("language", list(LANGUAGES))


def _tokens(*secrets: str) -> Tokens:
    return Tokens(secrets or (SECRET,), clocks.now)


def _content(site: str = SITE, services: Mapping[str, bool] | None = None) -> Receipt:
    now = clocks.text(clocks.now())
    return Receipt(
        id=new_id(), seq=7, site=site, subject=new_id(), notice="5f" * 32, recorded_at=now, expires_at=now,
        purposes={"analytics": True, "content": False}, services=dict(services or {}),
    )  # fmt: skip


def _receipt(tokens: Tokens, content: Receipt, at: int | None = None) -> str:
    return tokens.sign("receipt", content.site, content, clocks.now() if at is None else at)


def _signed(key: str, content: bytes) -> str:
    """What somebody who has this key can write."""
    signing = TimestampSigner(key, salt="consent.receipt", key_derivation="hmac", digest_method=hashlib.sha256)
    return signing.sign(content).decode()


def _changed(receipt: str, part: int) -> str:
    """The receipt with the first letter of its content, its date or its signature changed."""
    parts = receipt.split(".")
    parts[part] = ("A" if parts[part][0] != "A" else "B") + parts[part][1:]
    return ".".join(parts)


@pytest.mark.parametrize("services", [{}, {"youtube": True, "google-ads": False}])
def test_a_receipt_says_what_was_decided(language: str, services: dict[str, bool]) -> None:
    tokens, content = _tokens(), _content(services=services)
    assert check(language, _receipt(tokens, content), tokens.site_keys(SITE)) == msgspec.to_builtins(content)


async def test_the_receipt_of_a_real_answer_is_good(language: str, sqlite_url: str) -> None:
    async with staged(sqlite_url, clocks.now) as stage:
        answer: httpx.Response = await stage.give()
        said = check(language, answer.json()["receipt"], stage.services.tokens.site_keys(SITE))
    assert said is not None
    assert (said["id"], said["seq"], said["site"]) == (answer.json()["id"], answer.json()["seq"], SITE)
    assert said["purposes"] == {"analytics": True, "content": False, "advertising": False}


def test_the_printed_keys_are_the_ones_to_use(language: str, tmp_path: Path) -> None:
    environment = os.environ | {
        "CONSENT_DATABASE": f"sqlite:///{tmp_path / 'consent.db'}",
        "CONSENT_SECRET": f"{SECRET} {NEWER}",
    }
    printed = subprocess.run(
        [sys.executable, "-m", "consent", "token", "keys", "--site", SITE],
        env=environment, cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert check(language, _receipt(_tokens(NEWER), _content()), printed.split())


@pytest.mark.parametrize("part", [0, 1, 2], ids=["content", "date", "signature"])
def test_a_changed_receipt_is_refused(language: str, part: int) -> None:
    tokens = _tokens()
    receipt = _receipt(tokens, _content())
    assert check(language, _changed(receipt, part), tokens.site_keys(SITE)) is None


def test_another_decision_under_the_same_signature_is_refused(language: str) -> None:
    tokens = _tokens()
    content, date, signature = _receipt(tokens, _content()).split(".")
    forged = base64_encode(base64_decode(content).replace(b'"content":false', b'"content":true')).decode()
    assert forged != content
    assert check(language, f"{forged}.{date}.{signature}", tokens.site_keys(SITE)) is None


@pytest.mark.parametrize("cut", [1, 20, 43, 44, 60])
def test_a_truncated_receipt_is_refused(language: str, cut: int) -> None:
    tokens = _tokens()
    assert check(language, _receipt(tokens, _content())[:-cut], tokens.site_keys(SITE)) is None


@pytest.mark.parametrize("words", ["", ".", "..", "...", "a.b.c", "é.ü.ß", "a.b", "\0.\0.\0"])
def test_what_is_no_receipt_is_refused(language: str, words: str) -> None:
    assert check(language, words, _tokens().site_keys(SITE)) is None


def test_a_receipt_of_another_site_is_refused(language: str) -> None:
    tokens = _tokens()
    receipt = _receipt(tokens, _content(site=OTHER_SITE))
    assert check(language, receipt, tokens.site_keys(SITE)) is None
    assert check(language, receipt, tokens.site_keys(OTHER_SITE))


def test_a_token_for_another_purpose_is_refused(language: str) -> None:
    tokens = _tokens()
    other = tokens.sign("withdraw", SITE, Reference(id=new_id(), site=SITE), clocks.now())
    assert check(language, other, tokens.site_keys(SITE)) is None


def test_after_a_rotation_both_keys_serve_until_one_is_dropped(language: str) -> None:
    older, both, newer = _tokens(SECRET), _tokens(SECRET, NEWER), _tokens(NEWER)
    by_older, by_newer = _receipt(older, _content()), _receipt(both, _content())
    assert check(language, by_older, both.site_keys(SITE))
    assert check(language, by_newer, both.site_keys(SITE))
    assert check(language, by_newer, newer.site_keys(SITE))
    assert check(language, by_older, newer.site_keys(SITE)) is None


def test_its_age_is_checked(language: str) -> None:
    tokens, now = _tokens(), clocks.now()
    for at, is_good in (
        (now - AGES["receipt"] + clocks.DAY, True),
        (now - AGES["receipt"] - clocks.DAY, False),
        (now + LEEWAY // 2, True),
        (now + clocks.DAY, False),
    ):
        said = check(language, _receipt(tokens, _content(), at), tokens.site_keys(SITE))
        assert (said is not None) == is_good, (language, at - now)


def test_a_compressed_one_is_refused_though_it_is_signed(language: str) -> None:
    """The service never compresses; whoever takes it must be ready for a small text that unpacks to gigabytes."""
    (key,) = keys = _tokens().site_keys(SITE)
    packed = b"." + base64_encode(zlib.compress(msgspec.json.encode(_content())))
    assert check(language, _signed(key, packed), keys) is None
    assert check(language, _signed(key, base64_encode(msgspec.json.encode(_content()))), keys)


@pytest.mark.parametrize("keys", [[], [""], ["", "ab" * 32]], ids=["none", "empty", "one empty"])
def test_an_empty_key_lets_nobody_in(language: str, keys: list[str]) -> None:
    """A trailing line break, split carelessly, makes an empty key: one that everybody has."""
    forged = _signed("", base64_encode(msgspec.json.encode(_content())))
    assert check(language, forged, keys) is None


def test_the_readme_shows_the_very_files(language: str) -> None:
    name = f"verify_receipt.{language}"
    source = (SNIPPETS / name).read_text("utf-8")
    shown = f"<!-- snippet {name} -->\n```{LANGUAGES[language]}\n{source}```\n<!-- /snippet -->"
    assert (ROOT / "README.md").read_text("utf-8").count(shown) == 1
