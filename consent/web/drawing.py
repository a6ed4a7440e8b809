"""Which of an experiment's two notices a visitor is shown: a fair draw that is the same all day and is kept nowhere.

It is drawn from what the request says of itself (network address, browser, languages) with a key of the day: so a
visitor sees one notice through a day, on every page and by every process, and nothing is stored in the browser.

Invariant: nothing of it is written down, and the next day's draw says nothing of this one.
"""

from __future__ import annotations

import hmac

from starlette.types import Scope

from consent import addresses
from consent.clock import DAY
from consent.directory import Published
from consent.services import Services
from consent.web.requests import client_of, header


def is_second(scope: Scope, services: Services, site: Published) -> bool:
    """Whether the draw gives this visitor the second notice today."""
    secret, today = services.settings.secrets[-1], services.clock() // DAY
    key = hmac.digest(secret.encode(), f"consent draw\0{today}".encode(), "sha256")
    second = site.second.digest if site.second else ""
    address = addresses.bucket(client_of(scope, services.networks))
    who = "\0".join((site.id, second, address, header(scope, b"user-agent"), header(scope, b"accept-language")))
    return bool(hmac.digest(key, who.encode("utf-8", "surrogatepass"), "sha256")[0] & 1)
