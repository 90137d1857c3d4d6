"""What the generator claims: the seeds' figures, and sample years that hang together."""

from __future__ import annotations

import random
from decimal import Decimal

import pytest

from infra.replica.forms import T3_ADDENDS, T4_GROUPS, T4_OUTCOMES, table
from infra.replica.model import Publisher, ReportTruth
from infra.replica.narrative import SAMPLE_MARK
from infra.replica.truth import YEARS, publishers, random_truth, sample_truth, seed_truths
from infra.replica.truth import truth as published
from infra.replica.wording import compose
from schemas.report import Edition

OFFICE = Publisher("test-office", "测试市档案局", "我局", "department")
CITY = Publisher("test-city", "测试市人民政府", "我市", "government")
EVERYBODY = [*publishers().values(), OFFICE, CITY]


def value(truth: ReportTruth, code: str) -> Decimal:
    return truth.cells[code] or Decimal(0)


def test_the_seeds_have_the_figures_of_the_real_reports() -> None:
    seeds = seed_truths()
    assert set(seeds) == {
        ("guyuan-ggzy", 2021),
        ("zhongwei-ggzy", 2017),
        ("jining-ggzy", 2020),
        ("daqing-ggzy", 2021),
        ("zhumadian-ggzy", 2021),
    }
    daqing = seeds["daqing-ggzy", 2021]
    assert daqing.edition is Edition.FORM_2019
    assert daqing.cells["t2.central_procurement.amount"] == Decimal("11561862563.21")
    assert daqing.cells["t2.central_procurement.projects"] == 8850
    jining = seeds["jining-ggzy", 2020]
    nonzero = {code: int(cell) for code, cell in jining.cells.items() if cell}
    assert nonzero == {
        f"t3.{row}.{column}": number
        for row in ("new", "granted", "results_total")
        for column, number in (("natural_person", 3), ("business", 4), ("total", 7))
    }
    assert seeds["zhongwei-ggzy", 2017].edition is Edition.NARRATIVE
    assert not any(seeds["guyuan-ggzy", 2021].cells.values())
    assert seeds["zhumadian-ggzy", 2021].sections[-1].paragraphs == ()


def test_the_seeds_state_the_statistics_of_the_real_reports() -> None:
    guyuan = {figure.metric: figure for figure in seed_truths()["guyuan-ggzy", 2021].figures}
    parts = [figure.value for figure in guyuan.values() if figure.parent == "发布各类信息"]
    assert guyuan["发布各类信息"].value == sum(parts) == 4367
    assert sum(f.value for f in guyuan.values() if f.parent == "政务信息") == guyuan["政务信息"].value == 175
    assert (guyuan["变更公告"].value, guyuan["变更公告"].relation) == (1263, "included_in")
    assert (guyuan["网站点击率"].value, guyuan["网站点击率"].unit) == (Decimal("227.77"), "万人次")
    zhongwei = seed_truths()["zhongwei-ggzy", 2017].figures
    twice = [figure.value for figure in zhongwei if figure.metric == "政府采购交易信息"]
    assert twice == [1230, 420]
    assert {figure.qualifier for figure in zhongwei} >= {"余", "近"}
    jining = [f.value for f in seed_truths()["jining-ggzy", 2020].figures if f.parent == "公共资源交易信息"]
    assert sum(jining) == 5182
    daqing = [f.value for f in seed_truths()["daqing-ggzy", 2021].figures if f.parent == "新增主动公开信息"]
    assert sum(daqing) == 11620


@pytest.mark.parametrize("publisher", EVERYBODY, ids=lambda body: body.id)
def test_every_figure_stands_in_the_text_of_its_section(publisher: Publisher) -> None:
    for year in YEARS:
        truth = sample_truth(publisher, year)
        for part in (truth.preamble, *truth.sections):
            text = "".join(part.paragraphs)
            for figure in part.figures:
                assert figure.printed in text or figure.value == 0, (truth.title, figure)


