"""How a run says what became of every report."""

from __future__ import annotations

from flows.summary import ReportLine, RunSummary, SiteProblem, artifact_rows, failing_markdown, order, terminal_table


def line(year: int = 2021, outcome: str = "loaded", **more: object) -> ReportLine:
    return ReportLine("gy", "固原市公共资源交易中心", year, "s", outcome, **more)  # type: ignore[arg-type]


def test_all_good_only_when_every_report_is_in_the_warehouse() -> None:
    good = RunSummary((line(outcome="loaded"), line(2020, "flagged"), line(2019, "unchanged")))
    assert good.complete
    assert good.sentence() == "All 3 reports owed are in the warehouse (1 flagged, 1 loaded, 1 unchanged)."
    for bad in ("quarantined", "not_published", "blocked:captcha", "failed", "needs_ocr", "expected"):
        assert not RunSummary((line(), line(2020, bad))).complete


def test_the_sentence_names_what_failed_and_why() -> None:
    summary = RunSummary(
        (line(), line(2020, "quarantined", reason_code="read.damaged")),
        (SiteProblem("jn", "fetch.network", "no route"),),
    )
    assert summary.sentence() == (
        "1 of 2 reports owed is not up to date in the warehouse: "
        "固原市公共资源交易中心 2020 (quarantined, read.damaged). "
        "Sites with problems: jn (fetch.network)."
    )


def test_a_long_list_is_cut_and_says_so() -> None:
    summary = RunSummary(tuple(line(year, "failed") for year in range(2010, 2020)))
    assert "and 5 more" in summary.sentence()


def test_refusals_of_all_kinds_are_counted_as_blocked() -> None:
    summary = RunSummary((line(2020, "blocked:captcha"), line(2021, "blocked:challenge")))
    assert summary.counts == {"blocked": 2}


def test_each_failing_report_has_a_line_with_reason_link_and_remedy() -> None:
    summary = RunSummary(
        (line(), line(2020, "not_published", reason_code="harvest.not_published", url="http://a/b")),
        (SiteProblem("jn", "harvest.site_failed", "boom"),),
    )
    text = failing_markdown(summary)
    assert "2021" not in text
    assert "**固原市公共资源交易中心 2020**: not_published. `harvest.not_published`" in text
    assert "[document](http://a/b)" in text
    assert "The next run looks again." in text
    assert "**site jn**: `harvest.site_failed` boom" in text


def test_nothing_failing_is_said_too() -> None:
    assert "Nothing: every report" in failing_markdown(RunSummary((line(),)))


def test_a_count_that_is_not_known_is_blank_and_not_zero() -> None:
    rows = artifact_rows(RunSummary((line(facts=0, statistics=None),)))
    assert (rows[0]["facts"], rows[0]["statistics"]) == ("0", "")


def test_lines_are_ordered_by_publisher_and_year() -> None:
    assert [one.year for one in order([line(2021), line(2017), line(2020)])] == [2017, 2020, 2021]
    assert terminal_table([line()]).row_count == 1
