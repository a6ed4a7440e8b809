"""`consent serve` and `consent demo` as processes of their own: they start or say why not, and end in order."""

from __future__ import annotations

import asyncio
import os
import re
import resource
import signal
import socket
import time
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from tests.acts import SITE, new_id
from tests.cli.command import Server, Shell, is_running
from tests.ports import free_port
from tests.running import MIAMI, SECRET
from tests.storage.tampering import guarded

CONSENTS = f"/v1/sites/{SITE}/consents"
POST = f"POST {CONSENTS} HTTP/1.1\r\nHost: x\r\n".encode()
DRAIN_SECONDS = 12
WAL_FRAME = 4_096 + 24 + 32


def body(notice: str) -> dict[str, object]:
    return {
        "id": new_id(),
        "subject": new_id(),
        "notice": notice,
        "language": "en",
        "action": "save",
        "purposes": {"analytics": True, "content": False, "advertising": False},
        "regime": "opt_in",
    }


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"CONSENT_URL": "http://consent.example"}, "give an https URL"),
        ({"CONSENT_SECRET": "changeme"}, "32 characters or more"),
        ({"CONSENT_SECRET": None, "CONSENT_DATABASE": "postgresql://x@127.0.0.1:1/x"}, "CONSENT_SECRET is not set"),
        ({"CONSENT_DATABASE": "mysql://x:canary@y/z"}, "sqlite:///path nor postgresql"),
        ({"CONSENT_DATABASE": "postgresql://x:canary@127.0.0.1:1/x"}, ""),
        ({"CONSENT_DATABASE": "sqlite:////no/such/folder/consent.db"}, ""),
        ({"CONSENT_LIMITS": "off", "CONSENT_URL": "https://consent.example"}, "CONSENT_LIMITS is off on a public"),
        ({"CONSENT_DATABASE": ""}, "CONSENT_DATABASE is empty"),
        ({"CONSENT_MAIL": "pigeon://coop"}, "CONSENT_MAIL is none of the ways to send"),
        ({"CONSENT_SECERT": "x"}, "CONSENT_SECERT is not a setting"),
        ({"CONSENT_SECRET_FILE": "/no/such/file"}, "keep one of them"),
    ],
)
async def test_half_configured_it_does_not_start_and_says_the_mend(
    shell: Shell, settings: dict[str, str | None], said: str
) -> None:
    done = shell.run("serve", "--port", str(free_port()), **settings)
    assert (done.code, done.out, len(done.err.splitlines())) == (1, "", 1)
    assert done.err.startswith("consent: ")
    assert said in done.err
    for value in ("canary", "changeme", "aaaa"):
        assert value not in done.err


async def test_a_port_that_is_none_is_told(shell: Shell) -> None:
    for command in ("serve", "demo"):
        for port in ("99999", "0", "-1"):
            done = shell.run(command, "--port", port)
            assert (done.code, "is not in the range 1<=x<=65535" in done.err) == (2, True)


@pytest.mark.parametrize("workers", ["1", "2"])
async def test_a_secret_that_does_not_open_the_logs_keeps_it_from_starting(shell_on_each: Shell, workers: str) -> None:
    shell = shell_on_each
    shell.published()
    command = ("serve", "--port", str(free_port()), "--workers", workers)
    done = shell.run(*command, CONSENT_SECRET="another-secret-0123456789-abcdefghijk")
    assert (done.code, done.out, len(done.err.splitlines())) == (1, "", 1)
    assert done.err.startswith("consent: a key was encrypted under another secret: add the old one in front")


async def test_a_lost_secret_is_not_replaced_by_a_new_one(shell: Shell) -> None:
    shell.good("site", "publish", str(MIAMI), CONSENT_SECRET=None)
    kept = shell.folder / "consent.db.secret"
    kept.unlink()
    done = shell.run("serve", "--port", str(free_port()), CONSENT_SECRET=None)
    assert (done.code, len(done.err.splitlines()), kept.exists()) == (1, 1, False)
    assert f"secret is not at {kept}: put it back there" in done.err


async def test_a_worker_that_cannot_start_ends_the_service_with_a_failure(shell_on_each: Shell) -> None:
    """The secret's file is replaced under a running service, then one worker dies: the next cannot open the logs."""
    shell = shell_on_each
    shell.published()
    mounted = shell.folder / "mounted"
    mounted.write_text(SECRET)
    with shell.serving("serve", "--workers", "2", CONSENT_SECRET=None, CONSENT_SECRET_FILE=str(mounted)) as server:
        mounted.write_text("another-secret-0123456789-abcdefghijk")
        os.kill(server.workers()[0], signal.SIGKILL)
        assert await asyncio.to_thread(server.process.wait, DRAIN_SECONDS * 2) == 1
        assert server.err.splitlines()[-1].startswith("consent: a worker could not start: ")


