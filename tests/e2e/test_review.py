"""From a doubt to a figure that counts: a case appears, is worked off by the command line, and stays decided."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from flows import server
from infra.replica.documents import render
from infra.replica.server import Replicas, running
from infra.replica.truth import truth
from tasks.load import Warehouse
from tests.e2e.conftest import Harvester, Run

SITE, BODY, YEAR = "replica-zhongwei", "zhongwei-ggzy", 2020
CASE = f"{BODY}.{YEAR}"
CELL = "t2.central_procurement.amount"
WHY = ("--by", "王敏", "--why", "与原件核对")


def damage(replicas: Replicas, amount: str) -> None:
    """The file that hangs on the report's page states another amount than the page does."""
    site = replicas.site(SITE)
    item = next(item for _, item in site.placed() if item.key == (BODY, YEAR))
    assert item.also_attached
    wrong = replace(truth(BODY, YEAR), cells={**truth(BODY, YEAR).cells, CELL: Decimal(amount)})
    site._files[(item.number, item.edition)] = render(wrong, "pdf", item.quirks)


def review(harvester: Harvester, *words: str) -> Run:
    return harvester.run(harvester.command("review", *words))


def amount(harvester: Harvester) -> Decimal | None:
    """The figure that counts; None when nothing of the report does."""
    with Warehouse(str(harvester.warehouse)) as warehouse:
        return next((fact.value for fact in warehouse.facts([YEAR], [BODY], [CELL])), None)


def waiting(harvester: Harvester) -> list[dict[str, object]]:
    done = review(harvester, "list", "--json")
    assert done.code == 0, done
    return [json.loads(line) for line in done.out.splitlines()]


@pytest.fixture(scope="module")
def doubted(tmp_path_factory: pytest.TempPathFactory, prefect: server.Server) -> Iterator[Harvester]:
    """A harvest of a report whose page and file differ in one figure."""
    with running() as replicas:
        damage(replicas, "4711.25")
        harvester = Harvester(tmp_path_factory.mktemp("review") / "data", replicas, prefect)
        done = harvester.harvest("--site", BODY, years=(YEAR,))
        assert done.code == 1, done
        assert "validate.readings_differ" in done.err
        yield harvester


def test_a_doubt_is_worked_off_from_the_list_to_a_figure_that_counts(doubted: Harvester, tmp_path: Path) -> None:
    (case,) = waiting(doubted)
    assert (case["case"], case["state"], case["reason"], case["waits_for"]) == (
        *(CASE, "quarantined"),
        *("validate.readings_differ", "review"),
    )
    assert review(doubted, "list", "--reason", "read", "--json").out == ""
    page = review(doubted, "show", CASE).out
    assert f"| validate.readings_differ:{CELL} | error | reading |" in page
    assert "4711.25 in the other" in page
    assert "(docs/handbook.md#validate-readings-differ)" in page
    assert amount(doubted) is None

    pdf = next(line.split("`")[1] for line in page.splitlines() if "application/pdf" in line and "not loaded" in line)
    chosen = review(doubted, "choose", CASE, pdf, *WHY)
    assert (chosen.code, "is flagged now" in chosen.err) == (0, True), chosen  # an amount, and no project
    assert amount(doubted) == Decimal("4711.25")
    again = review(doubted, "choose", CASE, pdf, *WHY)
    assert (again.code, "nothing changed" in again.err) == (0, True), again
    assert waiting(doubted) == []

    settled = doubted.harvest("--site", BODY, years=(YEAR,))
    assert settled.code == 0, settled
    assert "unchanged" in settled.out
    assert amount(doubted) == Decimal("4711.25"), "another harvest does not take the decision back"

    written = review(doubted, "show", CASE, "--to", str(tmp_path / "case"))
    assert [Path(line).name for line in written.out.splitlines()] == [f"{CASE}.md", f"{CASE}.p2.png"]
    assert (tmp_path / "case" / f"{CASE}.p2.png").read_bytes().startswith(b"\x89PNG")

    back = review(doubted, "reopen", CASE, *WHY)
    assert (back.code, "is quarantined now" in back.err) == (0, True), back
    assert amount(doubted) is None

    stated = truth(BODY, YEAR).cells[CELL]
    done = review(doubted, "override", CASE, f"{CELL}={stated}", *WHY)
    assert (done.code, "is loaded now" in done.err) == (0, True), done
    assert amount(doubted) == stated
    dry = doubted.run(doubted.command("reparse", "--everything", "--dry-run", "--registry", registry(doubted)))
    assert (dry.code, "nothing would change" in dry.err) == (0, True), dry

    later = review(doubted, "override", CASE, f"{CELL}=5", *WHY, "--later")
    assert (later.code, amount(doubted)) == (0, stated), "written down, not in effect"
    assert [case["waits_for"] for case in waiting(doubted)] == ["reload"]
    run = doubted.run(doubted.command("reparse", "--registry", registry(doubted)))
    assert (run.code, amount(doubted), waiting(doubted)) == (0, Decimal(5), []), run

    doubted.replicas.replace(SITE, replace(truth(BODY, YEAR), cells={**truth(BODY, YEAR).cells, CELL: Decimal(9)}))
    fresh = doubted.harvest("--site", BODY, years=(YEAR,))
    assert fresh.code == 0, fresh
    assert amount(doubted) == Decimal(9), "the source says something else now: the decision has expired"
    with Warehouse(str(doubted.warehouse)) as warehouse:
        kinds = [(one.kind.value, one.active) for one in warehouse.decisions(BODY, YEAR)]
    assert [kind for kind, _ in kinds] == ["choose", "reopen", "override", "reopen", "override", "expire"]
    assert not any(active for _, active in kinds)


