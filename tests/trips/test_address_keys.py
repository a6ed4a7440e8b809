"""What stands for an address in the tables."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from consent.address_keys import AddressKeys
from consent.errors import Misconfigured
from consent.mailboxes import parse
from consent.services import Services
from consent.storage.engines import open_database
from consent.storage.migrations import migrate


async def test_processes_that_make_it_at_once_have_one(database_url: str, services: Services) -> None:
    all_of_them = [AddressKeys(services.database, services.vault, services.clock) for _ in range(8)]
    await asyncio.gather(*(keys.open() for keys in all_of_them))
    assert {keys.key("reader@example.org") for keys in all_of_them} == {services.addresses.key("reader@example.org")}


async def test_without_a_key_no_address_is_looked_up(database_url: str, services: Services) -> None:
    keys = AddressKeys(services.database, services.vault, services.clock)
    with pytest.raises(Misconfigured, match="no key for addresses yet"):
        keys.key("reader@example.org")


async def test_only_a_service_makes_one(tmp_path: Path, services: Services) -> None:
    database = await open_database(f"sqlite:///{tmp_path}/other.db")
    try:
        await migrate(database, services.clock())
        keys = AddressKeys(database, services.vault, services.clock)
        await keys.open(makes_key=False)
        with pytest.raises(Misconfigured):
            keys.key("reader@example.org")
        await keys.open()
        assert len(keys.key("reader@example.org")) == 32
    finally:
        await database.close()


@pytest.mark.parametrize(
    "tagged", ["reader+1@firm.example.org", "Reader+two@firm.example.org", "reader@firm.example.org"]
)
async def test_tags_share_a_budget_wherever_the_address_is(services: Services, tagged: str) -> None:
    """Where a server takes the sign for a letter, two readers are told apart, but for how often they are mailed."""
    plain = parse("reader@firm.example.org")
    assert services.addresses.budget_of(parse(tagged)) == services.addresses.budget_of(plain)
    is_same = parse(tagged).lookup == plain.lookup
    assert (services.addresses.of(parse(tagged)) == services.addresses.of(plain)) == is_same


async def test_a_name_that_is_all_tag_stays_itself(services: Services) -> None:
    tag, other = parse("+a@firm.example.org"), parse("+b@firm.example.org")
    assert services.addresses.budget_of(tag) != services.addresses.budget_of(parse("x@firm.example.org"))
    assert services.addresses.budget_of(tag) == services.addresses.key("+a@firm.example.org")
    assert services.addresses.budget_of(other) == services.addresses.key("+b@firm.example.org")


async def test_who_may_be_nobody_shares_a_budget_and_nothing_else(services: Services) -> None:
    """What precedes a `-` at Yahoo is a name of its own: a made-up one that bounces must not bar the mailbox."""
    alias, plain = parse("reader-shop@yahoo.com"), parse("reader@yahoo.com")
    assert services.addresses.of(alias) != services.addresses.of(plain)
    assert services.addresses.budget_of(alias) == services.addresses.budget_of(plain)
    elsewhere = parse("anna-maria@firm.example.org")
    assert services.addresses.budget_of(elsewhere) == services.addresses.of(elsewhere)
