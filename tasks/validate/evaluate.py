"""Evaluates the equations of `schemas.checks` over cells, with decimals only and with missing kept apart from zero.

Cells come as `years[offset][code]`: offset 0 is the report's own year, -1 and 1 its neighbours. A code that is not
in the mapping was not found in the document; None is a cell printed blank; WORDS a cell with words in it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from fnmatch import fnmatchcase
from functools import lru_cache

from schemas.checks import Check, Equation, Nulls, Op, Term
from tasks.validate.results import WORDS, CellValue, CheckResult, State, plain

Cells = Mapping[str, CellValue]
Years = Mapping[int, Cells]
Totals = Mapping[str, tuple[tuple[str, ...], ...]]  # total → the lists of parts it can be derived from

ZERO = Decimal(0)
_SIGNS = {Op.EQUAL: "=", Op.AT_MOST: "≤", Op.AT_LEAST: "≥"}


def derive(code: str, cells: Cells, totals: Totals) -> Decimal | None:
    """A blank total from its parts: blank parts count as 0, but one must be known and none may be unread or words."""
    for parts in totals.get(code, ()):
        found = _sum_of_parts(parts, cells, totals)
        if found is not None:
            return found
    return None


def _sum_of_parts(parts: tuple[str, ...], cells: Cells, totals: Totals) -> Decimal | None:
    total, known = ZERO, False
    for part in parts:
        if part not in cells:
            return None
        value = cells[part]
        if value is None:
            value = derive(part, cells, totals)
        if value is WORDS:
            return None
        if isinstance(value, Decimal):
            total, known = total + value, True
    return total if known else None


class _Side:
    """One side of an equation: its sum, and what was missing on the way."""

    __slots__ = ("absent", "blank", "blocked", "cells", "derived", "known", "shown", "sum", "terms")

    def __init__(self, terms: tuple[Term, ...], years: Years, totals: Totals, *, derive_totals: bool) -> None:
        self.sum = ZERO
        self.terms = len(terms)
        self.known = 0
        self.blank: list[str] = []
        self.absent: list[str] = []
        self.derived: list[str] = []
        self.cells: list[Term] = []
        self.shown: list[tuple[Term, Decimal]] = []
        self.blocked: str | None = None
        for term in terms:
            self._add(term, years, totals, derive_totals=derive_totals)

    def _add(self, term: Term, years: Years, totals: Totals, *, derive_totals: bool) -> None:
        if term.number is not None:
            self.sum += term.number
            self.known += 1
            return
        cells = years.get(term.offset, {})
        value = cells.get(term.code)
        if value is WORDS:
            self.blocked = term.code
            return
        if not isinstance(value, Decimal):
            value = derive(term.code, cells, totals) if derive_totals else None
            if value is None:
                (self.blank if term.code in cells else self.absent).append(term.code)
                if term.code in cells:
                    self.cells.append(term)
                return
            self.derived.append(term.code)
        self.sum += term.sign * value
        self.known += 1
        self.cells.append(term)
        self.shown.append((term, value))

    def text(self, year: int | None) -> str:
        """The side as a person reads it; addends of 0 are left out of long sums."""
        if not self.shown:
            return plain(self.sum)
        shown = [(term, value) for term, value in self.shown if value or len(self.shown) <= 3]
        words = " ".join(
            f"{'-' if term.sign < 0 else '+'} {name(term, year)} {plain(value)}" for term, value in shown
        ).removeprefix("+ ")
        if len(shown) < len(self.shown):
            words = f"{words} (all others 0)" if words else "all addends 0"
        return words if len(self.shown) == 1 else f"{words} = {plain(self.sum)}"


def name(term: Term, year: int | None) -> str:
    """The cell's code, with its year where an equation spans several."""
    return term.code if year is None else f"{term.code}@{year + term.offset}"


