"""Labels in pieces: a page break cuts a row in two, and where rulings are missing each printed line is a row.

Only one piece carries the row's numbers; the others look like rows of blanks. Pieces are put together where they
make exactly a label of the form. Elsewhere nothing is joined, and the row stays as doubtful as it is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from schemas.blocks import Borders
from tasks.parse.align import Printed

_MOST_PIECES = 5  # printed lines of a label above or below its numbers


@dataclass(slots=True)
class _Row:
    """A printed row, and what it holds in the column of its grid where the labels stand."""

    printed: Printed
    piece: str
    known: bool  # the piece is a label of the form by itself
    used: bool = False

    @property
    def numbers(self) -> bool:
        return any(slot.filled for slot in self.printed.values)


def rejoined(rows: Sequence[Printed], labels: Collection[str]) -> list[Printed]:
    """The rows with labels put together; `labels` are the bare labels of the form's rows.

    A row without numbers in a table of inferred columns is no row of blanks unless its label is one of the form.
    """
    columns = _label_columns(rows)
    found = []
    for printed in rows:
        piece = _piece(printed, columns)
        found.append(_Row(printed, piece, piece in labels or bool(printed.parts and printed.parts[-1] in labels)))
    for at, row in enumerate(found):
        if row.numbers and not row.known and row.printed.borders is not Borders.NONE:
            _join(found, at, labels)
    return [_plain(row) for row in found if not row.used]


def _label_columns(rows: Sequence[Printed]) -> dict[int, int]:
    """Per grid (document item), the column in which most rows with numbers have their label."""
    votes: dict[int, Counter[int]] = {}
    for row in rows:
        if row.columns and any(slot.filled for slot in row.values):
            votes.setdefault(row.item, Counter())[row.columns[-1]] += 1
    return {item: counts.most_common(1)[0][0] for item, counts in votes.items()}


def _piece(row: Printed, columns: dict[int, int]) -> str:
    if not row.columns:
        return ""
    wanted = columns.get(row.item, row.columns[-1])
    return next((part for part, column in zip(row.parts, row.columns, strict=True) if column == wanted), "")


def _join(rows: list[_Row], at: int, labels: Collection[str]) -> None:
    """Gives the row its label from the pieces above and below it; the longest label that they make."""
    above = _pieces(rows, at, -1)
    below = _pieces(rows, at, 1)
    best: tuple[int, list[int]] | None = None
    for up in range(len(above) + 1):
        for down in range(len(below) + 1):
            members = [*reversed(above[:up]), at, *below[:down]]
            text = "".join(rows[member].piece for member in members)
            if up + down and text in labels and (best is None or len(text) > best[0]):
                best = len(text), members
    if best is None:
        return
    whole = "".join(rows[member].piece for member in best[1])
    for member in best[1]:
        rows[member].used = member != at
    row = rows[at]
    row.printed = replace(row.printed, parts=(*row.printed.parts[:-1], whole), label=whole, columns=())
    row.known = True


def _pieces(rows: Sequence[_Row], at: int, step: int) -> list[int]:
    """The neighbouring rows, nearest first, that may be pieces of the label at `at`."""
    found: list[int] = []
    place = at + step
    while 0 <= place < len(rows) and len(found) < _MOST_PIECES:
        row = rows[place]
        if row.numbers or row.known or row.printed.borders is Borders.NONE:
            break
        if not row.used:
            found.append(place)
        place += step
    return found


def _plain(row: _Row) -> Printed:
    """Words between the rows of an inferred table are words, not a row of blanks."""
    printed = row.printed
    if printed.borders is Borders.ALIGNED and not row.numbers and not row.known:
        return replace(printed, values=())
    return printed
