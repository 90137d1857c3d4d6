"""Working off the review queue: what waits, one case as a page with pictures, and decisions that count at once.

Plain functions on a warehouse; `nianbao review` types them. Imports no Prefect.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING

from flows.handbook import anchor
from flows.plan import Owed
from schemas.errors import ReadError, SettingsError
from schemas.ledger import LedgerRow
from tasks.load import Warehouse
from tasks.load.case_page import case_markdown
from tasks.load.decisions import Decision
from tasks.load.review import Case
from tasks.load.shapes import FindingRow

if TYPE_CHECKING:
    from flows.work.effect import Effect

HANDBOOK = "docs/handbook.md"

_CASE = re.compile(r"(?P<publisher>[a-z0-9]+(?:-[a-z0-9]+)*)\.(?P<year>\d{4})(?:\.(?P<rest>[0-9a-z]+))?")
_SHORT = 6  # digits of a hash that are enough to type


@dataclass(frozen=True, slots=True)
class Decided:
    """One decision, and whether it is new: taken again it changes nothing."""

    decision: Decision
    new: bool


def named(case: str) -> Owed:
    """The report that a case names: `publisher.year`, or the id of a report or decision that begins so.

    Raises SettingsError `review.usage` for anything else.
    """
    found = _CASE.fullmatch(case.strip())
    if found is None:
        raise SettingsError("review.usage", f"{case!r} names no case; a case is written publisher.year.")
    return Owed(found["publisher"], int(found["year"]))


def name_of(row: LedgerRow | Owed) -> str:
    """How a case is written."""
    return f"{row.publisher}.{row.year}"


def waiting(
    warehouse: Warehouse,
    *,
    years: Collection[int] = (),
    publishers: Collection[str] | None = None,
    reasons: Collection[str] = (),
    states: Collection[str] = (),
    everything: bool = False,
) -> list[LedgerRow]:
    """The cases that wait for a person, or for a load that makes a decision count; `everything`: all reports that
    were read. A reason matches its code or the beginning of it (`validate`)."""
    rows = warehouse.ledger() if everything else warehouse.cases()
    return [
        row
        for row in rows
        if (row.report_id or row.review_report_id)
        and (not years or row.year in years)
        and (publishers is None or row.publisher in publishers)
        and (not states or row.state.value in states)
        and (not reasons or any(_matches(row.reason_code, reason) for reason in reasons))
    ]


def _matches(code: str | None, wanted: str) -> bool:
    return code is not None and (code == wanted or code.startswith(f"{wanted}."))


def page(found: Case, *, pictures: Iterable[tuple[str, str]] = (), link: Callable[[str], str] | None = None) -> str:
    """A case as Markdown, with the commands that decide it."""
    text = case_markdown(found, link=link or _handbook, pictures=tuple(pictures))
    return "\n".join([text.rstrip(), "", "## How to decide", "", "```console", *_commands(found), "```", ""])


def _handbook(code: str) -> str:
    return f"[`{code}`]({HANDBOOK}#{anchor(code)})"


def _commands(found: Case) -> Iterable[str]:
    case = name_of(Owed(found.entry.publisher, found.entry.year))
    decisions = []
    if found.doubted.outcome == "quarantined":
        decisions.append((f"accept {case}", "it was read right"))
    cell = next(iter(sorted(found.marked())), "CODE")
    decisions.append((f"override {case} {cell}=VALUE", "the cell holds another value; nothing after the sign: blank"))
    standing = [one for one in found.findings if one.dismissed_by is None]
    if standing:
        decisions.append((f"dismiss {case} '{standing[0].key}'", "the finding does not matter"))
    others = [one for one in found.documents if one.sha256 != found.doubted.document_sha256]
    if others:
        decisions.append((f"choose {case} {others[0].sha256[:12]}", "that document is the report"))
    decisions += [(f"reopen {one.id}", f"take the {one.kind.value} back") for one in found.decisions if one.active]
    for decision, meaning in decisions:
        yield f'$ nianbao review {decision} --why "…"   # {meaning}'


def written(found: Case, folder: Path, content: Callable[[str], bytes]) -> list[Path]:
    """A case as files: its page, and for a PDF a picture of each page with a marked cell, with their boxes drawn.

    `content` hands out documents by their hash. Raises SettingsError `review.folder` when the folder cannot be
    written, FetchTrouble when the archive does not hand out the document.
    """
    name = name_of(Owed(found.entry.publisher, found.entry.year))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        pictures = []
        for number, picture in _pictures(found, content):
            file = folder / f"{name}.p{number}.png"
            file.write_bytes(picture)
            pictures.append((f"page {number}", file))
        text = folder / f"{name}.md"
        text.write_text(page(found, pictures=[(title, file.name) for title, file in pictures]), "utf-8")
    except OSError as error:
        raise SettingsError("review.folder", f"It cannot be written: {error}.", where=str(folder)) from error
    return [text, *(file for _, file in pictures)]


def _pictures(found: Case, content: Callable[[str], bytes]) -> Iterable[tuple[int, bytes]]:
    """The pages of a PDF with a marked cell, as PNG; its first page where no cell has a place."""
    if found.doubted.media_type != "application/pdf":
        return
    from tasks.read import GuardedPool
    from tasks.read.pdf.picture import Box, page_picture

    data, marked = content(found.doubted.document_sha256), found.marked()
    boxes: dict[int, list[Box]] = {}
    for fact in found.facts:
        number = fact.place.get("page")
        if fact.code in marked and number is not None:
            box = fact.place.get("box")
            boxes.setdefault(number, []).extend([(box[0], box[1], box[2], box[3])] if box else [])
    if not boxes:  # nothing of a marked cell was found: the pages of its table, else where the report begins
        tables = {code.split(".")[0] for code in marked}
        near = {int(fact.place.get("page") or 0) for fact in found.facts if fact.code.split(".")[0] in tables}
        boxes = {number: [] for number in near - {0}} or {1: []}
    with GuardedPool(1) as pool:  # a stranger's document: bounded in time and memory
        for number in sorted(boxes):
            with suppress(ReadError):  # the page without its picture is still a case
                yield number, pool.run(page_picture, data, number, boxes[number])


def document_named(found: Case, name: str) -> str:
    """The hash of a document that is named by its first digits, or by a version (`v2`). Raises SettingsError."""
    if re.fullmatch(r"v\d+", name):
        shas = [version.document_sha256 for version, _ in found.readings if f"v{version.version}" == name]
    else:
        shas = [one.sha256 for one in found.documents if len(name) >= _SHORT and one.sha256.startswith(name.lower())]
    if len(set(shas)) != 1:
        known = ", ".join(one.sha256[:12] for one in found.documents)
        which = "more than one document" if shas else "no document"
        raise SettingsError("review.usage", f"{name!r} is {which} of this report; it has {known}.")
    return shas[0]


def finding_named(found: Case, name: str) -> FindingRow:
    """A finding by its key, or by its check where the report has one of them only. Raises SettingsError."""
    exact = [one for one in found.findings if one.key == name]
    of_check = exact or [one for one in found.findings if one.check == name]
    if len(of_check) != 1:
        known = "; ".join(one.key for one in found.findings) or "none"
        which = "several findings" if of_check else "no finding"
        raise SettingsError("review.usage", f"{name!r} names {which} of this report; it has: {known}.")
    return of_check[0]


def decision_named(warehouse: Warehouse, name: str) -> Decision:
    """A decision by its id, or the only one that holds about a case. Raises SettingsError."""
    known = warehouse.decisions(*named(name))
    found = [one for one in known if one.id == name] or [
        one for one in known if one.active and name_of_case(one) == name
    ]
    if len(found) != 1:
        holding = ", ".join(f"{one.id} ({one.kind.value})" for one in known if one.active) or "none"
        raise SettingsError("review.usage", f"{name!r} names no one decision; of this case there hold: {holding}.")
    return found[0]


def name_of_case(decision: Decision) -> str:
    """The case that a decision is about."""
    return f"{decision.publisher}.{decision.year}"


def taken(warehouse: Warehouse, owed: Owed, decide: Callable[[], Decision]) -> Decided:
    """Take a decision and tell whether it is new."""
    before = {one.id for one in warehouse.decisions(*owed)}
    decision = decide()
    return Decided(decision, decision.id not in before)


def value_of(text: str) -> tuple[str, str, Decimal | None]:
    """`CODE=VALUE` as code, row of a local table (`CODE|ROW`) and value; nothing after the sign is a blank cell.

    Raises SettingsError `review.usage` for what is no number.
    """
    cell, sign, written = text.partition("=")
    code, _, row = cell.strip().partition("|")
    number = written.strip().replace(",", "").replace("，", "")
    if not sign or not code:
        raise SettingsError("review.usage", f"{text!r} is not written CODE=VALUE.")
    if not number:
        return code, row, None
    try:
        value = Decimal(number)
    except InvalidOperation:
        value = Decimal("nan")
    if not value.is_finite():
        raise SettingsError("review.usage", f"{written.strip()!r} is no number.")
    return code, row, value


def in_effect(owed: Owed, data: Path, run_id: str) -> Effect | None:
    """Let the decisions about a report count now: its documents are read and loaded again from the archive, and its
    years held against one another. None when nothing waited. Raises NianbaoError, and then the next run does it."""
    from flows.parameters import HarvestParameters
    from flows.work.checks import text_findings
    from flows.work.effect import take_effect
    from flows.work.hands import Order, at_work

    with at_work(Order(run_id, HarvestParameters(data=str(data), readers=1))) as hands:
        assert hands.warehouse is not None
        effects = take_effect(hands, {owed})
        # What other bodies state is compared by the next run: that looks at the whole warehouse.
        hands.warehouse.cross_check([owed.publisher], run_id=run_id, text_check=text_findings, bodies=False)
        return effects[0] if effects else None
