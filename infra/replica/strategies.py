"""Hypothesis strategies over reports and layouts, for property tests of the reader (needs the dev extra)."""

from __future__ import annotations

import random

from hypothesis import strategies as st

from infra.replica.documents import Format, Quirks
from infra.replica.documents.random_quirks import random_quirks
from infra.replica.model import ReportTruth
from infra.replica.random_reports import random_truth
from schemas.report import Edition

_SEEDS = st.integers(min_value=0, max_value=2**32 - 1)


def truths(
    *,
    edition: Edition | None = None,
    max_planted: int = 0,
    blanks: bool = False,
    remarks: bool = False,
    mixed: bool = False,
) -> st.SearchStrategy[ReportTruth]:
    """Random reports; a failing example is named by the seed of its figures."""

    def make(seed: int, planted: int) -> ReportTruth:
        return random_truth(
            random.Random(seed), edition=edition, planted=planted, blanks=blanks, remarks=remarks, mixed=mixed
        )

    return st.builds(make, _SEEDS, st.integers(0, max_planted))


def layouts(format: Format, *, hard: bool = True) -> st.SearchStrategy[Quirks]:  # noqa: A002 - the natural word
    """Random layouts of a format."""
    return st.builds(lambda seed: random_quirks(random.Random(seed), format, hard=hard), _SEEDS)
