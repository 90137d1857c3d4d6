"""The careful second reader: characters and lines as pdfplumber decodes them, its own tables where lines are missing.

Slow, and independent of the first reader in everything but the geometry of whole tables.
"""

from __future__ import annotations

import io
import logging
from collections.abc import Sequence
from typing import Any

from schemas.errors import ReadError
from tasks.read.pdf.arrange import lines_of
from tasks.read.pdf.fill import fill
from tasks.read.pdf.lattice import Area, Lattice, lattices_of
from tasks.read.pdf.layer import Layer
from tasks.read.pdf.parts import PageParts, table_of
from tasks.read.pdf.runs import NOTHING, Run, gather
from tasks.read.pdf.shapes import Line

_SETTINGS = {"vertical_strategy": "lines", "horizontal_strategy": "lines", "snap_tolerance": 3, "join_tolerance": 3}
_THIN = 3.6  # points: filled shapes no thicker than this are lines
_FOOT = 0.13  # pdfplumber gives the font box; the baseline lies about an eighth of it above the bottom
_ASKEW = 0.07  # tangent of the slant that a crooked scan may have
_SAME = 2.0  # points: cell edges nearer than this are one edge


def careful_pages(data: bytes, numbers: Sequence[int]) -> list[PageParts]:
    """The pages with the given numbers (from 1), taken apart by pdfplumber."""
    import pdfplumber  # costs 0.3 s, and most documents never need it

    logging.getLogger("pdfminer").setLevel(logging.ERROR)  # one line for each font without a box helps nobody
    try:
        with pdfplumber.open(io.BytesIO(data)) as document:
            return [_page(document.pages[number - 1], number) for number in numbers]
    except ReadError:
        raise
    except Exception as error:  # pdfminer raises what it likes on damaged files
        raise ReadError("read.damaged", f"the second reader cannot read the PDF: {error}") from error


def _page(page: Any, number: int) -> PageParts:
    ruled = page.filter(_rules)
    layer = Layer(number, float(page.width), float(page.height))
    layer.across, layer.down = _edge_lines(ruled)
    _read_runs(page, layer)
    parts = PageParts(number, layer.width, layer.height, [], [])
    lattices = lattices_of(layer.across, layer.down)
    if not all(lattice.whole for lattice in lattices):
        theirs = [_lattice(found) for found in ruled.find_tables(_SETTINGS)]
        if theirs and all(lattice is not None and lattice.whole for lattice in theirs):
            lattices = [lattice for lattice in theirs if lattice is not None]
    runs: Sequence[Run] = layer.runs
    for lattice in lattices:
        filled, outside = fill(lattice, runs)
        if any(filled.lines):
            runs = outside
            parts.tables.append(table_of(filled, layer, parts.doubts))
    parts.lines = lines_of(runs)
    return parts


def _edge_lines(page: Any) -> tuple[list[Line], list[Line]]:
    across = [Line(edge["top"], edge["x0"], edge["x1"]) for edge in page.edges if edge["orientation"] == "h"]
    down = [Line(edge["x0"], edge["top"], edge["bottom"]) for edge in page.edges if edge["orientation"] == "v"]
    return [line for line in across if line.end - line.start > 3], [line for line in down if line.end - line.start > 3]


def _rules(shape: dict[str, Any]) -> bool:
    """Whether a shape can rule a table: backgrounds of cells and paragraphs would cut it at their edges."""
    if shape["object_type"] != "rect" or shape.get("stroke"):
        return True
    return bool(min(shape["width"], shape["height"]) <= _THIN)


def _read_runs(page: Any, layer: Layer) -> None:
    chars = [char for char in page.chars if char.get("upright", True) and not _is_slanted(char["matrix"])]
    heights = [char["bottom"] - char["top"] for char in chars]
    edges = [_edges_of(char, height) for char, height in zip(chars, heights, strict=True)]
    layer.runs, layer.characters, layer.unmapped = gather(
        [char["text"][:1] or NOTHING for char in chars],
        [left for left, _ in edges],
        [right for _, right in edges],
        [char["bottom"] - _FOOT * height for char, height in zip(chars, heights, strict=True)],
        heights,
    )


def _edges_of(char: dict[str, Any], height: float) -> tuple[float, float]:
    """Left and right edge of a character; of one that leans (an italic made by skewing) where it stands on its
    baseline, since its box reaches over its neighbours, and gaps between numbers would close."""
    a, b, c, d, *_ = char["matrix"]
    area = a * d - b * c
    lean = (a * c + b * d) / area if area else 0.0
    at_foot, at_head = -lean * _FOOT * height, lean * (1 - _FOOT) * height
    return char["x0"] - min(at_foot, at_head), char["x1"] - max(at_foot, at_head)


def _is_slanted(matrix: Sequence[float]) -> bool:
    """Whether a character stands askew, as those of watermarks across the page do."""
    return min(abs(matrix[0]), abs(matrix[1])) > _ASKEW * max(abs(matrix[0]), abs(matrix[1]))


def _lattice(table: Any) -> Lattice | None:
    boxes = [tuple(map(float, cell)) for cell in table.cells]
    if len(boxes) < 2:
        return None
    xs = _edges([edge for x0, _, x1, _ in boxes for edge in (x0, x1)])
    ys = _edges([edge for _, top, _, bottom in boxes for edge in (top, bottom)])
    areas: list[Area] = []
    covered = 0
    for x0, top, x1, bottom in boxes:
        left, right = _nearest(xs, x0), _nearest(xs, x1)
        first, last = _nearest(ys, top), _nearest(ys, bottom)
        if right > left and last > first:
            areas.append(Area(first, left, last - first, right - left, x0, top, x1, bottom))
            covered += (right - left) * (last - first)
    if len(areas) < 2:
        return None
    areas.sort(key=lambda area: (area.row, area.column))
    whole = covered == (len(xs) - 1) * (len(ys) - 1)
    return Lattice(tuple(xs), tuple(ys), tuple(areas), whole)


def _edges(values: list[float]) -> list[float]:
    edges: list[float] = []
    for value in sorted(values):
        if not edges or value - edges[-1] > _SAME:
            edges.append(value)
    return edges


def _nearest(edges: list[float], value: float) -> int:
    return min(range(len(edges)), key=lambda index: abs(edges[index] - value))
