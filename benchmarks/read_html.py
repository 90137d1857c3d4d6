"""How fast pages are read, side by side in one run: this reader, pandas.read_html plus text, lxml parsing as the floor.

    python benchmarks/read_html.py [FILE.html …]

Without files it takes the real reports beside the checkout, if there, and generated ones.
"""

from __future__ import annotations

import io
import random
import sys
from pathlib import Path

import pandas as pd
from lxml import etree

from benchmarks.stopwatch import Table, best
from infra.replica.documents import render
from infra.replica.documents.quirks import HtmlQuirks, Quirks
from infra.replica.random_reports import random_truth
from schemas.report import Edition
from tasks.read.html import read_html

EVIDENCE = Path(__file__).resolve().parent.parent.parent / "shared" / "real"


def documents() -> dict[str, bytes]:
    """Names and bytes of what is measured."""
    if len(sys.argv) > 1:
        return {Path(name).name: Path(name).read_bytes() for name in sys.argv[1:]}
    real = sorted(path for path in EVIDENCE.glob("*.html") if "empty" not in path.name)
    found = {path.name: path.read_bytes() for path in real}
    for number, quirks in enumerate((HtmlQuirks(), HtmlQuirks(markup="word", comments=True, nested_container=True))):
        truth = random_truth(random.Random(number), edition=Edition.FORM_2021)
        found[f"generated {quirks.markup}"] = render(truth, "html", Quirks(html=quirks))
    return found


def floor(data: bytes) -> etree._Element:
    """Parsing alone."""
    return etree.fromstring(data, etree.HTMLParser(encoding="utf-8"))


def pandas(data: bytes) -> None:
    """The tables as pandas reads them, and the text of the page."""
    pd.read_html(io.BytesIO(data), encoding="utf-8")
    "".join(floor(data).itertext())


def main() -> None:
    table = Table("document", "kB", "parse ms", "this ms", "pandas ms", "x parse (<= 4)", "x faster (>= 5)")
    totals = [0.0, 0.0, 0.0]
    size = 0
    for name, data in documents().items():
        times = [best(lambda d=data: floor(d)), best(lambda d=data: read_html(d)), best(lambda d=data: pandas(d), 3)]
        totals = [total + time for total, time in zip(totals, times, strict=True)]
        size += len(data) // 1024
        table.row(name, len(data) // 1024, *times, times[1] / times[0], times[2] / times[1])
    table.row("all", size, *totals, totals[1] / totals[0], totals[2] / totals[1])
    table.show()


if __name__ == "__main__":
    main()
