"""The status of each purpose over a subject's acts: given, refused, or withdrawn of what was given until then."""

from __future__ import annotations

import asyncio

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from consent import ledger
from consent.records import status
from consent.services import Services
from tests import acts
from tests.acts import GIVEN, REFUSED, SITE
from tests.reading import all_records, verified
from tests.running import notice_of

decisions = st.fixed_dictionaries({name: st.booleans() for name in GIVEN})


def expected(history: list[bool]) -> str:
    """A purpose's status after these answers, told by the answers alone."""
    if history[-1]:
        return "given"
    return "withdrawn" if len(history) > 1 and history[-2] else "refused"


@given(st.lists(decisions, min_size=1, max_size=8))
def test_the_rule_over_any_sequence(sequence: list[dict[str, bool]]) -> None:
    before: dict[str, str] = {}
    for length, answer in enumerate(sequence, 1):
        before = dict(status(answer, before))
        assert before == {name: expected([past[name] for past in sequence[:length]]) for name in GIVEN}


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.lists(st.tuples(st.integers(0, 2), decisions), min_size=1, max_size=6),  # who decides what, in one group
        min_size=1,
        max_size=4,
    )
)
async def test_the_log_says_the_same(services: Services, groups: list[list[tuple[int, dict[str, bool]]]]) -> None:
    """Three subjects act in groups of any mixture; the log is held against each subject's own sequence."""
    subjects = [acts.new_id() for _ in range(3)]
    histories: dict[str, list[dict[str, bool]]] = {subject: [] for subject in subjects}
    for group in groups:
        drafts = [acts.draft(notice_of(services), answer, subject=subjects[who]) for who, answer in group]
        done = await asyncio.gather(*map(services.recorder.give, drafts))
        for recorded in done:
            history = histories[recorded.record.subject]
            history.append(recorded.record.purposes)
            assert recorded.record.status == {name: expected([past[name] for past in history]) for name in GIVEN}
    stored = await all_records(services)
    for subject, history in histories.items():
        assert [record.purposes for record in stored if record.subject == subject] == history


async def test_two_acts_of_one_subject_in_one_group(services: Services) -> None:
    subject = acts.new_id()
    drafts = [acts.draft(notice_of(services), answer, subject=subject) for answer in (REFUSED, GIVEN, REFUSED, REFUSED)]
    done = await asyncio.gather(*map(services.recorder.give, drafts))
    groups = services.metrics.registry.get_sample_value("consent_group_size_count")
    assert groups == 1
    assert [recorded.record.status["content"] for recorded in done] == ["refused", "given", "withdrawn", "refused"]


async def test_subjects_do_not_see_each_other(services: Services) -> None:
    await services.recorder.give(acts.draft(notice_of(services)))
    other = await services.recorder.give(acts.draft(notice_of(services), REFUSED))
    assert set(other.record.status.values()) == {"refused"}


async def test_withdrawing_takes_back_what_is_given_and_only_once(services: Services) -> None:
    drafted = acts.draft(notice_of(services), GIVEN | {"analytics": False}, services=acts.SERVICES)
    first = (await services.recorder.give(drafted)).record
    one, two = await asyncio.gather(*(ledger.withdraw(services, SITE, first.id) for _ in range(2)))
    assert one == two == await ledger.withdraw(services, SITE, first.id)
    assert one.status == {"advertising": "withdrawn", "analytics": "refused", "content": "withdrawn"}
    assert one.services == {"google-ads": False, "youtube": False}
    assert [record.seq for record in await ledger.history(services, SITE, first.subject)] == [1, 2]
    assert await verified(services) == 2
