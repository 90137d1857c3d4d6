"""Pictures of pages, through the optional extra `ocr` (RapidOCR, whose models come inside its package).

Recognised text becomes runs with positions and dark straight strokes become ruling lines, so that a scan goes the same
way as a PDF with a text layer: to a grid that is ruled where lines are found and aligned where not. Every document read
this way carries the note `ocr`: its figures need the form's equations as proof. Without the extra: `read.needs_ocr`.
"""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Sequence
from functools import cache
from importlib.util import find_spec
from statistics import median
from typing import TYPE_CHECKING, Any

from schemas.blocks import Blocks
from schemas.errors import ReadError
from tasks.read.build import Builder
from tasks.read.pdf.assemble import assemble
from tasks.read.pdf.layer import Layer
from tasks.read.pdf.parts import take_apart
from tasks.read.pdf.runs import Run
from tasks.read.pdf.shapes import Line

if TYPE_CHECKING:
    import numpy as np
    from PIL.Image import Image

MEDIA_TYPE = "image/*"
_DPI = 200  # what the recognition reads these tables at without fault
_MAX_PIXELS = 60_000_000
_DARK = 185  # grey value below which a pixel is ink; thin rules are grey in scans
_LONGEST_BREAK = 2  # pixels: gaps in a scanned line
_SHORTEST_ACROSS, _SHORTEST_DOWN = 60.0, 30.0  # points: shorter strokes are parts of characters
_SKEW = 0.15  # degrees that are put right
_NEED = "install the extra: pip install 'nianbao[ocr]'"

Pages = Callable[[bytes, Sequence[int]], list[Layer]]


@cache
def available() -> bool:
    """Whether the OCR extra is installed."""
    return find_spec("rapidocr") is not None and find_spec("onnxruntime") is not None


def page_reader() -> Pages | None:
    """A function that reads pages of a PDF (by number, from 1) as pictures; None without the extra."""
    return _pdf_pages if available() else None


def read_image(data: bytes) -> Blocks:
    """Reads a picture of one page. Raises ReadError: `read.needs_ocr`, `read.damaged`, `read.limit.size`."""
    if not available():
        raise ReadError("read.needs_ocr", f"the document is a picture; {_NEED}")
    from PIL import Image, UnidentifiedImageError

    try:
        opened = Image.open(io.BytesIO(data))
        if opened.width * opened.height > _MAX_PIXELS:
            raise ReadError("read.limit.size", f"the picture has {opened.width} x {opened.height} pixels")
        image = opened.convert("RGB")
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError) as error:
        raise ReadError("read.damaged", f"the picture cannot be opened: {error}") from error
    builder = Builder()
    doubts = assemble([take_apart(layer_of_image(image, 1))], builder)
    if not builder.items:
        raise ReadError("read.empty_body", "no text was recognised in the picture")
    return builder.blocks(MEDIA_TYPE, "rapidocr", notes=tuple(sorted({"ocr", *doubts})), pages=1)


def _pdf_pages(data: bytes, numbers: Sequence[int]) -> list[Layer]:
    import pypdfium2 as pdfium

    document = pdfium.PdfDocument(data)
    try:
        layers = []
        for number in numbers:
            page = document[number - 1]
            scale = min(_DPI / 72, math.sqrt(_MAX_PIXELS / max(page.get_width() * page.get_height(), 1.0)))
            image = page.render(scale=scale).to_pil().convert("RGB")
            layers.append(layer_of_image(image, number))
        return layers
    finally:
        document.close()


@cache
def _engine() -> Any:
    from rapidocr import RapidOCR

    return RapidOCR(params={"Global.log_level": "error"})


def layer_of_image(image: Image, number: int) -> Layer:
    """Recognises a page's text and its ruling lines. Sideways pages are turned, slightly slanted ones put straight."""
    import numpy as np
    from PIL.Image import Resampling

    boxes, texts = _recognise(image)
    if _is_sideways(boxes, texts):
        image = image.rotate(90, expand=True)
        boxes, texts = _recognise(image)
    slant = _slant(boxes)
    if abs(slant) > _SKEW:
        boxes = [_turned(box, slant, image.width / 2, image.height / 2) for box in boxes]
        image = image.rotate(slant, resample=Resampling.BILINEAR, fillcolor=(255, 255, 255))
    points = 72 / _DPI
    layer = Layer(number, image.width * points, image.height * points)
    for box, text in zip(boxes, texts, strict=True):
        bare = "".join(text.split()) if not text.isascii() else text.strip()
        if bare:
            layer.runs.append(_run(box, bare, points))
            layer.characters += len(bare)
    ink = np.asarray(image.convert("L")) < _DARK
    layer.across = _strokes(ink, points, _SHORTEST_ACROSS)
    layer.down = _strokes(ink.T, points, _SHORTEST_DOWN)
    return layer


