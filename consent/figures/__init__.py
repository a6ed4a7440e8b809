"""What may be told of counts: their kinds, rates with what they are of, and small cells hidden.

Invariant: everything here is pure. What is published of who visitors are (language, country, device) or of an hour has
no number from 1 to 9 in it, and none that leads to one by subtraction within one table.
"""

from consent.figures.counts import ACTIONS, EVENTS, Counts, added, of_totals
from consent.figures.hiding import LEAST, hidden, hidden_columns
from consent.figures.rates import Rate, rate, wilson
from consent.figures.tables import Row, Table, attributes, hours, plain

__all__ = [
    "ACTIONS",
    "EVENTS",
    "LEAST",
    "Counts",
    "Rate",
    "Row",
    "Table",
    "added",
    "attributes",
    "hidden",
    "hidden_columns",
    "hours",
    "of_totals",
    "plain",
    "rate",
    "wilson",
]
