"""How cases, cells, documents, findings and decisions are named by people who type."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from flows.plan import Owed
from flows.review import document_named, finding_named, named, page, value_of
from schemas.errors import SettingsError
from schemas.ledger import LedgerRow, LedgerState
from tasks.load.review import Case, CaseDocument
from tasks.load.shapes import FindingRow, ReportRow

AT = datetime(2022, 2, 1, tzinfo=UTC)
ROW = LedgerRow(
    *("guyuan", "固原市", 2021, LedgerState.QUARANTINED, "validate.readings_differ", "they differ", AT, 1, "review"),
    date(2022, 1, 31),
)
REPORT = ReportRow(
    *("guyuan.2021.0a", "guyuan", "固原市", 2021, 1, False, "quarantined", ROW.reason_code, ROW.reason),
    *("form-2021", {}, None, None, "http://127.0.0.1/a.pdf", "aabbccdd" * 8, "application/pdf", "1", True, AT, AT),
)
FINDING = FindingRow(
    *(REPORT.id, "T3_BALANCE:t3.new.total", "T3_BALANCE", "error", "reading", "7 and 8", "7", "8"),
    *(("t3.new.total",), "report", None, None),
)
CASE = Case(
    entry=ROW,
    doubted=REPORT,
    current=None,
    findings=(FINDING, replace(FINDING, key="T3_BALANCE:t3.new.business")),
    facts=(),
    readings=((REPORT, {}),),
    decisions=(),
    documents=(
        CaseDocument("aabbccdd" * 8, "http://127.0.0.1/a.pdf", "application/pdf", AT),
        CaseDocument("aabbcc00" * 8, "http://127.0.0.1/a.html", "text/html", AT),
    ),
)


@pytest.mark.parametrize(
    "written", ["guyuan-ggzy.2021", " guyuan-ggzy.2021 ", "guyuan-ggzy.2021.c3", "guyuan-ggzy.2021.0a"]
)
def test_a_case_is_named_by_itself_and_by_its_reports_and_decisions(written: str) -> None:
    assert named(written) == Owed("guyuan-ggzy", 2021)


@pytest.mark.parametrize("written", ["", "guyuan", "2021", "guyuan.21", "guyuan 2021", "固原.2021"])
def test_anything_else_names_no_case(written: str) -> None:
    with pytest.raises(SettingsError) as refusal:
        named(written)
    assert refusal.value.code == "review.usage"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("t3.new.total=7", ("t3.new.total", "", Decimal(7))),
        ("t2.x.amount=11,561,862,563.21", ("t2.x.amount", "", Decimal("11561862563.21"))),
        ("t3.new.total = -2 ", ("t3.new.total", "", Decimal(-2))),
        ("t3.new.total=", ("t3.new.total", "", None)),
        ("local.x.year_value|信函=4", ("local.x.year_value", "信函", Decimal(4))),
    ],
)
def test_a_cell_and_its_value_are_read_exactly(written: str, expected: tuple[str, str, Decimal | None]) -> None:
    assert value_of(written) == expected


@pytest.mark.parametrize("written", ["t3.new.total", "=7", "t3.new.total=seven", "t3.new.total=nan", "a=1=2"])
def test_what_is_no_value_is_refused(written: str) -> None:
    with pytest.raises(SettingsError):
        value_of(written)


def test_a_document_is_named_by_first_digits_that_fit_one_alone_or_by_its_version() -> None:
    assert document_named(CASE, "AABBCCDD") == "aabbccdd" * 8
    assert document_named(CASE, "v1") == "aabbccdd" * 8
    for wrong, said in (("aabbcc", "more than one document"), ("aabb", "no document"), ("v2", "no document")):
        with pytest.raises(SettingsError, match=said):
            document_named(CASE, wrong)


def test_a_finding_is_named_by_its_key_and_by_its_check_only_where_there_is_one() -> None:
    assert finding_named(CASE, "T3_BALANCE:t3.new.total") is FINDING
    with pytest.raises(SettingsError, match="several findings"):
        finding_named(CASE, "T3_BALANCE")
    assert finding_named(replace(CASE, findings=(FINDING,)), "T3_BALANCE") is FINDING


def test_the_page_ends_with_the_commands_that_decide_this_case() -> None:
    text = page(CASE)
    assert "[`validate.readings_differ`](docs/handbook.md#validate-readings-differ): they differ" in text
    assert '$ nianbao review accept guyuan.2021 --why "…"' in text
    assert '$ nianbao review override guyuan.2021 t3.new.total=VALUE --why "…"' in text
    assert '$ nianbao review choose guyuan.2021 aabbcc00aabb --why "…"' in text
    assert "reopen" not in text, "nothing was decided yet"
