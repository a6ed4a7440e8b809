"""`consent backup` and `consent restore` as people call them."""

from __future__ import annotations

from pathlib import Path

import httpx

from tests.acts import SITE
from tests.archiving.drill import KEY
from tests.cli.command import Shell


async def test_a_backup_is_made_while_it_serves_and_put_back_once_it_does_not(shell: Shell, tmp_path: Path) -> None:
    shell.published()
    file = shell.folder / "a.consent"
    with shell.serving("serve", CONSENT_LIMITS="off") as server:
        done = shell.good("backup", str(file), CONSENT_BACKUP_KEY=KEY)
        assert "records, as its log signed them" in done.out
        assert file.stat().st_mode & 0o777 == 0o600
        assert [one.name for one in shell.folder.iterdir() if "a.consent" in one.name] == ["a.consent"]
        again = shell.run("backup", str(file), CONSENT_BACKUP_KEY=KEY)
        assert (again.code, "--force" in again.err) == (1, True)
        page = httpx.get(f"{server.url}/metrics", trust_env=False).text
        assert "consent_backup_age_seconds " in page
        refused = shell.run("restore", str(file), CONSENT_BACKUP_KEY=KEY)
        assert (refused.code, "a service runs on this database: stop it first" in refused.err) == (1, True)
    wrong = shell.run("restore", str(file), CONSENT_BACKUP_KEY="another" + KEY)
    assert (wrong.code, "is not the key that this archive was made with" in wrong.err) == (1, True)
    elsewhere = Shell(tmp_path / "x", CONSENT_BACKUP_KEY=KEY)
    elsewhere.folder.mkdir()
    sealed = elsewhere.run("restore", str(file), CONSENT_SECRET="another-secret-0123456789-abcdefghijk")
    assert (sealed.code, "sealed under another secret" in sealed.err) == (1, True)
    good = elsewhere.good("restore", str(file))
    assert "restored" in good.out
    assert "There was no database here" in good.err
    assert "all as committed to" in elsewhere.good("verify", SITE).out
    file.write_bytes(file.read_bytes()[:-20])
    broken = shell.run("backup", "--check", str(file), CONSENT_BACKUP_KEY=KEY)
    assert (broken.code, len(broken.err.splitlines())) == (1, 1)
    assert "cut off" in broken.err
