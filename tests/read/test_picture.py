"""A page as a picture, with boxes where a person should look."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from PIL import Image
from reportlab.pdfgen.canvas import Canvas

from infra.replica.documents import PLAIN, render
from infra.replica.truth import truth
from schemas.blocks import Grid
from schemas.errors import ReadError
from tasks.read import GuardedPool, read
from tasks.read.pdf.picture import SCALE, page_picture
from tests.read.drawing import HEIGHT, WIDTH, pdf, write

BOX = (100.0, 200.0, 180.0, 220.0)


def page(canvas: Canvas) -> None:
    write(canvas, 80, 100, "收到申请 7 件")


def shown(data: bytes, number: int = 1, boxes: tuple[tuple[float, float, float, float], ...] = ()) -> Image.Image:
    return Image.open(io.BytesIO(page_picture(data, number, boxes)))


def is_reddish(colour: object) -> bool:
    assert isinstance(colour, tuple)
    return bool(colour[0] > 180 and colour[1] < 120 and colour[2] < 120)


def test_a_box_is_drawn_where_the_cell_stands() -> None:
    plain, marked = shown(pdf(page)), shown(pdf(page), boxes=(BOX,))
    assert plain.size == marked.size == (round(WIDTH * SCALE), round(HEIGHT * SCALE))
    left, middle = round((BOX[0] - 1.5) * SCALE), round((BOX[1] + BOX[3]) / 2 * SCALE)
    assert is_reddish(marked.getpixel((left, middle)))
    assert not is_reddish(plain.getpixel((left, middle)))
    inside, outside = (round(140 * SCALE), middle), (round(300 * SCALE), middle)
    assert marked.getpixel(inside) != plain.getpixel(inside), "the cell is tinted, not covered"
    assert marked.getpixel(outside) == plain.getpixel(outside)


def test_the_same_page_gives_the_same_picture() -> None:
    assert page_picture(pdf(page), 1, (BOX,)) == page_picture(pdf(page), 1, (BOX,))


def test_a_page_that_is_turned_shows_its_boxes_around_their_cells() -> None:
    turned = replace(PLAIN, pdf=replace(PLAIN.pdf, paper="rotated"))
    data = render(truth("daqing-ggzy", 2021), "pdf", turned)
    grids = [item for item in read(data).items if isinstance(item, Grid)]
    (cell,) = [cell for grid in grids for cell in grid.cells if cell.text == "11,561,862,563.21"]
    assert cell.place.box is not None
    assert cell.place.page is not None
    picture = shown(data, cell.place.page, (cell.place.box,))
    assert picture.size[0] > picture.size[1], "as it is read"
    x0, top, x1, bottom = (edge * SCALE for edge in cell.place.box)
    inside = picture.crop((round(x0) + 4, round(top) + 4, round(x1) - 4, round(bottom) - 4)).convert("L")
    assert is_reddish(picture.getpixel((round(x0 - 1.5 * SCALE), round((top + bottom) / 2))))
    assert inside.getextrema()[0] < 120, "the figure stands in its box"


def test_a_poster_does_not_fill_the_memory() -> None:
    large = shown(pdf(lambda canvas: canvas.drawString(10, 10, "x"), size=(14_000, 14_000)))
    assert large.size[0] * large.size[1] <= 8_100_000


@pytest.mark.parametrize(("data", "number"), [(b"no pdf", 1), (None, 2), (None, 0)])
def test_a_page_that_is_not_there_is_told(data: bytes | None, number: int) -> None:
    with pytest.raises(ReadError) as refusal:
        page_picture(data or pdf(page), number)
    assert refusal.value.code == "read.damaged"


def test_pictures_are_made_in_a_bounded_process() -> None:
    with GuardedPool(1) as pool:
        assert pool.run(page_picture, pdf(page), 1, (BOX,)).startswith(b"\x89PNG")
