"""`consent site` and `consent key`: what is said, where, and with which exit code."""

from __future__ import annotations

import json
import re

import pytest

from consent.notices import read_site_file
from tests.acts import SITE
from tests.cli.command import Shell
from tests.running import MIAMI

WISH = '[notice]\nclose = "accepts"\n\n[consent]\n'
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def altered(shell: Shell, *changes: tuple[str, str]) -> str:
    """The Miami site's file with words replaced, in the folder."""
    text = MIAMI.read_text("utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path = shell.folder / "site.toml"
    path.write_text(text, "utf-8")
    return str(path)


async def test_a_file_in_order_is_said_to_be(shell: Shell) -> None:
    done = shell.good("site", "check", str(MIAMI))
    assert done.out == "miami-new-times: in order (4 purposes, 2 languages)\n"
    assert not (shell.folder / "consent.db").exists()


async def test_every_fault_is_one_line_and_the_exit_code_1(shell: Shell) -> None:
    file = altered(shell, ('close = "refuse"', 'close = "accept"'), ("expires_days = 182 ", "expires_days = 9000 "))
    for command in ("check", "publish"):
        done = shell.run("site", command, file)
        lines = done.err.strip().splitlines()
        assert (done.code, done.out, len(lines)) == (1, "", 2)
        assert {line.partition(":")[0] for line in lines} == {"consent.close", "consent.expires_days"}
    (shell.folder / "site.toml").write_bytes(b"\xff\x00")
    assert shell.run("site", "check", file).code == 1


async def test_what_a_rule_holds_against_a_file_is_told_by_weight_and_the_exit_code_is_1(shell: Shell) -> None:
    file = altered(shell, ('accent = "#c8102e"', 'accent = "#ffd700"\nreopen = false'), ("[consent]\n", WISH))
    done = shell.run("site", "check", file)
    told = [line for line in done.out.splitlines() if not line.startswith(" ")]
    assert (done.code, done.err) == (1, "")
    assert [line.split()[:3] for line in told[:-1]] == [
        ["error", "R06", "notice.close:"],
        ["warning", "R05", "theme.accent:"],
        ["warning", "R09", "theme.reopen:"],
        ["warning", "R26", "theme.reopen:"],
    ]
    assert told[1].endswith(
        "a contrast of 1.40:1, less than 3:1: the widget draws an edge of its own around the buttons"
    )
    assert told[-1] == f"{SITE}: 1 error, 3 warnings"
    for part in ("rule    Closing the notice never accepts", "instead let closing refuse", "source  EU; IT: Garante"):
        assert part in done.out
    listed = json.loads(shell.run("site", "check", file, "--format", "json").out)
    assert [(one["severity"], one["rule"]) for one in listed] == [
        ("warning", "R05"), ("error", "R06"), ("warning", "R09"), ("warning", "R26"),
    ]  # fmt: skip
    assert all(one[name] for one in listed for name in ("where", "why", "words", "mend", "jurisdiction", "source"))


async def test_a_pipeline_may_let_warnings_pass_and_reads_faults_alike(shell: Shell) -> None:
    file = altered(shell, ('accent = "#c8102e"', 'accent = "#ffd700"'))
    assert "warning R05" in shell.good("site", "check", file, "--errors-only").out
    every = shell.good("site", "check", file, "--errors-only", "--all").out
    assert "R05  warning (1)" in every
    assert "R01  kept         Before any choice nothing optional is stored" in every
    broken = altered(shell, ('close = "refuse"', 'close = "accept"'))
    done = shell.run("site", "check", broken, "--errors-only", "--format", "json")
    assert (done.code, [one["where"] for one in json.loads(done.out)]) == (1, ["consent.close"])


async def test_an_error_stops_a_publication(shell: Shell) -> None:
    done = shell.run("site", "publish", altered(shell, ("[consent]\n", WISH)))
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("error   R06  notice.close: ")
    assert done.err.endswith(f"{SITE}: not published: 1 error\n")
    assert not (shell.folder / "consent.db").exists()


async def test_warnings_do_not_stop_a_publication(shell_on_each: Shell) -> None:
    change = ("[consent]\n", '[consent]\ntogether = ["phoenix-new-times"]\n')
    file = altered(shell_on_each, ('accent = "#c8102e"', 'accent = "#ffd700"'), change)
    done = shell_on_each.good("site", "publish", file)
    warnings = done.err.strip().splitlines()
    assert [line.split()[:2] for line in warnings] == [["warning", "R05"], ["warning", "consent.together:"]]
    assert "there is no site 'phoenix-new-times' yet" in warnings[1]
    assert "published for the first time" in done.out


async def test_two_sites_whose_cookies_reach_the_same_hosts_are_warned_of(shell_on_each: Shell) -> None:
    for id_, domain in ((SITE, "miaminewtimes.com"), ("miami-blog", "blog.miaminewtimes.com")):
        lines = f'[consent]\ncookie_domain = "{domain}"\n'
        origins = ("origins = [", 'origins = ["https://blog.miaminewtimes.com", ')
        file = altered(shell_on_each, ("[consent]\n", lines), (SITE, id_), origins)
        warned = shell_on_each.good("site", "publish", file).err
        assert (f"warning consent.cookie_domain: the cookie of '{SITE}' reaches the same" in warned) is (id_ != SITE)


async def test_a_cookie_that_the_service_cannot_set_is_refused(shell: Shell) -> None:
    lines = '[consent]\ncookie_domain = "miaminewtimes.com"\ncookie_from = "service"\n'
    file = altered(shell, ("[consent]\n", lines))
    shell.good("site", "check", file)
    done = shell.run("site", "publish", file)
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("consent.cookie_from: ")
    assert "127.0.0.1" in done.err
    shell.good("site", "publish", file, CONSENT_URL="https://consent.miaminewtimes.com")


async def test_what_to_paste_is_printed_alone(shell_on_each: Shell) -> None:
    shell_on_each.published()
    done = shell_on_each.good("site", "snippet", SITE)
    lines = done.out.splitlines()
    assert (lines[0][:9], lines[1][:5], done.err) == ("<script>!", "<!-- ", "")
    assert lines[2:] == [f'<script src="http://127.0.0.1:8000/w/{SITE}.js" async></script>']
    assert shell_on_each.good("site", "snippet", SITE, "--nonce").out.replace(' nonce="NONCE"', "") == done.out
    file = altered(shell_on_each, ("[theme]\n", "[signals]\ngoogle = false\nmeta = false\ntiktok = false\n\n[theme]\n"))
    shell_on_each.good("site", "publish", file)
    muted = shell_on_each.good("site", "snippet", SITE).out
    assert len(muted.splitlines()) == 2
    assert "dataLayer" not in muted


async def test_publishing_prints_the_digest_and_whether_visitors_are_asked_again(shell_on_each: Shell) -> None:
    shell = shell_on_each
    first = shell.good("site", "publish", str(MIAMI))
    assert re.fullmatch(r"[0-9a-f]{64}", first.out.splitlines()[0])
    assert "published for the first time" in first.out
    same = shell.good("site", "publish", str(MIAMI))
    assert (same.out.splitlines()[0], "not asked again" in same.out) == (first.out.splitlines()[0], True)
    cosmetic = shell.good("site", "publish", altered(shell, ('radius = "6px"', 'radius = "7px"')))
    assert "cosmetic:" in cosmetic.out
    assert "visitors are not asked again" in cosmetic.out
    material = shell.good("site", "publish", altered(shell, ("Google Ireland Limited", "Somebody Else")))
    assert "material:" in material.out
    assert "visitors are asked again" in material.out
    assert len({done.out.splitlines()[0] for done in (first, cosmetic, material)}) == 3


async def test_what_is_in_force_is_printed_as_a_file_that_publishes_as_the_same(shell: Shell) -> None:
    shell.published()
    out = shell.good("site", "export", SITE).out
    assert read_site_file(out.encode()) == read_site_file(MIAMI.read_bytes())
    file = shell.folder / "exported.toml"
    file.write_text(out)
    assert "says the same already" in shell.good("site", "publish", str(file)).out
    shell.good("site", "publish", altered(shell, ('radius = "6px"', 'radius = "7px"')))
    assert shell.good("site", "export", SITE, "--publication", "1").out == out
    assert "there is no such publication" in shell.run("site", "export", SITE, "--publication", "9").err


async def test_a_key_is_printed_once_alone_listed_and_revoked(shell_on_each: Shell) -> None:
    shell = shell_on_each
    shell.published()
    made = shell.good("key", "new", SITE, "--scope", "read,write")
    assert re.fullmatch(r"ck_[A-Za-z0-9_-]{43}\n", made.out)
    found = UUID.search(made.err)
    assert found
    listed = shell.good("key", "list", SITE).out
    assert listed.startswith(found[0])
    assert "read,write" in listed
    assert "never used" in listed
    assert "in force" in listed
    assert made.out.strip() not in listed
    shell.good("key", "revoke", SITE, found[0])
    assert "revoked" in shell.good("key", "list", SITE).out
    again = shell.run("key", "revoke", SITE, found[0])
    assert (again.code, len(again.err.splitlines())) == (1, 1)


@pytest.mark.parametrize(
    "arguments",
    [
        ("site", "snippet", "nobody"),
        ("key", "new", "nobody"),
        ("key", "list", "nobody"),
        ("key", "revoke", SITE, "x"),
        ("verify", "nobody"),
    ],
)
async def test_what_is_not_there_is_told_in_one_sentence(shell: Shell, arguments: tuple[str, ...]) -> None:
    done = shell.run(*arguments)
    assert (done.code, done.out, len(done.err.splitlines())) == (1, "", 1)
    assert done.err.startswith("consent: ")


async def test_a_scope_that_there_is_not_is_refused(shell: Shell) -> None:
    shell.published()
    for scope in ("read,admin", ","):
        done = shell.run("key", "new", SITE, "--scope", scope)
        assert (done.code, done.out) == (1, "")
        assert done.err.startswith("scope: ")


async def test_a_page_is_held_against_its_file(shell: Shell) -> None:
    left = shell.folder / "page.json"
    left.write_text('{"page": "https://www.miaminewtimes.com/", "cookie": ["fc", "_ga"], "local_storage": ["theme"]}')
    done = shell.run("site", "check", str(MIAMI), "--traces", str(left))
    told = [line for line in done.out.splitlines() if not line.startswith(" ")]
    assert (done.code, told) == (
        1,
        [
            "error   page https://www.miaminewtimes.com/: The cookie _ga (Google Analytics) is kept before anybody was"
            " asked for “Performance and usage”.",
            "error   page https://www.miaminewtimes.com/: In local storage theme is kept, and the notice does not"
            " name it.",
            "miami-new-times: 2 errors",
        ],
    )
    left.write_text('{"page": "https://www.miaminewtimes.com/", "cookie": ["fc", "_ga"]}')
    shell.good("site", "check", str(MIAMI), "--traces", str(left), "--answer", "accepted")
    left.write_text("nothing of the kind")
    done = shell.run("site", "check", str(MIAMI), "--traces", str(left))
    assert (done.code, done.err.startswith("traces: expected the line that the script wrote")) == (1, True)
