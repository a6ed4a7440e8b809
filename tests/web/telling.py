"""What the scripts that were served have been told: a loader its settings, a layer its words."""

from __future__ import annotations

import json
import re
from typing import Any, cast


def told_in(script: str) -> dict[str, Any]:
    """The settings; they begin with the site, and are read to the end of their literal."""
    return _read(script[script.index('{site:"') :])


def words_in(script: str) -> dict[str, Any]:
    """A layer's words."""
    return _read(script.removeprefix("export const T="))


def _read(script: str) -> dict[str, Any]:
    """The literal that a script begins with: JSON whose names bear no quotes."""
    quoted = re.sub(
        r'("(?:\\.|[^"\\])*")|([A-Za-z_]\w*)(?=:)', lambda one: one[1] or f'"{one[2]}"', script, flags=re.ASCII
    )
    return cast(dict[str, Any], json.JSONDecoder().raw_decode(quoted)[0])
