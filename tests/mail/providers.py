"""Every provider: how it is made, what it demands, and what its answers mean, worded as it words them.

The bodies of refusals are the providers' own, addresses included: none of them may go any further.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from consent.errors import AddressRefused, MailDelayed, MailFault, MailRefused
from consent.mail.brevo import Brevo
from consent.mail.http import Provider
from consent.mail.mailgun import Mailgun
from consent.mail.postmark import Postmark
from consent.mail.resend import Resend
from consent.mail.sendgrid import SendGrid
from consent.mail.ses import Ses
from tests.mail.demands import KEY, SECRET, brevo, mailgun, postmark, resend, sendgrid, ses
from tests.mail.making import READER
from tests.sync.receiver import Got, Reply


class Demand(NamedTuple):
    """One provider: how it is made, what it wants, and what its answers mean."""

    make: Callable[[str], Provider]
    check: Callable[[Got], None]
    yes: Reply
    id: str
    no: Mapping[Reply, type[MailFault]]


def aws(status: int, kind: str, message: str) -> Reply:
    """A refusal as AWS words it."""
    return Reply(status, f'{{"message": "{message}"}}'.encode(), _Headers({"x-amzn-ErrorType": f"{kind}:http://aws/"}))


class _Headers(dict[str, str]):
    """Headers that can be looked up by."""

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(tuple(self.items()))


def later(status: int, body: str = "", seconds: int | None = None) -> Reply:
    """A refusal for now."""
    return Reply(status, body.encode(), _Headers({"Retry-After": str(seconds)} if seconds else {}))


def reply(status: int, body: str, **headers: Any) -> Reply:
    """An answer that can be looked up by."""
    return Reply(status, body.encode(), _Headers(headers))


DEMANDS: dict[str, Demand] = {
    "postmark": Demand(
        make=lambda url: Postmark(KEY, base_url=url),
        check=postmark,
        yes=reply(
            200,
            f'{{"To": "{READER}", "SubmittedAt": "2026-11-22T10:00:00Z", "MessageID":'
            ' "b7bc2f4a-e38e-4336-af7d-e6c392c2f817", "ErrorCode": 0, "Message": "OK"}',
        ),
        id="b7bc2f4a-e38e-4336-af7d-e6c392c2f817",
        no={
            reply(
                422,
                '{"ErrorCode": 406, "Message": "You tried to send to a recipient that has been marked as inactive.'
                f' Found inactive addresses: {READER}."}}',
            ): AddressRefused,
            reply(422, f'{{"ErrorCode": 300, "Message": "Invalid \'To\' address: \'{READER}\'."}}'): MailRefused,
            reply(422, '{"ErrorCode": 400, "Message": "The Sender Signature was not found."}'): MailDelayed,
            reply(422, '{"ErrorCode": 405, "Message": "You have exceeded your credits."}'): MailDelayed,
            reply(401, '{"ErrorCode": 10, "Message": "Bad or missing API token."}'): MailDelayed,
        },
    ),
    "resend": Demand(
        make=lambda url: Resend(KEY, base_url=url),
        check=resend,
        yes=reply(200, '{"id": "49a3999c-0ce1-4ea6-ab68-afcd6dc2e794"}'),
        id="49a3999c-0ce1-4ea6-ab68-afcd6dc2e794",
        no={
            reply(
                422, f'{{"statusCode": 422, "name": "invalid_to_address", "message": "Invalid `to`: {READER}"}}'
            ): MailRefused,
            reply(403, '{"statusCode": 403, "name": "validation_error", "message": "not verified"}'): MailDelayed,
            reply(401, '{"statusCode": 401, "name": "missing_api_key", "message": "Missing API Key"}'): MailDelayed,
            reply(429, '{"statusCode": 429, "name": "daily_quota_exceeded", "message": "quota"}'): MailDelayed,
            reply(
                409, '{"statusCode": 409, "name": "concurrent_idempotent_requests", "message": "in progress"}'
            ): MailDelayed,
        },
    ),
    "mailgun": Demand(
        make=lambda url: Mailgun(KEY, "mg.example.com", base_url=url),
        check=mailgun,
        yes=reply(200, '{"id": "<20261122100000.1@mg.example.com>", "message": "Queued. Thank you."}'),
        id="<20261122100000.1@mg.example.com>",
        no={
            reply(400, f'{{"message": "to parameter is not a valid address: {READER}"}}'): MailRefused,
            reply(401, "Forbidden"): MailDelayed,
            reply(404, '{"message": "Domain not found: mg.example.com"}'): MailDelayed,
            reply(402, '{"message": "Payment required"}'): MailDelayed,
        },
    ),
    "sendgrid": Demand(
        make=lambda url: SendGrid(KEY, base_url=url),
        check=sendgrid,
        yes=Reply(202, b"", {"X-Message-Id": "14c5d75ce93.dfd.64b469"}),
        id="14c5d75ce93.dfd.64b469",
        no={
            reply(
                400,
                f'{{"errors": [{{"message": "Does not contain a valid address: {READER}",'
                ' "field": "personalizations.0.to.0.email", "help": null}]}',
            ): MailRefused,
            reply(
                403,
                '{"errors": [{"message": "The from address does not match a verified Sender", "field": "from",'
                ' "help": null}]}',
            ): MailDelayed,
            reply(
                401, '{"errors": [{"message": "The provided authorization grant is invalid", "field": null}]}'
            ): MailDelayed,
        },
    ),
    "brevo": Demand(
        make=lambda url: Brevo(KEY, base_url=url),
        check=brevo,
        yes=reply(201, '{"messageId": "<202611221000.5@smtp-relay.mailin.fr>"}'),
        id="<202611221000.5@smtp-relay.mailin.fr>",
        no={
            reply(400, f'{{"code": "invalid_parameter", "message": "email is not valid: {READER}"}}'): MailRefused,
            reply(400, '{"code": "not_enough_credits", "message": "Not enough credits"}'): MailDelayed,
            reply(401, '{"code": "unauthorized", "message": "Key not found"}'): MailDelayed,
        },
    ),
    "ses": Demand(
        make=lambda url: Ses(KEY, SECRET, "eu-west-1", configuration="bounces", base_url=url),
        check=ses,
        yes=reply(200, '{"MessageId": "0100018f-abc"}'),
        id="0100018f-abc",
        no={
            aws(400, "BadRequestException", f"Illegal address: {READER}"): MailRefused,
            aws(400, "MessageRejected", f"Email address is not verified: {READER}"): MailDelayed,
            aws(400, "AccountSuspendedException", "suspended"): MailDelayed,
            aws(400, "SendingPausedException", "paused"): MailDelayed,
            aws(403, "SignatureDoesNotMatch", "The request signature does not match"): MailDelayed,
            aws(404, "NotFoundException", "Configuration set does not exist"): MailDelayed,
            aws(429, "TooManyRequestsException", "Rate exceeded"): MailDelayed,
        },
    ),
}
