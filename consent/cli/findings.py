"""How findings of the linter are printed: for people, grouped by how much they weigh, and for programs.

Invariant: the first line of a finding says all that has to be mended, and stands alone when lines are picked out.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

import msgspec

from consent.errors import Fault
from consent.lint import Finding, Row

WIDTH = 110


def as_json(findings: Sequence[Finding]) -> str:
    """The findings as a JSON list, one field for each of theirs."""
    return msgspec.json.format(msgspec.json.encode(findings), indent=2).decode()


def faults_as_json(faults: Sequence[Fault]) -> str:
    """What is wrong with a file that cannot be read at all, told in the findings' fields."""
    words, mend, source = "A site file can be read.", "write what is expected there", "schema/json/site.schema.json"
    told = [
        Finding(
            rule="file",
            severity="error",
            where=one.path,
            why=one.message,
            words=words,
            mend=mend,
            jurisdiction="all",
            source=source,
        )
        for one in faults
    ]
    return as_json(told)


def as_text(findings: Sequence[Finding]) -> Iterator[str]:
    """Line by line: errors first, each with its rule, what to write instead, and where that is written."""
    for severity in ("error", "warning"):
        for one in (each for each in findings if each.severity == severity):
            yield f"{severity:<7} {one.rule:<4} {one.where}: {one.why}"
            yield from _under("rule", one.words)
            yield from _under("instead", one.mend)
            yield from _under("source", f"{one.jurisdiction}: {one.source}")


def counted(findings: Sequence[Finding]) -> str:
    """`2 errors, 1 warning`."""
    numbers = ((severity, sum(one.severity == severity for one in findings)) for severity in ("error", "warning"))
    return ", ".join(f"{number} {word}{'' if number == 1 else 's'}" for word, number in numbers if number)


def table(rows: Sequence[Row], findings: Sequence[Finding]) -> Iterator[str]:
    """Every rule, with what became of it for a file."""
    for row in rows:
        broken = sum(one.rule == row.id for one in findings)
        became = f"{row.severity} ({broken})" if broken else "kept" if row.kept_by else "in order"
        yield f"{row.id:<4} {became:<12} {row.words}"
        if row.kept_by:
            yield f"{'':<17} by {row.kept_by}"


def _under(label: str, words: str) -> Iterator[str]:
    indent = " " * 21
    wrapped = textwrap.wrap(words, WIDTH, initial_indent=f"{'':<13}{label:<8}", subsequent_indent=indent)
    yield from wrapped
