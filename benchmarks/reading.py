"""PDF and HTML reports read and parsed, against what one would take from the shelf, and against the bare floor."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal

import pandas as pd
import pdfplumber
import pypdfium2 as pdfium
from lxml import etree

from benchmarks.documents import Sample, samples
from benchmarks.measure import side_by_side
from benchmarks.row import Row, Size, pick
from schemas.report import Report
from tasks.parse import parse
from tasks.read import read

_NUMBER = re.compile(r"\d+(?:\.\d+)?")


def ours(data: bytes) -> Report:
    """Read and parsed: blocks, statutory cells, statistics of the text."""
    return parse(read(data))


def pdf_text(data: bytes) -> int:
    """The floor: pypdfium2's bare text. Returns its length."""
    document = pdfium.PdfDocument(data)
    return sum(len(page.get_textpage().get_text_range()) for page in document)


def plumber(data: bytes) -> Iterator[str]:
    """Text and tables as pdfplumber gives them; gives the cells."""
    with pdfplumber.open(io.BytesIO(data)) as document:
        for page in document.pages:
            page.extract_text()
            for table in page.extract_tables():
                yield from (cell for line in table for cell in line if cell)


def html_tree(data: bytes) -> etree._Element:
    """The floor: lxml's parsing alone."""
    return etree.fromstring(data, etree.HTMLParser(encoding="utf-8"))


def pandas_tables(data: bytes) -> Iterator[str]:
    """The tables as pandas reads them with lxml, and the text of the page; gives the cells."""
    "".join(str(text) for text in html_tree(data).itertext())
    for table in pd.read_html(io.BytesIO(data), encoding="utf-8", flavor="lxml"):  # type: ignore[arg-type]
        yield from (str(cell) for line in table.to_numpy().tolist() for cell in line)


def pdf(size: Size) -> Iterable[Row]:
    """PDF reports against pdfplumber, and against text alone."""
    found = samples("pdf", pick(size, 1, 8, 40))
    peers = ("pdfplumber extract_text + extract_tables", plumber, 8.0), ("pypdfium2, text only", pdf_text, 4.0)
    yield from _rows("pdf", found, peers, pick(size, 1, 5, 5))


def html(size: Size) -> Iterable[Row]:
    """HTML reports against pandas, and against lxml's parsing alone."""
    found = samples("html", pick(size, 1, 8, 40))
    peers = ('pandas.read_html(flavor="lxml") + text', pandas_tables, 5.0), ("lxml, parse only", html_tree, 4.0)
    yield from _rows("html", found, peers, pick(size, 1, 7, 7))


Peer = tuple[str, Callable[[bytes], object], float]


def _rows(kind: str, found: Sequence[Sample], peers: tuple[Peer, Peer], rounds: int) -> Iterator[Row]:
    (slow_name, slow, at_least), (floor_name, floor, at_most) = peers
    times = [0.0, 0.0, 0.0, 0.0]
    for sample in found:
        data = sample.data

        def taken(data: bytes = data) -> None:
            for _ in slow(data):  # type: ignore[attr-defined]
                pass

        works = (lambda d=data: ours(d), lambda d=data: read(d), lambda d=data: floor(d))
        costs = side_by_side(works, rounds)
        costs += side_by_side([taken], max(1, rounds // 2))
        times = [total + cost.cpu for total, cost in zip(times, costs, strict=True)]
    whole, reading, bare, shelf = times
    wrong, told = _accuracy(found, slow)
    figures: dict[str, float | int | str] = {
        "documents": len(found),
        "ours_ms": round(whole * 1000 / len(found), 2),
        "reading_ms": round(reading * 1000 / len(found), 2),
        "parsing_ms": round((whole - reading) * 1000 / len(found), 2),
        "peer_ms": round(shelf * 1000 / len(found), 2),
        "floor_ms": round(bare * 1000 / len(found), 2),
        "reading_alone_against_peer": round(shelf / reading, 2),
        "reading_alone_against_floor": round(reading / bare, 2),
    }
    what = f"{kind.upper()} reports read and parsed, one core"
    yield Row(f"{kind} vs peer", what, slow_name, shelf / whole, told, wrong, at_least=at_least, figures=figures)
    yield Row(f"{kind} vs floor", what, floor_name, whole / bare, told, wrong, at_most=at_most, figures=figures)


def _accuracy(found: Sequence[Sample], peer: Callable[[bytes], object]) -> tuple[str | None, str]:
    """What our reading got wrong (nothing, or there is no result), and how much the peer's cells hold."""
    cells = sum(len(sample.cells) for sample in found)
    bad = {sample.name: wrong for sample in found if (wrong := sample.wrong_cells(ours(sample.data)))}
    held = sum(_held(sample, peer(sample.data)) for sample in found)
    told = f"all {cells} statutory cells right; of their figures the peer's tables hold {held / cells:.0%}"
    if bad:
        return f"{sum(map(len, bad.values()))} of {cells} cells wrong: {dict(list(bad.items())[:2])}", told
    return None, told


def _held(sample: Sample, cells: object) -> int:
    """How many of the true figures stand in the peer's cells, each used once: the most that one could make of them."""
    there: dict[Decimal, int] = {}
    for cell in cells:  # type: ignore[attr-defined]
        for number in _NUMBER.findall(cell.replace(",", "").replace("\n", "")):
            there[Decimal(number)] = there.get(Decimal(number), 0) + 1
    held = 0
    for value in sample.cells.values():
        if value is None:
            held += 1
        elif there.get(abs(value), 0) > 0:
            there[abs(value)] -= 1
            held += 1
    return held
