"""What somebody wrote and could not be brought together is a draft: counted, listed and told like any other."""

from __future__ import annotations

import pytest

from consent.editing import drafting
from consent.errors import Refused
from consent.services import Services
from tests.acts import SITE
from tests.trips.test_drafts import ANA, BEN, acted, saved


async def test_what_is_kept_aside_is_a_draft_like_any_other(services: Services) -> None:
    draft = await drafting.begin(services, SITE, ANA)
    await saved(services, draft, 1, ANA, ("controller.name", "Ana's"), ("consent.expires_days", "soon"))
    aside = [await saved(services, draft, 1, BEN, ("controller.name", f"{at}")) for at in range(2)]
    assert [(one.id, one.faults) for one in await drafting.listed(services, SITE) if one.id == draft] == [(draft, 1)]
    about = [{"draft": one.draft, "aside_of": draft} for one in aside]
    assert (await acted(services))[1:] == [("draft.begun", str(BEN), one) for one in about]
    for _ in range(drafting.MOST_DRAFTS - 3):
        await drafting.begin(services, SITE, ANA)
    with pytest.raises(Refused, match="at most"):
        await saved(services, draft, 1, BEN, ("controller.name", "one too many"))
    assert len(await drafting.listed(services, SITE)) == drafting.MOST_DRAFTS
