"""One word for each thing, in code, API, pages and documents: the rival words do not appear.

The words are those of the table that names each concept; a use in another sense stands in ALLOWED with its reason.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from tests.house.reading import ROOT, modules, texts

HERE = "tests/house/"
RIVALS = {
    "site": r"tenants?",
    "controller": r"compan(y|ies)",
    "subject": r"user_?ids?|visitor_?ids?",
    "purpose, service": r"vendors?|categor(y|ies)",
    "notice": r"banner_?configs?|policy[ _]versions?",
    "consent record": r"event[ _]logs?|log[ _]entr(y|ies)",
    "list, subscription": r"audiences?",
    "suppression": r"blacklist\w*|whitelist\w*",
    "a name that says what it does": r"managers?|helpers?|utils?",
}
WORDS = re.compile(rf"\b({'|'.join(RIVALS.values())})\b", re.IGNORECASE)
ALLOWED = {
    ("consent/demo/miami-new-times.toml", "Company"): "part of a firm's registered name",
    ("widget/test/sample.mjs", "Company"): "part of a firm's registered name",
    ("consent/notices/sitefile.py", "company"): "explains a provider to who writes a site file",
    ("schema/json/site.schema.json", "company"): "the same, generated",
    ("consent/web/demo/templates/article.html", "Audiences"): "a cinema's",
    ("pyproject.toml", "Audience"): "a trove classifier",
    ("tests/words/vectors/notice-of-0.1.0.json", "Company"): "part of a firm's registered name",
    ("CHANGELOG.md", "Manager"): "Google Tag Manager's name",
    ("README.md", "Manager"): "Google Tag Manager's name",
    ("widget/README.md", "Manager"): "Google Tag Manager's name",
    ("tests/bench/pages.py", "category"): "the peer's own attribute and setting",
    ("tests/bench/pages.py", "categories"): "the peer's own setting",
    ("tests/provision/__main__.py", "manager"): "the system's package manager",
    ("tests/provision/needs.py", "util"): "importlib.util",
    ("consent/accounts/ceremonies.py", "helpers"): "the library's own folder",
    ("consent/accounts/ceremonies.py", "user_id"): "the library's own keyword",
    ("tests/authenticator.py", "helpers"): "the library's own folder",
    ("tests/words/sites/making.py", "categories"): "Unicode's general categories",
}
# In code, a name that is made here has none of these as one of its words.
NAMES = set(
    "tenant tenants vendor vendors category categories banner banners audience blacklist whitelist company visitor user"
    " manager managers helper helpers util utils common core base misc".split()
)
NAMES_ALLOWED = {
    "user_agent": "the header's name",
    "base_url": "what HTTP clients call it",
}  # fmt: skip


def made_names(tree: ast.Module) -> Iterator[str]:
    """The names that a module gives: to functions, classes, arguments, variables and what it imports under another."""
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
            case ast.arg(arg=name) | ast.Name(id=name, ctx=ast.Store()) | ast.Attribute(attr=name, ctx=ast.Store()):
                yield name
            case ast.alias(asname=str(name)):
                yield name


def parts(name: str) -> set[str]:
    """`user_agent`, `userAgent` and `UserAgent` as their words."""
    return {word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", name)}


def test_no_text_uses_a_rival_word() -> None:
    hits = [
        (path, found[0], line.strip()[:100])
        for path, text in texts().items()
        if not path.startswith((HERE, "tests/words/vectors/")) and path != "widget/package-lock.json"
        for line in text.splitlines()
        for found in WORDS.finditer(line)
    ]
    assert [hit for hit in hits if hit[:2] not in ALLOWED] == []


def test_no_name_in_the_code_is_a_rival_word() -> None:
    hits = [
        (path, name)
        for path, tree in modules().items()
        for name in made_names(tree)
        if parts(name) & NAMES and name not in NAMES_ALLOWED
    ]
    assert hits == []


def test_no_file_is_named_by_a_rival_word() -> None:
    code = [path for path in texts() if path.endswith((".py", ".ts", ".mjs"))]
    assert [path for path in code if parts(path.rpartition(".")[0]) & (NAMES - {"user"})] == []


def test_what_is_allowed_is_still_there() -> None:
    for path, word in ALLOWED:
        assert word in (ROOT / path).read_text("utf-8"), path
