"""The one table from an error to its HTTP answer: RFC 9457 problem details, with a stable `code`.

Invariant: whatever goes wrong, the answer is a problem of this shape, and it tells the caller only what
the caller did or must do.
"""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import Any

import msgspec
from starlette.exceptions import HTTPException
from starlette.responses import Response

from consent import errors
from consent.errors import ConsentError

MEDIA = "application/problem+json"

STATUSES: dict[type[Exception], int] = {
    errors.Malformed: 400,
    errors.BadToken: 400,
    errors.TokenExpired: 410,
    errors.KeyMissing: 401,
    errors.SignInRequired: 401,
    errors.OutOfScope: 403,
    errors.ChallengeRequired: 403,
    errors.Denied: 403,
    errors.Erased: 410,
    errors.Unknown: 404,
    errors.Contradiction: 409,
    errors.Overtaken: 409,
    errors.Duplicate: 409,
    errors.Repeating: 409,
    errors.Reused: 422,
    errors.TooLarge: 413,
    errors.UnsupportedMedia: 415,
    errors.Refused: 422,
    errors.Rejected: 422,
    errors.TooMany: 429,
    errors.Unavailable: 503,
    errors.Stale: 503,
}

log = logging.getLogger(__name__)


class Problem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A problem detail (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    errors: tuple[errors.Fault, ...] = ()


def status_of(error: BaseException) -> int:
    """The HTTP status of an error; 500 for what should not have happened."""
    if isinstance(error, HTTPException):
        return error.status_code
    return next((STATUSES[kind] for kind in type(error).__mro__ if kind in STATUSES), 500)


def problem(error: BaseException) -> Problem:
    """The error as a problem."""
    status = status_of(error)
    code = error.code if isinstance(error, ConsentError) and status != 500 else _code_of(status)
    return Problem(
        type=f"urn:consent:problem:{code}",
        title=HTTPStatus(status).phrase,
        status=status,
        detail=_detail(error, status),
        code=code,
        errors=error.faults if isinstance(error, errors.Refused) else (),
    )


def response(error: BaseException) -> Response:
    """The error as an HTTP answer; what should not have happened is logged whole and told in general."""
    told = problem(error)
    if told.status == 500:
        log.error("a request failed", exc_info=error)
    return Response(msgspec.json.encode(told), told.status, _headers(error), MEDIA)


def _headers(error: BaseException) -> dict[str, str]:
    headers: dict[str, Any] = {}
    if isinstance(error, HTTPException) and error.headers:
        headers |= dict(error.headers)
    if isinstance(error, errors.TooMany | errors.Unavailable | errors.Repeating):
        headers["Retry-After"] = str(error.retry_after)
    elif isinstance(error, errors.Stale):
        headers["Retry-After"] = "1"
    if isinstance(error, errors.KeyMissing):
        headers["WWW-Authenticate"] = 'Bearer realm="consent"'
    return headers


def _detail(error: BaseException, status: int) -> str:
    if isinstance(error, ConsentError) and status != 500:
        return error.detail
    return {404: "there is nothing at this address", 405: "this address does not take that method"}.get(
        status, "something went wrong on our side; nothing was recorded for this request"
    )


def _code_of(status: int) -> str:
    return {404: "not_found", 405: "method_not_allowed"}.get(status, "internal_error")
