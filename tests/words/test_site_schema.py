"""The schemas that editors use: the committed files are those that the structs make, and they tell right from wrong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from jsonschema import Draft202012Validator

from consent.errors import Fault
from consent.notices import document, notice_schema, site_schema
from tests.words.sites.making import Place, altered, notice, site_tables, tables
from tests.words.test_sitefile_faults import FAULTS

FOLDER = Path(__file__).parents[2] / "schema" / "json"
SITE = Draft202012Validator(site_schema())
NOTICE = Draft202012Validator(notice_schema())

# What only the reader can tell: rules between values, what cannot be seen, spaces at the ends.
BEYOND = (
    "given already",
    "missing; expected words in",
    "not one of the site's",
    "unknown placeholder",
    "contains U+",
    "begins or ends",
    "only required ones",
    "expected another",
    "expected false",
    "a list of this site",
    "at least one of",
)
TYPING = [each for each in FAULTS if not any(words in each[2].message for words in BEYOND)]
NAMES = [f"{fault.path} {value!a:.30}" for _, value, fault in TYPING]


@pytest.mark.parametrize(("name", "made"), [("site", site_schema()), ("notice", notice_schema())])
def test_the_committed_schema_is_the_one_that_the_structs_make(name: str, made: dict[str, Any]) -> None:
    committed = json.loads((FOLDER / f"{name}.schema.json").read_text(encoding="utf-8"))
    assert committed == made, f"write it again: json.dumps({name}_schema(), indent=2, ensure_ascii=False)"


@pytest.mark.parametrize("validator", [SITE, NOTICE], ids=["site", "notice"])
def test_the_schemas_are_schemas(validator: Draft202012Validator) -> None:
    Draft202012Validator.check_schema(validator.schema)


def test_the_schema_takes_a_file_with_every_key() -> None:
    SITE.validate(tables())


@given(site_tables())
@settings(max_examples=20, deadline=None)
def test_the_schemas_take_every_file_and_notice_that_is_right(raw: dict[str, Any]) -> None:
    SITE.validate(raw)
    NOTICE.validate(json.loads(document(notice(raw))))


@pytest.mark.parametrize(("place", "value", "fault"), TYPING, ids=NAMES)
def test_the_schema_sees_what_is_wrong_while_it_is_typed(place: Place, value: object, fault: Fault) -> None:
    assert not SITE.is_valid(altered(place, value)), fault


def objects(schema: Any) -> list[dict[str, Any]]:
    """Every part of the schema that lists keys."""
    inner = schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ()
    here = [schema] if isinstance(schema, dict) and isinstance(schema.get("properties"), dict) else []
    return here + [each for part in inner for each in objects(part)]


def test_an_editor_is_told_what_each_table_and_key_means() -> None:
    for name, definition in site_schema()["$defs"].items():
        assert definition["description"], name
        assert definition["title"], name
        for key, kind in definition["properties"].items():
            assert "description" in kind or "$ref" in kind, f"{name}.{key}"


def test_no_table_takes_a_key_that_it_does_not_know() -> None:
    assert all(each.get("additionalProperties") is False for each in objects(site_schema()))
