"""The 94 checks as data: what must hold inside a report and between the years of one publisher.

They stand in `schemas/forms/checks.yaml`. A check is a formula over cells (`op` is one of the machine operations)
or it names a relation that only code can test (`op: rule`). A formula with placeholders expands to one
`Equation` per combination, so that a caller (the evaluator, or a generator of SQL) sees plain cells only.

Notation of a cell: `t3.new.total`; a leading minus subtracts it; `@Y-1`, `@Y`, `@Y+1` name the year.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any

from schemas.plain_yaml import plain_yaml
from schemas.report import Edition, Severity

_TERM = re.compile(r"^(?P<sign>-?)(?P<code>[a-z0-9_]+(?:\.[a-z0-9_]+)+)(?:@Y(?P<offset>[+-]1)?)?$")
_FIGURES = frozenset("TNSL")  # first letters of the families that speak of figures; M_* and U_* do not


class Op(StrEnum):
    """What a formula asks of its cells; RULE is a relation tested by code."""

    EQUAL = "=="
    AT_MOST = "<="
    AT_LEAST = ">="
    NONNEG = "nonneg"
    NONNEG_INT = "nonneg_int"
    DERIVE = "derive"
    RATIO_BETWEEN = "ratio_between"
    SAME_SIGN = "same_sign"
    RULE = "rule"


class Nulls(StrEnum):
    """What a blank cell means to a check. A blank total is derived or left alone, never compared as zero."""

    SKIP = "skip"  # any blank cell: not assessable
    ADDEND_IS_ZERO = "null_addend_as_zero"  # a blank addend counts as 0, unless all of its side are blank
    PRINTED_ONLY = "printed_rows_only"  # rows the publisher left out are not zero: only what is printed counts


class Scope(StrEnum):
    """What a check looks at: one report, or reports of neighbouring years of one publisher."""

    REPORT = "report"
    CROSS_YEAR = "cross_year"


@dataclass(frozen=True, slots=True)
class Term:
    """A cell in a formula, or a plain number (`code` is empty then). `offset` is in years from the report's own."""

    code: str
    sign: int = 1
    offset: int = 0
    number: Decimal | None = None

    @classmethod
    def parse(cls, text: str | int) -> Term:
        """Reads `-t2.rules.repealed@Y`. Raises ValueError when the notation is not understood."""
        if isinstance(text, int):
            return cls(code="", number=Decimal(text))
        found = _TERM.match(text)
        if found is None:
            raise ValueError(f"not a cell: {text!r}")
        return cls(
            code=found["code"],
            sign=-1 if found["sign"] else 1,
            offset=int(found["offset"] or 0),
        )


@dataclass(frozen=True, slots=True)
class Equation:
    """One expanded formula of a check: only plain cells are left. Empty `left` and `right` for pattern operations."""

    check: str
    op: Op
    left: tuple[Term, ...]
    right: tuple[Term, ...]
    nulls: Nulls
    severity: Severity
    bound: tuple[tuple[str, str], ...] = ()  # what the placeholders stand for, e.g. (("c", "total"),)
    low: Decimal | None = None  # ratio_between: both exclusive
    high: Decimal | None = None
    above: Decimal | None = None  # ratio_between: only when both cells exceed it
    full_lists: tuple[frozenset[str], ...] = ()  # printed_rows_only: row sets that leave nothing out

    @property
    def offsets(self) -> frozenset[int]:
        """The years the equation speaks of, relative to its own."""
        return frozenset(term.offset for term in self.left + self.right if term.code)