async def test_workers_do_not_outlive_a_parent_that_is_killed(shell: Shell) -> None:
    shell.published()
    with shell.serving("serve", "--workers", "2") as server:
        workers = server.workers()
        assert len(workers) == 2
        server.process.kill()
        deadline = time.monotonic() + DRAIN_SECONDS
        while any(is_running(worker) for worker in workers):
            assert time.monotonic() < deadline, "workers go on without their parent"
            await asyncio.sleep(0.1)
        with pytest.raises(httpx.TransportError):
            httpx.get(f"{server.url}/healthz", trust_env=False)


async def test_a_full_disk_is_told_to_visitors_to_who_asks_and_to_the_operator(shell: Shell) -> None:
    """Room for the row that is written to learn it, but none for a record: it is not ready all the same."""
    notice = shell.published()
    with shell.serving("serve", CONSENT_LIMITS="off") as server:
        client = httpx.AsyncClient(trust_env=False)
        async with guarded(shell.database) as other:
            await other.rows("PRAGMA wal_checkpoint(TRUNCATE)")
        unlimited = resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (2 * WAL_FRAME, resource.RLIM_INFINITY))
        assert (await client.get(f"{server.url}/readyz")).status_code == 200
        for _ in range(2):
            answer = await client.post(server.url + CONSENTS, json=body(notice))
            assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
            answer = await client.get(f"{server.url}/readyz")
            assert (answer.status_code, answer.headers["content-type"]) == (503, "application/problem+json")
            assert (answer.json()["code"], int(answer.headers["retry-after"]) > 0) == ("unavailable", True)
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, unlimited)
        assert (await client.post(server.url + CONSENTS, json=body(notice))).status_code == 201
        assert (await client.get(f"{server.url}/readyz")).status_code == 200
        await client.aclose()
        said = [line for line in server.err.splitlines() if " consent.recorder " in line]
        assert [" ERROR " in line for line in said] == [True, False], server.err
        assert re.search(r"cannot be recorded now: .*(disk|full)", said[0])
        assert said[1].endswith("INFO consent.recorder consents are recorded again")


async def test_a_port_that_is_taken_is_told(shell: Shell) -> None:
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = shell.run("serve", "--port", str(taken.getsockname()[1]))
    assert (done.code, len(done.err.splitlines())) == (1, 1)
    assert "give another --port" in done.err


async def test_a_secret_is_made_beside_the_file_for_its_owner_alone(shell: Shell) -> None:
    shell.good("migrate", CONSENT_SECRET=None)
    kept = shell.folder / "consent.db.secret"
    assert kept.stat().st_mode & 0o777 == 0o600
    assert len(kept.read_text()) >= 43
    (shell.folder / "mounted").write_text(kept.read_text())
    shell.good("migrate", CONSENT_SECRET=None, CONSENT_SECRET_FILE=str(shell.folder / "mounted"))


async def test_a_publication_reaches_every_worker_within_two_seconds(shell_on_each: Shell) -> None:
    shell = shell_on_each
    first = shell.published()
    with shell.serving("serve", "--workers", "2") as server:
        all_workers_name(server, first, seconds=20)
        text = MIAMI.read_text("utf-8").replace("Google Ireland Limited", "Somebody Else")
        (shell.folder / "site.toml").write_text(text)
        second = shell.good("site", "publish", "site.toml").out.splitlines()[0]
        all_workers_name(server, second, seconds=2)
        for notice in (first, second):
            assert httpx.post(server.url + CONSENTS, json=body(notice), trust_env=False).status_code == 201
        metrics = httpx.get(f"{server.url}/metrics", trust_env=False).text
        assert f'consent_records_total{{action="save",site="{SITE}"}} 2.0' in metrics
        assert "server" not in httpx.get(f"{server.url}/healthz", trust_env=False).headers
        assert server.terminate(DRAIN_SECONDS) == 0
    assert shell.good("verify", SITE).out.startswith(f"{SITE}: 3 records")  # and that somebody published


def all_workers_name(server: Server, notice: str, seconds: float) -> None:
    """Many new connections in a row, so that each of two workers is asked: all name the notice."""
    deadline, in_a_row = time.monotonic() + seconds, 0
    with httpx.Client(trust_env=False, headers={"Connection": "close"}) as client:
        while in_a_row < 24:
            answer = client.get(f"{server.url}/w/{SITE}.js")
            in_a_row = in_a_row + 1 if notice in answer.text else 0
            assert in_a_row or time.monotonic() < deadline, f"some worker does not name {notice} after {seconds} s"


