"""`consent webhook`: what is connected, what is shown of it and where, and with which exit code."""

from __future__ import annotations

import re
import subprocess
import sys

from consent.sync import standard_webhooks
from tests.acts import SITE
from tests.cli.command import Done, Shell
from tests.running import MIAMI

ENDPOINT = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
HOOK = "https://hooks.invalid/in"  # a name that is looked up nowhere (RFC 6761)


def told(shell: Shell, words: str, *arguments: str) -> Done:
    """The command with something on its standard input."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "consent", *arguments],
        cwd=shell.folder,
        env=shell.environment(),
        input=words,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert "Traceback" not in done.stderr, done.stderr
    return Done(done.returncode, done.stdout, done.stderr)


async def test_a_webhook_is_added_listed_tried_and_removed(shell: Shell) -> None:
    shell.good("site", "publish", str(MIAMI))
    added = shell.good("webhook", "add", SITE, HOOK, "--event", "signup.confirmed", "--list", "events")
    assert standard_webhooks.key_of(added.out.strip())
    [endpoint] = ENDPOINT.findall(added.err)
    listed = shell.good("webhook", "list", SITE)
    assert endpoint in listed.out and HOOK in listed.out and "in force" in listed.out
    assert added.out.strip() not in listed.out
    tried = shell.run("webhook", "test", SITE, endpoint)
    assert (tried.code, tried.out) == (1, "") and "not taken" in tried.err
    renewed = shell.good("webhook", "renew", SITE, endpoint)
    assert standard_webhooks.key_of(renewed.out.strip()) and renewed.out != added.out
    shell.good("webhook", "enable", SITE, endpoint)
    shell.good("webhook", "remove", SITE, endpoint)
    assert shell.good("webhook", "list", SITE).out == ""
    for command in ("remove", "test", "enable"):
        gone = shell.run("webhook", command, SITE, endpoint)
        assert (gone.code, gone.out) == (1, "") and "no such endpoint" in gone.err


async def test_a_providers_secrets_come_by_the_standard_input(shell: Shell) -> None:
    shell.good("site", "publish", str(MIAMI))
    arguments = ("webhook", "add", SITE, "--kind", "brevo", "--list", "events=7", "--secrets")
    added = told(shell, "key=xkeysib-1\n", *arguments)
    assert added.code == 0 and f"/v1/sites/{SITE}/inbound/" in added.out and "xkeysib" not in added.out + added.err
    missing = told(shell, "", *arguments)
    assert missing.code == 1 and missing.out == "" and missing.err.startswith("secrets.key:")


async def test_what_is_wrong_is_one_line_each(shell: Shell) -> None:
    shell.good("site", "publish", str(MIAMI))
    for arguments, where in (
        (("add", SITE, "http://example.org"), "url"),
        (("add", SITE, "https://127.0.0.1/"), "url"),
        (("add", SITE), "url"),
        (("add", SITE, HOOK, "--event", "other"), "events[0]"),
        (("add", SITE, HOOK, "--list", "other"), "lists.other"),
    ):
        done = shell.run("webhook", *arguments)
        assert (done.code, done.out) == (1, "") and done.err.startswith(f"{where}: "), done.err
    for arguments in (("add", "other", HOOK), ("list", "other")):
        assert shell.run("webhook", *arguments).code == 1
    assert shell.run("webhook", "add", SITE, HOOK, "--kind", "other").code == 2
