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


STRUCTURE: tuple[Mutation, ...] = (
    drop_a_cell,
    merge_two_cells,
    lose_a_row,
    lose_the_numbers_of_a_row,
    lose_the_label_of_a_row,
    cut_a_page,
    truncate,
)
FIGURES: tuple[Mutation, ...] = (swap_two_digits, lose_a_minus_sign)
