"""What reports state: the five seeds, sample years around them, and random reports for property tests."""

from infra.replica.model import Figure, Planted, Publisher, ReportTruth, SectionTruth, Style
from infra.replica.publishers import publishers
from infra.replica.random_reports import random_truth
from infra.replica.sample import YEARS, sample_truth, truth
from infra.replica.seeds import seed_truths

__all__ = [
    "YEARS",
    "Figure",
    "Planted",
    "Publisher",
    "ReportTruth",
    "SectionTruth",
    "Style",
    "publishers",
    "random_truth",
    "sample_truth",
    "seed_truths",
    "truth",
]
