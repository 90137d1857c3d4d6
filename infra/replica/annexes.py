"""Sample figures for the statistical annexes before 2019; sums and cumulative columns hold (checks S_* and L_*)."""

from __future__ import annotations

import random
from collections.abc import Mapping
from decimal import Decimal

from infra.replica.forms import table
from infra.replica.model import Publisher
from schemas.report import Edition

Cells = dict[str, Decimal | None]
FIRST_YEAR = 2008  # the regulation of 2008: cumulative columns start there


def _split(rng: random.Random, total: int, parts: int) -> list[int]:
    found = [0] * parts
    for _ in range(total):
        found[rng.randrange(parts)] += 1
    return found


def _children(code: str, parent: str) -> list[str]:
    form = table(Edition.STAT_2014 if code == "stat" else Edition.STAT_LOCAL, code)
    return [row.code for row in form.rows if row.parent == parent]


def stat_cells(rng: random.Random, values: Mapping[str, object]) -> Cells:
    """The 58 values of 政府信息公开情况统计表 (国办发〔2014〕32号), with the numbers that the text states."""
    found: dict[str, int | Decimal] = {}
    published, received = int(str(values["published"])), int(str(values["new"]))
    found["s1_published"] = published
    found["s1_issued_normative"] = rng.randint(0, 9)
    found["s1_published_normative"] = rng.randint(0, int(found["s1_issued_normative"]))
    found.update({"s1_website": published, "s1_gazette": 0})
    found.update({code: rng.randint(0, published) for code in ("s1_weibo", "s1_wechat", "s1_other_channel")})
    found["s2_responses"] = rng.randint(0, 12)
    for whole in ("s2_press", "s2_interview"):
        found[whole] = rng.randint(0, 6)
        found[f"{whole}_leader"] = rng.randint(0, int(found[whole]))
    found.update({"s2_interpretation": rng.randint(0, 40), "s2_social": rng.randint(0, 9), "s2_other_channel": 0})
    for whole in ("s3_received", "s3_closed", "s3_answered"):
        found[whole] = received
        found.update(zip(_children("stat", whole), _split(rng, received, len(_children("stat", whole))), strict=True))
    denied = _children("stat", "s3_denied")
    found.update(zip(denied, _split(rng, int(found["s3_denied"]), len(denied)), strict=True))
    for whole in ("s4", "s5"):
        found[whole] = 0
        found.update(dict.fromkeys(_children("stat", whole), 0))
    found.update({"s6": 0, "s7": 0, "s8_units": 1, "s8_reading_points": rng.randint(1, 4)})
    found["s8_staff_full"], found["s8_staff_part"] = rng.randint(0, 2), rng.randint(1, 6)
    found["s8_staff"] = found["s8_staff_full"] + found["s8_staff_part"]
    found["s8_budget"] = Decimal(rng.randint(0, 400)) / 10
    found["s9_meetings"] = int(str(values["meetings"]))
    found["s9_trainings"] = int(str(values["trainings"]))
    found["s9_trainees"] = int(str(values["trainees"]))
    return {code: Decimal(found[code.split(".")[1]]) for code in table(Edition.STAT_2014, "stat").codes()}


def _local_year(publisher: Publisher, year: int) -> dict[str, int]:
    rng = random.Random(f"{publisher.id}/{year}/local")
    received = rng.randint(0, 6)
    found = dict.fromkeys((row.code for row in table(Edition.STAT_LOCAL, "local").rows), 0)
    found["l_published"] = rng.randint(600, 2000)
    found["l_website"] = rng.randint(40, found["l_published"])
    for whole in ("l_received", "l_answered"):
        found[whole] = received
        found.update(zip(_children("local", whole), _split(rng, received, len(_children("local", whole))), strict=True))
    # 信函申请数 and 传真申请数 stand apart in this form, so the joint row of its sister form stays empty.
    found["l_letter"] += found.pop("l_letter_fax", 0)
    found["l_letter_fax"] = 0
    return found


def local_cells(publisher: Publisher, year: int) -> Cells:
    """The local annex with a cumulative column: cumulative(Y) = cumulative(Y-1) + value(Y)."""
    cells: Cells = {}
    years = {step: _local_year(publisher, step) for step in range(FIRST_YEAR, year + 1)}
    for code in (row.code for row in table(Edition.STAT_LOCAL, "local").rows):
        cells[f"local.{code}.year_value"] = Decimal(years[year][code])
        cells[f"local.{code}.cumulative"] = Decimal(sum(found[code] for found in years.values()))
    return cells
