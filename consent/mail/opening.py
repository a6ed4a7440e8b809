"""Opens the way to send that CONSENT_MAIL names; the others' clients are not even loaded."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote

from consent.clock import Clock
from consent.errors import Misconfigured
from consent.mail.contract import Transport
from consent.mail.spool import Spool

if TYPE_CHECKING:
    from consent.mail.http import Provider
    from consent.mail.smtp import Server

PORTS = {"smtp": 587, "smtps": 465}


def open_transport(setting: str, clock: Clock) -> Transport:
    """The transport; nothing is connected or made before the first mail. Words in it may be percent-encoded.

    Raises:
        Misconfigured: it is none of the forms that the settings let through.
    """
    scheme, _, rest = setting.partition(":")
    if scheme == "spool":
        return Spool(Path(rest), clock)
    words, _, query = rest.removeprefix("//").partition("?")
    options = dict(parse_qsl(query, keep_blank_values=True))
    if scheme in PORTS:
        from consent.mail.smtp import Smtp

        return Smtp(_server(scheme, words, options), clock)
    from consent.mail.http import HttpTransport

    try:
        return HttpTransport(_provider(scheme, words, options), clock)
    except (KeyError, TypeError, ValueError):
        raise Misconfigured("CONSENT_MAIL is none of the ways to send: see the README's table of settings") from None


def _server(scheme: str, words: str, options: dict[str, str]) -> Server:
    from consent.mail.smtp import Server

    who, _, where = words.rstrip("/").rpartition("@")
    name, _, password = who.partition(":")
    host, _, port = where.rpartition(":") if where.rpartition(":")[2].isdecimal() else (where, "", "")
    return Server(
        host=host.strip("[]"),
        port=int(port or PORTS[scheme]),
        is_tls=scheme == "smtps",
        is_plain=scheme == "smtp" and options.get("tls") == "none",
        name=unquote(name) or None,
        password=unquote(password) if who else None,
    )


def _provider(scheme: str, words: str, options: dict[str, str]) -> Provider:
    from consent.mail import http_providers

    key, _, where = words.rpartition("@") if scheme in ("mailgun", "ses") else (words, "", "")
    if scheme == "mailgun":
        return http_providers.Mailgun(unquote(key), where, **options)
    if scheme == "ses":
        name, _, secret = key.partition(":")
        return http_providers.Ses(unquote(name), unquote(secret), where, **options)
    return http_providers.BY_KEY_ALONE[scheme](unquote(key), **options)
