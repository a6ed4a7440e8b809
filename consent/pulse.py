"""What runs beside the requests says here that it is alive, so that `/readyz` can tell when it no longer is.

Invariant: only what said so once can be late: a part that this process does not run is not missed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from consent.clock import Clock

SECOND = 1_000
LATE_MS: Mapping[str, int] = {
    "directory": 15 * SECOND,
    "courier": 60 * SECOND,
    "departures": 900 * SECOND,
    "sweeper": 3 * 3600 * SECOND,
}
"""After how long without a sign each part is late: a few times as long as it takes between two of them."""


class Pulse:
    """When each part of this process was last alive."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._beaten_at: dict[str, int] = {}

    def beat(self, part: str) -> None:
        """The part is alive."""
        self._beaten_at[part] = self._clock()

    def beating(self, part: str) -> Callable[[], None]:
        """What the part may call after each round."""
        return lambda: self.beat(part)

    def ages(self) -> dict[str, int]:
        """Milliseconds since each part's last sign."""
        now = self._clock()
        return {part: max(0, now - at) for part, at in self._beaten_at.items()}

    def late(self) -> list[str]:
        """The parts from which no sign has come for too long."""
        return [part for part, age in self.ages().items() if age > LATE_MS.get(part, 0)]
