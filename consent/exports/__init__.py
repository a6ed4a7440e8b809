"""The trip of an export: a site's records as lines, rows or pages, up to the head as it stood when it began.

An append-only log paged by number is a consistent snapshot without a transaction held open for a slow reader.

Invariant: at most one page of records is in memory, and no connection is held between pages.
"""

from consent.exports.lines import jsonl, line
from consent.exports.selecting import Content, Found, Selection, Span, find, pages, span
from consent.exports.tables import CSV_COLUMNS, csv_text

__all__ = ["CSV_COLUMNS", "Content", "Found", "Selection", "Span", "csv_text", "find", "jsonl", "line", "pages", "span"]