def _recognise(image: Image) -> tuple[list[Any], list[str]]:
    import numpy as np

    found = _engine()(np.asarray(image))
    if found.boxes is None or found.txts is None:
        return [], []
    return list(found.boxes), list(found.txts)


def _is_sideways(boxes: Sequence[Any], texts: Sequence[str]) -> bool:
    """Whether most words stand on end (single digits are taller than wide anyway and tell nothing)."""
    words = [box for box, text in zip(boxes, texts, strict=True) if len(text) > 2]
    upright = sum(bool(_reach(box, 0) >= 0.8 * _reach(box, 1)) for box in words)
    return upright * 2 < len(words)


def _reach(box: Any, axis: int) -> float:
    """How far a box of corner points reaches along an axis."""
    return float(box[:, axis].max() - box[:, axis].min())


def _slant(boxes: Sequence[Any]) -> float:
    """The slant of long text boxes in degrees, clockwise positive (what the picture must be turned back by)."""
    angles = []
    for box in boxes:
        dx, dy = float(box[1][0] - box[0][0]), float(box[1][1] - box[0][1])
        if dx > 250:
            angles.append(math.degrees(math.atan2(dy, dx)))
    found = median(angles) if len(angles) > 2 else 0.0
    return found if abs(found) < 10 else 0.0


def _turned(box: Any, degrees: float, cx: float, cy: float) -> Any:
    """A box after the picture was turned by so many degrees, anticlockwise, about a point."""
    import numpy as np

    sine, cosine = math.sin(math.radians(degrees)), math.cos(math.radians(degrees))
    x, y = box[:, 0] - cx, box[:, 1] - cy
    return np.stack((cx + x * cosine + y * sine, cy - x * sine + y * cosine), axis=1)


def _run(box: Any, text: str, points: float) -> Run:
    """A recognised text as a run; its characters share the box by their usual widths."""
    x0, x1 = float(box[:, 0].min()) * points, float(box[:, 0].max()) * points
    top, bottom = float(box[:, 1].min()) * points, float(box[:, 1].max()) * points
    units = [1.0 if char >= "\u2e80" else 0.55 for char in text]
    unit = (x1 - x0) / sum(units)
    xs, ends, x = [], [], x0
    for width in units:
        xs.append(x)
        x += width * unit
        ends.append(x)
    em = min(0.8 * (bottom - top), 1.6 * unit) if len(text) > 1 else 0.8 * (bottom - top)
    return Run(x0, x1, bottom - 0.2 * (bottom - top), em, text, tuple(xs), tuple(ends))


def _strokes(ink: np.ndarray[Any, Any], points: float, least: float) -> list[Line]:
    """Straight dark strokes along the rows of a picture, in points; neighbouring rows of one stroke are one line."""
    import numpy as np

    shortest = int(least / points)
    # A stroke that is not quite level steps from row to row: each row sees its neighbours' ink too.
    ink = ink | np.roll(ink, 1, axis=0) | np.roll(ink, -1, axis=0)
    pieces: list[tuple[int, int, int]] = []
    for row in np.flatnonzero(ink.sum(axis=1) >= shortest):
        dark = np.flatnonzero(ink[row])
        cuts = np.flatnonzero(np.diff(dark) > _LONGEST_BREAK + 1)
        starts = np.concatenate(([dark[0]], dark[cuts + 1]))
        ends = np.concatenate((dark[cuts], [dark[-1]]))
        for start, end in zip(starts, ends, strict=True):
            if end - start >= shortest:
                pieces.append((int(row), int(start), int(end)))
    return [Line(row * points, start * points, end * points) for row, start, end in _thinned(pieces)]


def _thinned(pieces: Sequence[tuple[int, int, int]]) -> list[tuple[float, int, int]]:
    """Strokes of several rows of pixels as one; blocks of ink too thick for a line are dropped."""
    groups: list[list[tuple[int, int, int]]] = []
    for piece in pieces:
        for group in reversed(groups[-200:]):
            row, start, end = group[-1]
            if piece[0] - row <= 1 and piece[1] <= end and start <= piece[2]:
                group.append(piece)
                break
        else:
            groups.append([piece])
    lines = []
    for group in groups:
        if group[-1][0] - group[0][0] > 12:
            continue
        lines.append((median(row for row, _, _ in group), min(p[1] for p in group), max(p[2] for p in group)))
    return lines
