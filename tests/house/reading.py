"""The project's own files, as the rules of the house read them: texts, syntax trees, functions."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "consent"
HOUSE = Path(__file__).parent
NOT_OURS = {
    ".venv", ".git", "node_modules", "__pycache__", ".hypothesis", ".mypy_cache", ".pytest_cache", ".ruff_cache",
    ".import_linter_cache", "dist", "build", "consent.egg-info",
}  # fmt: skip
TEXTS = {
    ".py",
    ".md",
    ".toml",
    ".ts",
    ".mjs",
    ".js",
    ".css",
    ".html",
    ".json",
    ".sql",
    ".yaml",
    ".yml",
    ".svg",
    ".php",
    "",
}


class Function(NamedTuple):
    """A function of the package and how many lines it has, docstring included."""

    where: str
    lines: int


@cache
def modules() -> dict[str, ast.Module]:
    """Every module of the package, parsed, by its path below the root."""
    paths = sorted(PACKAGE.rglob("*.py"))
    return {str(path.relative_to(ROOT)): ast.parse(path.read_text("utf-8")) for path in paths}


def functions() -> Iterator[Function]:
    """Every function of the package, those inside others too."""
    for path, tree in modules().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield Function(f"{path}:{node.lineno} {node.name}", (node.end_lineno or node.lineno) - node.lineno + 1)


@cache
def texts() -> dict[str, str]:
    """Every text file of the project by its path below the root, links and what is brought or built left out."""
    found = {}
    for path in sorted(ROOT.rglob("*")):
        inside = path.relative_to(ROOT)
        is_ours = (
            inside.parts[0] != "mail"
            and not NOT_OURS & set(inside.parts)
            and not any(parent.is_symlink() for parent in (path, *path.parents))
        )
        if is_ours and path.is_file() and path.suffix in TEXTS:
            found[str(inside)] = path.read_text("utf-8", errors="replace")
    return found