def registry(harvester: Harvester) -> str:
    return str(harvester.data.parent / "registry")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("show", "nobody.2020"), "no report of nobody for 2020 was read"),
        (("show", "2020"), "a case is written publisher.year"),
        (("override", CASE, "t9.x=1", *WHY), "has no cell t9.x"),
        (("override", CASE, f"{CELL}=many", *WHY), "'many' is no number"),
        (("dismiss", CASE, "T3_BALANCE", *WHY), "names no finding of this report"),
        (("choose", CASE, "0123456789ab", *WHY), "is no document of this report"),
        (("reopen", f"{CASE}.c99", *WHY), "names no one decision"),
        (("override", CASE, f"{CELL}=1", "--why", " "), "needs who took it, and why"),
    ],
)
def test_what_is_typed_wrongly_is_refused_with_what_to_do(
    doubted: Harvester, words: tuple[str, ...], said: str
) -> None:
    done = review(doubted, *words)
    assert done.code == 2, done
    assert said in done.err
    assert "What to do: " in done.err


def test_a_decision_without_a_reason_is_no_decision(doubted: Harvester) -> None:
    done = review(doubted, "accept", CASE)
    assert done.code == 2, done
    assert "--why" in done.err


def test_years_that_contradict_each_other_are_flagged_by_the_run_itself(harvester: Harvester) -> None:
    """Two more cases than were carried over, inside a report that adds up in itself."""
    whole = truth(BODY, 2021)
    more = {f"t3.{row}.{column}": 2 for row in ("carried_in", "carried_out") for column in ("natural_person", "total")}
    cells = {code: (value or Decimal(0)) + more.get(code, 0) for code, value in whole.cells.items()}
    harvester.replicas.replace(SITE, replace(whole, cells=cells))
    done = harvester.harvest("--site", BODY, years=(2020, 2021))
    assert done.code == 0, done
    assert "Checks between reports: 2 findings new, 0 gone, 2 standing (2 T3_CARRY_OVER)." in done.err
    line = next(line for line in done.out.splitlines() if " 2021 " in line)
    assert " flagged " in line
    with Warehouse(str(harvester.warehouse)) as warehouse:
        states = {row.year: (row.state.value, row.reason_code) for row in warehouse.ledger()}
    assert states == {2020: ("loaded", None), 2021: ("flagged", "load.contradicted")}
    harvester.replicas.replace(SITE, whole)
    after = harvester.harvest("--site", BODY, years=(2020, 2021))
    assert "Checks between reports: 0 findings new, 2 gone, 0 standing." in after.err, after
    with Warehouse(str(harvester.warehouse)) as warehouse:
        assert {row.state.value for row in warehouse.ledger()} == {"loaded"}
