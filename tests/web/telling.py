"""What the scripts that were served have been told: a loader its settings, a layer its words."""

from __future__ import annotations

import json
import re
from typing import Any, cast


def told_in(script: str) -> dict[str, Any]:
    """The settings; they begin with the site, and are read to the end of their JSON."""
    start = script.index('{"site":"')
    return cast(dict[str, Any], json.JSONDecoder().raw_decode(script, start)[0])


def words_in(script: str) -> dict[str, Any]:
    """A layer's words: a literal whose names bear no quotes, while its strings are JSON's."""
    inside = re.search(r"^export const T=(.*);$", script, re.MULTILINE)
    assert inside
    quoted = re.sub(
        r'("(?:\\.|[^"\\])*")|([A-Za-z_]\w*)(?=:)', lambda one: one[1] or f'"{one[2]}"', inside[1], flags=re.ASCII
    )
    return cast(dict[str, Any], json.loads(quoted))
