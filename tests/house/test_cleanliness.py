"""What must not be in the project: names of registries, promises instead of work, stand-ins for real parts, skips."""

from __future__ import annotations

import re

import pytest

from tests.house.reading import texts

HERE = "tests/house/"
ALLOWED = {("pyproject.toml", '"unittest.mock".msg'): "the very rule that forbids it"}
FORBIDDEN = {
    "a package's address: the tools know where theirs come from": r'"resolved":|--?(extra-)?index-url|--registry[= ]',
    "a promise: do it or leave it": r"\b(TODO|FIXME|XXX|HACK)\b",
    "a stand-in: tests use real parts": r"unittest\.mock|\b(MagicMock|monkeypatch|mocker)\b|mock\.patch|pytest-mock",
    "a skip: a missing part fails": r"(pytest|mark|test|it|describe)\.skip|skipif|importorskip|(mark|pytest)\.xfail",
    "a path of one machine": r"(?<![\w.])/(home|root|Users|work)/",
    "a debugger": r"\bbreakpoint\(\)|\bpdb\.set_trace|\bdebugger;",
    "an error swallowed whole": r"except\s*:|except BaseException:\s*pass",
}


AS_IT_STANDS = re.compile(r"""(?:'[^'\n]*'|"[^"\n]*")\s*\|\s*safe\b""")
"""A literal that is not escaped: what came from nobody."""


def test_templates_escape_whatever_somebody_wrote() -> None:
    hits = [
        f"{path}: {line.strip()[:100]}"
        for path, text in texts().items()
        if path.startswith("consent/") and path.endswith(".html")
        for line in text.splitlines()
        if re.search(r"\|\s*safe\b|\bautoescape\b|\bMarkup\b", AS_IT_STANDS.sub("", line))
    ]
    assert hits == []


@pytest.mark.parametrize("reason", FORBIDDEN)
def test_it_is_not_there(reason: str) -> None:
    pattern = re.compile(FORBIDDEN[reason])
    hits = [
        f"{path}:{number} {line.strip()[:100]}"
        for path, text in texts().items()
        if not path.startswith(HERE)
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line) and not any(path == where and part in line for where, part in ALLOWED)
    ]
    assert hits == [], reason
