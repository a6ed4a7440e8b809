"""What one cookie cannot hold: the receipt goes beside it, and belongs to its own record alone."""

from __future__ import annotations

import re

from tests.browser.pages import decide, embed, gated, open_page
from tests.browser.visiting import Visit
from tests.running import MIAMI

SITE = "many-services"
KEPT = "[document.cookie.length, localStorage.getItem('fc.r'), window.consent.receipt()]"


def name(at: int) -> str:
    """The id of one service, as long as those of real lists."""
    return f"service-{at:03}-with-a-name-of-fair-length"


async def open_site(visitor: Visit, count: int) -> None:
    """A page of a site whose analytics are shared out to this many services."""
    more = 'provider = "A firm"\nprivacy_policy = "https://firm.example/privacy"\n'
    services = [f'[[purposes.services]]\nid = "{name(at)}"\nname = "Service {at}"\n{more}' for at in range(count)]
    text = MIAMI.read_text().replace('id = "miami-new-times"', f'id = "{SITE}"', 1)
    text = re.sub(r'(?=\[\[purposes\]\]\nid = "content")', "\n".join(services) + "\n", text)
    await visitor.served.publish(text, SITE)
    await open_page(visitor, gated("analytics", "analytics"), tag=embed(visitor.served.service, SITE))


def all_but(count: int) -> str:
    """Everything of the purpose but its services."""
    refused = ", ".join(f"'{name(at)}': false" for at in range(count))
    return f"{{analytics: true, {refused}}}"


async def test_a_receipt_too_long_for_the_cookie_is_kept_beside_it(visitor: Visit) -> None:
    await open_site(visitor, 50)
    assert await visitor.page.evaluate("localStorage.length") == 0
    await decide(visitor, all_but(50), last="analytics")
    await visitor.until("window.consent.receipt() !== null")
    await visitor.page.reload()
    await visitor.until("window.consent?.receipt?.() != null")
    size, kept, receipt = await visitor.page.evaluate(KEPT)
    record, spelled = kept.split("~")
    assert size < 3900 < size + len(receipt)
    assert spelled == receipt == await visitor.page.evaluate("window.consent.state().receipt")
    assert record == await visitor.page.evaluate("window.consent.state().record")
    code, told = await visitor.served.command("token", "verify", receipt, "--site", SITE)
    assert code == 0, told

    await visitor.page.evaluate("window.consent.set({analytics: true})")
    await visitor.until("window.consent.receipt() !== null")
    _, kept, another = await visitor.page.evaluate(KEPT)
    assert kept is None
    assert another != receipt
    await visitor.assert_calm()


async def test_the_receipt_of_another_record_is_none_of_this_one(visitor: Visit) -> None:
    await visitor.arrive()
    await visitor.recorded(visitor.part("refuse"))
    [cookie] = [one for one in await visitor.context.cookies() if one.get("name") == "fc"]
    bare = str(cookie.get("value")).rpartition("~")[0] + "~"
    await visitor.context.add_cookies([{"name": "fc", "value": bare, "url": visitor.served.page}])
    await visitor.page.evaluate("localStorage.setItem('fc.r', '019a0b0c-7777-7888-9999-aaaabbbbcccc~e30.e30')")
    await visitor.page.reload()
    await visitor.until("window.consent?.state?.().decided === true")
    assert await visitor.page.evaluate("window.consent.receipt()") is None
