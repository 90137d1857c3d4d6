"""The words of the grammar as data: every pattern compiles, every key that a check asks for can be given."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

import schemas
from tasks.parse.statistics.lexicon import lexicon

FORMS = Path(schemas.__file__).parent / "forms"


def test_units_of_one_kind_may_be_whole_and_part() -> None:
    words = lexicon()
    assert words.same_kind("万条", "条")
    assert words.same_kind("件", "份")
    assert words.same_kind("亿元", "万元")
    assert words.same_kind(None, "条")
    assert not words.same_kind("元", "条")
    assert not words.same_kind(None, "万元")
    assert not words.same_kind("场", "平方米")


@pytest.mark.parametrize(
    ("unit", "plain", "factor"), [("万人次", "人次", 10**4), ("亿元", "元", 10**8), ("条", "条", 1), (None, "", 1)]
)
def test_a_unit_is_its_multiple_and_its_plain_unit(unit: str | None, plain: str, factor: int) -> None:
    assert lexicon().magnitude(unit) == (factor, plain)


def test_every_key_that_a_check_asks_for_can_be_given() -> None:
    raw = yaml.safe_load((FORMS / "statistics.yaml").read_text(encoding="utf-8"))
    given = {entry["key"] for entry in (*raw["keys"], *raw["none_keys"], *raw["attributes"])} | {
        key for parts in raw["part_keys"].values() for key in parts
    }
    given |= {"share", "yoy_increase", "yoy_decrease"}  # shares and changes, given by the grammar itself
    catalogue = yaml.safe_load((FORMS / "checks.yaml").read_text(encoding="utf-8"))
    asked = {key for check in _checks(catalogue) for key in _asked(check.get("params"))}
    assert asked
    assert asked <= given


def test_no_unit_is_swallowed_by_a_shorter_one() -> None:
    words = lexicon()
    for text, unit in (
        ("3人次", "人次"),
        ("3场次", "场次"),
        ("3个百分点", "个百分点"),
        ("3个人", "个人"),
        ("3亿元", "元"),
    ):
        match = words.figure.search(text)
        assert match is not None
        assert match["unit"] == unit


@pytest.mark.parametrize(
    "text", ["20条例", "3项目", "5部门", "7人民", "2次年", "4场所", "6位于", "8家庭", "9名称", "1起草"]
)
def test_a_counter_inside_another_word_is_no_unit(text: str) -> None:
    assert lexicon().figure.search(text) is None


def _checks(catalogue: Any) -> list[dict[str, Any]]:
    found = catalogue if isinstance(catalogue, list) else catalogue["checks"]
    return [check for check in found if check["code"].startswith("N_")]


def _asked(params: Any) -> set[str]:
    """The values of every `key` and `keys` in the parameters of a check."""
    found: set[str] = set()
    if isinstance(params, dict):
        for name, value in params.items():
            if name in ("key", "contrary") and isinstance(value, str):
                found.add(value)
            elif name == "keys" and isinstance(value, list):
                found |= set(value)
            else:
                found |= _asked(value)
    elif isinstance(params, list):
        for value in params:
            found |= _asked(value)
    return found
