"""The words of a report: borrowed phrases, repeated sentences, terms and document numbers."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator

from schemas.checks import Check
from tasks.validate.case import Case, squeeze
from tasks.validate.results import CheckResult
from tasks.validate.rules.base import failed, passed, rule, unassessable

_SENTENCE_END = re.compile(r"[。！？!?\n]")
_CJK = re.compile(r"[\u4e00-\u9fff]")


@rule("M_FOREIGN_SUBJECT")
def foreign_subject(check: Check, case: Case) -> Iterator[CheckResult]:
    """Phrases that only their owners write about themselves; the list stands in the parameters."""
    publisher, text = case.report.publisher, squeeze(case.report.text)
    if not publisher or not text:
        yield unassessable(check, "publisher or text is not known")
        return
    found = [
        match[0]
        for phrase in check.params["phrases"]
        if not re.search(phrase["owners"], publisher)
        and re.search(phrase.get("publishers", ""), publisher)
        and (match := re.search(phrase["words"], text))
    ]
    if found:
        yield failed(check, f"{publisher} writes “{'”, “'.join(found)}”")
    else:
        yield passed(check)


@rule("M_DUPLICATE_PARAGRAPH")
def duplicate_paragraph(check: Check, case: Case) -> Iterator[CheckResult]:
    """A long sentence that stands twice in the sections of the report."""
    texts = [case.report.preamble, *(section.text for section in case.report.sections)]
    sentences = (squeeze(part) for text in texts for part in _SENTENCE_END.split(text))
    counted = Counter(sentences)
    longer = check.params["longer_than"]
    repeated = [part for part, times in counted.items() if times > 1 and len(_CJK.findall(part)) > longer]
    if not case.report.sections:
        yield unassessable(check, "no section was found")
    elif repeated:
        yield failed(check, f"{len(repeated)} repeated, the first begins “{repeated[0][:20]}”")
    else:
        yield passed(check)


@rule("M_TERM_VARIANT")
def term_variant(check: Check, case: Case) -> Iterator[CheckResult]:
    """政务信息 in the headings and labels that the form fixes; in the free text it is no variant."""
    words = check.params["words"]
    headings = [section.heading for section in case.report.sections if words in squeeze(section.heading)]
    labels = [code for code, fact in case.facts.items() if fact.label and words in squeeze(fact.label)]
    if headings or labels:
        shown = headings[0] if headings else case.facts[labels[0]].label
        yield failed(check, f"“{shown}”", labels)
    else:
        yield passed(check)


@rule("M_DOC_NUMBER_CONFLICT")
def document_number_conflict(check: Check, case: Case) -> Iterator[CheckResult]:
    """Titles are compared from 关于 on, since the issuer before it is often left out."""
    numbers: dict[str, set[str]] = defaultdict(set)
    for title, number in re.findall(check.params["citation"], squeeze(case.report.text)):
        numbers["关于" + title.partition("关于")[2] if "关于" in title else title].add(number)
    conflicts = {title: sorted(found) for title, found in numbers.items() if len(found) > 1}
    if conflicts:
        title, found = next(iter(conflicts.items()))
        yield failed(check, f"《{title}》 is cited as {' and '.join(found)}")
    elif numbers:
        yield passed(check)
    else:
        yield unassessable(check, "no document is cited with its number")
