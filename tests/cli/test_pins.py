"""`consent site pin`, `pins` and `unpin`: tags on stdout, words on stderr, on both engines."""

from __future__ import annotations

import re

import httpx

from tests.acts import SITE
from tests.cli.command import Shell
from tests.running import MIAMI

TAG = re.compile(r'<script src="http://127\.0\.0\.1:8000(/w/[a-z0-9@-]+\.js)" integrity="sha384-[A-Za-z0-9+/]{64}" .*')


async def test_a_pin_is_made_served_listed_and_forgotten(shell_on_each: Shell) -> None:
    shell = shell_on_each
    shell.published()
    assert shell.good("site", "pins", SITE).out == ""
    made = shell.good("site", "pin", SITE)
    *table, tag = made.out.splitlines()
    assert (table[0], table[-1]) == ('<script type="importmap">', "</script>")
    found = TAG.fullmatch(tag)
    assert found
    version = found[1].partition("@")[2].removesuffix(".js")
    assert made.err.startswith(f"{SITE}@{version} is kept")
    assert shell.good("site", "pin", SITE).out == made.out
    with shell.serving() as server:
        async with httpx.AsyncClient(trust_env=False) as client:
            assert (await client.get(f"{server.url}{found[1]}")).status_code == 200
    listed = shell.good("site", "pins", SITE).out
    assert re.fullmatch(rf"{version}  opt_in  made \S+Z  the notice in force\n", listed)
    assert "1 pinned loader(s), 0 with an earlier notice" in shell.run("doctor").out
    changed = shell.folder / "site.toml"
    changed.write_text(MIAMI.read_text("utf-8").replace('radius = "6px"', 'radius = "7px"'), "utf-8")
    shell.good("site", "publish", str(changed))
    assert "an earlier notice" in shell.good("site", "pins", SITE).out
    assert "1 pinned loader(s), 1 with an earlier notice" in shell.run("doctor").out
    shell.good("site", "unpin", SITE, version)
    assert shell.good("site", "pins", SITE).out == ""
    again = shell.run("site", "unpin", SITE, version)
    assert (again.code, again.out, len(again.err.splitlines())) == (1, "", 1)


async def test_a_regime_that_the_site_does_not_allow_is_refused(shell: Shell) -> None:
    shell.published()
    assert (
        "  opt_out  "
        in (shell.good("site", "pin", SITE, "--regime", "opt_out"), shell.good("site", "pins", SITE))[1].out
    )
    assert shell.run("site", "pin", SITE, "--regime", "auto").code == 2
    changed = shell.folder / "site.toml"
    changed.write_text(MIAMI.read_text("utf-8").replace('regime = "auto"', 'regime = "opt_in"'), "utf-8")
    shell.good("site", "publish", str(changed))
    refused = shell.run("site", "pin", SITE, "--regime", "opt_out")
    assert (refused.code, refused.out) == (1, "")
    assert refused.err == "regime: the site's is opt_in, which does not allow opt_out\n"
    assert shell.run("site", "pin", "nobody").code == 1
