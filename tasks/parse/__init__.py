"""Blocks → report: edition, alignment to the form, numbers, header, sections, statistics in the text.

`parse` never guesses: what was inferred is proved by the form's equations or becomes a doubt.
"""

from __future__ import annotations

from tasks.parse.report import Hint, parse

__all__ = ["Hint", "parse"]
