"""`nianbao parse`: the contract that scripts rely on."""

from __future__ import annotations

import hashlib
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from infra.replica.documents import render
from infra.replica.truth import truth
from tests.flows.cli import nianbao
from tests.flows.contract import LINE

GOOD, TOLD, BAD = "guyuan.html", "daqing.pdf", "broken.pdf"


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sound page, a sound PDF with the largest number of the seeds, half a PDF, and a file of noise."""
    folder = tmp_path_factory.mktemp("reports")
    pdf = render(truth("daqing-ggzy", 2021), "pdf")
    (folder / GOOD).write_bytes(render(truth("guyuan-ggzy", 2021), "html"))
    (folder / TOLD).write_bytes(pdf)
    (folder / BAD).write_bytes(pdf[: len(pdf) // 2])
    (folder / "noise.bin").write_bytes(bytes(range(256)) * 40)
    return folder


def lines(out: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.splitlines()]


def test_one_object_per_document_in_the_order_given_after_the_contract(reports: Path) -> None:
    names = [TOLD, BAD, GOOD, "noise.bin"]
    done = nianbao("parse", "--json", "--workers", "2", *names, cwd=reports)
    found = lines(done.out)
    assert [line["source"] for line in found] == names
    for line in found:
        jsonschema.validate(line, LINE)
        assert line["sha256"] == hashlib.sha256((reports / line["source"]).read_bytes()).hexdigest()
    assert [line["media_type"] for line in found[:3]] == ["application/pdf", "application/pdf", "text/html"]


def test_values_are_exact_decimal_strings(reports: Path) -> None:
    done = nianbao("parse", "--json", TOLD, GOOD, cwd=reports)
    assert done.code == 0, done.err
    daqing, guyuan = lines(done.out)
    for line, key in ((daqing, ("daqing-ggzy", 2021)), (guyuan, ("guyuan-ggzy", 2021))):
        values = {fact["code"]: fact["value"] for fact in line["facts"]}
        stated = truth(*key).cells
        assert {code: value and Decimal(value) for code, value in values.items()} == dict(stated)
    amount = next(fact for fact in daqing["facts"] if fact["code"] == "t2.central_procurement.amount")
    assert amount["value"] == "11561862563.21"
    assert amount["raw"] == "11,561,862,563.21"


def test_exit_0_when_every_document_was_loaded_or_flagged(reports: Path) -> None:
    done = nianbao("parse", GOOD, cwd=reports)
    assert done.code == 0, done.err
    assert done.err == ""


def test_exit_3_when_one_was_quarantined_and_the_reason_is_told(reports: Path) -> None:
    done = nianbao("parse", "--json", BAD, GOOD, cwd=reports)
    assert done.code == 3
    bad, good = lines(done.out)
    assert (bad["outcome"], good["outcome"]) == ("quarantined", "loaded")
    assert bad["reason"]["code"].startswith("read.")
    assert bad["reason"]["code"] in done.err
    assert BAD in done.err


def test_a_document_that_is_not_one_is_an_object_with_its_reason(reports: Path) -> None:
    done = nianbao("parse", "--json", "noise.bin", cwd=reports)
    assert done.code == 3
    (line,) = lines(done.out)
    assert line["outcome"] == "quarantined"
    assert line["facts"] == line["sections"] == line["statistics"] == []
    assert line["reason"]["message"]


def test_a_file_that_is_not_there_is_wrong_usage_and_nothing_is_read(reports: Path) -> None:
    done = nianbao("parse", "--json", GOOD, "absent.pdf", cwd=reports)
    assert done.code == 2
    assert done.out == ""
    assert "absent.pdf" in done.err


@pytest.mark.parametrize("words", [[], ["--json"], [GOOD, "--workers", "0"], [GOOD, "--jsn"], ["empty"]])
def test_wrong_usage_is_exit_2_with_nothing_on_stdout(reports: Path, words: list[str]) -> None:
    (reports / "empty").mkdir(exist_ok=True)
    done = nianbao("parse", *words, cwd=reports)
    assert done.code == 2
    assert done.out == ""
    assert done.err


def test_a_folder_stands_for_its_files_sorted_without_hidden_ones(reports: Path, tmp_path: Path) -> None:
    for name in ("b/2.html", "a.html", ".hidden.html"):
        file = tmp_path / "many" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes((reports / GOOD).read_bytes())
    done = nianbao("parse", "--json", "many", cwd=tmp_path)
    assert [line["source"] for line in lines(done.out)] == ["many/a.html", "many/b/2.html"]


def test_without_json_a_person_can_read_it(reports: Path) -> None:
    done = nianbao("parse", GOOD, BAD, cwd=reports)
    assert done.code == 3
    for words in (
        "guyuan.html",
        "固原市公共资源交易中心",
        "form-2021",
        "自然人",
        "一、本年新收",
        "（一）予以公开",
        "figures in the text",
    ):
        assert words in done.out
    assert "quarantined" in done.out
    assert not done.out.lstrip().startswith("{")


def test_the_verbatim_seeds_are_read_as_flattened_text(evidence: Path) -> None:
    seeds = sorted((evidence / "seeds").glob("*.txt"))
    done = nianbao("parse", "--json", "--workers", "2", *map(str, seeds))
    assert done.code == 0, done.err
    found = lines(done.out)
    for line in found:
        jsonschema.validate(line, LINE)
    assert [(line["report"]["publisher"][:2], line["report"]["year"], line["report"]["edition"]) for line in found] == [
        ("固原", 2021, "form-2021"),
        ("中卫", 2017, "narrative"),
        ("济宁", 2020, "form-2019"),
        ("大庆", 2021, "form-2019"),
        ("驻马", 2021, "form-2021"),
    ]
    for line, file in zip(found, seeds, strict=True):
        text = file.read_bytes().decode("utf-8")
        for statistic in line["statistics"]:
            assert text[statistic["start"] : statistic["end"]] == statistic["quote"]
    keys = {"固原": "guyuan-ggzy", "济宁": "jining-ggzy", "大庆": "daqing-ggzy", "驻马": "zhumadian-ggzy"}
    for line in found:
        if line["facts"]:
            values = {fact["code"]: fact["value"] and Decimal(fact["value"]) for fact in line["facts"]}
            key = keys[line["report"]["publisher"][:2]]
            assert values == dict(truth(key, line["report"]["year"]).cells)
