"""Whether a publisher's page embeds the widget rightly: the tag, what is held back, the way back.

The page is given as HTML, as a publisher sees it in "view source"; nothing is fetched and nothing is run.

Invariant: a pure function of the HTML and the notice; whatever the HTML is, there is an answer, and every remark says
what to write instead.
"""

from __future__ import annotations

from consent.inspection.reading import Element, read
from consent.inspection.remarks import Inspection, Remark, Terms, inspect

__all__ = ["Element", "Inspection", "Remark", "Terms", "inspect", "read"]
