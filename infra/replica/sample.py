"""Sample reports for the years that no real report covers: invented, marked as such, and consistent over the years.

What one year leaves open the next takes over (T3_CARRY_OVER), stocks follow their flows (T2_STOCK_FLOW,
T2_2019_TOTAL_ROLL, T2_2019_ITEMS_ROLL), and both agree with the seed years of the same publisher.
"""

from __future__ import annotations

import random
from datetime import date, timedelta
from decimal import Decimal

from infra.replica.annexes import local_cells, stat_cells
from infra.replica.forms import T3_ADDENDS
from infra.replica.model import Publisher, ReportTruth, Style
from infra.replica.narrative import early, modern
from infra.replica.publishers import as_publisher
from infra.replica.seeds import seed_truths
from infra.replica.tables import NOTHING, Cells, Vector, t3, t4, zeros
from infra.replica.wording import introduction
from schemas.report import Edition

FIRST_TABLES = 2019  # 国办公开办函〔2019〕60号: the first reports with tables 2 to 4
YEARS = range(2015, 2025)


def edition_of(year: int) -> Edition:
    """The form that a report of that year should follow."""
    if year < FIRST_TABLES:
        return Edition.NARRATIVE
    return Edition.FORM_2019 if year < 2021 else Edition.FORM_2021


def _rng(publisher: Publisher, year: int, what: str) -> random.Random:
    return random.Random(f"{publisher.id}/{year}/{what}")


def _seed(publisher: Publisher, year: int) -> ReportTruth | None:
    return seed_truths().get((publisher.id, year))


