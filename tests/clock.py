"""A clock that a test sets: one of the two stand-ins there are."""

from __future__ import annotations

START = 1_795_341_600_000  # 2026-11-22T10:00:00Z


class SetClock:
    """Stands still until it is moved."""

    def __init__(self, at: int = START) -> None:
        self.at = at

    def __call__(self) -> int:
        return self.at

    def forward(self, milliseconds: int) -> int:
        """Moves it (backwards when negative); gives the new instant."""
        self.at += milliseconds
        return self.at
