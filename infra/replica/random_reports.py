"""Random reports for property tests: any sound figures, or sound but for errors that are planted and named."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date
from decimal import Decimal

from infra.replica.forms import T3_ADDENDS, T4_GROUPS, table
from infra.replica.model import Kind, Planted, Publisher, ReportTruth, Style
from infra.replica.narrative import early, modern
from infra.replica.sample import ITEM_ROWS, numbers, publication_day
from infra.replica.tables import NOTHING, Cells, t3, t4, zeros
from schemas.report import Edition

PLACES = ("青川", "临江", "安远", "平湖", "长宁", "云岭", "石门", "宁溪", "东港", "白沙")
BODIES: tuple[tuple[str, str, Kind], ...] = (
    ("市财政局", "我局", "department"),
    ("县人民政府", "我县", "government"),
    ("区卫生健康局", "区卫健局", "department"),
    ("市公共资源交易中心", "中心", "centre"),
    ("县自然资源局", "我局", "department"),
    ("市人民政府办公室", "市政府办", "department"),
)
SIZES = (0, 1, 9, 10, 99, 100, 999, 1000, 12_345)


def _publisher(rng: random.Random) -> Publisher:
    place, (body, short, kind) = rng.choice(PLACES), rng.choice(BODIES)
    return Publisher(f"random-{rng.randrange(10**6)}", f"{place}{body}", short, kind)


def _count(rng: random.Random) -> int:
    """Counts as they occur: mostly small, with the edges where digits change."""
    return rng.choice((rng.choice(SIZES), rng.randint(0, 9), rng.randint(10, 99), rng.randint(100, 9999)))


def _money(rng: random.Random) -> Decimal:
    places = rng.choice((0, 0, 1, 2, 4, 6))
    return Decimal(rng.randint(0, 10 ** rng.randint(1, 9))).scaleb(-places)


def _table2(rng: random.Random, edition: Edition) -> Cells:
    cells = zeros(edition, "t2")
    for block in table(edition, "t2").blocks:
        for row in block.rows:
            for column in block.columns:
                code = f"t2.{row.code}.{column.code}"
                if column.kind == "decimal":
                    cells[code] = _money(rng)
                elif column.kind == "signed_integer":
                    cells[code] = Decimal(rng.choice((0, _count(rng), -rng.randint(1, 60))))
                else:
                    cells[code] = Decimal(_count(rng))
    for document in ("rules", "normative_docs"):
        _keep_sound(cells, f"t2.{document}", edition)
    for power in ITEM_ROWS:
        before, change = f"t2.{power}.prev_year_items", f"t2.{power}.change"
        if (cells.get(before) or 0) + (cells.get(change) or 0) < 0:  # T2_2019_ITEMS_NON_NEGATIVE
            cells[before] = -(cells[change] or Decimal(0))
    return cells


def _keep_sound(cells: Cells, document: str, edition: Edition) -> None:
    """T2_STOCK_LOWER and T2_2019_NEW_LE_TOTAL: the stock is at least what flowed into it."""
    if edition is Edition.FORM_2021:
        gained = (cells[f"{document}.issued"] or Decimal(0)) - (cells[f"{document}.repealed"] or Decimal(0))
        cells[f"{document}.in_force"] = max(Decimal(0), gained) + (cells[f"{document}.in_force"] or Decimal(0))
    else:
        made = cells[f"{document}.made_new"] or Decimal(0)
        cells[f"{document}.published_new"] = min(made, cells[f"{document}.published_new"] or Decimal(0))
        cells[f"{document}.published_total"] = (cells[f"{document}.published_total"] or Decimal(0)) + made


def _vector(rng: random.Random, top: int) -> dict[str, int]:
    return {column: rng.randint(0, top) if rng.random() < 0.5 else 0 for column in T3_ADDENDS}


def _table3(rng: random.Random, edition: Edition) -> Cells:
    top = rng.choice((0, 3, 20, 150, 3000))
    before, after = _vector(rng, top // 4), _vector(rng, top // 4)
    received = {column: count + after[column] for column, count in _vector(rng, top).items()}
    return t3(rng, edition, received, before if rng.random() < 0.7 else NOTHING, after)


def _table4(rng: random.Random) -> Cells:
    top = rng.choice((0, 2, 12, 140))
    return t4({g: tuple(rng.randint(0, top) for _ in range(4)) for g in T4_GROUPS})  # type: ignore[misc]


def _bump(rng: random.Random, cells: Cells, code: str) -> None:
    cells[code] = (cells[code] or Decimal(0)) + rng.choice((1, 2, 10))


# What a slip of the pen does, and the check of the form that must notice it.
_SLIPS: dict[str, Callable[[random.Random], str]] = {
    "T3_ROW_TOTAL": lambda rng: f"t3.{rng.choice(('new', 'carried_in', 'granted', 'np_repeat', 'carried_out'))}.total",
    "T3_BALANCE": lambda rng: f"t3.{rng.choice(('new', 'carried_in', 'carried_out'))}.{rng.choice(T3_ADDENDS)}",
    "T3_RESULTS_SUM": lambda rng: (
        f"t3.{rng.choice(('granted', 'partial', 'unable_not_held'))}.{rng.choice(T3_ADDENDS)}"
    ),
    "T4_REVIEW_TOTAL": lambda _: "t4.review_total",
    "T4_DIRECT_TOTAL": lambda rng: f"t4.direct_{rng.choice(('upheld', 'pending', 'total'))}",
    "T4_AFTER_TOTAL": lambda _: "t4.after_other",
}


def plant(rng: random.Random, cells: Cells, edition: Edition, how_many: int) -> tuple[Planted, ...]:
    """Changes `how_many` cells so that the named checks fail; returns what was done."""
    planted: list[Planted] = []
    for check in rng.sample(sorted(_SLIPS), k=min(how_many, len(_SLIPS))):
        code = _SLIPS[check](rng)
        _bump(rng, cells, code)
        name = f"T3_RESULTS_SUM_{edition.value[-4:]}" if check == "T3_RESULTS_SUM" else check
        planted.append(Planted(name, (code,)))
    return tuple(planted)


def _blanks(rng: random.Random, cells: Cells, editions: dict[str, Edition]) -> None:
    """Cells that are 0 left empty: whole rows of table 3, or single cells of table 2."""
    rows = [row.code for row in table(editions["t3"], "t3").rows if row.kind == "value"]
    for row in rows:
        codes = [f"t3.{row}.{column}" for column in (*T3_ADDENDS, "total")]
        if rng.random() < 0.2 and all(not cells[code] for code in codes):
            cells.update(dict.fromkeys(codes))
    for code in [code for code, value in cells.items() if code.startswith("t2.") and value == 0]:
        if rng.random() < 0.2:
            cells[code] = None


def _remarks(rng: random.Random, cells: Cells) -> dict[str, str]:
    code = "t2.normative_docs.issued"
    if cells.get(code) and rng.random() < 0.5:
        return {code: f"（其中修订{rng.randint(1, int(cells[code] or 1))}件）"}
    return {}


def random_truth(
    rng: random.Random,
    *,
    edition: Edition | None = None,
    planted: int = 0,
    blanks: bool = False,
    remarks: bool = False,
    mixed: bool = False,
) -> ReportTruth:
    """A random report. The same state of `rng` gives the same report.

    `edition`: form-2019, form-2021 or narrative (else drawn); `planted`: number of errors put in, told in
    `ReportTruth.planted`; `blanks`: cells of value 0 may be left empty; `remarks`: words behind a number;
    `mixed`: table 2 after the form of 2021, table 3 after that of 2019, as real reports of 2023 do.
    """
    edition = edition or rng.choice((Edition.FORM_2019, Edition.FORM_2021, Edition.FORM_2021, Edition.NARRATIVE))
    publisher = _publisher(rng)
    style = Style(
        wording=rng.choice(("政府", "政府", "政府", "政务")),
        half_width=rng.random() < 0.2,
        spaced_numbers=rng.random() < 0.2,
        title_lines=rng.choice(("one", "one", "publisher-first", "year-first")),
        date_line=rng.choice(("none", "none", "day", "month")),
        procurement_unit=rng.choice(("元", "万元", None)),
    )
    if edition is Edition.NARRATIVE:
        year = rng.randint(2009, 2018)
        values = {**numbers(publisher, year, {}), "new": rng.choice((0, rng.randint(1, 30)))}
        preamble, sections = early(rng, values, style, trades=publisher.kind == "centre")
        return ReportTruth(publisher, year, {}, {}, preamble, sections, publication_day(publisher, year), style=style)
    year = rng.randint(2019, 2020) if edition is Edition.FORM_2019 else rng.randint(2021, 2025)
    editions: dict[str, Edition] = dict.fromkeys(("t2", "t3", "t4"), edition)
    if mixed and edition is Edition.FORM_2021:
        editions["t3"] = Edition.FORM_2019
    cells = {**_table2(rng, editions["t2"]), **_table3(rng, editions["t3"]), **_table4(rng)}
    preamble, sections = modern(rng, edition, numbers(publisher, year, cells), style)
    slips = plant(rng, cells, editions["t3"], planted) if planted else ()
    if blanks:
        _blanks(rng, cells, editions)
    said = _remarks(rng, cells) if remarks else {}
    day: date = publication_day(publisher, year)
    return ReportTruth(publisher, year, editions, cells, preamble, sections, day, said, style, planted=slips)