def _small(rng: random.Random, scale: int) -> dict[str, int]:
    """A few applications: mostly by persons, some by companies, hardly any by others."""
    tops = {"natural_person": scale, "business": scale // 2, "legal_service": scale // 6, "other_org": scale // 8}
    return {column: rng.randint(0, tops.get(column, 0)) for column in T3_ADDENDS}


SCALE = {"centre": 8, "department": 24, "government": 160}


def carried(publisher: Publisher, year: int) -> Vector:
    """Applications open at the end of `year`, per applicant column; what a seed beside that date says, holds."""
    if year < FIRST_TABLES:
        return NOTHING
    for side, row in ((_seed(publisher, year), "carried_out"), (_seed(publisher, year + 1), "carried_in")):
        if side is not None and side.editions:
            return {column: int(side.cells[f"t3.{row}.{column}"] or 0) for column in T3_ADDENDS}
    return _small(_rng(publisher, year, "open"), max(2, SCALE[publisher.kind] // 10))


# 济宁's report of 2020 says that its 7 applications are 30 % fewer than in the year before.
RECEIVED = {("jining-ggzy", 2019): {**NOTHING, "natural_person": 6, "business": 4}}


def _table3(publisher: Publisher, year: int, edition: Edition) -> Cells:
    rng = _rng(publisher, year, "t3")
    before, after = carried(publisher, year - 1), carried(publisher, year)
    received = {c: n + after[c] for c, n in _small(rng, SCALE[publisher.kind]).items()}
    received = RECEIVED.get((publisher.id, year), received)
    return t3(rng, edition, received, before, after)


def _pending(publisher: Publisher, year: int) -> int:
    beside = (_seed(publisher, year), _seed(publisher, year + 1))
    if year < FIRST_TABLES or publisher.kind == "centre" or any(beside):
        return 0
    return _rng(publisher, year, "pending").randint(0, 3)


def _table4(publisher: Publisher, year: int) -> Cells:
    if publisher.kind == "centre":
        return t4({})
    rng = _rng(publisher, year, "t4")
    old, new = _pending(publisher, year - 1), _pending(publisher, year)
    top = 12 if publisher.kind == "government" else 3
    review = (old + rng.randint(0, top), rng.randint(0, 2), rng.randint(0, 2), new)
    direct = (rng.randint(0, top // 2), rng.randint(0, 1), 0, 0)
    return t4({"review": review, "direct": direct, "after": (rng.randint(0, 2), 0, 0, 0)})


def _flow(publisher: Publisher, year: int, stock: int) -> tuple[int, int]:
    rng = _rng(publisher, year, "documents")
    return rng.randint(0, 4), rng.randint(0, min(stock, 3))


def normative(publisher: Publisher, year: int) -> tuple[int, int, int]:
    """(issued, repealed, in force) of 规范性文件 under form-2021, rolled forward from 2021 or a later seed."""
    seed = _seed(publisher, year)
    if seed is not None and "t2.normative_docs.in_force" in seed.cells:
        return 0, 0, int(seed.cells["t2.normative_docs.in_force"] or 0)
    if publisher.kind == "centre" and _seed(publisher, 2021) is not None:
        return 0, 0, 0  # a public institution issues none, and its 2021 report says so
    base = _rng(publisher, 2020, "documents").randint(3, 40) if publisher.kind != "centre" else 0
    stock, issued, repealed = base, 0, 0
    for step in range(2021, year + 1):
        issued, repealed = _flow(publisher, step, stock) if publisher.kind != "centre" else (0, 0)
        stock += issued - repealed
    return issued, repealed, stock


def _table2_2021(publisher: Publisher, year: int) -> Cells:
    cells = zeros(Edition.FORM_2021, "t2")
    issued, repealed, stock = normative(publisher, year)
    cells["t2.normative_docs.issued"] = Decimal(issued)
    cells["t2.normative_docs.repealed"] = Decimal(repealed)
    cells["t2.normative_docs.in_force"] = Decimal(stock)
    if publisher.kind != "centre":
        rng = _rng(publisher, 2021, "powers")
        size = 20 if publisher.kind == "government" else 1
        drift = random.Random(f"{publisher.id}/{year}/drift")
        for row, top in (("licensing", 400), ("punishment", 200), ("coercion", 20)):
            base = rng.randint(top // 4, top) * size
            cells[f"t2.{row}.decisions"] = Decimal(base + drift.randint(0, max(1, base // 5)))
        cells["t2.admin_fees.amount"] = Decimal(rng.randint(10_000, 900_000) * size + drift.randint(0, 999)) / 10_000
    return cells


ITEM_ROWS = ("licensing", "other_services", "punishment", "coercion", "admin_fees")


def _table2_2019(publisher: Publisher, year: int) -> Cells:
    cells = zeros(Edition.FORM_2019, "t2")
    rng = _rng(publisher, year, "t2")
    if publisher.kind == "centre":
        # A trading centre lists no powers; 大庆 reports the procurement that runs through its hall, as in 2021.
        if publisher.id == "daqing-ggzy":
            cells["t2.central_procurement.projects"] = Decimal(rng.randint(6000, 9000))
            cells["t2.central_procurement.amount"] = Decimal(rng.randint(700_000_000_000, 1_200_000_000_000)) / 100
        return cells
    first = _rng(publisher, 2019, "stock")
    total = first.randint(10, 60)
    items = {row: first.randint(5, 90) for row in ITEM_ROWS}
    for step in range(FIRST_TABLES, year + 1):
        drift = _rng(publisher, step, "items")
        made = drift.randint(1, 9)
        changes = {row: drift.randint(-4, 6) for row in ITEM_ROWS}
        new = drift.randint(0, made)
        total += new
        if step == year:
            cells["t2.normative_docs.made_new"] = Decimal(made)
            cells["t2.normative_docs.published_new"] = Decimal(new)
            cells["t2.normative_docs.published_total"] = Decimal(total)
            for row, change in changes.items():
                cells[f"t2.{row}.prev_year_items"] = Decimal(items[row])
                cells[f"t2.{row}.change"] = Decimal(change)
                if row != "admin_fees":
                    cells[f"t2.{row}.decisions"] = Decimal(rng.randint(20, 900))
        items = {row: items[row] + changes[row] for row in ITEM_ROWS}
    cells["t2.central_procurement.projects"] = Decimal(rng.randint(2, 90))
    cells["t2.central_procurement.amount"] = Decimal(rng.randint(10_000_000, 9_000_000_000)) / 100
    return cells


def numbers(publisher: Publisher, year: int, cells: Cells) -> dict[str, object]:
    """The values of the narrative templates; what a table also says is taken from the table."""
    rng = _rng(publisher, year, "narrative")
    business, notices, dynamic = rng.randint(300, 6000), rng.randint(20, 200), rng.randint(20, 300)
    free: dict[str, object] = {
        **introduction(publisher, year),
        "published": business + notices + dynamic,
        "business": business,
        "notices": notices,
        "dynamic": dynamic,
        "corrections": rng.randint(1, business // 10),
        "visits": Decimal(rng.randint(500, 90_000)) / 100,
        "reads": Decimal(rng.randint(100, 9000)) / 100,
        "wechat": rng.randint(12, 200),
        "explained": rng.randint(2, 40),
        "replies": rng.randint(2, 50) * 10,
        "reviewed": rng.randint(200, 9000),
        "removed": rng.randint(5, 400),
        "sweeps": rng.randint(1, 12),
        "guides": rng.randint(1, 4),
        "columns": rng.randint(3, 18),
        "services": rng.randint(5, 90),
        "followers": Decimal(rng.randint(5, 99)) / 10,
        "uptime": Decimal(rng.randint(9900, 9999)) / 100,
        "meetings": rng.randint(1, 6),
        "trainings": rng.randint(1, 8),
        "trainees": rng.randint(20, 600),
        "opinions": rng.randint(3, 60),
        "planned": rng.randint(2, 6),
        "projects": rng.randint(200, 3000),
        "turnover": Decimal(rng.randint(800, 20_000)) / 100,
        "saved": Decimal(rng.randint(50, 790)) / 100,
        "papers": rng.randint(5, 80),
        "fee": rng.choice((0, 0, 0, 100, 340)) if publisher.kind != "centre" else 0,
        "normative": "t2.normative_docs.in_force" in cells and publisher.kind != "centre",
    }
    return {**free, **stated_by_tables(cells)}


def stated_by_tables(cells: Cells) -> dict[str, object]:
    """Template values that stand in the tables too; zero where there is no table."""

    def value(code: str) -> int:
        return int(cells.get(code) or 0)

    return {
        "new": value("t3.new.total"),
        "persons": value("t3.new.natural_person"),
        "orgs": value("t3.new.total") - value("t3.new.natural_person"),
        "carried_in": value("t3.carried_in.total"),
        "carried_out": value("t3.carried_out.total"),
        "closed": value("t3.results_total.total"),
        "granted": value("t3.granted.total"),
        "partial": value("t3.partial.total"),
        "reviews": value("t4.review_total"),
        "lawsuits": value("t4.direct_total") + value("t4.after_total"),
        "issued": value("t2.normative_docs.issued"),
        "repealed": value("t2.normative_docs.repealed"),
        "in_force": value("t2.normative_docs.in_force"),
    }


def publication_day(publisher: Publisher, year: int) -> date:
    """A plausible day before the legal deadline of art. 49: January for departments, by March for governments."""
    rng = _rng(publisher, year, "published")
    month = rng.choice((1, 2, 3)) if publisher.kind == "government" else 1
    day = date(year + 1, month, rng.randint(8, 27))
    return day - timedelta(days=max(0, day.weekday() - 4))  # offices publish on working days


def sample_truth(
    publisher: Publisher | str, year: int, *, annex: Edition | None = None, style: Style | None = None
) -> ReportTruth:
    """The sample report of a publisher for a year: always the same. A seed year gives the seed's report.

    `annex` (stat-2014 or stat-local) adds the statistical annex to a report before 2019.
    """
    publisher = as_publisher(publisher)
    seed = _seed(publisher, year)
    if seed is not None:
        return seed
    style = style or Style()
    edition = edition_of(year)
    rng = _rng(publisher, year, "words")
    name = "济宁市公共资源交易中心" if publisher.id == "jining-ggzy" and year <= 2019 else None
    day = publication_day(publisher, year)
    if edition is Edition.NARRATIVE:
        values = numbers(publisher, year, {})
        if publisher.kind != "centre":
            values["new"] = rng.randint(0, 12)
        cells: Cells = {}
        editions: dict[str, Edition] = {}
        if annex is Edition.STAT_2014:
            cells, editions = stat_cells(_rng(publisher, year, "annex"), values), {"stat": annex}
        elif annex is Edition.STAT_LOCAL:
            cells, editions = local_cells(publisher, year), {"local": annex}
            published = int(cells["local.l_published.year_value"] or 0)
            rest = int(str(values["notices"])) + int(str(values["dynamic"]))
            values |= {
                "published": published,
                "business": published - rest,
                "new": cells["local.l_received.year_value"],
            }
        preamble, sections = early(rng, values, style, trades=publisher.kind == "centre")
        return ReportTruth(publisher, year, editions, cells, preamble, sections, day, style=style, name=name)
    second = _table2_2021 if edition is Edition.FORM_2021 else _table2_2019
    cells = {**second(publisher, year), **_table3(publisher, year, edition), **_table4(publisher, year)}
    preamble, sections = modern(rng, edition, numbers(publisher, year, cells), style)
    editions = dict.fromkeys(("t2", "t3", "t4"), edition)
    return ReportTruth(publisher, year, editions, cells, preamble, sections, day, style=style, name=name)


def truth(publisher: Publisher | str, year: int) -> ReportTruth:
    """What the replica sites publish for a body and year: the seed's report where there is one, else the sample."""
    return sample_truth(publisher, year)
