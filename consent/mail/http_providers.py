"""The providers that are spoken to by HTTP, in one place for whoever opens one of them.

Invariant: each keeps the contract of `consent.mail.http.Provider`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from consent.mail.brevo import Brevo
from consent.mail.http import Provider
from consent.mail.mailgun import Mailgun
from consent.mail.postmark import Postmark
from consent.mail.resend import Resend
from consent.mail.sendgrid import SendGrid
from consent.mail.ses import Ses

__all__ = ["BY_KEY_ALONE", "Mailgun", "Ses"]

BY_KEY_ALONE: Mapping[str, Callable[..., Provider]] = {
    "postmark": Postmark,
    "resend": Resend,
    "sendgrid": SendGrid,
    "brevo": Brevo,
}
"""Those that need nothing but a key."""
