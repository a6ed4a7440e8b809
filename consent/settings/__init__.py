"""The settings, from the environment and nowhere else; each also as `NAME_FILE`, a secret mounted as a file.

Invariant: a service that would be unsafe does not start, and says in one sentence how to mend it; a
secret prints as stars.
"""

from __future__ import annotations

import ipaddress
import os
import re
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

import msgspec

from consent.errors import Misconfigured
from consent.settings.logs import LogForm, checked_log
from consent.settings.mail import checked_mail
from consent.settings.secrets import NotStarted, Secret, checked_backup_key, secrets_of
from consent.settings.table import SETTINGS, Setting

__all__ = [
    "SETTINGS",
    "LogForm",
    "NotStarted",
    "Secret",
    "Setting",
    "Settings",
    "from_environment",
    "is_loopback",
    "share_metrics",
]

OPENING = "CONSENT_"
EVENT_PROVIDERS = ("postmark", "resend", "mailgun", "ses", "sendgrid", "brevo")
HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110, section 5.6.2


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """The service's settings, checked."""

    database: Secret
    url: str
    secrets: tuple[Secret, ...]
    mail: Secret
    mail_per_hour: int = 5000
    """In total; a single domain gets half of it."""
    mail_events: tuple[Secret, ...] = ()
    """Who may tell of bounces, each with what proves it: `provider:proof`."""
    trusted_proxies: tuple[str, ...] = ()
    private_endpoints: tuple[str, ...] = ()
    """The networks of this machine's own that webhooks and mailing providers may live in."""
    country_header: str | None = None
    region_header: str | None = None
    geo_db: Path | None = None
    limits: Secret = Secret("memory")
    backup_key: Secret | None = None
    """What backups are encrypted with."""
    log: LogForm = LogForm()
    metrics_folder: str | None = None

    @property
    def is_public(self) -> bool:
        """Whether others than this machine are meant to reach it."""
        return urlsplit(self.url).scheme == "https"


def from_environment(environment: Mapping[str, str] = os.environ, *, makes_secret: bool = True) -> Settings:
    """The settings; with `makes_secret`, a new secret beside a SQLite file that is not yet there.

    Raises:
        Misconfigured: the first thing that is wrong.
    """
    values = {setting.name: _value(environment, setting.name) for setting in SETTINGS}
    _check_names(environment)
    database = _checked_database(values["CONSENT_DATABASE"])
    settings = Settings(
        database=Secret(database),
        url=_checked_url(values["CONSENT_URL"] or "http://127.0.0.1:8000"),
        secrets=secrets_of(values["CONSENT_SECRET"], database, makes_secret),
        mail=Secret(checked_mail(values["CONSENT_MAIL"] or "spool:./mail")),
        mail_per_hour=_checked_per_hour(values["CONSENT_MAIL_PER_HOUR"] or "5000"),
        mail_events=_checked_events(values["CONSENT_MAIL_EVENTS"] or ""),
        trusted_proxies=_networks("CONSENT_TRUSTED_PROXIES", values),
        private_endpoints=_networks("CONSENT_PRIVATE_ENDPOINTS", values),
        country_header=_checked_header("CONSENT_COUNTRY_HEADER", "CF-IPCountry", values),
        region_header=_checked_header("CONSENT_REGION_HEADER", "CF-Region-Code", values),
        geo_db=_existing(values["CONSENT_GEO_DB"]),
        limits=Secret(values["CONSENT_LIMITS"] or "memory"),
        backup_key=checked_backup_key(values["CONSENT_BACKUP_KEY"]),
        log=checked_log(values["CONSENT_LOG"] or "text"),
        metrics_folder=environment.get("PROMETHEUS_MULTIPROC_DIR"),
    )
    _check_places(settings)
    _check_limits(settings)
    return settings


def share_metrics(folder: str) -> None:
    """Tells this process and its workers where to sum their figures; must come before `consent.metrics` loads."""
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder


def _value(environment: Mapping[str, str], name: str) -> str | None:
    file = environment.get(f"{name}_FILE")
    if file is None:
        return environment.get(name)
    if name in environment:
        raise Misconfigured(f"{name} and {name}_FILE are both set: keep one of them")
    try:
        return Path(file).read_text("utf-8").strip()
    except OSError as error:
        raise Misconfigured(f"{name}_FILE cannot be read ({error.strerror}): check the path and its rights") from None
    except UnicodeDecodeError:
        raise Misconfigured(f"{name}_FILE is not text: give a file of UTF-8") from None


def _check_names(environment: Mapping[str, str]) -> None:
    """Refuses a misspelt setting; other names of that form are left alone, for orchestrators make some up."""
    known = [setting.name for setting in SETTINGS]
    for name in environment:
        bare = name.removesuffix("_FILE")
        if name.startswith(OPENING) and bare not in known and (meant := get_close_matches(bare, known, 1, 0.85)):
            raise Misconfigured(f"{name} is not a setting: did you mean {meant[0]}?")


def _checked_database(url: str | None) -> str:
    if url is not None and not url.strip():
        raise Misconfigured("CONSENT_DATABASE is empty: give sqlite:///path or postgresql://…, or take it away")
    return url or "sqlite:///./consent.db"


def _checked_per_hour(words: str) -> int:
    if not words.isascii() or not words.isdecimal() or len(words) > 9 or int(words) < 2:
        raise Misconfigured("CONSENT_MAIL_PER_HOUR is no number of mails: give one from 2 to 999999999")
    return int(words)


def _checked_events(words: str) -> tuple[Secret, ...]:
    for word in words.split():
        provider, _, proof = word.partition(":")
        if provider not in EVENT_PROVIDERS or not proof:
            raise Misconfigured(
                f"CONSENT_MAIL_EVENTS: expected provider:proof, with one of {', '.join(EVENT_PROVIDERS)}"
            )
    return tuple(Secret(word) for word in words.split())


def _checked_header(setting: str, example: str, values: Mapping[str, str | None]) -> str | None:
    name = values[setting] or None
    if name is not None and not HEADER_NAME.fullmatch(name):
        raise Misconfigured(f"{setting} is no header's name: give one like {example}")
    return name


def _checked_url(url: str) -> str:
    parts = _parts(url)
    if not parts or parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise Misconfigured("CONSENT_URL is not a base URL: give one like https://consent.example.org")
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise Misconfigured("CONSENT_URL is http, so choices would travel in clear: give an https URL")
    return url.rstrip("/")


def _parts(url: str) -> SplitResult | None:
    """The parts of an address; None when it is none, its port included."""
    try:
        parts = urlsplit(url)
        return parts if parts.port != 0 else None
    except ValueError:
        return None


def is_loopback(host: str) -> bool:
    """Whether the host is this machine itself."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _networks(setting: str, values: Mapping[str, str | None]) -> tuple[str, ...]:
    words = (values[setting] or "").replace(",", " ").split()
    for word in words:
        try:
            ipaddress.ip_network(word, strict=False)
        except ValueError:
            raise Misconfigured(f"{setting} has '{word}': give addresses or networks") from None
    return tuple(words)


def _existing(path: str | None) -> Path | None:
    if path and not Path(path).is_file():
        raise Misconfigured(f"CONSENT_GEO_DB names {path}, which is no file: give a MaxMind file")
    return Path(path) if path else None


def _check_places(settings: Settings) -> None:
    if settings.region_header and not settings.country_header:
        raise Misconfigured("CONSENT_REGION_HEADER tells nothing alone: set CONSENT_COUNTRY_HEADER as well")


def _check_limits(settings: Settings) -> None:
    parts = _parts(settings.limits)
    if settings.limits not in ("memory", "off") and (not parts or parts.scheme not in ("redis", "rediss")):
        raise Misconfigured("CONSENT_LIMITS is neither memory, off nor a Redis URL: give one of these")
    if settings.limits == "off" and settings.is_public:
        raise Misconfigured("CONSENT_LIMITS is off on a public service: take it away, it is for benchmarks only")
