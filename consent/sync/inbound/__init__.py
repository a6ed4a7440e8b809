"""What mail providers tell of our mails: one module each, that checks who says so and reads what is said.

Everything here is pure: no network, no clock. `READERS` is the table of providers.

Invariant: nothing is read of a message before it is known to be its provider's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from consent.sync.inbound import brevo, mailgun, postmark, resend, sendgrid
from consent.sync.inbound.events import Heard, MailEvent

Reader = Callable[[str, Heard], list[MailEvent]]
"""The provider's secret and the message to what it says; raises BadToken, Malformed."""

# SES is not among them: its messages are signed by a certificate, which has to be fetched (`sns`, `ses`).
READERS: Mapping[str, Reader] = {
    "postmark": postmark.read,
    "resend": resend.read,
    "mailgun": mailgun.read,
    "sendgrid": sendgrid.read,
    "brevo": brevo.read,
}
PROVIDERS = (*READERS, "ses")
