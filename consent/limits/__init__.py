"""How often one address may do one thing: a bucket that fills at a steady rate (GCRA), counted in one of three places.

In this process (`memory`), in a Redis that several machines share (`redis`, imported only where it is asked for, since
its client is an extra), or nowhere (`NoLimits`).

Invariant: what is kept of an address is its bucket's next free instant, and that only while it matters.
"""

from __future__ import annotations

from consent.limits.memory import MemoryLimits
from consent.limits.rates import Limits, NoLimits, Rate

__all__ = ["Limits", "MemoryLimits", "NoLimits", "Rate"]
