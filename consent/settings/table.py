"""The table of the settings, as the README shows it."""

from __future__ import annotations

import msgspec


class Setting(msgspec.Struct, frozen=True):
    """One setting as the README's table shows it."""

    name: str
    default: str
    means: str


SETTINGS = (
    Setting("CONSENT_DATABASE", "sqlite:///./consent.db", "where everything is kept; or `postgresql://…`"),
    Setting("CONSENT_URL", "http://127.0.0.1:8000", "public base URL, used in links and the widget"),
    Setting(
        "CONSENT_SECRET",
        "made on first start beside the SQLite file, mode 0600",
        "space-separated, oldest first; the last signs, all verify",
    ),
    Setting("CONSENT_MAIL", "spool:./mail", "where mails go; `spool:DIR` keeps one `.eml` a mail"),
    Setting(
        "CONSENT_MAIL_PER_HOUR",
        "5000",
        "how many mails go out in an hour at most; a single domain gets half of it, the rest waits",
    ),
    Setting(
        "CONSENT_MAIL_EVENTS",
        "none",
        "who may tell of bounces and complaints, and how that is proven: `postmark:SECRET`, `resend:whsec_…`,"
        " `mailgun:KEY`, `ses:arn:aws:sns:…`, `sendgrid:PUBLIC_KEY`, `brevo:SECRET`, separated by spaces",
    ),
    Setting(
        "CONSENT_TRUSTED_PROXIES",
        "none",
        "addresses or networks whose `X-Forwarded-For` and `-Proto` are believed, separated by spaces",
    ),
    Setting(
        "CONSENT_PRIVATE_ENDPOINTS",
        "none",
        "networks of your own that webhooks and mailing providers may live in, such as `10.0.5.0/24` for your listmonk;"
        " no other private address is ever called",
    ),
    Setting("CONSENT_COUNTRY_HEADER", "none", "the header that names the visitor's country, e.g. `CF-IPCountry`"),
    Setting(
        "CONSENT_REGION_HEADER",
        "none",
        "the header that names the region in it (`CA`), e.g. `CF-Region-Code`, unless the country's says `US-CA`",
    ),
    Setting(
        "CONSENT_GEO_DB",
        "none",
        "a local MaxMind file of countries, or of cities to know regions too; used instead of the headers",
    ),
    Setting(
        "CONSENT_LIMITS",
        "memory",
        "where rate limits are kept: `memory`, a Redis URL for several machines, or `off` for benchmarks",
    ),
    Setting("CONSENT_BACKUP_KEY", "none", "what backups are encrypted with, a random text of 32 characters or more"),
    Setting(
        "CONSENT_LOG",
        "text",
        "the form of the lines on stderr, `text` or `json`; `json access` adds a line for each request, without its"
        " address, query and token",
    ),
)
