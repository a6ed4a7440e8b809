"""What the scripts of one embed cost the main thread, from Chromium's own trace.

Invariant: a moment is counted once, however deep the calls nest; the processor's time is counted, not the clock's, so
that a busy machine does not make a script slow.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

Span = tuple[float, float, float]
"""When it began and ended, and the processor time in between; microseconds."""


def script_ms(trace: bytes, marks: tuple[str, ...]) -> float:
    """Milliseconds of running and compiling scripts whose address has one of the marks."""
    threads: dict[tuple[int, int], list[Span]] = defaultdict(list)
    for event in json.loads(trace)["traceEvents"]:
        if _is_script(event, marks):
            began = float(event["ts"])
            spans = threads[event["pid"], event["tid"]]
            spans.append((began, began + event["dur"], float(event.get("tdur", event["dur"]))))
    return sum(spent for spans in threads.values() for _, _, spent in _outermost(spans)) / 1e3


def _is_script(event: dict[str, Any], marks: tuple[str, ...]) -> bool:
    if event.get("ph") != "X" or event["name"] not in ("EvaluateScript", "FunctionCall", "v8.evaluateModule"):
        return False
    told = json.dumps(event.get("args", {}))
    return any(mark in told for mark in marks)


def _outermost(spans: list[Span]) -> Iterator[Span]:
    last = 0.0
    for began, ended, spent in sorted(spans, key=lambda span: (span[0], -span[1])):
        if began >= last:
            yield began, ended, spent
            last = ended
