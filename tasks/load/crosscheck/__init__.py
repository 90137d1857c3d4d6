"""Checks over many reports, as SQL that gives the same findings on both databases.

Neighbouring years of one publisher (`years`), what a text says of the year before (`texts`), reports of several
bodies (`bodies`), and how findings are kept.
"""

from tasks.load.crosscheck.found import CrossFinding, warehouse_checks
from tasks.load.crosscheck.keep import CrossCheck, find, keep
from tasks.load.crosscheck.texts import TextCheck

__all__ = ["CrossCheck", "CrossFinding", "TextCheck", "find", "keep", "warehouse_checks"]
