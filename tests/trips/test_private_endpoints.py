"""An endpoint in a network of the publisher's own is reached only where the settings name that network."""

from __future__ import annotations

import msgspec
import pytest

from consent.connections import connecting
from consent.connections.connecting import EndpointRequest
from consent.errors import Refused
from consent.services import open_services
from consent.storage import endpoints
from tests.acts import SITE
from tests.running import publish, settings
from tests.sync.receiver import receiving


async def test_a_named_network_is_reached(database_url: str) -> None:
    named = msgspec.structs.replace(settings(database_url), private_endpoints=("127.0.0.1/32",))
    async with open_services(named) as services, receiving() as receiver:
        await publish(services)
        assert (await services.guard.ask("GET", f"{receiver.url}/in")).status == 200
        await connecting.connect(services, SITE, EndpointRequest(url=f"{receiver.url}/in"))
        async with services.database.reading() as reader:
            assert [one.url for one in await endpoints.all_of(reader, SITE)] == [f"{receiver.url}/in"]


async def test_no_other_is(database_url: str) -> None:
    async with open_services(settings(database_url)) as services, receiving() as receiver:
        await publish(services)
        with pytest.raises(Refused, match="reached from the internet"):
            await connecting.connect(services, SITE, EndpointRequest(url=f"{receiver.url}/in"))
