"""The documents that readers are measured on: generated ones of known truth, and real ones where there are some."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Literal

from infra.replica.documents import printed_cells, render
from infra.replica.documents.quirks import HtmlQuirks, PdfQuirks, Quirks
from infra.replica.random_reports import random_truth
from schemas.report import Edition, Report

_PDF = (PdfQuirks(), PdfQuirks(strokes="bar", justified=True), PdfQuirks(size=14), PdfQuirks(rows_cut=True))
_HTML = (HtmlQuirks(), HtmlQuirks(markup="word", comments=True, nested_container=True), HtmlQuirks(markup="word"))


@dataclass(frozen=True, slots=True)
class Sample:
    """A document and the statutory cells that it states, by code."""

    name: str
    data: bytes
    cells: Mapping[str, Decimal | None]

    def wrong_cells(self, report: Report) -> list[str]:
        """The codes whose value was not read as it stands there."""
        got = {fact.code: fact.value for fact in report.facts}
        return [code for code, value in self.cells.items() if got.get(code, "absent") != value]


def evidence() -> Path | None:
    """The folder of real documents: $NIANBAO_EVIDENCE, or beside the checkout; None where there is none."""
    named = os.environ.get("NIANBAO_EVIDENCE")
    folder = Path(named) if named else Path(__file__).resolve().parent.parent.parent / "shared"
    return folder / "real" if (folder / "real" / "expected.json").is_file() else None


@cache
def samples(kind: Literal["html", "pdf"], count: int) -> tuple[Sample, ...]:
    """`count` generated documents (`pdf` or `html`) in several layouts, and the real ones of that kind."""
    found = []
    for number in range(count):
        truth = random_truth(random.Random(number), edition=Edition.FORM_2021 if number % 2 else Edition.FORM_2019)
        quirks = Quirks(pdf=_PDF[number % len(_PDF)]) if kind == "pdf" else Quirks(html=_HTML[number % len(_HTML)])
        cells = {code: _number(value) for code, value in printed_cells(truth, quirks).items()}
        found.append(Sample(f"generated-{number}.{kind}", render(truth, kind, quirks), cells))
    return (*found, *_real(kind))


def _real(kind: str) -> list[Sample]:
    folder = evidence()
    if folder is None:
        return []
    expected = json.loads((folder / "expected.json").read_text("utf-8"))
    return [
        Sample(
            name,
            (folder / name).read_bytes(),
            {code: None if value is None else Decimal(value) for code, value in told["cells"].items()},
        )
        for name, told in sorted(expected.items())
        if name.endswith(f".{kind}") and told.get("cells")
    ]


def _number(value: object) -> Decimal | None:
    return value if isinstance(value, Decimal) or value is None else Decimal(str(value))
