"""Settings: each refusal is one sentence with the mend, and a secret never prints."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from pathlib import Path

import pytest

from consent.errors import Misconfigured
from consent.settings import SETTINGS, Secret, from_environment, is_loopback

SECRET = "abcdefghijklmnopqrstuvwxyz012345"
POSTGRES = "postgresql://consent:pa55word-in-url@db/consent"
GOOD = {"CONSENT_SECRET": SECRET}

REFUSED: dict[str, tuple[dict[str, str], str]] = {
    "no secret": ({"CONSENT_DATABASE": POSTGRES}, "CONSENT_SECRET is not set: give it a random text of 32"),
    "an empty secret": ({"CONSENT_SECRET": " "}, "CONSENT_SECRET is not set: give it a random text of 32"),
    "a short secret": (
        {"CONSENT_SECRET": "abcdefghijklmnopqrstuvwxyz01234"},
        "CONSENT_SECRET is too easy to guess: give",
    ),
    "a dull secret": ({"CONSENT_SECRET": "abc" * 20}, "CONSENT_SECRET is too easy to guess: give"),
    "one good, one short": ({"CONSENT_SECRET": f"{SECRET} changeme"}, "CONSENT_SECRET is too easy to guess: give"),
    "an empty database": (GOOD | {"CONSENT_DATABASE": " "}, "CONSENT_DATABASE is empty: give sqlite:///path or"),
    **{
        f"mail by {mail}": (GOOD | {"CONSENT_MAIL": mail}, "CONSENT_MAIL is none of the ways to send: give spool:DIR")
        for mail in ("spool:", "spool", "smtp", "smtp:mail", "smtps://", "pigeon://coop", "changeme")
    },
    **{
        f"a header called {name}": (GOOD | {"CONSENT_COUNTRY_HEADER": name}, "CONSENT_COUNTRY_HEADER is no header's")
        for name in ("CF IPCountry", "CF-IPCountry:", "cf\r\nx", "päis", " ")
    },
    "a region's header called wrongly": (
        GOOD | {"CONSENT_COUNTRY_HEADER": "CF-IPCountry", "CONSENT_REGION_HEADER": "CF Region"},
        "CONSENT_REGION_HEADER is no header's name: give one like CF-Region-Code",
    ),
    "a region without its country": (
        GOOD | {"CONSENT_REGION_HEADER": "CF-Region-Code"},
        "CONSENT_REGION_HEADER tells nothing alone: set CONSENT_COUNTRY_HEADER as well",
    ),
    "no URL": (GOOD | {"CONSENT_URL": "consent.example"}, "CONSENT_URL is not a base URL: give one like https://"),
    "a broken URL": (GOOD | {"CONSENT_URL": "https://[::1"}, "CONSENT_URL is not a base URL: give one like https://"),
    "a broken port": (
        GOOD | {"CONSENT_URL": "https://a:99999"},
        "CONSENT_URL is not a base URL: give one like https://",
    ),
    "a URL with a query": (GOOD | {"CONSENT_URL": "https://a.example/?b"}, "CONSENT_URL is not a base URL: give one"),
    "another scheme": (GOOD | {"CONSENT_URL": "ftp://a.example"}, "CONSENT_URL is not a base URL: give one"),
    "http in public": (
        GOOD | {"CONSENT_URL": "http://a.example"},
        "CONSENT_URL is http, so choices would travel in clear",
    ),
    "no number of mails": (GOOD | {"CONSENT_MAIL_PER_HOUR": "many"}, "CONSENT_MAIL_PER_HOUR is no number of mails"),
    "no proof": (GOOD | {"CONSENT_MAIL_EVENTS": "postmark"}, "CONSENT_MAIL_EVENTS: expected provider:proof"),
    "no private network": (
        GOOD | {"CONSENT_PRIVATE_ENDPOINTS": "lists.example.org"},
        "CONSENT_PRIVATE_ENDPOINTS has 'lists.example.org': give addresses or networks",
    ),
    "no network": (GOOD | {"CONSENT_TRUSTED_PROXIES": "10.0.0.1 x"}, "CONSENT_TRUSTED_PROXIES has 'x': give addresses"),
    "no country file": (
        GOOD | {"CONSENT_GEO_DB": "/nowhere.mmdb"},
        "CONSENT_GEO_DB names /nowhere.mmdb, which is no file",
    ),
    "no limits": (GOOD | {"CONSENT_LIMITS": "none"}, "CONSENT_LIMITS is neither memory, off nor a Redis URL: give one"),
    "broken limits": (GOOD | {"CONSENT_LIMITS": "redis://[x"}, "CONSENT_LIMITS is neither memory, off nor a Redis URL"),
    "limits off in public": (
        GOOD | {"CONSENT_LIMITS": "off", "CONSENT_URL": "https://a.example"},
        "CONSENT_LIMITS is off on a public service: take it away",
    ),
    "a misspelt name": (
        GOOD | {"CONSENT_DATABSE": "x"},
        "CONSENT_DATABSE is not a setting: did you mean CONSENT_DATABASE",
    ),
    "a file that is not there": (
        {"CONSENT_SECRET_FILE": "/nowhere"},
        "CONSENT_SECRET_FILE cannot be read (No such file or directory): check the path",
    ),
    "a file and a value": (
        GOOD | {"CONSENT_SECRET_FILE": "/nowhere"},
        "CONSENT_SECRET and CONSENT_SECRET_FILE are both set: keep one of them",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_unsafe_or_wrong_is_refused_with_the_mend(name: str, tmp_path: Path) -> None:
    environment, words = REFUSED[name]
    with pytest.raises(Misconfigured) as caught:
        from_environment({"CONSENT_DATABASE": f"sqlite:///{tmp_path}/c.db"} | environment)
    said = caught.value.detail
    assert said.startswith(words)
    assert ": " in said
    for value in environment.values():
        for secret in (SECRET, "pa55word", "changeme"):
            assert secret not in said or secret not in value


def test_the_defaults_are_those_of_the_table(tmp_path: Path) -> None:
    with contextlib.chdir(tmp_path):
        settings = from_environment({})
    table = {setting.name: setting.default for setting in SETTINGS}
    assert settings.database == table["CONSENT_DATABASE"]
    assert settings.url == table["CONSENT_URL"]
    assert settings.mail == table["CONSENT_MAIL"]
    assert settings.limits == table["CONSENT_LIMITS"]
    assert (settings.trusted_proxies, settings.country_header, settings.geo_db) == ((), None, None)
    assert not settings.is_public


def test_everything_can_be_set(tmp_path: Path) -> None:
    country = tmp_path / "country.mmdb"
    country.write_bytes(b"x")
    settings = from_environment(
        {
            "CONSENT_DATABASE": POSTGRES,
            "CONSENT_URL": "https://consent.example/base/",
            "CONSENT_SECRET": f" {SECRET}\n{SECRET[::-1]} ",
            "CONSENT_TRUSTED_PROXIES": "10.0.0.0/8, ::1",
            "CONSENT_COUNTRY_HEADER": "CF-IPCountry",
            "CONSENT_REGION_HEADER": "CF-Region-Code",
            "CONSENT_GEO_DB": str(country),
            "CONSENT_LIMITS": "rediss://cache:6379/0",
            "CONSENT_MAIL": "smtp://mail",
            "CONSENT_MAIL_PER_HOUR": "200",
            "CONSENT_MAIL_EVENTS": "postmark:secret resend:whsec_x",
            "CONSENT_PRIVATE_ENDPOINTS": "10.0.5.0/24",
        }
    )
    assert (settings.mail_per_hour, settings.mail_events) == (200, ("postmark:secret", "resend:whsec_x"))
    assert settings.private_endpoints == ("10.0.5.0/24",)
    assert settings.secrets == (SECRET, SECRET[::-1])
    assert settings.url == "https://consent.example/base"
    assert settings.is_public
    assert settings.trusted_proxies == ("10.0.0.0/8", "::1")
    assert (settings.country_header, settings.geo_db) == ("CF-IPCountry", country)
    assert settings.region_header == "CF-Region-Code"


def test_a_secret_may_come_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text(f"{SECRET}\n")
    url = tmp_path / "url"
    url.write_text("https://a.example\n")
    settings = from_environment(
        {"CONSENT_SECRET_FILE": str(file), "CONSENT_URL_FILE": str(url), "CONSENT_DATABASE": POSTGRES}
    )
    assert (settings.secrets, settings.url) == ((SECRET,), "https://a.example")
    file.write_bytes(b"\xff\xfe" + SECRET.encode())
    with pytest.raises(Misconfigured, match="CONSENT_SECRET_FILE is not text"):
        from_environment({"CONSENT_SECRET_FILE": str(file)})


def test_secrets_print_as_stars() -> None:
    settings = from_environment({"CONSENT_DATABASE": POSTGRES, "CONSENT_LIMITS": "redis://:pa55word-too@c/0"} | GOOD)
    for shown in (repr(settings), str(settings), f"{settings}", repr([settings.secrets]), repr({"x": settings.mail})):
        assert SECRET not in shown
        assert "pa55word" not in shown
        assert "***" in shown
    assert repr(Secret("x")) == "'***'"


def test_a_secret_is_made_beside_the_file_once_for_its_owner_alone(tmp_path: Path) -> None:
    environment = {"CONSENT_DATABASE": f"sqlite:///{tmp_path}/consent.db"}
    first = from_environment(environment)
    kept = tmp_path / "consent.db.secret"
    assert oct(kept.stat().st_mode & 0o777) == "0o600"
    assert kept.read_text() == first.secrets[0]
    assert len(first.secrets[0]) >= 43
    assert from_environment(environment).secrets == first.secrets
    assert [path.name for path in tmp_path.iterdir()] == ["consent.db.secret"]
    kept.write_text(f"{SECRET} {first.secrets[0]}")  # rotated by hand
    assert from_environment(environment).secrets == (SECRET, first.secrets[0])


def test_no_secret_is_made_beside_a_database_that_is_in_use(tmp_path: Path) -> None:
    """Its keys were put away under another, so a new one would only hide that the right one is lost."""
    file, kept = tmp_path / "consent.db", tmp_path / "consent.db.secret"
    environment = {"CONSENT_DATABASE": f"sqlite:///{file}"}
    file.write_bytes(b"SQLite format 3\0")
    with pytest.raises(Misconfigured, match=f"secret is not at {kept}: put it back there, or set CONSENT_SECRET"):
        from_environment(environment)
    assert not kept.exists()
    assert from_environment(environment | GOOD).secrets == (SECRET,)
    file.write_bytes(b"")  # made by whoever opened it first, with nothing in it
    assert len(from_environment(environment).secrets[0]) >= 43


def test_none_is_made_for_who_only_reads(tmp_path: Path) -> None:
    environment = {"CONSENT_DATABASE": f"sqlite:///{tmp_path}/consent.db"}
    with pytest.raises(Misconfigured, match=r"there is no secret at .*consent\.db\.secret"):
        from_environment(environment, makes_secret=False)
    assert list(tmp_path.iterdir()) == []
    made = from_environment(environment)
    assert from_environment(environment, makes_secret=False).secrets == made.secrets


def test_an_unreadable_secret_says_so(tmp_path: Path) -> None:
    (tmp_path / "consent.db.secret").write_bytes(b"\xff\xfe")
    with pytest.raises(Misconfigured, match="is not text: put the right one back"):
        from_environment({"CONSENT_DATABASE": f"sqlite:///{tmp_path}/consent.db"})


@pytest.mark.parametrize(
    "mail", ["spool:./mail", "smtp://user:pass@host:587", "smtps://host", "postmark://TOKEN", "resend://KEY",
             "mailgun://KEY@DOMAIN", "ses://key:secret@eu-west-1", "sendgrid://KEY", "brevo://KEY"],
)  # fmt: skip
def test_every_way_to_send_is_taken(mail: str, tmp_path: Path) -> None:
    settings = from_environment(GOOD | {"CONSENT_MAIL": mail, "CONSENT_DATABASE": f"sqlite:///{tmp_path}/c.db"})
    assert settings.mail == mail


def test_processes_that_start_at_once_agree_on_the_secret(tmp_path: Path) -> None:
    script = "import sys; from consent.settings import from_environment as f; sys.stdin.read(1)\n" + (
        f"print(f({{'CONSENT_DATABASE': 'sqlite:///{tmp_path}/consent.db'}}).secrets[0])"
    )
    command = [sys.executable, "-c", script]
    processes = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) for _ in range(4)]
    for process in processes:
        assert process.stdin is not None
        process.stdin.close()
    said = set()
    for process in processes:
        assert process.stdout is not None
        with process.stdout:
            said.add(process.stdout.read())
        assert process.wait() == 0
    assert said == {(tmp_path / "consent.db.secret").read_bytes() + b"\n"}


def test_a_folder_that_cannot_keep_the_secret_says_so(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match=r"the secret cannot be kept at .* set CONSENT_SECRET"):
        from_environment({"CONSENT_DATABASE": f"sqlite:///{tmp_path}/nowhere/consent.db"})


@pytest.mark.parametrize(
    ("host", "is_so"),
    [("127.0.0.1", True), ("127.9.9.9", True), ("::1", True), ("localhost", True), ("a.localhost", True),
     ("10.0.0.1", False), ("localhost.example", False), ("0.0.0.0", False), ("", False)],
)  # fmt: skip
def test_which_hosts_are_this_machine(host: str, is_so: bool) -> None:
    assert is_loopback(host) is is_so
