"""Compares what the engine read with what the generator printed; used by round trips and mutations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from schemas.blocks import Blocks
from schemas.errors import NianbaoError
from schemas.report import Judgement, Outcome, Verdict
from tasks.parse import parse
from tasks.validate import judge


@dataclass(frozen=True, slots=True)
class Comparison:
    """`wrong` and `missing` (printed with a value) are fact codes."""

    judgement: Judgement | None
    refused: str | None
    wrong: tuple[str, ...]
    missing: tuple[str, ...]

    @property
    def doubted(self) -> bool:
        """Nothing of the document would be current in the warehouse."""
        return self.judgement is None or self.judgement.outcome is Outcome.QUARANTINED

    @property
    def told(self) -> bool:
        """Doubted, or flagged with a finding: an analyst would see that something is wrong."""
        return self.judgement is None or self.judgement.outcome is not Outcome.LOADED

    @property
    def blamed_us(self) -> bool:
        findings = self.judgement.findings if self.judgement else ()
        return any(finding.verdict is Verdict.READING for finding in findings)


def compare(blocks: Blocks, cells: Mapping[str, Decimal | None]) -> Comparison:
    """Parses and judges blocks and compares every fact with the cells that were printed."""
    try:
        report = parse(blocks)
        judgement = judge(report)
    except NianbaoError as error:
        return Comparison(None, error.code, (), ())
    got = {fact.code: fact.value for fact in report.facts}
    wrong = tuple(code for code, value in cells.items() if code in got and got[code] != value)
    invented = tuple(code for code in got if code not in cells)
    missing = tuple(code for code, value in cells.items() if code not in got and value is not None)
    return Comparison(judgement, None, wrong + invented, missing)