def evaluate(
    equation: Equation, years: Years, *, totals: Totals | None = None, title: str = "", year: int | None = None
) -> CheckResult:
    """Evaluates one equation. `year` is given for cross-year equations and then named with every cell."""
    if equation.op is Op.RATIO_BETWEEN:
        return _ratio(equation, years, title, year)
    if equation.op is Op.SAME_SIGN:
        return _same_sign(equation, years, title)
    totals = totals or {}
    if equation.op is Op.DERIVE:
        return _derived(equation, years, totals, title)
    lenient = equation.nulls is not Nulls.SKIP
    left = _Side(equation.left, years, totals, derive_totals=lenient and len(equation.left) > 1)
    right = _Side(equation.right, years, totals, derive_totals=lenient and len(equation.right) > 1)
    why = _unassessable(equation, left, right)
    if why is not None:
        return _nothing(equation, why, year)
    return _compared(equation, left, right, title, year)


def _unassessable(equation: Equation, left: _Side, right: _Side) -> str | None:
    for side in (left, right):
        if side.blocked:
            return f"{side.blocked} holds words"
        missing = side.blank + side.absent
        if missing and equation.nulls is Nulls.SKIP:
            return f"blank or missing: {', '.join(missing)}"
        if side.terms and not side.known:
            return f"nothing is known of {', '.join(missing)}"
        # A column of blank totals (its rows are filled) states nothing that a sum could be compared with.
        if side.terms > 2 and side.derived and 2 * len(missing + side.derived) > side.terms:
            return "most of the totals it adds up are blank"
    return None


def _compared(equation: Equation, left: _Side, right: _Side, title: str, year: int | None) -> CheckResult:
    delta = left.sum - right.sum
    holds = delta == 0 if equation.op is Op.EQUAL else delta <= 0 if equation.op is Op.AT_MOST else delta >= 0
    short = left if delta < 0 else right  # the side that a missing addend would raise
    doubt = None
    if not holds and short.absent:
        if equation.op is not Op.EQUAL:
            return _nothing(equation, f"not found in the document: {', '.join(short.absent)}", year)
        if equation.nulls is Nulls.PRINTED_ONLY:
            printed = frozenset(term.code for term in short.cells)
            if not any(full <= printed for full in equation.full_lists):
                return _nothing(equation, "the publisher left rows out, which are not zero", year)
        else:
            doubt = f"not found in the document: {', '.join(short.absent)}"
    message = ""
    if not holds:
        sign = _SIGNS[equation.op]
        sides = f"{left.text(year)}, {right.text(year)}"
        message = f"{title}: {sides}; expected left {sign} right, difference {plain(delta)}"
    return CheckResult(
        check=equation.check,
        state=State.PASS if holds else State.FAIL,
        severity=equation.severity,
        left=left.sum,
        right=right.sum,
        delta=delta,
        tolerance=ZERO,
        cells=tuple([name(term, year) for term in left.cells + right.cells]),
        message=message,
        doubt=doubt,
        derived=tuple(left.derived + right.derived),
        year=year,
    )


def _nothing(equation: Equation, why: str, year: int | None = None) -> CheckResult:
    cells = tuple(dict.fromkeys(name(term, year) for term in equation.left + equation.right if term.code))
    return CheckResult(equation.check, State.NOT_ASSESSABLE, equation.severity, cells=cells, message=why, year=year)


def _numbers(equation: Equation, years: Years) -> list[Decimal] | None:
    values = [years.get(term.offset, {}).get(term.code) for term in equation.left + equation.right]
    numbers = [value for value in values if isinstance(value, Decimal)]
    return numbers if len(numbers) == len(values) else None


