"""Damage to a sound document: to its structure never silent, to its figures only where every equation holds."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import cache

import pytest

from infra.replica.documents import render
from infra.replica.random_reports import random_truth
from schemas.blocks import Blocks
from schemas.forms import form
from schemas.report import Edition
from tasks.read import read
from tests.proof.examine import Comparison, compare
from tests.proof.mutations import (
    FIGURES,
    SHIFTS,
    STRUCTURE,
    Mutation,
    drop_a_table,
    empty_a_cell,
    exchange_two_tables,
    lose_a_minus_sign,
    print_a_row_twice,
    truncate,
)
from tests.proof.test_annex_pitfalls import as_page, local, local_rows, national, national_rows

DOCUMENTS = 40


@cache
def sound_documents() -> list[tuple[int, Blocks, Mapping[str, Decimal | None]]]:
    found = []
    for seed in range(DOCUMENTS):
        rng = random.Random(seed)
        edition = rng.choice((Edition.FORM_2019, Edition.FORM_2021))
        truth = random_truth(rng, edition=edition)
        found.append((seed, read(render(truth, "html"), name="report.html"), truth.cells))
    return found


def damaged(mutation: Mutation) -> Iterator[tuple[int, Comparison]]:
    for seed, blocks, cells in sound_documents():
        mutated = mutation(blocks, random.Random(seed))
        if mutated is not None:
            yield seed, compare(mutated, cells)


@pytest.mark.parametrize("mutation", STRUCTURE, ids=lambda mutation: mutation.__name__)
def test_structure_damage_is_never_silent(mutation: Mutation) -> None:
    outcomes: Counter[str] = Counter()
    for seed, found in damaged(mutation):
        assert found.doubted or not found.wrong, (mutation.__name__, seed, found.wrong[:4])
        assert found.told or not found.missing, (mutation.__name__, seed, found.missing[:4])
        outcomes["doubted" if found.doubted else "told" if found.told else "harmless"] += 1
    assert sum(outcomes.values()) >= DOCUMENTS // 2


@pytest.mark.parametrize("mutation", SHIFTS, ids=lambda mutation: mutation.__name__)
def test_a_figure_in_the_wrong_cell_of_its_row_is_told_by_the_sums(mutation: Mutation) -> None:
    """A blank for a zero is what stands there; every other change of a sum is told. Table 2 has no sums."""
    changed = 0
    for seed, found in damaged(mutation):
        assert found.judgement is not None
        assert found.judgement.report is not None
        facts = {fact.code: fact for fact in found.judgement.report.facts}
        moved = [code for code in found.wrong if facts[code].value is not None and not code.startswith("t2.")]
        changed += bool(moved)
        assert found.told or not moved, (mutation.__name__, seed, moved[:4])
    assert changed >= DOCUMENTS // 6 or mutation is empty_a_cell


ANNEX_DAMAGE = [
    mutation
    for mutation in STRUCTURE
    if mutation not in {drop_a_table, truncate, exchange_two_tables, print_a_row_twice}
]


@pytest.mark.parametrize("mutation", ANNEX_DAMAGE, ids=lambda mutation: mutation.__name__)
def test_damage_to_an_annex_leaves_no_wrong_figure(mutation: Mutation) -> None:
    """Rows of local lists are left out freely (forms.md §7), so there a missing row is no error."""
    for rows, cells in ((national_rows(), national()), (local_rows(), local())):
        blocks = read(as_page(rows), name="report.html")
        for seed in range(DOCUMENTS // 3):
            mutated = mutation(blocks, random.Random(seed))
            if mutated is None:
                continue
            found = compare(mutated, cells)
            assert found.doubted or not found.wrong, (mutation.__name__, seed, found.wrong[:4])
            assert found.told or not found.missing or cells is local(), (mutation.__name__, seed, found.missing[:4])


def test_a_changed_figure_is_silent_only_where_no_equation_speaks() -> None:
    """Table 2 of form-2019 and 2021 has no equation within the year; table 3 and 4 are covered by theirs."""
    silent: Counter[str] = Counter()
    changed = 0
    for mutation in FIGURES:
        for _, found in damaged(mutation):
            changed += bool(found.wrong)
            if found.wrong and not found.told:
                silent[found.wrong[0].split(".")[0]] += 1
    assert changed >= DOCUMENTS // 3
    assert set(silent) <= {"t2"}, silent


def test_a_lost_minus_sign_is_where_only_the_next_year_can_tell() -> None:
    """本年增/减 has a sign and no equation in its own report: the cross-year check T2_2019_ITEMS_ROLL is for it."""
    codes = {code.rsplit(".", 1)[1] for _, found in damaged(lose_a_minus_sign) for code in found.wrong}
    columns = {column.code for block in form(Edition.FORM_2019).tables["t2"].blocks for column in block.columns}
    assert codes <= {"change"} <= columns
