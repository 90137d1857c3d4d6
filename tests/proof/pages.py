"""One sound report of each form whose figures stand here, as pages and texts for tests to damage on purpose."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cache

from flows.pipeline import examine
from infra.replica.documents import PLAIN, Format, Quirks, render
from infra.replica.model import Publisher, ReportTruth, SectionTruth, Style
from infra.replica.narrative import modern
from infra.replica.sample import numbers
from infra.replica.tables import Cells, t3, t4, zeros
from schemas.report import Edition, Judgement, Outcome

PUBLISHER = Publisher("linjiang-archives", "临江市档案局", "我局", "department")
TITLE = "临江市档案局2022年政府信息公开工作年度报告"
RECEIVED = {
    "natural_person": 31,
    "business": 12,
    "research": 0,
    "public_welfare": 1,
    "legal_service": 2,
    "other_org": 0,
}
NONE = dict.fromkeys(RECEIVED, 0)
DISCLOSED = {
    Edition.FORM_2021: {
        "rules.in_force": "2",
        "normative_docs.issued": "22",
        "normative_docs.repealed": "7",
        "normative_docs.in_force": "151",
        "licensing.decisions": "2071",
        "punishment.decisions": "223",
        "coercion.decisions": "18",
        "admin_fees.amount": "96171.6",
    },
    Edition.FORM_2019: {
        "normative_docs.made_new": "10",
        "normative_docs.published_new": "7",
        "normative_docs.published_total": "89",
        "licensing.prev_year_items": "60",
        "licensing.change": "-18",
        "licensing.decisions": "2071",
        "other_services.prev_year_items": "40",
        "other_services.change": "44",
        "punishment.prev_year_items": "64",
        "punishment.change": "-15",
        "punishment.decisions": "149",
        "admin_fees.prev_year_items": "12",
        "central_procurement.projects": "223",
        "central_procurement.amount": "11561862563.21",
    },
}


@cache
def cells(edition: Edition) -> Mapping[str, Decimal | None]:
    """Every cell of the report."""
    carried = {**NONE, "natural_person": 3, "business": 1}
    found: Cells = {
        **zeros(edition, "t2"),
        **t3(random.Random(5), edition, RECEIVED, {**NONE, "natural_person": 4}, carried),
        **t4({"review": (5, 1, 0, 2), "direct": (3, 0, 1, 0), "after": (0, 0, 0, 1)}),
    }
    found.update({f"t2.{code}": Decimal(value) for code, value in DISCLOSED[edition].items()})
    return found


@cache
def truth(edition: Edition = Edition.FORM_2021) -> ReportTruth:
    """The report: for 2022 in the form of 2021, for 2020 in that of 2019."""
    year = 2022 if edition is Edition.FORM_2021 else 2020
    style = Style(procurement_unit=None)
    preamble, sections = modern(random.Random(3), edition, numbers(PUBLISHER, year, dict(cells(edition))), style)
    plain = tuple(_without_counts(section) for section in sections)
    editions = dict.fromkeys(("t2", "t3", "t4"), edition)
    return ReportTruth(PUBLISHER, year, editions, cells(edition), preamble, plain, date(year + 1, 1, 20), style=style)


def _without_counts(section: SectionTruth) -> SectionTruth:
    """Sections with tables keep no sentences: tests change figures of tables, and the text need not contradict."""
    if section.code in {"proactive", "requests", "review_litigation"}:
        return SectionTruth(section.code, section.heading, ())
    return section


def document(format: Format, edition: Edition = Edition.FORM_2021, quirks: Quirks = PLAIN) -> bytes:  # noqa: A002
    """The report as a document."""
    return render(truth(edition), format, quirks)


def page(edition: Edition = Edition.FORM_2021, quirks: Quirks = PLAIN) -> str:
    """The report as a web page."""
    return document("html", edition, quirks).decode()


def body(edition: Edition = Edition.FORM_2021) -> str:
    """The report's body alone, title included, without the page around it."""
    whole = page(edition)
    return whole[whole.index('<div class="TRS_Editor">') : whole.index('<div class="footer">')]


def bare_page(inner: str, *, title: str = "", metas: str = "") -> str:
    """A page that holds nothing but `inner`."""
    return f'<!DOCTYPE html><html><head><meta charset="utf-8"><title>{title}</title>{metas}</head><body>{inner}</body>'


def edited(text: str, *pairs: tuple[str, str], count: int = 1) -> str:
    """The text with each first string replaced by the second; it must be there."""
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, new, count)
    return text


@dataclass(frozen=True, slots=True)
class Pitfall:
    """A document that goes wrong in one way, and what must come of it.

    `changes` are the cells that it prints otherwise than the sound report, `absent` those that it does not print.
    `told` is the reason of a quarantine, or the code of a finding that must be there.
    """

    name: str
    make: Callable[[], str | bytes]
    changes: Mapping[str, str | None] = field(default_factory=dict)
    absent: tuple[str, ...] = ()
    outcome: Outcome | None = None
    told: str | None = None
    edition: Edition = Edition.FORM_2021
    file: str = "report.html"

    def __str__(self) -> str:
        return self.name


def judgement_of(case: Pitfall) -> Judgement:
    """The verdict on a pitfall's document, from its bytes."""
    made = case.make()
    found = examine(made.encode() if isinstance(made, str) else made, name=case.file)
    assert found.trace is None, found.trace
    return found.judgement


def assert_read_or_told(case: Pitfall) -> None:
    """Every cell as printed, or the document held back; and told what must be told."""
    judgement = judgement_of(case)
    codes = {finding.check for finding in judgement.findings} | ({judgement.reason.code} if judgement.reason else set())
    if case.outcome is not None:
        assert judgement.outcome is case.outcome, (judgement.reason, sorted(codes))
    if case.told is not None:
        assert case.told in codes, (judgement.reason, sorted(codes))
    if judgement.outcome is Outcome.QUARANTINED:
        return
    assert judgement.report is not None
    changed = {code: Decimal(value) if value is not None else None for code, value in case.changes.items()}
    wanted = {**cells(case.edition), **changed}
    got = {fact.code: fact.value for fact in judgement.report.facts}
    assert got == {code: value for code, value in wanted.items() if code not in case.absent}