def _ratio(equation: Equation, years: Years, title: str, year: int | None) -> CheckResult:
    numbers = _numbers(equation, years)
    if numbers is None:
        return _nothing(equation, "a cell is blank or missing", year)
    upper, lower = numbers
    above = equation.above or ZERO
    if upper <= above or lower <= above:
        return _nothing(equation, f"both figures must exceed {plain(above)}", year)
    assert equation.low is not None
    assert equation.high is not None
    # Multiplied out, so that no division can round: low < upper / lower < high.
    holds = equation.low * lower < upper < equation.high * lower
    terms = equation.left + equation.right
    message = ""
    if not holds:
        message = (
            f"{title}: {name(terms[0], year)} {plain(upper)} against {name(terms[1], year)} {plain(lower)}, "
            f"factor {upper / lower:.6g}, expected between {plain(equation.low)} and {plain(equation.high)}"
        )
    return CheckResult(
        check=equation.check,
        state=State.PASS if holds else State.FAIL,
        severity=equation.severity,
        left=upper,
        right=lower,
        delta=upper - lower,
        cells=tuple(name(term, year) for term in terms),
        message=message,
        year=year,
    )


def _same_sign(equation: Equation, years: Years, title: str) -> CheckResult:
    numbers = _numbers(equation, years)
    if numbers is None:
        return _nothing(equation, "a cell is blank or missing")
    first, second = numbers
    holds = (first > 0) == (second > 0)
    codes = tuple(term.code for term in equation.left + equation.right)
    message = "" if holds else f"{title}: {codes[0]} {plain(first)}, {codes[1]} {plain(second)}"
    return CheckResult(
        check=equation.check,
        state=State.PASS if holds else State.FAIL,
        severity=equation.severity,
        left=first,
        right=second,
        delta=first - second,
        cells=codes,
        message=message,
    )


def _derived(equation: Equation, years: Years, totals: Totals, title: str) -> CheckResult:
    """A cell of another edition computed from this one's: passes with its value, fails if it is printed otherwise."""
    target = equation.left[0]
    right = _Side(equation.right, years, totals, derive_totals=True)
    if right.blocked or right.blank or right.absent:
        return _nothing(equation, "a part is blank or missing")
    printed = years.get(0, {}).get(target.code)
    left = printed if isinstance(printed, Decimal) else right.sum
    holds = left == right.sum
    message = "" if holds else f"{title}: {target.code} {plain(left)} printed, {right.text(None)}"
    cells = tuple(term.code for term in right.cells)
    return CheckResult(
        check=equation.check,
        state=State.PASS if holds else State.FAIL,
        severity=equation.severity,
        left=left,
        right=right.sum,
        delta=left - right.sum,
        tolerance=ZERO,
        cells=(target.code, *cells) if isinstance(printed, Decimal) else cells,
        message=message,
        derived=() if isinstance(printed, Decimal) else (target.code,),
    )


def evaluate_pattern(check: Check, cells: Cells) -> Iterator[CheckResult]:
    """`nonneg` and `nonneg_int`: every number of a table. One failure per offending cell, else one pass."""
    looked = [(code, value) for code, value in _matching(check, cells) if isinstance(value, Decimal)]
    failures = 0
    for code, value in looked:
        whole = value == value.to_integral_value() or like(code, check.fraction_allowed)
        if value >= 0 and whole:
            continue
        failures += 1
        what = "is negative" if value < 0 else "is not a whole number"
        yield CheckResult(
            check=check.code,
            state=State.FAIL,
            severity=check.severity,
            left=value,
            right=ZERO,
            delta=value,
            cells=(code,),
            message=f"{check.title}: {code} {plain(value)} {what}",
        )
    if not failures:
        state = State.PASS if looked else State.NOT_ASSESSABLE
        yield CheckResult(check.code, state, check.severity, cells=tuple(code for code, _ in looked))


def _matching(check: Check, cells: Cells) -> Iterator[tuple[str, CellValue]]:
    assert check.cells is not None
    prefix, _, rest = check.cells.partition("*")
    assert not rest, "patterns of cells are prefixes"
    for code, value in cells.items():
        if code.startswith(prefix) and not like(code, check.except_cells):
            yield code, value


@lru_cache(maxsize=4096)
def like(code: str, patterns: tuple[str, ...]) -> bool:
    """Whether a code fits one of the patterns (`t3.*.total`)."""
    return any(fnmatchcase(code, pattern) for pattern in patterns)
