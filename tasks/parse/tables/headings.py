"""Whether the columns of a table stand in the order of the form, as far as its headings tell."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from schemas.blocks import Borders
from schemas.report import Doubt
from tasks.parse.labels import bare
from tasks.parse.lines import Line

Orders = tuple[tuple[tuple[str, ...], ...], ...]  # possible sequences of columns, each with its labels (bare)


def order_doubts(table: str, lines: Sequence[Line], orders: Orders) -> list[Doubt]:
    """A doubt for a heading row whose columns stand in another order than the form's.

    `orders` lists the possible sequences of columns, each column with its labels. Values are told to columns by
    order, so a publisher who arranges them anew must not be read by the form's. Headings that are damaged say nothing.
    """
    for line in lines:
        if line.borders is Borders.NONE or _has_values(line):
            continue
        if _is_disordered(tuple([bare(slot.folded) for slot in line.slots if slot.folded]), orders):
            shown = " | ".join(slot.text.strip() for slot in line.slots if slot.filled)[:80]
            return [Doubt("parse.columns_unknown", f"{table}: the columns stand in another order ({shown})", ())]
    return []


@lru_cache(maxsize=1024)
def _is_disordered(printed: tuple[str, ...], orders: Orders) -> bool:
    for order in orders:
        places = [at for word in printed for at, labels in enumerate(order) if word in labels]
        if len(places) > 1 and len(places) == len(set(places)) and places != sorted(places):
            return True
    return False


def _has_values(line: Line) -> bool:
    return any(slot.folded and slot.value is not None for slot in reversed(line.slots))
