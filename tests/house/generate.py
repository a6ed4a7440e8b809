"""Writes the files that are made from code, so that each thing has one definition.

`python -m tests.house.generate` writes `schema/json/*.json` and the table of settings in the README;
`python -m tests.house.generate --check` writes nothing and exits 1 when one of them is not what the code makes.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from consent.newsletter import SignupRequest
from consent.notices import notice_schema, site_schema
from consent.notices.schemas import DIALECT
from consent.records import Answer, ConsentRecord, ConsentRequest
from consent.rights.bundle import Bundle
from consent.rights.proving import ReceiptFile
from consent.settings import SETTINGS
from consent.tokens import ClaimReceipt, Receipt
from consent.web.openapi import document
from consent.web.problems import Problem
from tests.house import generate_rules, generate_verify

ROOT = Path(__file__).parents[2]
SCHEMAS = ROOT / "schema" / "json"
README = ROOT / "README.md"
OPEN, CLOSE = "<!-- settings -->", "<!-- /settings -->"

STRUCTS: Mapping[str, type[msgspec.Struct]] = {
    "access-bundle": Bundle,
    "answer": Answer,
    "claim-receipt": ClaimReceipt,
    "consent-record": ConsentRecord,
    "consent-request": ConsentRequest,
    "problem": Problem,
    "receipt": Receipt,
    "receipt-file": ReceiptFile,
    "signup-request": SignupRequest,
}


def schema(name: str, struct: type[msgspec.Struct]) -> dict[str, Any]:
    """A struct's JSON Schema, as a document of its own."""
    title = name.replace("-", " ").capitalize()
    return {"$schema": DIALECT, "$id": f"urn:consent:schema:{name}", "title": title, **msgspec.json.schema(struct)}


def settings_table() -> str:
    """The README's table of settings."""
    rows = [f"| `{one.name}` | {_default(one.default)} | {one.means} |" for one in SETTINGS]
    return "\n".join(["| name | default | means |", "|---|---|---|", *rows])


def readme(text: str) -> str:
    """The README's text with the table between its marks."""
    before, opening, rest = text.partition(OPEN)
    _, closing, after = rest.partition(CLOSE)
    if not (opening and closing):
        raise SystemExit(f"README.md has no {OPEN} … {CLOSE}")
    return f"{before}{OPEN}\n{settings_table()}\n{CLOSE}{after}"


def files() -> dict[Path, str]:
    """Every file that is made from code, with what must be in it."""
    schemas = {
        "site.schema.json": site_schema(),
        "notice.schema.json": notice_schema(),
        "openapi.json": document(),
        **{f"{name}.schema.json": schema(name, struct) for name, struct in STRUCTS.items()},
    }
    made = {SCHEMAS / name: json.dumps(one, indent=2, ensure_ascii=False) + "\n" for name, one in schemas.items()}
    pages = {generate_rules.PAGE: generate_rules.text(), generate_verify.PAGE: generate_verify.text()}
    return made | {README: readme(README.read_text("utf-8"))} | pages


def stale() -> list[Path]:
    """The files that are not what the code makes."""
    return [path for path, text in files().items() if not path.is_file() or path.read_text("utf-8") != text]


def main() -> None:
    """Writes, or with `--check` only looks."""
    for path in (found := stale()):
        if "--check" in sys.argv[1:]:
            print(f"{path.relative_to(ROOT)} is not what the code makes: run python -m tests.house.generate")
        else:
            path.write_text(files()[path], "utf-8")
            print(f"wrote {path.relative_to(ROOT)}")
    sys.exit(1 if found and "--check" in sys.argv[1:] else 0)


def _default(words: str) -> str:
    return f"`{words}`" if " " not in words and words != "none" else words


if __name__ == "__main__":
    main()
