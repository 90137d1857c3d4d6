"""Whether the columns of a table stand in the order of the form, as far as its headings tell."""

from __future__ import annotations

from collections.abc import Sequence

from schemas.report import Doubt
from tasks.parse.labels import bare
from tasks.parse.lines import Line


def order_doubts(table: str, lines: Sequence[Line], orders: Sequence[Sequence[Sequence[str]]]) -> list[Doubt]:
    """A doubt for a heading row whose columns stand in another order than the form's.

    `orders` lists the possible sequences of columns, each column with its labels. Values are told to columns by
    order, so a publisher who arranges them anew must not be read by the form's. Headings that are damaged say nothing.
    """
    for line in lines:
        if not line.from_grid or any(slot.value is not None and slot.filled for slot in line.slots):
            continue
        printed = [bare(slot.folded) for slot in line.slots if slot.filled]
        for order in orders:
            places = [at for word in printed for at, labels in enumerate(order) if word in labels]
            if len(places) > 1 and len(places) == len(set(places)) and places != sorted(places):
                shown = " | ".join(slot.text.strip() for slot in line.slots if slot.filled)[:80]
                return [Doubt("parse.columns_unknown", f"{table}: the columns stand in another order ({shown})", ())]
    return []
