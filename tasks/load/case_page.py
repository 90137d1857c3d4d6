"""A case as a page of Markdown: what is in doubt, the cells as printed, every reading, and what was decided."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from schemas.checks import checks
from schemas.reasons import reason_code
from tasks.load.cells import form_cells, labels
from tasks.load.decisions import Decision
from tasks.load.review import Case
from tasks.load.shapes import Change, FactRow, FindingRow

_WHERE = ("page", "path", "line", "row", "column")
_SHORT = 12  # digits of a hash that tell documents apart
_MOST, _WIDEST = 100, 60  # changes that a page shows, and characters of each side


def case_markdown(
    found: Case, *, link: Callable[[str], str] = lambda code: f"`{code}`", pictures: Sequence[tuple[str, str]] = ()
) -> str:
    """A case as Markdown: why it waits, what does not fit, the cells around it as printed with those in doubt marked,
    every reading and document, and what was decided.

    `link` makes a link to the handbook of a reason code; `pictures` are pages of the document, each with its title and
    file.
    """
    doubted = found.doubted
    code, why = doubted.reason_code or found.entry.reason_code, doubted.reason or found.entry.reason
    document = f"[{doubted.document_sha256[:_SHORT]}]({doubted.url}), {doubted.media_type or 'format unknown'}"
    state = f"{found.entry.state.value}, next: {found.entry.next_action or 'nothing'}"
    lines = [f"# {found.entry.name} {found.entry.year}", ""]
    lines += [
        f"- report `{doubted.id}`, version {doubted.version}, {doubted.outcome} (ledger: {state})",
        f"- document {document}, fetched {doubted.fetched_at:%Y-%m-%d %H:%M} UTC",
    ]
    if code is not None:
        lines.append(f"- reason {link(code)}: {why}")
        listed = reason_code(code)
        lines += [f"- what to do: {listed.remedy}"] if listed else []
    if found.current is not None and found.current.id != doubted.id:
        lines.append(f"- meanwhile version {found.current.version} is current (`{found.current.id}`)")
    if found.findings:
        lines += ["", "## What does not fit", "", *_findings_table(found.findings), *_grounds(found.findings)]
    marked = found.marked()
    lines += ["", *(f"![{title}]({file})" for title, file in pictures)] if pictures else []
    for table in labels()["tables"]:
        if any(code.startswith(f"{table}.") for code in marked):
            lines += ["", f"## {table}: {labels()['tables'][table]['zh']}", "", *_snippet(found.facts, table, marked)]
    if marked:
        lines += ["", "## Readings of the marked cells", "", *_readings(found, marked)]
    if found.changes:
        lines += ["", "## What changed against the version before", "", *_changes(found.changes)]
    lines += ["", "## Documents", "", *_documents(found)]
    if found.decisions:
        lines += ["", "## Decisions", "", *_decisions(found.decisions)]
    return "\n".join(lines) + "\n"


def _grounds(found: Sequence[FindingRow]) -> Iterator[str]:
    """What each failing check demands, and on what ground."""
    known = [checks()[code] for code in dict.fromkeys(one.check for one in found) if code in checks()]
    if known:
        yield ""
        yield from (f"- `{check.code}` {check.title}: {check.statement} ({check.ground})." for check in known)


def _changes(found: Sequence[Change]) -> Iterator[str]:
    """Cell by cell; long texts are cut, and very many rows."""
    rows = [
        (one.kind, one.key, one.column, *(textwrap.shorten(str(side), _WIDEST) for side in (one.before, one.after)))
        for one in found[:_MOST]
    ]
    yield from _table(("what", "which", "column", "before", "after"), rows)
    if len(found) > _MOST:
        yield f"\nAnd {len(found) - _MOST} more."


def _documents(found: Case) -> Iterator[str]:
    """Every document that was had for the report; a choice is made among them."""
    rows = []
    for one in found.documents:
        versions = [str(version.version) for version, _ in found.readings if version.document_sha256 == one.sha256]
        rows.append(
            (
                f"`{one.sha256[:_SHORT]}`",
                ", ".join(versions) or "not loaded",
                one.media_type or "",
                f"{one.fetched_at:%Y-%m-%d}",
                one.url,
            )
        )
    yield from _table(("document", "version", "format", "first had", "address"), rows)


def _findings_table(found: Sequence[FindingRow]) -> Iterator[str]:
    rows = [
        (one.key, one.severity, one.verdict, one.message, one.left or "", one.right or "", one.dismissed_by or "")
        for one in found
    ]
    yield from _table(("finding", "severity", "verdict", "what does not fit", "left", "right", "dismissed by"), rows)


def _snippet(facts: Iterable[FactRow], table: str, doubtful: set[str]) -> Iterator[str]:
    """The rows of a table that hold a cell in doubt, as printed; cells in doubt are marked."""
    printed = {fact.code: fact for fact in facts}
    cells = [cell for cell in form_cells() if cell["table_code"] == table]
    rows = {cell["row_code"] for cell in cells if cell["code"] in doubtful}
    if table in ("stat", "t4") or len(rows) == 0:
        shown = [cell for cell in cells if cell["code"] in printed or cell["code"] in doubtful]
        yield from _table(
            ("cell", "printed"), [(cell["label_zh"], _printed(printed, cell["code"], doubtful)) for cell in shown]
        )
        return
    columns = list(dict.fromkeys(cell["column_zh"] for cell in cells if cell["row_code"] in rows))
    lines = []
    for row in dict.fromkeys(cell["row_code"] for cell in cells if cell["row_code"] in rows):
        by_column = {cell["column_zh"]: cell for cell in cells if cell["row_code"] == row}
        words = next(iter(by_column.values()))["row_zh"]
        shown_cells = [
            _printed(printed, by_column[name]["code"], doubtful) if name in by_column else "" for name in columns
        ]
        lines.append((words, *shown_cells))
    yield from _table(("", *columns), lines)


def _printed(printed: dict[str, FactRow], code: str, doubtful: set[str]) -> str:
    fact = printed.get(code)
    text = "(not found)" if fact is None else fact.raw.strip() or "(blank)"
    return f"**⚠ {text}**" if code in doubtful else text


def _readings(found: Case, doubtful: set[str]) -> Iterator[str]:
    rows = []
    for code in sorted(doubtful):
        for version, cells in found.readings:
            fact = cells.get((code, ""))
            if fact is not None:
                value = "" if fact.value is None else format(fact.value, "f")
                where = ", ".join(f"{name} {fact.place[name]}" for name in _WHERE if name in fact.place)
                rows.append((code, str(version.version), value, fact.raw, fact.reached_by, fact.certainty, where))
    yield from _table(("cell", "version", "value", "printed", "reached by", "certainty", "place"), rows)


def _decisions(found: Sequence[Decision]) -> Iterator[str]:
    rows = [
        (
            one.id,
            one.kind.value,
            one.target,
            "" if one.value is None else format(one.value, "f"),
            one.why,
            one.decided_by,
            f"{one.decided_at:%Y-%m-%d}",
            "holds" if one.active else "",
        )
        for one in found
    ]
    yield from _table(("decision", "kind", "about", "value", "why", "who", "when", ""), rows)


def _table(heading: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    for line in (heading, ["---"] * len(heading), *rows):
        yield "| " + " | ".join(str(cell).replace("|", "\\|").replace("\n", " ") for cell in line) + " |"
