"""Random reports through every renderer and layout and back: equal, or told. No wrong value is ever current."""

from __future__ import annotations

import os
import random
from collections import Counter
from typing import Literal

import pytest

from infra.replica.documents import render
from infra.replica.documents.random_quirks import random_quirks
from infra.replica.random_reports import random_truth
from schemas.errors import NianbaoError
from tasks.read import read
from tests.proof.examine import Comparison, compare

Format = Literal["html", "pdf", "docx", "text", "xlsx"]
FORMATS: tuple[Format, ...] = ("html", "pdf", "docx", "text", "xlsx")
SUFFIX = {"text": "txt"}
A_FEW = 30
SOAK = int(os.environ.get("NIANBAO_SOAK", "10000"))


def round_trip(format: Format, seed: int, *, hard: bool) -> tuple[Comparison, bool]:  # noqa: A002
    """One random report; the second value says whether zero rows were left out of its table 3."""
    rng = random.Random(seed)
    quirks = random_quirks(rng, format, hard=hard)
    truth = random_truth(
        rng,
        planted=rng.choice((0, 0, 1)),
        blanks=rng.random() < 0.2,
        remarks=rng.random() < 0.2,
        mixed=rng.random() < 0.15,
    )
    data = render(truth, format, quirks)
    try:
        blocks = read(data, name=f"report.{SUFFIX.get(format, format)}")
    except NianbaoError as error:
        return Comparison(None, error.code, (), ()), quirks.drop_zero_rows
    found = compare(blocks, truth.cells)
    if truth.planted and not found.doubted:
        assert found.judgement is not None
        checks = {finding.check for finding in found.judgement.findings}
        assert {planted.check for planted in truth.planted} & checks, (seed, truth.planted, checks)
    return found, quirks.drop_zero_rows


def assert_nothing_silent(found: Comparison, format: Format, seed: int, rows_left_out: bool) -> None:  # noqa: A002
    if found.doubted:
        return
    assert not found.wrong, (format, seed, found.wrong[:5])
    assert not found.missing or rows_left_out, (format, seed, found.missing[:5])


@pytest.mark.parametrize("format", FORMATS)
def test_ordinary_layouts_come_back_equal(format: Format) -> None:  # noqa: A002
    outcomes: Counter[str] = Counter()
    for seed in range(A_FEW):
        found, rows_left_out = round_trip(format, seed, hard=False)
        assert_nothing_silent(found, format, seed, rows_left_out)
        outcomes["doubted" if found.doubted else "equal"] += 1
    assert outcomes["equal"] >= A_FEW * 0.95, outcomes


@pytest.mark.parametrize("format", FORMATS)
def test_hard_layouts_come_back_equal_or_told(format: Format) -> None:  # noqa: A002
    outcomes: Counter[str] = Counter()
    for seed in range(1000, 1000 + A_FEW):
        found, rows_left_out = round_trip(format, seed, hard=True)
        assert_nothing_silent(found, format, seed, rows_left_out)
        outcomes["doubted" if found.doubted else "equal"] += 1
    assert outcomes["equal"] >= A_FEW * 0.6, outcomes


@pytest.mark.soak
@pytest.mark.timeout(0)
def test_ten_thousand_documents_without_a_silent_error() -> None:
    outcomes: Counter[tuple[str, str]] = Counter()
    for seed in range(100_000, 100_000 + SOAK):
        format = FORMATS[seed % len(FORMATS)]  # noqa: A001
        found, rows_left_out = round_trip(format, seed, hard=True)
        assert_nothing_silent(found, format, seed, rows_left_out)
        outcomes[format, "doubted" if found.doubted else "equal"] += 1
    print("\n" + "\n".join(f"{key[0]:5} {key[1]:8} {count}" for key, count in sorted(outcomes.items())))
