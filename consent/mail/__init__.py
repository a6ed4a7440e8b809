"""Ways to send a mail, one contract for all: a folder, SMTP, and the HTTP APIs of providers."""

from consent.mail.contract import Mail, Transport
from consent.mail.opening import open_transport

__all__ = ["Mail", "Transport", "open_transport"]
