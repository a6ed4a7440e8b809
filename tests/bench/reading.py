"""The widget's loader, from memory, beside a constant of the same size."""

from __future__ import annotations

import contextlib
import urllib.request
from collections.abc import Iterator
from functools import partial

from tests.bench import machine, wrk
from tests.bench.results import Effort, Row, interleaved, told
from tests.bench.serving import SITE, ceiling, service, sqlite_in

CODING = "Accept-Encoding: br"


def loader(effort: Effort) -> Iterator[Row]:
    """`GET /w/{site}.js`, whole and 304."""
    with machine.folder() as folder, contextlib.ExitStack() as stack:
        served = stack.enter_context(service(sqlite_in(folder, "consent")))
        url = f"{served.url}/w/{SITE}.js"
        etag, size = _look(url)
        constant = stack.enter_context(ceiling("constant", size=size))
        get = partial(wrk.get, connections=64, seconds=effort.seconds)
        loads = interleaved(
            {
                "whole": partial(get, url, [CODING]),
                "unchanged": partial(get, url, [CODING, f"If-None-Match: {etag}"]),
                "constant": partial(get, f"{constant.url}/w/{SITE}.js", [CODING]),
            }
        )
    for name, what in (("whole", f"GET loader ÷ a constant of {size:,} bytes"), ("unchanged", "  304 ÷ that constant")):
        rate = loads[name].rate / loads["constant"].rate
        yield Row(what=what, figure=rate, target="≥ .9", details=told(loads[name]))


def _look(url: str) -> tuple[str, int]:
    request = urllib.request.Request(url, headers={"Accept-Encoding": "br"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return answer.headers["ETag"], len(answer.read())