async def test_it_drains_at_sigterm_and_what_it_answered_is_there(shell_on_each: Shell) -> None:
    """Under load: what was answered is recorded, nobody gets a broken answer, and it ends in time with 0."""
    shell = shell_on_each
    notice, answered = shell.published(), []
    with shell.serving("serve", CONSENT_LIMITS="off") as server:

        async def visit(client: httpx.AsyncClient) -> None:
            while True:
                sent = body(notice)
                try:
                    answer = await client.post(server.url + CONSENTS, json=sent)
                except httpx.TransportError:
                    return
                assert answer.status_code in (201, 503)
                if answer.status_code == 201:
                    answered.append(sent["id"])

        async with httpx.AsyncClient(trust_env=False, timeout=30) as client:
            visits = [asyncio.create_task(visit(client)) for _ in range(12)]
            await asyncio.sleep(0.5)
            code = await asyncio.to_thread(server.terminate, DRAIN_SECONDS)
            await asyncio.gather(*visits)
    assert (code, "Traceback" in server.err) == (0, False), server.err
    assert len(answered) > 12
    exported = shell.good("export", "consents", SITE).out
    assert all(f'"id":"{id_}"' in exported for id_ in answered)
    assert shell.good("verify", SITE).code == 0


async def test_slow_clients_hold_nobody_up_and_not_the_end(shell: Shell) -> None:
    """Headers that never end, bodies that never come: others are served meanwhile, and SIGTERM is obeyed."""
    notice = shell.published()
    with shell.serving("serve") as server:
        head = f"POST {CONSENTS} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 500\r\n"
        stalled = [connected(server, words) for words in ("", head, f"{head}\r\n", f'{head}\r\n{{"id"', "GET /") * 10]
        answer = httpx.post(server.url + CONSENTS, json=body(notice), trust_env=False, timeout=10)
        assert answer.status_code == 201
        began = time.monotonic()
        code = await asyncio.to_thread(server.terminate, DRAIN_SECONDS + 3)
        assert (code, time.monotonic() - began < DRAIN_SECONDS + 3) == (0, True)
        answers = [last_words(one) for one in stalled]
    assert [answer[:12] for answer in answers if answer] == [b"HTTP/1.1 400"] * 20
    assert all(b"did not come within" in answer for answer in answers if answer)
    assert "Traceback" not in server.err


@pytest.mark.parametrize(
    "request_",
    [
        b"GET / HTTP/1.1\r\n\r\n\r\n", b"\0\0\0\0", b"GET /healthz\r\n\r\n", b"GET /healthz HTTP/9.9\r\n\r\n",
        POST + b"Content-Length: +4\r\n\r\nabcd",
        POST + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        POST + b"Content-Length: 4\r\nContent-Length: 5\r\n\r\nabcd",
        POST + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        POST + b"Content-Length: 99999\r\nContent-Type: text/plain\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: x\r\nX: a\0b\r\n\r\n",
    ],
)  # fmt: skip
async def test_malformed_requests_get_4xx_or_a_closed_connection(serving: Server, request_: bytes) -> None:
    with closing(connected(serving, request_)) as one:
        one.settimeout(10)
        one.shutdown(socket.SHUT_WR)
        answer = one.recv(65536)
    assert answer == b"" or re.match(rb"HTTP/1\.[01] (4\d\d|200) ", answer), answer
    assert b"HTTP/1.1 5" not in answer
    assert b"uvicorn" not in answer.lower().replace(b"invalid http request received", b"")
    assert httpx.get(f"{serving.url}/healthz", trust_env=False).status_code == 200


@pytest.fixture(scope="module")
def serving(tmp_path_factory: pytest.TempPathFactory) -> object:
    """A service for raw sockets."""
    shell = Shell(Path(tmp_path_factory.mktemp("serve")))
    shell.published()
    with shell.serving("serve") as server:
        yield server


def connected(server: Server, words: str | bytes) -> socket.socket:
    one = socket.create_connection(("127.0.0.1", server.port), timeout=10)
    one.sendall(words.encode() if isinstance(words, str) else words)
    return one


def last_words(one: socket.socket) -> bytes:
    """What a connection still gave until it was closed."""
    with closing(one):
        try:
            return one.recv(65536)
        except ConnectionResetError:
            return b""


async def test_the_demo_prints_four_links_that_work(shell: Shell) -> None:
    with shell.serving("demo") as server:
        links = re.findall(r"http://\S+", server.out)
        assert len(links) == 4, server.out
        for link in links:
            answer = httpx.get(link, trust_env=False, follow_redirects=True)
            assert answer.status_code == 200, (link, answer.text[:300])
            assert answer.headers["content-type"].startswith("text/html")
        assert (shell.folder / "consent.db").exists() is False
        assert server.terminate(DRAIN_SECONDS) == 0
    assert server.err == ""
