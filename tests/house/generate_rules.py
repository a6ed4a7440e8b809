"""The table of the linter's rules in its README, made of the rules themselves."""

from __future__ import annotations

from pathlib import Path

from consent.lint import Row, rules_table

PAGE = Path(__file__).parents[2] / "consent" / "lint" / "README.md"
OPEN, CLOSE = "<!-- rules -->", "<!-- /rules -->"
HEAD = "| id | severity | rule | where | source | who looks |\n|---|---|---|---|---|---|"


def text() -> str:
    """The README with the table between its marks."""
    before, opening, rest = PAGE.read_text("utf-8").partition(OPEN)
    _, closing, after = rest.partition(CLOSE)
    if not (opening and closing):
        raise SystemExit(f"{PAGE.name} of the linter has no {OPEN} … {CLOSE}")
    return f"{before}{OPEN}\n{HEAD}\n{table()}\n{CLOSE}{after}"


def table() -> str:
    """A line for each rule."""
    return "\n".join(_line(row) for row in rules_table())


def _line(row: Row) -> str:
    looks = f"kept by {_tests(row.kept_by)}" if row.kept_by else "the linter"
    severity = "" if row.kept_by else row.severity
    cells = (row.id, severity, row.words, row.jurisdiction, row.source, looks)
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"


def _tests(words: str) -> str:
    """Tests by their names alone, in the folder they stand in."""
    return " ".join(f"`{word.rstrip(',')}`" if word.startswith("tests/") else word for word in words.split())
