"""What must hold for any report: no single wrong cell goes unseen, nothing raises, doubts never load."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.report import Certainty, Edition, FactState, Outcome, Report, Verdict
from tasks.validate import judge
from tests.validate.build import sound_report

EDITIONS = (Edition.FORM_2021, Edition.FORM_2019)
SOUND = {edition: sound_report(edition) for edition in EDITIONS}
SUMMED = {edition: [fact.code for fact in report.facts if fact.table != "t2"] for edition, report in SOUND.items()}


def changed(report: Report, code: str, **changes: object) -> Report:
    facts = tuple(replace(fact, **changes) if fact.code == code else fact for fact in report.facts)  # type: ignore[arg-type]
    return replace(report, facts=facts)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(EDITIONS), st.data(), st.integers(1, 500))
def test_a_single_wrong_number_in_tables_three_and_four_is_always_told(
    edition: Edition, data: st.DataObject, slip: int
) -> None:
    code = data.draw(st.sampled_from(SUMMED[edition]))
    report = SOUND[edition]
    fact = report.fact(code)
    assert fact is not None
    assert fact.value is not None
    judgement = judge(changed(report, code, value=fact.value + slip))
    assert judgement.outcome is Outcome.FLAGGED
    assert any(code in finding.cells for finding in judgement.findings)
    assert all(finding.verdict is Verdict.PUBLISHER for finding in judgement.findings)


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(EDITIONS), st.data())
def test_a_single_lost_cell_is_never_loaded(edition: Edition, data: st.DataObject) -> None:
    code = data.draw(st.sampled_from([fact.code for fact in SOUND[edition].facts]))
    rows = [fact.code for fact in SOUND[edition].facts if fact.code.rsplit(".", 1)[0] == code.rsplit(".", 1)[0]]
    report = SOUND[edition]
    judgement = judge(replace(report, facts=tuple(fact for fact in report.facts if fact.code != code)))
    # A row of one cell that is gone is a row that is gone: told to be missing. Any other loss is ours.
    expected = Outcome.FLAGGED if len(rows) == 1 else Outcome.QUARANTINED
    assert judgement.outcome is expected


values = st.none() | st.decimals(allow_nan=False, allow_infinity=False, places=2) | st.integers(-5, 50).map(Decimal)
states = st.sampled_from(FactState)
certainties = st.sampled_from(Certainty)


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(EDITIONS),
    st.lists(st.tuples(st.integers(0, 230), values, states, certainties), max_size=40),
    st.sets(st.integers(0, 230), max_size=30),
)
def test_no_cells_make_the_judge_raise_and_doubts_never_load(
    edition: Edition, damage: list[tuple[int, Decimal | None, FactState, Certainty]], gone: set[int]
) -> None:
    facts = list(SOUND[edition].facts)
    for index, value, state, certainty in damage:
        if index < len(facts):
            facts[index] = replace(facts[index], value=value, state=state, certainty=certainty)
    kept = tuple(fact for index, fact in enumerate(facts) if index not in gone)
    judgement = judge(replace(SOUND[edition], facts=kept))
    if any(fact.certainty is Certainty.DOUBTFUL for fact in kept):
        assert judgement.outcome is Outcome.QUARANTINED
    assert (judgement.reason is None) is (judgement.outcome is not Outcome.QUARANTINED)
    assert len(set(judgement.findings)) == len(judgement.findings)
