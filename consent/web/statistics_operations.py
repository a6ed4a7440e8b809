"""What can be asked of a site's counts over HTTP."""

from __future__ import annotations

from consent.web.described import FILTERED, KEYED, SITE, Operation
from consent.web.statistics import Funnel, FunnelQuery, Stats, StatsQuery

STATISTICS = (
    Operation(
        method="get",
        path=f"{SITE}/stats",
        summary="What visitors did with the notice, with the rates and what they are of; as JSON or CSV (by Accept).",
        scope="read",
        query=StatsQuery,
        media=("application/json", "text/csv"),
        structs=(Stats,),
        answers={200: "Stats: counts, without anybody's id, small ones hidden", **KEYED, **FILTERED},
    ),
    Operation(
        method="get",
        path=f"{SITE}/stats/newsletter",
        summary="How far readers went, from seeing a form to a confirmed subscription; `by` day, via, variant or page.",
        scope="read",
        query=FunnelQuery,
        structs=(Funnel,),
        answers={200: "Funnel: counts, without anybody's id, small ones hidden", **KEYED, **FILTERED},
    ),
)
