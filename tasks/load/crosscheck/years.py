"""Checks between neighbouring years of one publisher: the cross-year equations of checks.yaml, and unit faults."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from schemas.checks import Equation, Nulls, Op, Scope, Term, checks
from schemas.report import Certainty, Severity, Verdict
from schemas.tables import Fact, Report, table_of
from tasks.load import carried
from tasks.load.bulk import chunks
from tasks.load.crosscheck.found import CrossFinding, warehouse_checks
from tasks.load.exact import exact_product, exact_sum

_REPORT, _FACT = table_of(Report), table_of(Fact)

YEAR_CHECKS = frozenset(
    {check.code for check in checks().values() if check.scope is Scope.CROSS_YEAR and check.op is not Op.RULE}
    | {"W_UNIT_FAULT"}
)
"""The checks whose findings this module makes."""

_YUAN = {"元": Decimal(1), "万元": Decimal(10_000), "亿元": Decimal(100_000_000)}


@dataclass(frozen=True, slots=True)
class _Failure:
    """One equation that does not hold between two years of a publisher."""

    equation: Equation
    title: str
    publisher: str
    early: int
    late: int
    reports: tuple[str, str]  # of the early and of the late year
    scopes: tuple[str | None, str | None]
    values: tuple[Decimal, ...]  # of the terms, left then right
    years: tuple[int, ...]  # of the terms
    sides: tuple[Decimal, Decimal]
    doubtful: bool


def year_findings(connection: Connection, publishers: Collection[str] | None) -> Iterator[CrossFinding]:
    """All equations that do not hold between neighbouring years; each names the year that most likely is wrong."""
    equations = [equation for check in checks().values() if check.code in YEAR_CHECKS for equation in check.equations()]
    failures = list(_failures(connection, (*equations, *_unit_faults()), publishers))
    yield from _findings(failures)


def _unit_faults() -> Iterator[Equation]:
    """The unit check as bands in which a ratio must not lie; two equations for each cell, up and down."""
    check = warehouse_checks()["W_UNIT_FAULT"]
    factor, spread = Decimal(check.settings["factor"]), Decimal(check.settings["spread"])
    for code in check.settings["cells"]:
        early, late = Term(code, offset=-1), Term(code, offset=0)
        for left, right in ((late, early), (early, late)):
            yield Equation(
                check=check.code,
                op=Op.RATIO_BETWEEN,
                left=(left,),
                right=(right,),
                nulls=Nulls.SKIP,
                severity=check.severity,
                bound=(("cell", code),),
                low=factor / spread,
                high=factor * spread,
            )


def _failures(
    connection: Connection, equations: Iterable[Equation], publishers: Collection[str] | None
) -> Iterator[_Failure]:
    """Run equations over all pairs of current reports; those that differ in their cells alone in one statement."""
    for alike in _alike(tuple(equations)):
        for query in _limited(connection, alike, publishers):
            for row in connection.execute(query):
                yield _failure(alike[row.equation], row)


def _limited(
    connection: Connection, alike: tuple[Equation, ...], publishers: Collection[str] | None
) -> Iterator[sa.Select[Any]]:
    """The statement for these publishers; where equal texts prove the equations, for the pairs that they leave."""
    query = _query(alike)
    shown = query.selected_columns
    if carried.proves(alike):
        for part in chunks(carried.may_fail(connection, publishers)):
            yield query.where(shown.early_id.in_(part))
    elif publishers is not None:
        yield query.where(shown.publisher_id.in_(sorted(set(publishers))))
    else:
        yield query


def _failure(equation: Equation, row: sa.Row[Any]) -> _Failure:
    terms = equation.left + equation.right
    first, cut = min(equation.offsets), len(equation.left)
    values = tuple(getattr(row, f"value_{index}") for index in range(len(terms)))
    signed = [term.sign * value for term, value in zip(terms, values, strict=True)]
    return _Failure(
        equation=equation,
        title=(warehouse_checks().get(equation.check) or checks()[equation.check]).title,
        publisher=row.publisher_id,
        early=row.early,
        late=row.late,
        reports=(row.early_id, row.late_id),
        scopes=(row.early_scope, row.late_scope),
        values=values,
        years=tuple(row.early + term.offset - first for term in terms),
        sides=(sum(signed[:cut], Decimal(0)), sum(signed[cut:], Decimal(0))),
        doubtful=bool(row.doubtful),
    )


@cache
def _alike(equations: tuple[Equation, ...]) -> tuple[tuple[Equation, ...], ...]:
    """The equations in groups whose members name other cells, each another first one, and are else the same."""
    found: dict[Any, list[Equation]] = {}
    seen: Counter[Any] = Counter()
    for equation in equations:
        shape = [tuple((term.sign, term.offset) for term in side) for side in (equation.left, equation.right)]
        alike = (equation.check, equation.op, equation.nulls, *shape, equation.above, equation.low, equation.high)
        first = (alike, equation.left[0].code)
        seen[first] += 1
        found.setdefault((alike, seen[first]), []).append(equation)
    return tuple(map(tuple, found.values()))


@cache
def _query(alike: tuple[Equation, ...]) -> sa.Select[Any]:
    """All pairs of current reports between which one of these does not hold. Blank cells are never compared."""
    equation = alike[0]
    if equation.nulls is not Nulls.SKIP:
        raise ValueError(f"{equation.check}: an equation over years can only skip blank cells")
    offsets = sorted(equation.offsets)
    reports = {offset: _REPORT.alias(f"report_{index}") for index, offset in enumerate(offsets)}
    base = reports[offsets[0]]
    terms = equation.left + equation.right
    facts = [_FACT.alias(f"fact_{index}") for index in range(len(terms))]
    source: Any = base
    for offset in offsets[1:]:
        other = reports[offset]
        pair = (other.c.publisher_id == base.c.publisher_id, other.c.year == base.c.year + (offset - offsets[0]))
        source = source.join(other, sa.and_(*pair, _is_current(other)))
    codes = [[term.code for term in one.left + one.right] for one in alike]
    for index, (term, fact) in enumerate(zip(terms, facts, strict=True)):
        leads = fact.c.code.in_([named[0] for named in codes])
        code = fact.c.code == _code_of(codes, index, facts[0]) if index else leads
        cell = (fact.c.report_id == reports[term.offset].c.id, code)
        source = source.join(fact, sa.and_(*cell, fact.c.row_key == "", fact.c.value.is_not(None)))
    number = sa.case({named[0]: place for place, named in enumerate(codes)}, value=facts[0].c.code).label("equation")
    first, last = reports[offsets[0]], reports[offsets[-1]]
    doubtful = sa.or_(*(fact.c.certainty == Certainty.DOUBTFUL.value for fact in facts))
    return (
        sa.select(
            number,
            base.c.publisher_id,
            base.c.year.label("early"),
            last.c.year.label("late"),
            first.c.id.label("early_id"),
            last.c.id.label("late_id"),
            first.c.scope.label("early_scope"),
            last.c.scope.label("late_scope"),
            doubtful.label("doubtful"),
            *(fact.c.value.label(f"value_{index}") for index, fact in enumerate(facts)),
        )
        .select_from(source)
        .where(_is_current(base), _does_not_hold(equation, facts))
        .order_by(number, base.c.publisher_id, base.c.year)
    )


def _code_of(codes: list[list[str]], index: int, first: Any) -> Any:
    """The cell of a further term, which the cell of the first one tells."""
    return sa.case({named[0]: named[index] for named in codes}, value=first.c.code)


def _is_current(report: Any) -> Any:
    """As the index of current reports has it: SQLite compares the words."""
    return sa.literal_column(f"{report.name}.is_current")


def _does_not_hold(equation: Equation, facts: list[Any]) -> Any:
    cut = len(equation.left)
    if equation.op is Op.RATIO_BETWEEN:
        within = _ratio_within(equation, facts[0], facts[1])
        positive = [fact.c.value > _number(equation.above or Decimal(0), fact) for fact in facts]
        return sa.and_(*positive, within if equation.check in warehouse_checks() else ~within)
    left, right = (
        _side(terms, cells) for terms, cells in ((equation.left, facts[:cut]), (equation.right, facts[cut:]))
    )
    if equation.op is Op.EQUAL:
        # The same digits are the same value; on SQLite a comparison by value is a call of Python.
        return sa.and_(sa.cast(left, sa.Text) != sa.cast(right, sa.Text), left != right)
    return {Op.AT_MOST: left > right, Op.AT_LEAST: left < right}[equation.op]


def _side(terms: tuple[Term, ...], facts: list[Any]) -> Any:
    if len(terms) == 1 and terms[0].sign > 0:
        return facts[0].c.value
    return exact_sum([(term.sign, fact.c.value) for term, fact in zip(terms, facts, strict=True)])


def _ratio_within(equation: Equation, upper: Any, lower: Any) -> Any:
    """low < upper/lower < high, multiplied out so that no division can round; in 元 where the units differ."""
    assert equation.low is not None
    assert equation.high is not None
    above, below = (_in_yuan(upper, lower, fact) for fact in (upper, lower))
    return sa.and_(
        above > exact_product(_number(equation.low, lower), below),
        above < exact_product(_number(equation.high, lower), below),
    )


def _in_yuan(upper: Any, lower: Any, fact: Any) -> Any:
    """The value, made comparable when the two cells carry different units of money."""
    differ = sa.and_(upper.c.unit != lower.c.unit, *(cell.c.unit.in_(_YUAN) for cell in (upper, lower)))
    factors = sa.case(
        {unit: _number(factor, fact) for unit, factor in _YUAN.items()},
        value=fact.c.unit,
        else_=_number(Decimal(1), fact),
    )
    one = _number(Decimal(1), fact)
    return exact_product(fact.c.value, sa.case((differ, factors), else_=one))


def _number(value: Decimal, fact: Any) -> Any:
    return sa.literal(value, fact.c.value.type)


def _findings(failures: list[_Failure]) -> Iterator[CrossFinding]:
    suspects = _suspects(failures)
    for failure in failures:
        known = suspects.get((failure.publisher, failure.equation.check), set())
        both = {failure.early, failure.late} & known
        culprit = failure.early if both == {failure.early} else failure.late
        yield _finding(failure, culprit, located=len(both) == 1)


def _suspects(failures: Iterable[_Failure]) -> dict[tuple[str, str], set[int]]:
    """Years that agree with neither neighbour while their neighbours have no further trouble: the odd one out."""
    pairs: dict[tuple[str, str], set[tuple[int, int]]] = {}
    for failure in failures:
        key = (failure.publisher, failure.equation.check)
        pairs.setdefault(key, set()).add((failure.early, failure.late))
    return {
        key: {late for early, late in found if (late, late + (late - early)) in found} for key, found in pairs.items()
    }


def _finding(failure: _Failure, culprit: int, *, located: bool) -> CrossFinding:
    early_id, late_id = failure.reports
    mine, other = (early_id, late_id) if culprit == failure.early else (late_id, early_id)
    equation = failure.equation
    bound = ",".join(value for _, value in equation.bound)
    found = CrossFinding(
        report_id=mine,
        other_report_id=other,
        key=f"{equation.check}:{bound}@{failure.early}-{failure.late}",
        check=equation.check,
        severity=equation.severity,
        verdict=Verdict.READING if failure.doubtful else Verdict.PUBLISHER,
        scope=Scope.CROSS_YEAR.value,
        message=_message(failure, culprit, located=located),
        left=_plain(failure.sides[0]),
        right=_plain(failure.sides[1]),
        cells=_cells(failure),
    )
    stated = {scope for scope in failure.scopes if scope}
    if len(stated) > 1:
        words = f"{found.message}; the reports differ in scope ({', '.join(sorted(stated))})"
        return replace(found, severity=Severity.INFO, message=words)
    return found


def _message(failure: _Failure, culprit: int, *, located: bool) -> str:
    terms = failure.equation.left + failure.equation.right
    shown = ", ".join(
        f"{term.code} of {year} is {_plain(value)}"
        for term, year, value in zip(terms, failure.years, failure.values, strict=True)
    )
    words = f"{failure.title}: {shown}"
    if len(failure.values) == 2 and _swapped(*failure.values):
        words += "; the same digits in another order"
    if located:
        words += f"; {culprit} agrees with neither of its neighbours"
    return words


def _cells(failure: _Failure) -> tuple[str, ...]:
    terms = failure.equation.left + failure.equation.right
    return tuple(f"{term.code}@{year}" for term, year in zip(terms, failure.years, strict=True))


def _swapped(one: Decimal, other: Decimal) -> bool:
    left, right = _plain(one), _plain(other)
    return left != right and sorted(left) == sorted(right)


def _plain(value: Decimal) -> str:
    return format(value.normalize(), "f") if value else "0"
