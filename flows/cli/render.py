"""A report for a person at a terminal: header, tables as tables, figures of the text, findings."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from flows.wire import decimal_string
from schemas.forms import Block, form
from schemas.forms import Table as FormTable
from schemas.report import Certainty, Edition, Fact, Finding, Judgement, Outcome, Report, Severity

_COLOURS = {Outcome.LOADED: "green", Outcome.FLAGGED: "yellow", Outcome.QUARANTINED: "red"}
_SEVERITIES = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.INFO: "dim"}
_TITLES = {
    "t2": "主动公开 (t2)",
    "t3": "申请 (t3)",
    "t4": "复议诉讼 (t4)",
    "stat": "统计表 (stat)",
    "local": "附表 (local)",
}
_SHORT = 24  # characters of a label that a narrow table has room for


def render(console: Console, source: str, judgement: Judgement) -> None:
    """Print one document's judgement, with what was read so far when it is quarantined."""
    colour = _COLOURS[judgement.outcome]
    console.rule(f"[bold]{escape(source)}[/]  [{colour}]{judgement.outcome.value}[/]", align="left")
    if judgement.reason is not None:
        console.print(f"[{colour}]{judgement.reason.code}[/]: {escape(judgement.reason.message)}")
    report = judgement.report
    if report is not None:
        _header(console, report)
        for code, facts in _by_table(report):
            _table(console, code, report.table_editions.get(code, report.edition), facts)
        _statistics(console, report)
    _findings(console, judgement.findings)
    console.print()


def _header(console: Console, report: Report) -> None:
    period = "–".join(day.isoformat() for day in report.period) if report.period else None
    lines = {
        "title": report.title,
        "publisher 发布机构": report.publisher,
        "year 年度": report.year,
        "edition": report.edition.value,
        "period 期间": period,
        "published 发布": report.published_on,
        "sections": ", ".join(section.code for section in report.sections) or None,
    }
    for name, value in lines.items():
        console.print(f"[dim]{name:>16}[/]  {escape(str(value)) if value is not None else '[dim]not stated[/]'}")


def _by_table(report: Report) -> Iterator[tuple[str, dict[str, Fact]]]:
    tables: dict[str, dict[str, Fact]] = {}
    for fact in report.facts:
        tables.setdefault(fact.table, {})[fact.code] = fact
    yield from tables.items()


def _table(console: Console, code: str, edition: Edition, facts: dict[str, Fact]) -> None:
    shape = None if edition is Edition.MIXED else form(edition).tables.get(code)
    heading = f"{_TITLES.get(code, code)} · {edition.value} · {len(facts)} facts"
    if shape is None or shape.layout == "list" or code in {"stat", "local"}:
        _list(console, heading, facts)
    elif shape.layout == "single_row":
        _single_row(console, heading, shape, facts)
    else:
        for block in shape.blocks:
            _block(console, f"{heading}  {block.caption or ''}", code, block, facts)


def _list(console: Console, heading: str, facts: dict[str, Fact]) -> None:
    table = Table("row", "label", "value", "unit", title=heading, title_justify="left", box=None, pad_edge=False)
    for fact in facts.values():
        table.add_row(fact.code, fact.label or "", _cell(fact), fact.unit or "")
    console.print(table)


def _single_row(console: Console, heading: str, shape: FormTable, facts: dict[str, Fact]) -> None:
    table = Table("column", "label", "value", title=heading, title_justify="left", box=None, pad_edge=False)
    for column in shape.blocks[0].columns:
        fact = facts.get(f"{shape.code}.{column.code}")
        table.add_row(column.code, column.labels[0], _cell(fact))
    console.print(table)


def _block(console: Console, heading: str, code: str, block: Block, facts: dict[str, Fact]) -> None:
    table = Table(title=heading, title_justify="left", box=None, pad_edge=False)
    table.add_column("row")
    for column in block.columns:
        table.add_column(column.labels[0][:_SHORT], justify="right")
    for row in block.rows:
        if row.kind == "group":
            table.add_row(Text(row.labels[0][:_SHORT], style="dim"))
            continue
        cells = [facts.get(f"{code}.{row.code}.{column.code}") for column in block.columns]
        table.add_row(f"{_mark(row.number)}{row.labels[0]}"[:_SHORT], *(_cell(cell) for cell in cells))
    console.print(table)


def _mark(number: str | None) -> str:
    """The list mark of a row as the form prints it: 一、 （一） 1."""
    return f"{number}、" if number and number[-1].isalpha() else number or ""


def _cell(fact: Fact | None) -> Text:
    if fact is None:
        return Text("·", style="dim")  # not on the page; a blank cell of the page shows nothing
    text = Text(decimal_string(fact.value) or "", style="red" if fact.certainty is Certainty.DOUBTFUL else "")
    if fact.remark:
        text.append(f" ({fact.remark})", style="dim")
    return text


def _statistics(console: Console, report: Report) -> None:
    if not report.statistics:
        return
    heading = f"figures in the text · {len(report.statistics)}"
    table = Table("metric", "value", "unit", "part of", title=heading, title_justify="left", box=None, pad_edge=False)
    for found in report.statistics:
        value = f"{found.qualifier or ''}{decimal_string(found.value)}"
        table.add_row(found.metric, value, found.unit or "", found.parent or "")
    console.print(table)


def _findings(console: Console, findings: tuple[Finding, ...]) -> None:
    for finding in findings:
        sides = f"  {finding.left} ≠ {finding.right}" if finding.left is not None else ""
        colour = _SEVERITIES[finding.severity]
        console.print(
            f"[{colour}]{finding.check}[/] ({finding.verdict.value}) {escape(finding.message)}{sides}"
            f"  [dim]{', '.join(finding.cells)}[/]"
        )
