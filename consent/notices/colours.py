"""What can be read and seen on a site's accent.

Invariant: text in `ink_on` has a contrast of at least 4.5:1 whatever the accent, for against one of black and white
every colour has 4.58:1 or more (WCAG 2.2, 1.4.3).
"""

from __future__ import annotations

from typing import Literal

BLACK, WHITE = "#000", "#fff"
PAPERS: dict[Literal["light", "dark"], str] = {"light": "#ffffff", "dark": "#1b1b1c"}
"""What the layers stand on in each scheme: the widget's style sheet has the same."""
SEEN = 3.0
"""The least contrast of what is not text, such as a button's edge (WCAG 2.2, 1.4.11)."""


def ink_on(colour: str) -> str:
    """Black or white, whichever reads better on `#rrggbb`."""
    return BLACK if contrast(colour, "#000000") >= contrast(colour, "#ffffff") else WHITE


def faint_on(colour: str) -> list[str]:
    """The schemes against whose paper the colour can hardly be seen."""
    return [scheme for scheme, paper in PAPERS.items() if contrast(colour, paper) < SEEN]


def contrast(one: str, other: str) -> float:
    """From 1 (the same) to 21 (black on white), as WCAG 2.2 defines it."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(int(colour[at : at + 2], 16) / 255) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return float(((part + 0.055) / 1.055) ** 2.4) if part > 0.04045 else part / 12.92
