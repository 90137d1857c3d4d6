"""Labels in pieces: a page break cuts a row in two, and where rulings are missing each printed line is a row.

Only one piece stands beside the row's numbers; the others look like rows of blanks, or like words between the rows.
Pieces are put together where they make exactly a label of the form. Elsewhere nothing is joined, and the row stays
as doubtful as it is.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from schemas.blocks import Borders
from tasks.parse.align import Printed

_MOST_PIECES = 5  # printed lines of a label above or below its numbers
_SHORT = 2  # 其他 is a label, and the beginning of 其他法律行政法规禁止公开
_NO_VOTES: Counter[int] = Counter()
_CELLS = (Borders.DOM, Borders.RULED)


@dataclass(slots=True)
class _Piece:
    """Words that are a label or a part of one. `row` is the index of the printed row that they stand in."""

    text: str
    row: int
    numbers: bool  # the row's values stand beside these words
    known: bool  # a label of the form by themselves, and not the beginning of another
    used: bool = False

    @property
    def free(self) -> bool:
        return not self.numbers and not self.known


def rejoined(rows: Sequence[Printed], labels: Collection[str]) -> list[Printed]:
    """The rows with labels put together; `labels` are the bare labels of the form's rows.

    A row without numbers in a table of inferred columns is no row of blanks unless its label is one of the form.
    """
    columns = _label_columns(rows)
    pieces = [piece for at, row in enumerate(rows) for piece in _pieces(row, at, columns, labels)]
    found = list(rows)
    for at, piece in enumerate(pieces):
        if piece.numbers and not piece.known:
            whole = _join(pieces, at, labels)
            if whole is not None:
                row = rows[piece.row]
                found[piece.row] = replace(row, parts=(*row.parts[:-1], whole), label=whole)
    used = {piece.row for piece in pieces if piece.used and rows[piece.row].borders is not Borders.NONE}
    return [_plain(row, labels) for at, row in enumerate(found) if at not in used]


def _label_columns(rows: Sequence[Printed]) -> dict[int, Counter[int]]:
    """Per grid (document item), the columns in which rows with numbers have their label, and how many each."""
    votes: defaultdict[int, Counter[int]] = defaultdict(Counter)
    for row in rows:
        if row.columns and row.filled:
            votes[row.item][row.columns[-1]] += 1
    return votes


def _own_words(row: Printed, votes: Counter[int]) -> str:
    """The words in a row that are its own label, not its group's.

    Where cells are certain these are the last ones in a column of labels; elsewhere those in the usual column.
    """
    if row.borders not in _CELLS:
        usual = votes.most_common(1)[0][0] if votes else (row.columns[-1] if row.columns else -1)
        return next((part for part, column in zip(row.parts, row.columns, strict=True) if column == usual), "")
    if row.filled or not votes:
        return row.parts[-1] if row.parts else ""
    found = [part for part, column in zip(row.parts, row.columns, strict=True) if column in votes]
    return found[-1] if found else ""


def _pieces(row: Printed, at: int, columns: dict[int, Counter[int]], labels: Collection[str]) -> Iterator[_Piece]:
    known = bool(row.parts) and _whole(row.parts[-1], labels)
    if row.borders is Borders.NONE:
        # A stream of words: those before the last may be the rest of the row above.
        words = row.parts if row.parts or not row.filled else ("",)
        for number, text in enumerate(words, 1):
            last = row.filled and number == len(words)
            yield _Piece(text, at, last, known=text in labels)
        return
    text = _own_words(row, columns.get(row.item, _NO_VOTES))
    if row.filled or text or known:
        yield _Piece(text, at, row.filled, known or _whole(text, labels))


def _whole(text: str, labels: Collection[str]) -> bool:
    return text in labels and len(text) > _SHORT


def _join(pieces: list[_Piece], at: int, labels: Collection[str]) -> str | None:
    """The longest label that the words at `at` make with pieces above and below; those are used up.

    Numbers without a word beside them take their label only from both sides: converters also move whole labels away
    from their rows, and then a label above may be that of another row.
    """
    above, below = _free(pieces, at, -1), _free(pieces, at, 1)
    nameless = not pieces[at].text
    best: tuple[str, list[int]] = "", []
    for up in range(len(above) + 1):
        for down in range(len(below) + 1):
            members = [*reversed(above[:up]), at, *below[:down]]
            text = "".join(pieces[member].text for member in members)
            enough = (up and down) if nameless else (up or down)
            if enough and len(text) > len(best[0]) and text in labels:
                best = text, members
    for member in best[1]:
        pieces[member].used = member != at
    return best[0] or None


def _free(pieces: Sequence[_Piece], at: int, step: int) -> list[int]:
    """The neighbouring pieces, nearest first, up to the next row that has numbers or a label of its own."""
    found: list[int] = []
    place = at + step
    while 0 <= place < len(pieces) and pieces[place].free and not pieces[place].used and len(found) < _MOST_PIECES:
        found.append(place)
        place += step
    return found


def _plain(row: Printed, labels: Collection[str]) -> Printed:
    """Words between the rows of an inferred table are words, not a row of blanks."""
    blank = row.borders is Borders.ALIGNED and not row.filled
    return replace(row, values=()) if blank and not (row.parts and row.parts[-1] in labels) else row
