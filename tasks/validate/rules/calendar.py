"""What a report says of its time: year, period, date of publication, deadline."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from schemas.checks import Check
from tasks.validate.case import Case
from tasks.validate.results import CheckResult
from tasks.validate.rules.base import failed, passed, rule, unassessable

FIRST_YEAR_OF_ARTICLE_49 = 2019  # 条例 as revised on 3 April 2019


@rule("M_TITLE_PERIOD")
def title_and_period(check: Check, case: Case) -> Iterator[CheckResult]:
    """Year in the title against the year of the statistics period."""
    title, period = case.report.title_year, case.report.period_year
    if title is None or period is None:
        yield unassessable(check, "title or period names no year")
    elif title == period:
        yield passed(check, left=Decimal(title), right=Decimal(period))
    else:
        words = f"the title says {title}, the statistics period {period}"
        yield failed(check, words, left=Decimal(title), right=Decimal(period))


@rule("M_PERIOD_FULL_YEAR")
def full_year(check: Check, case: Case) -> Iterator[CheckResult]:
    """1 January to 31 December of one year."""
    period = case.report.period
    if period is None:
        yield unassessable(check, "no statistics period was found")
        return
    first, last = period
    if (first.month, first.day, last.month, last.day) == (1, 1, 12, 31) and first.year == last.year:
        yield passed(check)
    else:
        yield failed(check, f"the period is {first} to {last}")


def published_between(stated: str) -> tuple[date, date] | None:
    """First and last possible day of an ISO date of day, month or year precision; None when it is none."""
    found = re.fullmatch(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?", stated)
    if found is None:
        return None
    year, month, day = (int(part) if part else None for part in found.groups())
    assert year is not None
    try:
        first = date(year, month or 1, day or 1)
        if day:
            return first, first
        following = date(year + 1, 1, 1) if month in (None, 12) else date(year, (month or 0) + 1, 1)
    except ValueError:
        return None
    return first, date.fromordinal(following.toordinal() - 1)


@rule("M_PUBLISHED_NEXT_YEAR")
def published_next_year(check: Check, case: Case) -> Iterator[CheckResult]:
    """The date on the page may be that of a later upload, so this is never more than a warning about the page."""
    span = published_between(case.report.published_on or "")
    year = case.report.year
    if span is None or year is None:
        yield unassessable(check, "no date of publication, or the report year is not known")
    elif span[0].year == year + 1:
        yield passed(check, left=Decimal(span[0].year), right=Decimal(year + 1))
    else:
        words = f"published on {case.report.published_on}, expected in {year + 1}"
        yield failed(check, words, left=Decimal(span[0].year), right=Decimal(year + 1))


def publisher_kind(check: Check, case: Case) -> str | None:
    """government or department (条例 art. 49), from the caller or from the name; None when neither tells."""
    if case.kind:
        return case.kind
    name = case.report.publisher or ""
    if re.search(check.params["government"], name):
        return "government"
    return "department" if re.search(check.params["department"], name) else None


@rule("M_DEADLINE")
def deadline(check: Check, case: Case) -> Iterator[CheckResult]:
    """Late only when even the earliest day that the date allows is after the limit."""
    span = published_between(case.report.published_on or "")
    year = case.report.year
    if span is None or year is None:
        yield unassessable(check, "no date of publication, or the report year is not known")
        return
    kind = publisher_kind(check, case)
    early, late = date(year + 1, 1, 31), date(year + 1, 3, 31)
    limit = early if kind == "department" and year >= FIRST_YEAR_OF_ARTICLE_49 else late
    if span[0] > limit:
        yield failed(check, f"published on {case.report.published_on}, due by {limit}")
    elif span[1] > limit or (kind is None and year >= FIRST_YEAR_OF_ARTICLE_49 and span[1] > early):
        yield unassessable(check, "the date or the kind of publisher is not known well enough")
    else:
        yield passed(check)
