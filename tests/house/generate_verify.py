"""The page that checks a file, as one file: its style and scripts inside, allowed by their digests alone."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

PAGES = Path(__file__).parents[2] / "consent" / "web" / "pages"
PAGE = PAGES / "verify.html"
SOURCES = PAGES / "verify"
SCRIPTS = (PAGES / "assets" / "proof.js", SOURCES / "files.js", SOURCES / "page.js")
POLICY = (
    "default-src 'none'; script-src {script}; style-src {style}; img-src data:; base-uri 'none'; form-action 'none';"
    " require-trusted-types-for 'script'; trusted-types 'none'"
)


def text() -> str:
    """The page's text."""
    style = f"\n{(SOURCES / 'page.css').read_text('utf-8')}"
    script = "\n" + "\n".join(path.read_text("utf-8") for path in SCRIPTS)
    parts = {"policy": POLICY.format(script=_digest(script), style=_digest(style)), "style": style, "script": script}
    page = (SOURCES / "page.html").read_text("utf-8")
    for name, part in parts.items():
        page = page.replace(f"{{{name}}}", part, 1)
    return page


def _digest(part: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(part.encode()).digest()).decode()}'"
