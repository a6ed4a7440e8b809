"""What one embed costs the main thread, from Chromium's own trace.

Invariant: a moment is counted once, however deep the calls nest; the processor's time is counted, not the clock's, so
that a busy machine does not make a script slow.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from typing import Any, NamedTuple

Span = tuple[float, float, float]
"""When it began and ended, and the processor time in between; microseconds."""


class Cost(NamedTuple):
    """Milliseconds of the processor's time on the page's main thread."""

    script_ms: float
    """Running and compiling the scripts that were asked after."""
    task_ms: float
    """All that there was to do, theirs and the page's."""


def cost(trace: bytes, marks: tuple[str, ...]) -> Cost:
    """Of one visit; `marks`: what the addresses of the scripts have in them."""
    events: list[dict[str, Any]] = json.loads(trace)["traceEvents"]
    main = Counter(_thread(event) for event in events if event["name"] == "ParseHTML").most_common(1)[0][0]
    spans = (event for event in events if event.get("ph") == "X" and _thread(event) == main)
    scripts, tasks = _split(spans, marks)
    return Cost(_spent(scripts), _spent(tasks))


def _thread(event: dict[str, Any]) -> tuple[int, int]:
    return event["pid"], event["tid"]


def _split(events: Iterable[dict[str, Any]], marks: tuple[str, ...]) -> tuple[list[Span], list[Span]]:
    """The spans of the scripts, and those of all tasks."""
    scripts: list[Span] = []
    tasks: list[Span] = []
    for event in events:
        began = float(event["ts"])
        span = (began, began + event["dur"], float(event.get("tdur", event["dur"])))
        if event["name"].endswith("RunTask"):
            tasks.append(span)
        elif _is_script(event, marks):
            scripts.append(span)
    return scripts, tasks


def _is_script(event: dict[str, Any], marks: tuple[str, ...]) -> bool:
    if event["name"] not in ("EvaluateScript", "FunctionCall", "v8.evaluateModule"):
        return False
    told = json.dumps(event.get("args", {}))
    return any(mark in told for mark in marks)


def _spent(spans: list[Span]) -> float:
    """The processor's milliseconds in the outermost of them."""
    spent, last = 0.0, 0.0
    for began, ended, cost_us in sorted(spans, key=lambda span: (span[0], -span[1])):
        if began >= last:
            spent += cost_us / 1e3
            last = ended
    return spent
