"""A pinned version: a script whose bytes the page itself vouches for, good for ever."""

from __future__ import annotations

import re

from playwright.async_api import expect

from tests.browser.pages import NONCE, gated, open_page, put_page, ran
from tests.browser.serving import SITE
from tests.browser.visiting import Visit
from tests.running import MIAMI

ANOTHER = MIAMI.read_text().replace('en = "Performance and usage"', 'en = "Measuring"', 1)


async def pin(visitor: Visit) -> str:
    """What `site pin` prints, its scripts with the page's nonce."""
    code, printed = await visitor.served.command("site", "pin", SITE)
    assert code == 0, printed
    tags = printed[printed.index("<script") :]
    assert 'integrity="sha384-' in tags
    assert re.search(rf"/w/{SITE}@[0-9a-f]{{16}}\.js", tags)
    return tags.replace("<script", f'<script nonce="{NONCE}"')


async def test_a_pinned_version_asks_and_records_under_the_strictest_policy(visitor: Visit) -> None:
    await open_page(visitor, gated("analytics", "analytics"), tag=await pin(visitor))
    await expect(visitor.part("notice")).to_be_visible()
    await visitor.recorded(visitor.part("accept"))
    assert await ran(visitor) == ["analytics"]
    await visitor.part("reopen").click()
    await expect(visitor.part("preferences")).to_be_visible()
    await visitor.assert_calm()


async def test_it_stays_what_it_was_when_the_site_publishes_again(visitor: Visit) -> None:
    tags = await pin(visitor)
    await visitor.served.publish(ANOTHER)
    await open_page(visitor, gated("analytics", "analytics"), tag=tags)
    await expect(visitor.part("notice")).to_be_visible()
    await expect(visitor.part("notice")).not_to_contain_text("Measuring")
    await visitor.recorded(visitor.part("refuse"))


async def test_an_altered_script_does_not_run(visitor: Visit) -> None:
    altered = re.sub(r'(integrity="sha384-)[^"]{8}', r"\1AAAAAAAA", await pin(visitor))
    put_page(visitor.served, gated("analytics", "analytics"), tag=altered)
    await visitor.page.goto(visitor.served.origin + "/own/page", wait_until="networkidle")
    assert await visitor.page.evaluate("['consent' in window, window.ran]") == [False, []]
