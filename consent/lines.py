"""The lines of the log: one an event, as text or as JSON, each with the id of the request that it was written for.

Invariant: what is written here of a request is its id, its endpoint's name, its method, status and duration: never its
address, query, headers or body.
"""

from __future__ import annotations

import json
import logging
from contextvars import ContextVar
from typing import Any, Literal

from consent import clock

request_id: ContextVar[str] = ContextVar("consent.request", default="")
"""The id of the request that is being answered; empty beside them."""

ACCESS = "consent.access"
TEXT = "%(asctime)s %(levelname)s %(name)s %(message)s"

access = logging.getLogger(ACCESS)


class TextLine(logging.Formatter):
    """For people: the time, the level, who says it, what; the request's id at the end of the first line."""

    def __init__(self) -> None:
        super().__init__(TEXT)

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the library's name
        """The line without a traceback."""
        id_ = request_id.get()
        return super().formatMessage(record) + (f" (request {id_})" if id_ else "")


class JsonLine(logging.Formatter):
    """For programs: one JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """The line; a traceback is one text in it."""
        told: dict[str, Any] = {
            "at": clock.text(int(record.created * 1000)),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if id_ := request_id.get():
            told["request"] = id_
        told |= getattr(record, "about", {})
        if record.exc_info:
            told["fault"] = self.formatException(record.exc_info)
        return json.dumps(told, ensure_ascii=False)


def answered(method: str, endpoint: str, status: int, seconds: float) -> None:
    """One line for an answer, where that is asked for."""
    if access.isEnabledFor(logging.INFO):
        ms = round(seconds * 1000, 1)
        about = {"method": method, "endpoint": endpoint, "status": status, "ms": ms}
        access.info("%s %s %d in %s ms", method, endpoint, status, ms, extra={"about": about})


def config(form: Literal["text", "json"], *, has_access: bool) -> dict[str, Any]:
    """How Python's logging is set up: this program's own lines, and whatever else is worth a warning."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": f"consent.lines.{'JsonLine' if form == 'json' else 'TextLine'}"}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line", "stream": "ext://sys.stderr"}},
        "root": {"handlers": ["stderr"], "level": "WARNING"},
        "loggers": {"consent": {"level": "INFO"}, ACCESS: {"level": "INFO" if has_access else "WARNING"}},
    }
