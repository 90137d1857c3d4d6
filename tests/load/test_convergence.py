"""Whatever is repeated, and however late: the same documents end in the same warehouse."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import tasks.validate as validation
from schemas.errors import LoadError
from schemas.ledger import LedgerState
from schemas.report import Judgement
from tasks.load import Warehouse
from tasks.load.snapshot import snapshot
from tests.load.samples import emptied, flagged, load, loaded, quarantined, unreadable


@dataclass(frozen=True)
class Delivery:
    """A document as it was fetched on a day, and what is made of it: always the same for one document."""

    document: str
    day: int
    year: int

    def judgement(self) -> Judgement:
        figures = {"t3.new.total": str(ord(self.document)), "t3.carried_in.total": None}
        match self.document:
            case "a" | "b":
                return loaded(self.year, figures)
            case "c":
                return flagged(self.year, figures)
            case "d":
                return quarantined(self.year, figures)
            case _:
                return unreadable()


@st.composite
def deliveries(draw: st.DrawFn) -> list[Delivery]:
    """Documents in the order in which their site showed them, earlier ones coming back too."""
    shown = draw(st.lists(st.tuples(st.sampled_from("abcde"), st.sampled_from((2020, 2021))), min_size=1, max_size=7))
    return [Delivery(document, day, year) for day, (document, year) in enumerate(shown)]


@st.composite
def with_repeats(draw: st.DrawFn) -> tuple[list[Delivery], list[Delivery]]:
    """The same deliveries, and the same with some of them repeated at any later time."""
    order = draw(deliveries())
    repeated = list(order)
    for index in draw(st.lists(st.integers(0, len(order) - 1), max_size=5)):
        after = max(position for position, item in enumerate(repeated) if item == order[index])
        repeated.insert(draw(st.integers(after + 1, len(repeated))), order[index])
    return order, repeated


def _deliver(warehouse: Warehouse, items: Sequence[Delivery]) -> Any:
    emptied(warehouse)
    for item in items:
        load(warehouse, item.judgement(), document=item.document, day=item.day, year=item.year)
    return snapshot(warehouse.engine)


_FEW = settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True
)


@_FEW
@given(orders=with_repeats())
def test_repeated_loads_end_in_the_same_rows(warehouse: Warehouse, orders: tuple[list[Delivery], ...]) -> None:
    once, repeated = (_deliver(warehouse, order) for order in orders)
    assert once == repeated


@_FEW
@given(order=deliveries())
def test_the_current_version_is_the_last_that_can_be_trusted(warehouse: Warehouse, order: list[Delivery]) -> None:
    _deliver(warehouse, order)
    for year in (2020, 2021):
        shown = [item for item in order if item.year == year]
        trusted = [item for item in shown if item.document in "abc"]
        current = [row.document_sha256[0] for row in warehouse.current_reports(years=[year])]
        assert current == [item.document for item in trusted[-1:]]
        for row in warehouse.ledger(years=[year]):
            waits = shown[-1].document in "de"
            assert row.state.holds_report == bool(trusted)
            assert (row.next_action == "review") == waits
            assert (row.review_report_id is not None) == (waits and bool(trusted))


@_FEW
@given(order=deliveries())
def test_every_row_leads_to_its_document_and_nothing_quarantined_is_current(
    warehouse: Warehouse, order: list[Delivery]
) -> None:
    rows = _deliver(warehouse, order)
    documents = {row["sha256"] for row in rows["document"]}
    assert {row["document_sha256"] for row in rows["report"]} == documents
    current = {row["id"] for row in rows["report"] if row["is_current"]}
    assert {row.report_id for row in warehouse.facts()} <= current
    assert all(row["outcome"] != "quarantined" for row in rows["report"] if row["is_current"])
    for row in warehouse.ledger():
        if row.state is not LedgerState.EXPECTED:
            assert row.report_id in {report["id"] for report in rows["report"]}


@st.composite
def with_decisions(draw: st.DrawFn) -> tuple[list[tuple[str, Any]], list[tuple[str, Any]]]:
    """Deliveries of one year with decisions between them, and the same with deliveries repeated at any later time."""
    shown = draw(st.lists(st.sampled_from("abcd"), min_size=1, max_size=6))
    steps: list[tuple[str, Any]] = [("load", Delivery(document, day, 2021)) for day, document in enumerate(shown)]
    for kind, document in draw(
        st.lists(st.tuples(st.sampled_from(("accept", "choose", "reopen")), st.sampled_from("abcd")), max_size=4)
    ):
        steps.insert(draw(st.integers(1, len(steps))), (kind, document))
    repeated = list(steps)
    loads = [step for step in steps if step[0] == "load"]
    for index in draw(st.lists(st.integers(0, len(loads) - 1), max_size=4)):
        after = max(position for position, step in enumerate(repeated) if step == loads[index])
        repeated.insert(draw(st.integers(after + 1, len(repeated))), loads[index])
    return steps, repeated


def _decide(warehouse: Warehouse, kind: str, document: str) -> None:
    """Decide about a document as far as there is something to decide."""
    versions = [row for row in warehouse.versions("lanshi-office", 2021) if row.document_sha256[0] == document]
    active = [one for one in warehouse.decisions("lanshi-office", 2021) if one.active]
    with contextlib.suppress(LoadError):
        if kind == "choose":
            warehouse.choose("lanshi-office", 2021, document * 64, by="王敏", why="核对")
        elif kind == "accept" and versions:
            warehouse.accept(versions[-1].id, by="王敏", why="核对")
        elif kind == "reopen" and active:
            warehouse.reopen(active[0].id, by="王敏", why="核对")


def _live(warehouse: Warehouse, steps: Sequence[tuple[str, Any]]) -> Any:
    """Take all steps, then load what decisions wait for, as a run does at its end."""
    emptied(warehouse)
    days: dict[str, int] = {}
    for kind, what in steps:
        if kind == "load":
            days[what.document] = max(what.day, days.get(what.document, 0))
            load(warehouse, what.judgement(), document=what.document, day=what.day, judge=validation)
        else:
            _decide(warehouse, kind, what)
    for due in warehouse.due():
        document = due.document_sha256[0]
        again = Delivery(document, days[document], 2021)
        load(warehouse, again.judgement(), document=document, day=again.day, judge=validation)
    assert warehouse.due() == []
    rows = snapshot(warehouse.engine)
    for row in rows["ledger"]:
        row.pop("attempts")  # a decision takes effect at the first load after it, so the states between may differ
    return [(row["id"], row["is_current"], row["outcome"]) for row in rows["report"]], rows["ledger"], rows["fact"]


@_FEW
@given(lives=with_decisions())
def test_repeats_change_nothing_where_people_decide_either(
    warehouse: Warehouse, lives: tuple[list[tuple[str, Any]], ...]
) -> None:
    once, repeated = (_live(warehouse, steps) for steps in lives)
    assert once == repeated
