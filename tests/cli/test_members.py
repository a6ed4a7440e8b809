"""`consent user`: a link alone on stdout, and who may do what."""

from __future__ import annotations

import re

from tests.acts import SITE
from tests.cli.command import Shell

LINK = re.compile(r"http://127\.0\.0\.1:8000/console/sign-in/[\w-]{43}\n")
EMAIL = "ann@example.org"


async def test_a_person_is_invited_listed_and_removed(shell: Shell) -> None:
    shell.published()
    first = shell.good("user", "invite", EMAIL, "--site", SITE)
    assert LINK.fullmatch(first.out)
    assert "once, within 72 hours" in first.err
    assert EMAIL not in first.err
    last = shell.run("user", "role", EMAIL, "viewer", "--site", SITE)
    assert (last.code, last.out) == (1, "")
    assert "last owner" in last.err
    assert shell.good("user", "invite", "Ann@Example.org", "--role", "dpo", "--mail").out == ""
    shell.good("user", "disable", EMAIL)
    listed = shell.good("user", "list", "--site", SITE).out
    assert re.fullmatch(rf"{EMAIL}  dpo of every site, owner of {SITE}  since 20\S+Z  may not sign in\n", listed)
    gone = shell.run("user", "remove", "bob@example.org")
    assert (gone.code, gone.err) == (1, "consent: nobody has this address: see consent user list\n")
