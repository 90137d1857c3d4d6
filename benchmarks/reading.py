"""PDF and HTML reports read and parsed, against what one would take from the shelf, and against the bare floor."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from functools import partial
from typing import NamedTuple

import pandas as pd
import pdfplumber
import pypdfium2 as pdfium
from bs4 import BeautifulSoup
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


def pandas_and_soup(data: bytes) -> Iterator[str]:
    """The same with the text of the page as most programs take it, from BeautifulSoup."""
    BeautifulSoup(data, "lxml").get_text()
    for table in pd.read_html(io.BytesIO(data), encoding="utf-8"):  # type: ignore[arg-type]
        yield from (str(cell) for line in table.to_numpy().tolist() for cell in line)


def pdf(size: Size) -> Iterable[Row]:
    """PDF reports against pdfplumber, and against text alone."""
    found = samples("pdf", pick(size, 1, 8, 40))
    shelf = Peer("peer", "pdfplumber extract_text + extract_tables", plumber, 8.0)
    floor = Peer("floor", "pypdfium2, text only", pdf_text, 4.0)
    yield from _rows("pdf", found, [shelf], floor, pick(size, 1, 5, 5))


def html(size: Size) -> Iterable[Row]:
    """HTML reports against pandas, and against lxml's parsing alone."""
    found = samples("html", pick(size, 1, 8, 40))
    shelves = [
        Peer("peer", 'pandas.read_html(flavor="lxml") + text', pandas_tables, 5.0),
        Peer("usual peer", "pandas.read_html + BeautifulSoup get_text", pandas_and_soup, 5.0),
    ]
    yield from _rows("html", found, shelves, Peer("floor", "lxml, parse only", html_tree, 4.0), pick(size, 1, 7, 7))


class Peer(NamedTuple):
    """What our reading is held against: as fast again by `target`, or for a floor at most that many times slower."""

    row: str
    name: str
    work: Callable[[bytes], object]
    target: float


def _rows(kind: str, found: Sequence[Sample], shelves: Sequence[Peer], floor: Peer, rounds: int) -> Iterator[Row]:
    times = [0.0] * (3 + len(shelves))
    for sample in found:
        data = sample.data

        def taken(peer: Peer, data: bytes = data) -> None:
            for _ in peer.work(data):  # type: ignore[attr-defined]
                pass

        works = (lambda d=data: ours(d), lambda d=data: read(d), lambda d=data: floor.work(d))
        costs = side_by_side(works, rounds)
        costs += side_by_side([partial(taken, peer) for peer in shelves], max(1, rounds // 2))
        times = [total + cost.cpu for total, cost in zip(times, costs, strict=True)]
    whole, reading, bare, *taken_by = times
    wrong, told = _accuracy(found, shelves[0])
    figures: dict[str, float | int | str] = {
        "documents": len(found),
        "ours_ms": round(whole * 1000 / len(found), 2),
        "reading_ms": round(reading * 1000 / len(found), 2),
        "parsing_ms": round((whole - reading) * 1000 / len(found), 2),
        "floor_ms": round(bare * 1000 / len(found), 2),
        "reading_alone_against_floor": round(reading / bare, 2),
    }
    what = f"{kind.upper()} reports read and parsed, one core"
    for peer, shelf in zip(shelves, taken_by, strict=True):
        beside = {
            "peer_ms": round(shelf * 1000 / len(found), 2),
            "reading_alone_against_peer": round(shelf / reading, 2),
        }
        bad, held = (wrong, told) if peer is shelves[0] else _accuracy(found, peer)
        name, ratio = f"{kind} vs {peer.row}", shelf / whole
        yield Row(name, what, peer.name, ratio, held, bad, at_least=peer.target, figures={**figures, **beside})
    name, ratio = f"{kind} vs {floor.row}", whole / bare
    yield Row(name, what, floor.name, ratio, told, wrong, at_most=floor.target, figures=figures)


def _accuracy(found: Sequence[Sample], peer: Peer) -> tuple[str | None, str]:
    """What our reading got wrong (nothing, or there is no result), and how much the peer's cells hold."""
    cells = sum(len(sample.cells) for sample in found)
    bad = {sample.name: wrong for sample in found if (wrong := sample.wrong_cells(ours(sample.data)))}
    held = sum(_held(sample, peer.work(sample.data)) for sample in found)
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
