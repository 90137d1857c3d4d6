"""How a report is made: editions, sections, scope."""

from __future__ import annotations

import re
from collections.abc import Iterator

from schemas.checks import Check
from schemas.report import Edition
from tasks.validate.case import FORMS, Case, squeeze
from tasks.validate.results import CheckResult
from tasks.validate.rules.base import failed, passed, rule, unassessable

_PUNCTUATION = re.compile(r"[\s:：。.、，,；;*#|]+")


@rule("M_EDITION_OUTDATED")
def edition_outdated(check: Check, case: Case) -> Iterator[CheckResult]:
    """A table of the form of 2019 in a report for 2021 or later."""
    if case.report.year is None:
        yield unassessable(check, "the report year is not known")
        return
    old = [table for table in check.tables if case.editions.get(table) is Edition.FORM_2019]
    if old and case.report.year >= check.params["from_year"]:
        yield failed(check, f"{', '.join(old)} of the report for {case.report.year} follow form-2019")
    else:
        yield passed(check)


@rule("M_EDITION_MIXED")
def edition_mixed(check: Check, case: Case) -> Iterator[CheckResult]:
    """Tables 2 and 3 of different editions."""
    first, second = (case.editions.get(table) for table in check.tables)
    if first not in FORMS or second not in FORMS:
        yield unassessable(check, "only one of the two tables was found")
    elif first is second:
        yield passed(check)
    else:
        yield failed(check, f"table 2 follows {first}, table 3 {second}")


@rule("M_CITATION_MISMATCH")
def citation_mismatch(check: Check, case: Case) -> Iterator[CheckResult]:
    """Passes when any format that is cited is that of a table."""
    cited = re.findall(check.params["citation"], squeeze(case.report.text))
    named = {check.params["editions"].get(f"{year}-{number}") for year, number in cited} - {None}
    used = {edition.value for edition in case.editions.values() if edition in FORMS}
    if not named or not used:
        yield unassessable(check, "no format is cited, or there is no table")
    elif named & used:
        yield passed(check)
    else:
        yield failed(check, f"cites {', '.join(sorted(named))}, its tables follow {', '.join(sorted(used))}")


@rule("M_SECTIONS")
def six_sections(check: Check, case: Case) -> Iterator[CheckResult]:
    """All six, and in the order of the form."""
    order: list[str] = check.params["order"]
    if not case.sections:
        yield unassessable(check, "no section was found")
        return
    missing = [code for code in order if code not in case.sections]
    found = sorted((code for code in order if code in case.sections), key=lambda code: case.sections[code].start)
    if missing:
        yield failed(check, f"not found: {', '.join(missing)}")
    elif found != order:
        yield failed(check, f"the order is {', '.join(found)}")
    else:
        yield passed(check)


@rule("M_SECTION_EMPTY")
def section_empty(check: Check, case: Case) -> Iterator[CheckResult]:
    """A heading with nothing behind it; a section with its table is not empty."""
    holds: dict[str, str] = check.params["holds"]
    empty = [
        section.heading or code
        for code, section in case.sections.items()
        if case.editions.get(holds.get(code, "")) is None and not _content(section.text, section.heading)
    ]
    if not case.sections:
        yield unassessable(check, "no section was found")
    elif empty:
        yield failed(check, f"nothing stands under {', '.join(empty)}")
    else:
        yield passed(check)


def _content(text: str, heading: str) -> str:
    body = squeeze(text)
    return _PUNCTUATION.sub("", body.removeprefix(squeeze(heading)))


@rule("M_EMPTY_PAGE")
def empty_page(check: Check, case: Case) -> Iterator[CheckResult]:
    """Title alone: the text may be an attachment or a picture, so it is our reading that is in doubt."""
    report = case.report
    if report.sections or report.facts or report.statistics:
        yield passed(check)
    elif report.title:
        yield failed(check, f"only the title “{report.title}” was found", doubt="the text may be elsewhere")
    else:
        yield unassessable(check, "no title was found")


@rule("M_SCOPE")
def scope(check: Check, case: Case) -> Iterator[CheckResult]:
    """Told when the figures of the text, or the text and the report, are of both kinds of scope."""
    words = [case.sentence(one) for one in case.report.statistics if one.key]
    if case.report.scope:
        words.append(case.report.scope)
    area = [found[0] for text in words if (found := re.search(check.params["area"], text))]
    own = [found[0] for text in words if (found := re.search(check.params["own"], text))]
    if area and own:
        yield failed(check, f"figures are stated for {area[0]} and for {own[0]}")
    elif area or own:
        yield passed(check, message=(area or own)[0])
    else:
        yield unassessable(check, "no scope is stated")
