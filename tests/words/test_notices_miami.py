"""The newspaper's own site file, from its TOML to what its pages are given."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from consent.errors import Refused
from consent.notices import (
    compile_notice,
    digest,
    document,
    layer_texts,
    material,
    parse_notice,
    read_site_file,
    site_schema,
    widget_settings,
)

FILE = (Path(__file__).parents[2] / "consent" / "demo" / "miami-new-times.toml").read_bytes()
MIAMI = compile_notice(read_site_file(FILE))


def test_editors_find_nothing_wrong_with_it() -> None:
    Draft202012Validator(site_schema()).validate(tomllib.loads(FILE.decode()))


def test_its_document_reads_back() -> None:
    assert parse_notice(document(MIAMI)) == MIAMI


def test_the_settings_of_its_loader() -> None:
    assert widget_settings(MIAMI, digest(MIAMI)) == {
        "site": "miami-new-times",
        "notice": digest(MIAMI),
        "material": material(MIAMI),
        "close": "refuse",
        "days": 182,
        "purposes": [
            {"id": "analytics", "services": ["google-analytics"]},
            {"id": "content", "services": ["youtube", "twitter"]},
            {"id": "advertising", "services": ["google-ads", "facebook-pixel"], "sale": True},
        ],
        "required": [{"id": "necessary", "services": []}],
        "languages": ["en", "es"],
        "reopen": True,
        "signals": {
            "ad_storage": ["advertising"],
            "ad_user_data": ["advertising"],
            "ad_personalization": ["advertising"],
            "analytics_storage": ["analytics"],
            "functionality_storage": ["content"],
            "personalization_storage": ["content"],
        },
        "offer": True,
    }


def test_its_first_layer_in_spanish() -> None:
    shown = layer_texts(MIAMI, "es", "notice")
    assert shown["services"] == 5
    assert [purpose["name"] for purpose in shown["purposes"]] == [
        "Necesarias",
        "Rendimiento y uso",
        "Contenido e incrustaciones",
        "Anuncios",
    ]


def test_its_old_notice_where_closing_meant_yes_is_refused() -> None:
    old = FILE.replace(b'close = "refuse"', b'close = "accept"')
    with pytest.raises(Refused) as refused:
        read_site_file(old)
    assert [fault.path for fault in refused.value.faults] == ["consent.close"]
