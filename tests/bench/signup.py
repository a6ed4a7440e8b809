"""How long an answer to a sign-up takes, for each thing that can be known of an address: nobody may tell them apart.

The durations of all cases are taken in turn, in a random order of the bench's own, over one connection; each sample has
an address of its own, prepared beforehand. What is compared is a case with an address that nobody ever saw.
"""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import json
import random
import statistics
import time
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import msgspec

from consent import mailboxes, newsletter
from consent.newsletter import Seen, SignupRequest
from consent.services import Services, open_services
from consent.settings import Secret
from consent.storage import pendings
from consent.tokens import LetterLink
from tests.bench import machine, ranks
from tests.bench.results import Effort, Row
from tests.bench.serving import SITE, Served, new_database, postgres_server, publish, service, sqlite_in
from tests.running import settings

LIST = "top-stories"
PREPARED = ("pending", "confirmed", "suppressed")
CASES = ("new", *PREPARED, "disposable", "robot")
SAMPLES_A_SECOND = 50
WARM = 60
SEED = 8058

Bodies = Mapping[str, list[dict[str, Any]]]


def signup(effort: Effort) -> Iterator[Row]:
    """`POST …/signups` on both engines: the median of each case ÷ that of a new address, and whether that is chance."""
    with machine.folder() as folder:
        mail = {"CONSENT_MAIL": f"spool:{folder / 'mail'}"}
        yield from _rows("SQLite", sqlite_in(folder, "signup"), mail, effort)
        with postgres_server() as server:
            yield from _rows("PostgreSQL", new_database(server, "bench_signup"), mail, effort)


def _rows(engine: str, database: str, mail: Mapping[str, str], effort: Effort) -> Iterator[Row]:
    publish(database)
    samples = SAMPLES_A_SECOND * effort.seconds
    bodies = asyncio.run(_prepared(database, samples, mail["CONSENT_MAIL"]))
    with service(database, more=mail) as served:
        taken = _measured(served, bodies)
    usual = statistics.median(taken["new"])
    yield Row(what=f"sign-up, {engine}, new address, {samples} each", figure=usual * 1000, unit="ms")
    for case in CASES[1:]:
        median, compared = statistics.median(taken[case]), ranks.compare(taken[case], taken["new"])
        details = f"{median * 1000:.3f} ms, slower than a new one's in {compared.larger:.1%}, p = {compared.p:.3f}"
        yield Row(what=f"  {case} ÷ new", figure=median / usual, target="≈ 1, p ≥ .01", details=details)


async def _prepared(database: str, samples: int, mail: str) -> Bodies:
    """What is sent, with the addresses in the state that their case is called by."""
    chosen = msgspec.structs.replace(settings(database), limits=Secret("off"), mail=Secret(mail))
    bodies: dict[str, list[dict[str, Any]]] = {}
    async with open_services(chosen) as services:
        for case in CASES:
            domain = "mailinator.com" if case == "disposable" else "example.org"
            emails = [f"{case}-{number}@{domain}" for number in range(samples)]
            more = {"url_2": "x"} if case == "robot" else {}
            bodies[case] = [{"email": email, "lists": [LIST], "language": "en", **more} for email in emails]
            for email in emails if case in PREPARED else ():
                await _prepare(services, case, email)
    return bodies


async def _prepare(services: Services, case: str, email: str) -> None:
    request, seen = SignupRequest(email=email, lists=(LIST,)), Seen()
    await newsletter.sign_up(services, SITE, request, seen)
    async with services.database.reading() as reader:
        waiting = await pendings.by_key(reader, SITE, services.addresses.of(mailboxes.parse(email)), "signup")
    if waiting is None:
        raise RuntimeError("a sign-up left nothing that waits")
    content, at = LetterLink(id=str(UUID(bytes=waiting.id)), site=SITE), services.clock()
    if case == "confirmed":
        await newsletter.confirm(services, services.tokens.sign("confirm", SITE, content, at), (LIST,), seen)
    elif case == "suppressed":
        await newsletter.not_me(services, services.tokens.sign("not-me", SITE, content, at))


def _measured(served: Served, bodies: Bodies) -> dict[str, list[float]]:
    """Seconds from the request's first byte to the answer's last one."""
    host = urlsplit(served.url)
    rounds = [[(case, made[number]) for case, made in bodies.items()] for number in range(len(bodies["new"]))]
    chance = random.Random(SEED)
    taken: dict[str, list[float]] = {case: [] for case in bodies}
    with contextlib.closing(http.client.HTTPConnection(host.hostname or "", host.port, timeout=30)) as connection:
        for number in range(WARM):
            _send(connection, {"email": f"warm-{number}@example.org", "lists": [LIST], "language": "en"})
        for turn in rounds:
            chance.shuffle(turn)
            for case, body in turn:
                taken[case].append(_send(connection, body))
    return taken


def _send(connection: http.client.HTTPConnection, body: Mapping[str, Any]) -> float:
    data = json.dumps(body)
    start = time.perf_counter()
    connection.request("POST", f"/v1/sites/{SITE}/signups", data, {"Content-Type": "application/json"})
    answer = connection.getresponse()
    answer.read()
    took = time.perf_counter() - start
    if answer.status != 202:
        raise RuntimeError(f"a sign-up was answered {answer.status}")
    return took
