"""Sites of a test's own: the Miami one under other rules, and what a browser is that sends Global Privacy Control."""

from __future__ import annotations

import json
from typing import Any

from tests.browser.pages import embed
from tests.browser.visiting import Visit
from tests.running import MIAMI

GPC = "Object.defineProperty(Navigator.prototype, 'globalPrivacyControl', { get: () => true });"


async def site_under(visitor: Visit, regime: str, more: str = "", name: str | None = None, end: str = "") -> str:
    """Publishes the site under this regime, with `more` in [consent] and `end` after all; gives the widget's tag."""
    name = name or f"{regime.replace('_', '-')}-site"
    text = MIAMI.read_text().replace('id = "miami-new-times"', f'id = "{name}"', 1)
    text = text.replace('regime = "auto"', f'regime = "{regime}"\n{more}')
    await visitor.served.publish(text + end, name)
    return embed(visitor.served.service, name)


async def records(visitor: Visit, site: str) -> list[dict[str, Any]]:
    """The site's consent records, the oldest first."""
    code, exported = await visitor.served.command("export", "consents", site)
    assert code == 0, exported
    return [json.loads(line) for line in exported.splitlines()[:-1]]


async def cookie(visitor: Visit) -> list[str]:
    """The fields of the cookie."""
    [found] = [one for one in await visitor.context.cookies() if one.get("name") == "fc"]
    return str(found.get("value")).split("~")
