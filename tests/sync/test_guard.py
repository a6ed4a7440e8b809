"""The one way out: to the internet, to the very address that was looked at, and to nothing else."""

from __future__ import annotations

import logging
import os
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path

import pytest

from consent.errors import Refused
from consent.sync.delivery import Retry
from consent.sync.guard import LIMIT, Guard, Resolve
from tests.mail.certificates import Authority
from tests.sync.receiver import HOST, Got, Receiver, Reply, opened, receiving

NAME = "hooks.example.org"


def resolving(*answers: Sequence[tuple[str, int]]) -> tuple[Resolve, list[str]]:
    """A look-up that gives these answers in turn, and notes what it was asked."""
    left, asked = list(answers), list[str]()

    async def resolve(host: str, port: int) -> Sequence[tuple[str, int]]:
        asked.append(f"{host}:{port}")
        return left.pop(0) if len(left) > 1 else left[0]

    return resolve, asked


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    """A server in clear."""
    async with receiving() as made:
        yield made


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    """Signs what the servers show."""
    return Authority(tmp_path)


@pytest.fixture
def proxied() -> Iterator[None]:
    """An environment that names a proxy where nobody listens."""
    before = {name: os.environ.get(name) for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")}
    os.environ.update(dict.fromkeys(before, "http://127.0.0.1:9"))
    yield
    for name, value in before.items():
        if value is None:
            del os.environ[name]
        else:
            os.environ[name] = value


async def test_what_is_asked_arrives_and_is_answered(receiver: Receiver) -> None:
    receiver.answer(Reply(201, {"taken": True}, {"x-id": "7"}))
    async with opened() as guard:
        answer = await guard.ask_json("POST", f"{receiver.url}/in?x=1", {"a": 1}, {"authorization": "Token t"})
    [got] = receiver.got
    assert (got.method, got.path, got.json()) == ("POST", "/in?x=1", {"a": 1})
    assert got.headers["host"] == f"{HOST}:{receiver.port}"
    assert got.headers["authorization"] == "Token t" and got.headers["content-type"] == "application/json"
    assert got.headers["user-agent"].startswith("consent/") and got.headers["accept-encoding"] == "identity"
    assert (answer.status, answer.json(), answer.headers["x-id"]) == (201, {"taken": True}, "7")


@pytest.mark.parametrize(
    "url",
    [
        "http://8.8.8.8/",
        "http://hooks.example.org/",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://[::ffff:169.254.169.254]/latest/meta-data",
        "https://169.254.169.254/",
        "https://localhost/",
        "https://localhost./",
        "https://api.localhost/",
        "https://printer.local/",
        "https://metadata.google.internal/",
        "https://intranet/",
        "https://user:pass@hooks.example.org/",
        "https://hooks.example.org/#part",
        "ftp://hooks.example.org/",
        "file:///etc/passwd",
        "https://",
        "https:///in",
        "not an address",
        "https://hooks.example.org/\r\nX: y",
        "https://hooks.example.org:99999/",
        "https://hooks.example.org/" + "a" * 2048,
        "",
    ],
)
async def test_what_cannot_be_on_the_internet_is_refused_before_anything_is_looked_up(url: str) -> None:
    resolve, asked = resolving([("8.8.8.8", 443)])
    async with opened(opens=(), resolve=resolve) as guard:
        with pytest.raises(Refused):
            guard.check_url(url)
        with pytest.raises(Refused):
            await guard.ask("GET", url)
    assert asked == []


@pytest.mark.parametrize("address", ["127.0.0.1", "10.1.2.3", "169.254.169.254", "::1", "fd00::1", "64:ff9b::7f00:1"])
async def test_a_name_that_points_into_a_private_network_is_not_asked(address: str, receiver: Receiver) -> None:
    resolve, _ = resolving([("8.8.8.8", 443), (address, receiver.port)])
    async with opened(opens=(), resolve=resolve) as guard:
        with pytest.raises(Retry, match="private network"):
            await guard.ask("POST", f"https://{NAME}/", body=b"secret")
    assert receiver.got == []


async def test_the_systems_own_names_of_this_machine_are_found_out_when_they_are_looked_up() -> None:
    async with opened(opens=()) as guard:
        for url in ("https://127.1/", "https://0x7f.1/", "https://017700000001.0/"):
            with pytest.raises((Retry, Refused)):
                await guard.ask("GET", url)


async def test_a_name_is_looked_up_once_and_the_connection_goes_where_was_looked(authority: Authority) -> None:
    """A second look-up would be answered otherwise: with rebinding, by whoever owns the name."""
    async with receiving(tls=authority.server(NAME)) as receiver:
        resolve, asked = resolving([(HOST, receiver.port)], [("10.0.0.1", 443)])
        async with opened(resolve=resolve, tls=authority.believed()) as guard:
            answer = await guard.ask("GET", f"https://{NAME}/in")
    assert answer.status == 200 and asked == [f"{NAME}:443"]
    assert receiver.got[0].headers["host"] == NAME


async def test_the_certificate_has_to_be_the_names_not_the_addresss(authority: Authority) -> None:
    async with receiving(tls=authority.server("other.example.org")) as receiver:
        resolve, _ = resolving([(HOST, receiver.port)])
        async with opened(resolve=resolve, tls=authority.believed()) as guard:
            with pytest.raises(Retry, match="cannot be connected"):
                await guard.ask("GET", f"https://{NAME}/in")
    assert receiver.got == []


async def test_the_authorities_of_the_system_do_not_believe_anybody(authority: Authority) -> None:
    async with receiving(tls=authority.server(NAME)) as receiver:
        resolve, _ = resolving([(HOST, receiver.port)])
        async with opened(resolve=resolve) as guard:
            with pytest.raises(Retry):
                await guard.ask("GET", f"https://{NAME}/in")
    assert receiver.got == []


async def test_another_of_its_addresses_serves_when_the_first_does_not(receiver: Receiver) -> None:
    resolve, _ = resolving([("127.0.0.2", receiver.port), (HOST, receiver.port)])
    async with opened(resolve=resolve) as guard:
        assert (await guard.ask("POST", f"http://{NAME}/", body=b"x")).status == 200
    assert [one.body for one in receiver.got] == [b"x"]


async def test_no_redirect_is_followed(receiver: Receiver) -> None:
    receiver.answer(Reply(302, b"", {"location": f"{receiver.url}/elsewhere"}))
    async with opened() as guard:
        assert (await guard.ask("GET", receiver.url)).status == 302
    assert len(receiver.got) == 1


async def test_an_answer_is_cut_and_not_unpacked(receiver: Receiver) -> None:
    receiver.answer(Reply(200, b"x" * (LIMIT * 4), {"content-encoding": "gzip"}))
    async with opened() as guard:
        answer = await guard.ask("GET", receiver.url)
        assert answer.body == b"x" * LIMIT and answer.json() is None
        assert len((await guard.ask("GET", receiver.url, limit=10)).body) == 10


async def test_a_proxy_of_the_environment_is_not_used(receiver: Receiver, proxied: None) -> None:
    async with opened() as guard:
        assert (await guard.ask("GET", receiver.url)).status == 200


async def test_cookies_are_not_kept(receiver: Receiver) -> None:
    receiver.answer(Reply(200, b"", {"set-cookie": "a=b; Path=/"}))
    async with opened() as guard:
        await guard.ask("GET", receiver.url)
        await guard.ask("GET", receiver.url)
    assert "cookie" not in receiver.got[1].headers


async def test_where_it_goes_is_in_no_log(receiver: Receiver, caplog: pytest.LogCaptureFixture) -> None:
    """Addresses of providers' APIs have readers' addresses in them."""
    caplog.set_level(logging.DEBUG)
    async with opened() as guard:
        await guard.ask("GET", f"{receiver.url}/contacts/reader%40example.org", headers={"authorization": "s3cret"})
    assert receiver.got and "reader" not in caplog.text and "s3cret" not in caplog.text


async def test_a_server_that_breaks_off_or_is_not_there_is_a_retry_without_its_words() -> None:
    async with receiving(lambda _: Reply(200, b"", {"content-length": "5"})) as receiver, opened() as guard:
        with pytest.raises(Retry) as caught:
            await guard.ask("GET", f"{receiver.url}/a-secret-path")
        port = receiver.port
    async with opened() as guard:
        with pytest.raises(Retry, match="cannot be connected"):
            await guard.ask("GET", f"http://{HOST}:{port}/")
    assert "secret" not in caught.value.detail and str(port) not in caught.value.detail


async def test_a_name_that_nobody_has_is_a_retry() -> None:
    async def resolve(host: str, port: int) -> Sequence[tuple[str, int]]:
        raise OSError("no such name")

    async with opened(opens=(), resolve=resolve) as guard:
        with pytest.raises(Retry, match="name is not found"):
            await guard.ask("GET", f"https://{NAME}/")


async def test_what_lasts_is_asked_for_once() -> None:
    def answering(got: Got) -> Reply:
        return Reply(200, got.path.encode()) if got.path != "/missing" else Reply(404)

    async with receiving(answering) as receiver, opened() as guard:
        for _ in range(3):
            assert await guard.lasting(f"{receiver.url}/one") == b"/one"
        with pytest.raises(Retry):
            await guard.lasting(f"{receiver.url}/missing")
        for number in range(40):
            await guard.lasting(f"{receiver.url}/{number}")
    assert [one.path for one in receiver.got].count("/one") == 1
    assert len(guard._lasting) <= 16


async def test_a_guard_is_closed_for_private_networks_unless_it_is_opened_for_them(receiver: Receiver) -> None:
    guard = Guard()
    with pytest.raises(Refused):
        await guard.ask("GET", receiver.url)
    await guard.close()
    assert receiver.got == []
