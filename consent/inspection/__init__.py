"""Whether a publisher's page embeds the widget rightly, and whether it does what the notice says.

`inspect` looks at the HTML, as a publisher sees it in "view source": the tag, what is held back, the way back.
`compare` looks at what the page left in a browser: what the notice does not name, and what came before it might.
Nothing is fetched and nothing is run.

Invariant: a pure function of what is given and the notice; whatever that is, there is an answer, and every remark says
what to write instead.
"""

from __future__ import annotations

from consent.inspection.comparing import ANSWERS, Answer, Compared, compare, is_declared
from consent.inspection.remarks import Inspection, Remark, Terms, inspect
from consent.inspection.traces import Trace

__all__ = [
    "ANSWERS",
    "Answer",
    "Compared",
    "Inspection",
    "Remark",
    "Terms",
    "Trace",
    "compare",
    "inspect",
    "is_declared",
]
