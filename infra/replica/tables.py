"""Sound figures for the statutory tables: every equation of the form holds (corner relation, sums, carry-over)."""

from __future__ import annotations

import random
from collections.abc import Mapping
from decimal import Decimal

from infra.replica.forms import T3_ADDENDS, T4_GROUPS, T4_OUTCOMES, table
from schemas.report import Edition

Cells = dict[str, Decimal | None]
Vector = Mapping[str, int]  # one number per applicant column of table 3

NOTHING: Vector = dict.fromkeys(T3_ADDENDS, 0)


def zeros(edition: Edition, code: str) -> Cells:
    """All cells of a table, each 0."""
    return dict.fromkeys(table(edition, code).codes(), Decimal(0))


def spread(rng: random.Random, total: int, slots: int) -> list[int]:
    """`total` things put into `slots` boxes, most of them into few."""
    boxes = [0] * slots
    favourites = rng.sample(range(slots), k=min(slots, 4))
    for _ in range(min(total, 60)):
        boxes[rng.choice(favourites) if rng.random() < 0.8 else rng.randrange(slots)] += 1
    boxes[favourites[0]] += max(0, total - 60)
    return boxes


def t3(
    rng: random.Random,
    edition: Edition,
    received: Vector,
    carried_in: Vector = NOTHING,
    carried_out: Vector = NOTHING,
) -> Cells:
    """Table 3 from what came in and what stayed open; `carried_out` must not exceed `received + carried_in`."""
    form = table(edition, "t3")
    cells = zeros(edition, "t3")
    leaves = form.leaves
    for column in T3_ADDENDS:
        closed = received[column] + carried_in[column] - carried_out[column]
        if closed < 0:
            raise ValueError(f"more carried out than there was in {column}")
        cells[f"t3.new.{column}"] = Decimal(received[column])
        cells[f"t3.carried_in.{column}"] = Decimal(carried_in[column])
        cells[f"t3.carried_out.{column}"] = Decimal(carried_out[column])
        cells[f"t3.results_total.{column}"] = Decimal(closed)
        for leaf, count in zip(leaves, spread(rng, closed, len(leaves)), strict=True):
            cells[f"t3.{leaf}.{column}"] = Decimal(count)
    for row in form.rows:
        if row.kind != "group":
            addends = [cells[f"t3.{row.code}.{column}"] for column in T3_ADDENDS]
            cells[f"t3.{row.code}.total"] = sum((value for value in addends if value is not None), Decimal(0))
    return cells


def t4(counts: Mapping[str, tuple[int, int, int, int]]) -> Cells:
    """Table 4 from (upheld, corrected, other, pending) per group (review, direct, after)."""
    cells: Cells = {}
    for group in T4_GROUPS:
        outcomes = counts.get(group, (0, 0, 0, 0))
        for outcome, count in zip(T4_OUTCOMES, outcomes, strict=True):
            cells[f"t4.{group}_{outcome}"] = Decimal(count)
        cells[f"t4.{group}_total"] = Decimal(sum(outcomes))
    return cells