@pytest.mark.parametrize("publisher", EVERYBODY, ids=lambda body: body.id)
def test_editions_follow_the_year_and_samples_say_that_they_are_samples(publisher: Publisher) -> None:
    for year in YEARS:
        truth = sample_truth(publisher, year)
        if not truth.sample:
            assert (publisher.id, year) in seed_truths()
            continue
        expected = Edition.NARRATIVE if year <= 2018 else Edition.FORM_2019 if year <= 2020 else Edition.FORM_2021
        assert truth.edition is expected
        assert truth.preamble.paragraphs[0] == SAMPLE_MARK
        assert truth.published_on.year == year + 1
        assert truth.published_on.month <= (3 if publisher.kind == "government" else 1)


def test_all_five_publishers_have_a_report_for_every_year() -> None:
    assert {(p, y) for p in publishers() for y in YEARS} == {
        (truth.publisher.id, truth.year) for p in publishers() for y in YEARS for truth in [sample_truth(p, y)]
    }


@pytest.mark.parametrize("publisher", EVERYBODY, ids=lambda body: body.id)
def test_what_one_year_leaves_open_the_next_takes_over(publisher: Publisher) -> None:
    for year in range(2019, 2024):
        before, after = sample_truth(publisher, year), sample_truth(publisher, year + 1)
        for column in (*T3_ADDENDS, "total"):
            assert value(before, f"t3.carried_out.{column}") == value(after, f"t3.carried_in.{column}"), (year, column)
        for group in T4_GROUPS:
            assert value(before, f"t4.{group}_pending") <= value(after, f"t4.{group}_total")


@pytest.mark.parametrize("publisher", EVERYBODY, ids=lambda body: body.id)
def test_stocks_follow_their_flows(publisher: Publisher) -> None:
    truths = {year: sample_truth(publisher, year) for year in range(2019, 2025)}
    for year in range(2019, 2024):
        before, after = truths[year], truths[year + 1]
        if before.edition is after.edition is Edition.FORM_2021:
            stock = "t2.normative_docs"
            flow = value(after, f"{stock}.issued") - value(after, f"{stock}.repealed")
            assert value(after, f"{stock}.in_force") == value(before, f"{stock}.in_force") + flow
        if before.edition is after.edition is Edition.FORM_2019:
            new = value(after, "t2.normative_docs.published_new")
            total = value(before, "t2.normative_docs.published_total") + new
            assert value(after, "t2.normative_docs.published_total") == total
            for row in ("licensing", "other_services", "punishment", "coercion", "admin_fees"):
                left = value(before, f"t2.{row}.prev_year_items") + value(before, f"t2.{row}.change")
                assert left == value(after, f"t2.{row}.prev_year_items"), (year, row)


def assert_sound(truth: ReportTruth) -> None:
    """The equations of tables 3 and 4, as checks.json words them."""
    form = table(truth.editions["t3"], "t3")
    for column in (*T3_ADDENDS, "total"):
        new, carried = value(truth, f"t3.new.{column}"), value(truth, f"t3.carried_in.{column}")
        results, out = value(truth, f"t3.results_total.{column}"), value(truth, f"t3.carried_out.{column}")
        assert new + carried == results + out
        assert results == sum(value(truth, f"t3.{leaf}.{column}") for leaf in form.leaves)
    for row in form.rows:
        if row.kind != "group":
            assert value(truth, f"t3.{row.code}.total") == sum(value(truth, f"t3.{row.code}.{c}") for c in T3_ADDENDS)
    for group in T4_GROUPS:
        assert value(truth, f"t4.{group}_total") == sum(value(truth, f"t4.{group}_{o}") for o in T4_OUTCOMES)


@pytest.mark.parametrize("publisher", EVERYBODY, ids=lambda body: body.id)
def test_sample_tables_add_up(publisher: Publisher) -> None:
    for year in range(2019, 2025):
        assert_sound(sample_truth(publisher, year))


def test_the_text_of_a_sample_agrees_with_its_tables() -> None:
    truth = sample_truth(CITY, 2023)
    said = {figure.metric: figure.value for figure in truth.figures}
    assert said["行政复议"] == value(truth, "t4.review_total")
    assert said["行政诉讼"] == value(truth, "t4.direct_total") + value(truth, "t4.after_total")
    assert said["现行有效行政规范性文件"] == value(truth, "t2.normative_docs.in_force")
    received = next(said[name] for name in ("收到政府信息公开申请", "新收政府信息公开申请") if name in said)
    assert received == value(truth, "t3.new.total") > 0