@dataclass(frozen=True, slots=True)
class Check:
    """One check as written in `checks.yaml`; `examples` are kept as plain data for the tests and the handbook."""

    code: str
    title: str
    severity: Severity
    scope: Scope
    applies_to: frozenset[Edition]
    tables: tuple[str, ...]
    op: Op
    statement: str
    nulls: Nulls
    ground: str
    since: str
    left: tuple[str | int, ...] = ()
    right: tuple[str | int, ...] = ()
    each: Mapping[str, Any] = field(default_factory=dict)
    cells: str | None = None  # nonneg, nonneg_int: pattern of codes
    except_cells: tuple[str, ...] = ()
    fraction_allowed: tuple[str, ...] = ()  # patterns of cells that need not be whole numbers
    low: Decimal | None = None
    high: Decimal | None = None
    above: Decimal | None = None
    severity_of: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # by placeholder and value
    full_lists: tuple[tuple[str, ...], ...] = ()
    defines_total: bool = False  # the right side is a total that the left side adds up to
    params: Mapping[str, Any] = field(default_factory=dict)
    examples: Mapping[str, tuple[Mapping[str, Any], ...]] = field(default_factory=dict)

    @property
    def about_figures(self) -> bool:
        """True when a failure puts a figure in doubt (families T, N, S, L), not only the form of the report."""
        return self.code[0] in _FIGURES

    def equations(self, edition: Edition | None = None) -> tuple[Equation, ...]:
        """The formula with every placeholder filled in, for one edition where the rows depend on it."""
        if self.op in (Op.RULE, Op.NONNEG, Op.NONNEG_INT):
            return ()
        names = list(self.each)
        choices = [self._choices(name, edition) for name in names]
        return tuple(self._equation(dict(zip(names, values, strict=True))) for values in itertools.product(*choices))

    def _choices(self, name: str, edition: Edition | None) -> tuple[str, ...]:
        values = self.each[name]
        if isinstance(values, Mapping):  # rows differ between editions
            if edition is not None:
                return tuple(values.get(edition.value, ()))
            return tuple(dict.fromkeys(itertools.chain.from_iterable(values.values())))
        return tuple(values)

    def _equation(self, bound: dict[str, str]) -> Equation:
        severity = self.severity
        for name, by_value in self.severity_of.items():
            severity = Severity(by_value.get(bound[name], by_value.get("default", severity)))
        return Equation(
            check=self.code,
            op=self.op,
            left=_terms(self.left, bound),
            right=_terms(self.right, bound),
            nulls=self.nulls,
            severity=severity,
            bound=tuple(bound.items()),
            low=self.low,
            high=self.high,
            above=self.above,
            full_lists=tuple(frozenset(code.format(**bound) for code in codes) for codes in self.full_lists),
        )


def _terms(texts: Iterable[str | int], bound: Mapping[str, str]) -> tuple[Term, ...]:
    return tuple(Term.parse(text.format(**bound) if isinstance(text, str) else text) for text in texts)


def _decimal(value: object) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def _check(data: dict[str, Any]) -> Check:
    known = {name for name in Check.__slots__ if not name.startswith("_")}
    unknown = set(data) - known
    if unknown:
        raise ValueError(f"checks.yaml: {data.get('code')}: unknown keys {', '.join(sorted(unknown))}")
    fields = dict(data)
    for name in ("tables", "left", "right", "except_cells", "fraction_allowed"):
        fields[name] = tuple(data.get(name, ()))
    for name in ("low", "high", "above"):
        fields[name] = _decimal(data.get(name))
    fields["severity"] = Severity(data["severity"])
    fields["scope"] = Scope(data.get("scope", "report"))
    fields["op"] = Op(data["op"])
    fields["nulls"] = Nulls(data.get("nulls", "skip"))
    fields["applies_to"] = frozenset(Edition(name) for name in data["applies_to"])
    fields["full_lists"] = tuple(tuple(codes) for codes in data.get("full_lists", ()))
    fields["examples"] = {kind: tuple(found) for kind, found in data.get("examples", {}).items()}
    return Check(**fields)


@cache
def checks() -> Mapping[str, Check]:
    """All checks by code, in the order of the file. Raises ValueError when the file breaks the shape."""
    source = resources.files("schemas.forms").joinpath("checks.yaml").read_text("utf-8")
    data = plain_yaml(source)
    found: dict[str, Check] = {}
    for entry in data["checks"]:
        check = _check(entry)
        if check.code in found:
            raise ValueError(f"checks.yaml: {check.code} stands twice")
        found[check.code] = check
    return MappingProxyType(found)
