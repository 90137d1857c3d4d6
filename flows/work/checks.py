"""What the warehouse asks validation: a verdict on a report in which people decided cells and findings, and what a text
says of the year before. The warehouse's room does not know the one of validation; flows hand it over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from schemas.report import Finding, Judgement, Report
from tasks.validate import decide, judge, text_findings

__all__ = ["Checks", "text_findings"]


@dataclass(frozen=True, slots=True)
class Checks:
    """All checks of one report; `kind` is government or department (their deadlines differ)."""

    kind: str | None = None

    def judge(self, report: Report) -> Judgement:
        """The verdict of all checks."""
        return judge(report, kind=self.kind)

    def decide(self, report: Report, findings: Sequence[Finding]) -> Judgement:
        """The verdict that these findings give."""
        return decide(report, findings)
