"""Checks over many reports, as SQL that gives the same findings on both databases.

Neighbouring years of one publisher (`years`), reports of several bodies (`bodies`), and how findings are kept.
"""

from tasks.load.crosscheck.found import CrossFinding, warehouse_checks
from tasks.load.crosscheck.keep import CrossCheck, find, keep

__all__ = ["CrossCheck", "CrossFinding", "find", "keep", "warehouse_checks"]