def test_seven_applications_are_thirty_percent_fewer_than_the_year_before() -> None:
    assert value(sample_truth("jining-ggzy", 2019), "t3.new.total") * Decimal("0.7") == 7


def test_the_sites_publish_the_seed_where_there_is_one() -> None:
    assert published("daqing-ggzy", 2021) is seed_truths()["daqing-ggzy", 2021]
    assert published("daqing-ggzy", 2022) == sample_truth("daqing-ggzy", 2022)


def test_name_drift_is_kept_in_the_title_of_2019() -> None:
    drifted = sample_truth("jining-ggzy", 2019)
    assert drifted.title.startswith("济宁市公共资源交易中心2019")
    assert "济宁市公共资源交易服务中心" in "".join(drifted.preamble.paragraphs)


def test_annexes_add_up_and_agree_with_the_text() -> None:
    stat = sample_truth(OFFICE, 2016, annex=Edition.STAT_2014)
    assert stat.edition is Edition.STAT_2014
    received = value(stat, "stat.s3_received")
    assert received == sum(value(stat, f"stat.s3_{way}") for way in ("in_person", "fax", "online", "letter"))
    assert value(stat, "stat.s3_closed_on_time") + value(stat, "stat.s3_closed_extended") == value(
        stat, "stat.s3_closed"
    )
    assert value(stat, "stat.s8_staff") == value(stat, "stat.s8_staff_full") + value(stat, "stat.s8_staff_part")
    years = [sample_truth(OFFICE, year, annex=Edition.STAT_LOCAL) for year in (2016, 2017)]
    for code in (row.code for row in table(Edition.STAT_LOCAL, "local").rows):
        earlier, later = (value(truth, f"local.{code}.cumulative") for truth in years)
        assert later == earlier + value(years[1], f"local.{code}.year_value")
    said = [f.value for f in years[1].figures if f.metric in ("主动公开政府信息", "公开信息")]
    assert said == [value(years[1], "local.l_published.year_value")]


def test_random_reports_are_sound_unless_errors_are_planted() -> None:
    rng = random.Random(20)
    for _ in range(60):
        truth = random_truth(rng, remarks=True, blanks=True)
        if truth.editions:
            assert_sound(truth)
        assert not truth.planted


def test_planted_errors_break_an_equation_and_are_named() -> None:
    rng = random.Random(21)
    for _ in range(60):
        truth = random_truth(rng, edition=Edition.FORM_2021, planted=1)
        (slip,) = truth.planted
        assert slip.cells[0] in truth.cells
        assert slip.check.split("_")[0].lower() == slip.cells[0].split(".")[0]
        with pytest.raises(AssertionError):
            assert_sound(truth)


def test_the_same_seed_gives_the_same_report() -> None:
    assert random_truth(random.Random(5)) == random_truth(random.Random(5))
    assert random_truth(random.Random(5)) != random_truth(random.Random(6))


def test_a_mixed_report_follows_two_forms() -> None:
    truth = random_truth(random.Random(3), edition=Edition.FORM_2021, mixed=True)
    assert truth.edition is Edition.MIXED
    assert "t3.other_handling.total" in truth.cells
    assert "t2.normative_docs.in_force" in truth.cells


@pytest.mark.parametrize(
    ("marked", "text", "expected"),
    [
        ("发布{信息=1230余条}", "发布1230余条", (Decimal(1230), "条", "余", None, None)),
        ("浏览{人数=近20.35万人次}", "浏览近20.35万人次", (Decimal("20.35"), "万人次", "近", None, None)),
        ("其中{招标=2,505条<信息}", "其中2,505条", (Decimal(2505), "条", None, "信息", "part_of")),
        ("含{变更=3条~招标}", "含3条", (Decimal(3), "条", None, "招标", "included_in")),
        ("{申请=0件|没有申请}。", "没有申请。", (Decimal(0), "件", None, None, None)),
    ],
)
def test_marked_sentences_print_and_state(marked: str, text: str, expected: tuple[object, ...]) -> None:
    printed, (figure,) = compose(marked)
    assert printed == text
    assert (figure.value, figure.unit, figure.qualifier, figure.parent, figure.relation) == expected


def test_a_broken_mark_in_a_template_is_an_error() -> None:
    with pytest.raises(ValueError, match="unreadable mark"):
        compose("发布{信息}条")
