"""Validation: report → findings. Proves every figure against the form, against the text and against other years.

`judge` decides on one report; `check_years` compares years; `frames.validate_frames` guards the way to the warehouse.
"""

from tasks.validate.results import CheckResult, State
from tasks.validate.run import cells_of, check_report, check_text, check_years
from tasks.validate.verdict import decide, findings_of, judge, text_findings

__all__ = [
    "CheckResult",
    "State",
    "cells_of",
    "check_report",
    "check_text",
    "check_years",
    "decide",
    "findings_of",
    "judge",
    "text_findings",
]
