"""Whether a domain takes mail, asked of a real DNS server of this test's own."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Mapping

import dns.asyncresolver
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset
import pytest

from consent.cli import outside
from consent.mx import AGES_MS, Mx
from tests.clock import SetClock

SILENT, GARBAGE, NONE = "silent", "garbage", ""
ZONE: Mapping[str, str | dns.rcode.Rcode] = {
    ".": NONE,
    "example.org.": "10 mail.example.org.\n20 backup.example.org.",
    "xn--bcher-kva.example.org.": "10 mail.example.org.",
    "null.example.org.": "0 .",
    "odd.example.org.": "0 .\n10 mail.example.org.",
    "bare.example.org.": NONE,
    "failing.example.org.": dns.rcode.SERVFAIL,
    "refused.example.org.": dns.rcode.REFUSED,
    "silent.example.org.": SILENT,
    "garbage.example.org.": GARBAGE,
}


class Server(asyncio.DatagramProtocol):
    """Answers what the zone says, and counts what it was asked."""

    transport: asyncio.DatagramTransport

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()
        self.zone = dict(ZONE)

    def connection_made(self, transport: asyncio.DatagramTransport) -> None:  # type: ignore[override]
        self.transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        query = dns.message.from_wire(data)
        [question] = query.question
        name = question.name.to_text()
        if question.rdtype != dns.rdatatype.MX:
            name = f"{dns.rdatatype.to_text(question.rdtype)} {name}"
        self.asked[name] += 1
        if (answer := self._answer(query, name)) is not None:
            self.transport.sendto(answer, addr)

    def _answer(self, query: dns.message.Message, name: str) -> bytes | None:
        told = self.zone.get(name, dns.rcode.NXDOMAIN)
        if told == SILENT:
            return None
        if told == GARBAGE:
            return query.to_wire()[:2] + b"\xff" * 20
        response = dns.message.make_response(query)
        if isinstance(told, dns.rcode.Rcode):
            response.set_rcode(told)
        elif told:
            kind, _, bare = name.rpartition(" ")
            response.answer.append(dns.rrset.from_text(bare, 300, "IN", kind or "MX", *told.splitlines()))
        return response.to_wire()

    def resolver(self) -> dns.asyncresolver.Resolver:
        """One that asks this server alone."""
        found = dns.asyncresolver.Resolver(configure=False)
        found.nameservers = ["127.0.0.1"]
        found.port = self.transport.get_extra_info("sockname")[1]
        return found


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    """A DNS server on a free port."""
    transport, server = await asyncio.get_running_loop().create_datagram_endpoint(Server, local_addr=("127.0.0.1", 0))
    with contextlib.closing(transport):
        yield server


@pytest.mark.parametrize(
    ("domain", "expected"),
    [
        ("example.org", True),
        ("xn--bcher-kva.example.org", True),
        ("null.example.org", False),  # says itself that it takes none
        ("odd.example.org", True),
        ("nowhere.example.org", False),
        ("bare.example.org", None),  # mail may go to the domain's own address
        ("failing.example.org", None),
        ("refused.example.org", None),
        ("silent.example.org", None),
        ("garbage.example.org", None),
        ("x" * 64 + ".example.org", None),  # nothing that can be asked
        ("a..example.org", None),
    ],
)
async def test_whether_a_domain_takes_mail(server: Server, clock: SetClock, domain: str, expected: bool | None) -> None:
    mx = Mx(clock, server.resolver(), patience_seconds=0.2)
    assert mx.known(domain) is None
    assert await mx.has_mail(domain) is expected
    assert mx.known(domain) is expected


async def test_where_nobody_answers_nobody_knows(server: Server, clock: SetClock) -> None:
    resolver = server.resolver()
    server.transport.close()
    assert await Mx(clock, resolver, patience_seconds=0.2).has_mail("example.org") is None


@pytest.mark.parametrize(
    ("root", "expected"),
    [(dns.rcode.NXDOMAIN, None), (dns.rcode.REFUSED, False), (dns.rcode.SERVFAIL, False), (SILENT, False)],
)
async def test_a_resolver_of_a_closed_network_denies_nothing(
    server: Server, clock: SetClock, root: str | dns.rcode.Rcode, expected: bool | None
) -> None:
    """One that denies even the root denies every name, though a relay may well know them."""
    server.zone["."] = root
    mx = Mx(clock, server.resolver(), patience_seconds=0.2)
    assert await mx.has_mail("nowhere.example.org") is expected
    assert await mx.has_mail("example.org") is True


async def test_what_a_sender_publishes(server: Server, clock: SetClock) -> None:
    server.zone |= {
        "TXT news.example.org.": '"v=spf1 include:_spf." "example.net -all"',
        "TXT _dmarc.news.example.org.": NONE,
    }
    mx = Mx(clock, server.resolver(), patience_seconds=0.2)
    assert await mx.texts("news.example.org") == ("v=spf1 include:_spf.example.net -all",)
    assert await mx.texts("_dmarc.news.example.org") == ()
    assert await mx.texts("nowhere.example.org") == ()
    assert await mx.texts("x" * 64 + ".example.org") is None
    found = [finding async for finding in outside.sender(mx, "news.example.org")]
    assert [(one.level, one.words) for one in found] == [("warn", "news.example.org has no DMARC record")]


@pytest.mark.parametrize(
    ("zone", "expected", "level"),
    [
        ({"com.": NONE}, True, "ok"),
        ({".": NONE}, False, "bad"),  # a root of its own, and the world denied: sign-ups from there would be dropped
        ({".": dns.rcode.NXDOMAIN}, None, "ok"),
        ({"com.": dns.rcode.SERVFAIL}, None, "ok"),
    ],
)
async def test_a_resolver_that_denies_the_world_is_found(
    server: Server, clock: SetClock, zone: dict[str, str | dns.rcode.Rcode], expected: bool | None, level: str
) -> None:
    server.zone |= zone
    mx = Mx(clock, server.resolver(), patience_seconds=0.2)
    assert await mx.sees_internet() is expected
    assert (await outside.resolver(mx)).level == level


async def test_a_machine_without_any_resolver_knows_nothing(clock: SetClock) -> None:
    resolver = dns.asyncresolver.Resolver(configure=False)
    assert await Mx(clock, resolver, patience_seconds=0.2).has_mail("example.org") is None


@pytest.mark.parametrize("domain", ["example.org", "null.example.org", "nowhere.example.org", "failing.example.org"])
async def test_an_answer_is_believed_for_its_age(server: Server, clock: SetClock, domain: str) -> None:
    mx = Mx(clock, server.resolver(), patience_seconds=0.2)
    age = AGES_MS[await mx.has_mail(domain)]
    asked = server.asked.total()
    clock.forward(age - 1)
    known = await mx.has_mail(domain)
    assert (server.asked.total(), mx.known(domain)) == (asked, known)
    clock.forward(1)
    assert mx.known(domain) is None
    await mx.has_mail(domain)
    assert server.asked.total() > asked


async def test_a_domain_that_comes_to_be_is_found(server: Server, clock: SetClock) -> None:
    mx = Mx(clock, server.resolver())
    assert await mx.has_mail("new.example.org") is False
    server.zone["new.example.org."] = "10 mail.example.org."
    assert await mx.has_mail("new.example.org") is False
    clock.forward(AGES_MS[False])
    assert await mx.has_mail("new.example.org") is True


async def test_no_more_is_kept_than_the_bound(server: Server, clock: SetClock) -> None:
    mx = Mx(clock, server.resolver(), max_domains=3)
    domains = [f"{number}.example.org" for number in range(5)]
    for domain in domains:
        assert await mx.has_mail(domain) is False
    assert [mx.known(domain) for domain in domains] == [None, None, False, False, False]


async def test_many_at_once(server: Server, clock: SetClock) -> None:
    mx = Mx(clock, server.resolver())
    answers = await asyncio.gather(*(mx.has_mail(f"{number}.example.org") for number in range(50)))
    assert answers == [False] * 50
    assert await mx.has_mail("example.org") is True
