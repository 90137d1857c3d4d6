"""How numbers and labels are printed in a table, with the publisher's style and the quirks of the layout."""

from __future__ import annotations

import re
from decimal import Decimal

from infra.replica.documents.quirks import Quirks
from infra.replica.model import ReportTruth, Style
from infra.replica.wording import dressed, worded

_FULL_WIDTH = str.maketrans("0123456789.,-", "０１２３４５６７８９．，－")
_MARKS = {"comma": "、", "full": "．"}


def number(value: Decimal, *, separators: bool = False) -> str:
    """A number without exponent, exactly as many digits as it has."""
    return f"{value:,f}" if separators else f"{value:f}"


def printed(truth: ReportTruth, code: str, quirks: Quirks, unit: str | None = None) -> str:
    """What stands in the cell of a fact: number, unit if the quirk puts it there, remark; or the blank mark."""
    value = truth.cells[code]
    if value is None:
        return quirks.blank
    shown = number(value, separators=quirks.separators or code in truth.style.separators)
    if quirks.unit_in_cells and unit and value:
        shown += (truth.style.procurement_unit or "元") if unit == "元 or 万元" else unit
    if quirks.full_width_digits:
        shown = shown.translate(_FULL_WIDTH)
    return shown + dressed(truth.remarks.get(code, ""), truth.style)


def label_text(label: str, style: Style, quirks: Quirks) -> str:
    """A statutory label in the publisher's wording and punctuation, with the layout's list marks and blanks."""
    label = dressed(worded(label, style), style)
    if quirks.list_marks != "dot":
        label = re.sub(r"^(\d)\.", rf"\1{_MARKS[quirks.list_marks]}", label)
        if quirks.list_marks == "full":
            label = re.sub(r"^\d", lambda digit: digit.group().translate(_FULL_WIDTH), label)
    if quirks.spaced_labels and len(label) in (2, 4):
        label = " ".join(label) if len(label) == 4 else label.replace("", " ").strip()
    return label
