"""Small parts: a module fits a few screens, a function fits a glance."""

from __future__ import annotations

from statistics import median, quantiles

from tests.house.reading import PACKAGE, ROOT, functions, texts


def test_no_module_has_more_than_300_lines() -> None:
    sizes = {path: text.count("\n") for path, text in texts().items() if path.endswith((".py", ".ts"))}
    assert len(sizes) > 100
    assert {path: lines for path, lines in sizes.items() if lines > 300} == {}


def test_no_function_has_more_than_50_lines_and_most_are_short() -> None:
    found = list(functions())
    assert len(found) > 300
    assert [one for one in found if one.lines > 50] == []
    lines = [one.lines for one in found]
    assert median(lines) <= 8
    assert quantiles(lines, n=10)[8] <= 25


def test_every_module_says_what_it_is_for() -> None:
    for path in PACKAGE.rglob("*.py"):
        assert path.read_text("utf-8").startswith('"""'), path.relative_to(ROOT)
