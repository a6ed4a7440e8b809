"""The settings, from the environment and nowhere else; each also as `NAME_FILE`, a secret mounted as a file.

Invariant: a service that would be unsafe does not start, and says in one sentence how to mend it; a
secret prints as stars.
"""

from __future__ import annotations

import contextlib
import ipaddress
import os
import re
import tempfile
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

import msgspec

from consent import ids
from consent.errors import Misconfigured

MIN_SECRET = 32
OPENING = "CONSENT_"
MAIL_SCHEMES = ("smtp", "smtps", "postmark", "resend", "mailgun", "ses", "sendgrid", "brevo")
HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110, section 5.6.2


class Secret(str):
    """A text that does not print itself."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "'***'"


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
        "CONSENT_TRUSTED_PROXIES",
        "none",
        "addresses or networks whose `X-Forwarded-For` and `-Proto` are believed, separated by spaces",
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
)


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """The service's settings, checked."""

    database: Secret
    url: str
    secrets: tuple[Secret, ...]
    mail: Secret
    trusted_proxies: tuple[str, ...] = ()
    country_header: str | None = None
    region_header: str | None = None
    geo_db: Path | None = None
    limits: Secret = Secret("memory")
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
        secrets=_secrets(values["CONSENT_SECRET"], database, makes_secret),
        mail=_checked_mail(values["CONSENT_MAIL"] or "spool:./mail"),
        trusted_proxies=_networks(values["CONSENT_TRUSTED_PROXIES"] or ""),
        country_header=_checked_header("CONSENT_COUNTRY_HEADER", "CF-IPCountry", values),
        region_header=_checked_header("CONSENT_REGION_HEADER", "CF-Region-Code", values),
        geo_db=_existing(values["CONSENT_GEO_DB"]),
        limits=Secret(values["CONSENT_LIMITS"] or "memory"),
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


def _checked_mail(words: str) -> Secret:
    scheme, _, rest = words.partition(":")
    if not (rest if scheme == "spool" else scheme in MAIL_SCHEMES and rest.startswith("//") and rest[2:]):
        raise Misconfigured("CONSENT_MAIL is none of the ways to send: give spool:DIR, smtp://user:pass@host:587, …")
    return Secret(words)


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


def _secrets(given: str | None, database: str, makes_secret: bool) -> tuple[Secret, ...]:
    if given is None and database.startswith("sqlite:///"):
        given = _secret_beside(Path(database.removeprefix("sqlite:///")), makes_secret)
    secrets = tuple(Secret(word) for word in (given or "").split())
    if not secrets:
        raise Misconfigured("CONSENT_SECRET is not set: give it a random text of 32 characters or more")
    if any(len(secret) < MIN_SECRET or len(set(secret)) < 10 for secret in secrets):
        raise Misconfigured("CONSENT_SECRET is too easy to guess: give it a random text of 32 characters or more")
    return secrets


def _secret_beside(database: Path, makes_secret: bool) -> str:
    """The secret kept beside the database; made once, by whichever process comes first."""
    path = Path(f"{database}.secret")
    try:
        with contextlib.suppress(FileNotFoundError):
            return path.read_text("utf-8")
        if (
            database.is_file() and database.stat().st_size and not path.exists()
        ):  # a new one would open none of its keys
            raise Misconfigured(f"the database's secret is not at {path}: put it back there, or set CONSENT_SECRET")
        if not makes_secret:
            raise Misconfigured(f"there is no secret at {path}: start the service first, or set CONSENT_SECRET")
        _make_secret(path)
        return path.read_text("utf-8")
    except OSError as error:
        raise Misconfigured(f"the secret cannot be kept at {path} ({error.strerror}): set CONSENT_SECRET") from None
    except UnicodeDecodeError:
        raise Misconfigured(f"the secret at {path} is not text: put the right one back") from None


def _make_secret(path: Path) -> None:
    """It gets its name only when it is whole and on disk, so that no other process reads half of it and no power cut
    leaves an empty one behind.
    """
    handle, making = tempfile.mkstemp(prefix=f"{path.name}.", dir=path.parent)  # mode 0600
    try:
        with os.fdopen(handle, "w") as file:
            file.write(ids.secret())
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(making, path)
    finally:
        os.unlink(making)
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _networks(words: str) -> tuple[str, ...]:
    for word in words.replace(",", " ").split():
        try:
            ipaddress.ip_network(word, strict=False)
        except ValueError:
            raise Misconfigured(f"CONSENT_TRUSTED_PROXIES has '{word}': give addresses or networks") from None
    return tuple(words.replace(",", " ").split())


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
