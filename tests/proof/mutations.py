"""Ways in which a sound document gets damaged. Each takes blocks and a random source; None where it does not apply."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace

from schemas.blocks import Blocks, Cell, Grid

Mutation = Callable[[Blocks, random.Random], Blocks | None]


def _numbers(blocks: Blocks) -> list[tuple[int, int]]:
    """(item, cell) of every cell that holds an unsigned number."""
    return [
        (at, number)
        for at, item in enumerate(blocks.items)
        if isinstance(item, Grid)
        for number, cell in enumerate(item.cells)
        if cell.text.strip().replace(",", "").replace(".", "").isdecimal()
    ]


def _with(blocks: Blocks, at: int, cells: list[Cell]) -> Blocks:
    grid = blocks.items[at]
    assert isinstance(grid, Grid)
    items = list(blocks.items)
    items[at] = replace(grid, cells=tuple(cells))
    return replace(blocks, items=tuple(items))


def _pick(blocks: Blocks, rng: random.Random) -> tuple[int, int, list[Cell]]:
    at, number = rng.choice(_numbers(blocks))
    grid = blocks.items[at]
    assert isinstance(grid, Grid)
    return at, number, list(grid.cells)


def drop_a_cell(blocks: Blocks, rng: random.Random) -> Blocks | None:
    """A cell is gone and those behind it move up."""
    at, number, cells = _pick(blocks, rng)
    gone = cells.pop(number)
    moved = [
        replace(cell, column=cell.column - 1) if cell.row == gone.row and cell.column > gone.column else cell
        for cell in cells
    ]
    return _with(blocks, at, moved)


def merge_two_cells(blocks: Blocks, rng: random.Random) -> Blocks | None:
    at, number, cells = _pick(blocks, rng)
    if number + 1 >= len(cells) or cells[number + 1].row != cells[number].row:
        return None
    follower = cells.pop(number + 1)
    cells[number] = replace(cells[number], text=cells[number].text + follower.text, column_span=2)
    return _with(blocks, at, cells)


def lose_a_row(blocks: Blocks, rng: random.Random) -> Blocks | None:
    at, number, cells = _pick(blocks, rng)
    return _with(blocks, at, [cell for cell in cells if cell.row != cells[number].row])


def lose_the_numbers_of_a_row(blocks: Blocks, rng: random.Random) -> Blocks | None:
    at, number, cells = _pick(blocks, rng)
    row = cells[number].row
    return _with(blocks, at, [cell for cell in cells if cell.row != row or not cell.text.strip().isdecimal()])


def lose_the_label_of_a_row(blocks: Blocks, rng: random.Random) -> Blocks | None:
    at, number, cells = _pick(blocks, rng)
    label = next(cell for cell in cells if cell.row == cells[number].row)
    return _with(blocks, at, [cell for cell in cells if cell is not label])


def cut_a_page(blocks: Blocks, rng: random.Random) -> Blocks | None:
    """Several rows in the middle of a table are gone."""
    grids = [at for at, item in enumerate(blocks.items) if isinstance(item, Grid) and item.n_rows > 8]
    if not grids:
        return None
    at = rng.choice(grids)
    grid = blocks.items[at]
    assert isinstance(grid, Grid)
    first = rng.randrange(grid.n_rows - 3)
    last = first + rng.randrange(2, 8)
    return _with(blocks, at, [cell for cell in grid.cells if not first <= cell.row < last])


def truncate(blocks: Blocks, rng: random.Random) -> Blocks | None:
    """The document ends before its last table is over."""
    tables = [at for at, item in enumerate(blocks.items) if isinstance(item, Grid)]
    return replace(blocks, items=blocks.items[: rng.randrange(1, tables[-1] + 1)])


def swap_two_digits(blocks: Blocks, rng: random.Random) -> Blocks | None:
    at, number, cells = _pick(blocks, rng)
    text = cells[number].text.strip()
    if len(text) < 2:
        return None
    place = rng.randrange(len(text) - 1)
    swapped = text[:place] + text[place + 1] + text[place] + text[place + 2 :]
    if swapped == text:
        return None
    cells[number] = replace(cells[number], text=swapped)
    return _with(blocks, at, cells)


def lose_a_minus_sign(blocks: Blocks, rng: random.Random) -> Blocks | None:
    signed = [
        (at, number)
        for at, item in enumerate(blocks.items)
        if isinstance(item, Grid)
        for number, cell in enumerate(item.cells)
        if cell.text.strip().startswith(("-", "－")) and cell.text.strip()[1:].isdecimal()
    ]
    if not signed:
        return None
    at, number = rng.choice(signed)
    grid = blocks.items[at]
    assert isinstance(grid, Grid)
    cells = list(grid.cells)
    cells[number] = replace(cells[number], text=cells[number].text.strip()[1:])
    return _with(blocks, at, cells)


def drop_a_column(blocks: Blocks, rng: random.Random) -> Blocks | None:
    """A column of single cells is gone, what stands behind it moves to the left."""
    at, number, cells = _pick(blocks, rng)
    gone = cells[number].column
    kept = [cell for cell in cells if cell.column != gone or cell.column_span > 1]
    return _with(blocks, at, [replace(c, column=c.column - 1) if c.column > gone else c for c in kept])


def drop_a_table(blocks: Blocks, rng: random.Random) -> Blocks | None:
    tables = [at for at, item in enumerate(blocks.items) if isinstance(item, Grid)]
    gone = rng.choice(tables)
    return replace(blocks, items=tuple(item for at, item in enumerate(blocks.items) if at != gone))


def exchange_two_tables(blocks: Blocks, rng: random.Random) -> Blocks | None:
    tables = [at for at, item in enumerate(blocks.items) if isinstance(item, Grid)]
    if len(tables) < 2:
        return None
    one, other = rng.sample(tables, 2)
    items = list(blocks.items)
    items[one], items[other] = items[other], items[one]
    return replace(blocks, items=tuple(items))


def print_a_row_twice(blocks: Blocks, rng: random.Random) -> Blocks | None:
    at, number, cells = _pick(blocks, rng)
    row = cells[number].row
    pushed = [replace(cell, row=cell.row + 1) if cell.row > row else cell for cell in cells]
    pushed += [replace(cell, row=row + 1) for cell in cells if cell.row == row]
    grid = blocks.items[at]
    assert isinstance(grid, Grid)
    items = list(blocks.items)
    pushed.sort(key=lambda cell: (cell.row, cell.column))
    items[at] = replace(grid, cells=tuple(pushed), n_rows=grid.n_rows + 1)
    return replace(blocks, items=tuple(items))


def let_a_number_touch_its_label(blocks: Blocks, rng: random.Random) -> Blocks | None:
    at, number, cells = _pick(blocks, rng)
    if not number or cells[number - 1].row != cells[number].row:
        return None
    figure = cells.pop(number)
    cells[number - 1] = replace(cells[number - 1], text=cells[number - 1].text + figure.text)
    return _with(blocks, at, cells)


def _numbers_of_row(cells: list[Cell], row: int) -> list[int]:
    return [at for at, cell in enumerate(cells) if cell.row == row and cell.text.strip().replace(".", "").isdecimal()]


def shift_a_row_left(blocks: Blocks, rng: random.Random) -> Blocks | None:
    """Every figure of a row stands one cell too far to the left, the last cell is empty."""
    at, number, cells = _pick(blocks, rng)
    places = _numbers_of_row(cells, cells[number].row)
    if len(places) < 3:
        return None
    texts = [*(cells[place].text for place in places[1:]), ""]
    for place, text in zip(places, texts, strict=True):
        cells[place] = replace(cells[place], text=text)
    return _with(blocks, at, cells)


def shift_a_row_right(blocks: Blocks, rng: random.Random) -> Blocks | None:
    """Every figure of a row stands one cell too far to the right, the first cell is empty."""
    at, number, cells = _pick(blocks, rng)
    places = _numbers_of_row(cells, cells[number].row)
    if len(places) < 3:
        return None
    texts = ["", *(cells[place].text for place in places[:-1])]
    for place, text in zip(places, texts, strict=True):
        cells[place] = replace(cells[place], text=text)
    return _with(blocks, at, cells)


def empty_a_cell(blocks: Blocks, rng: random.Random) -> Blocks | None:
    at, number, cells = _pick(blocks, rng)
    cells[number] = replace(cells[number], text="")
    return _with(blocks, at, cells)


STRUCTURE: tuple[Mutation, ...] = (
    drop_a_cell,
    merge_two_cells,
    lose_a_row,
    lose_the_numbers_of_a_row,
    lose_the_label_of_a_row,
    cut_a_page,
    truncate,
    drop_a_column,
    drop_a_table,
    exchange_two_tables,
    print_a_row_twice,
    let_a_number_touch_its_label,
)
# What remains has the right number of cells and could have been printed so: figures in the wrong cells of their row.
SHIFTS: tuple[Mutation, ...] = (shift_a_row_left, shift_a_row_right, empty_a_cell)
FIGURES: tuple[Mutation, ...] = (swap_two_digits, lose_a_minus_sign)
