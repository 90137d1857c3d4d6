"""Whose report it is: names, short forms, regions, branches."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.site import PublisherEntry
from tasks.discover.publishers import attribute, canonical

CITY = PublisherEntry(id="city", name="济水市公共资源交易服务中心", aliases=("济水市公共资源交易中心",))
BRANCH = PublisherEntry(id="branch", name="济水市公共资源交易服务中心兖山分中心")
GOV = PublisherEntry(id="gov", name="济水市人民政府", aliases=("济水市",))
OFFICE = PublisherEntry(id="office", name="济水市人民政府办公室")
PLAN = PublisherEntry(id="plan", name="济水市发展和改革委员会")
FINANCE = PublisherEntry(id="finance", name="济水市财政局")
DISTRICT = PublisherEntry(id="district", name="济水市兖山区财政局")
ALL = (CITY, BRANCH, GOV, OFFICE, PLAN, FINANCE, DISTRICT)


@pytest.mark.parametrize(
    ("written", "publisher"),
    [
        ("济水市公共资源交易服务中心", "city"),
        ("济水市公共资源交易中心", "city"),
        ("市公共资源交易中心", "city"),
        ("东山省济水市公共资源交易中心", "city"),
        ("济水市公共资源交易服务中心兖山分中心", "branch"),
        ("济水市", "gov"),
        ("济水市政府", "gov"),
        ("济水市人民政府", "gov"),
        ("济水市人民政府办公室", "office"),
        ("济水市政府办公室", "office"),
        ("济水市发改委", "plan"),
        ("市发展改革委", "plan"),
        ("济水市财政局", "finance"),
        ("兖山区财政局", "district"),
    ],
)
def test_every_way_of_writing_a_name_leads_to_its_body(written: str, publisher: str) -> None:
    assert attribute(written, ALL, None).publisher == publisher


@pytest.mark.parametrize(
    "written",
    ["济水市公共资源交易中心兖山分中心", "汶山县公共资源交易中心", "济水市审计局", "兖山区人民政府", "济水市体育局"],
)
def test_other_bodies_are_foreign_even_in_the_column_of_one(written: str) -> None:
    found = attribute(written, (CITY, GOV), "city")
    assert (found.standing, found.publisher) == ("foreign", None)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("济水市兖山区人民政府南关街道办事处", "兖山区南关街道办事处"),
        ("兖山区南关街道", "兖山区南关街道办事处"),
        ("北李镇", "兖山区北李镇人民政府"),
        ("兖山区西坡乡", "兖山区西坡乡人民政府"),
        ("国家税务总局兖山区税务局", "兖山区税务局"),
        ("兖山区教体局", "兖山区教育和体育局"),
        ("兖山区文化广电和旅游局", "兖山区文广旅局"),
        ("兖山区应急局", "兖山区应急管理局"),
        ("兖山区卫计委", "兖山区卫生和计划生育委员会"),
    ],
)
def test_two_ways_of_writing_one_body(one: str, other: str) -> None:
    body = PublisherEntry(id="body", name=other)
    assert attribute(one, (body, FINANCE), None).publisher == "body"
    assert attribute(other, (PublisherEntry(id="body", name=one), FINANCE), None).publisher == "body"


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("和县水利局", "含山县水利局"),
        ("和平区教育局", "河西区教育局"),
        ("兖山区人民政府", "兖山区南关街道办事处"),
        ("兖山区国家税务局", "兖山区税务局"),
        ("兖山区自然资源局", "兖山区自然资源和规划局"),
        ("兖山区北李镇人民政府", "兖山区南李镇人民政府"),
    ],
)
def test_two_bodies_with_like_names_stay_two(written: str, name: str) -> None:
    assert attribute(written, (PublisherEntry(id="body", name=name),), None).publisher is None


def test_a_name_that_two_bodies_share_is_settled_by_the_column_or_left_open() -> None:
    assert attribute("财政局", (FINANCE, DISTRICT), "district").publisher == "district"
    assert attribute("财政局", (FINANCE, DISTRICT), None).publisher is None


def test_a_missing_name_is_settled_by_the_column() -> None:
    assert attribute(None, ALL, "finance").publisher == "finance"
    assert attribute(None, ALL, None).publisher is None


def test_a_renamed_body_is_near_and_not_merged() -> None:
    found = attribute("济水市公共资源交易管理中心", (CITY,), "city")
    assert (found.standing, found.publisher, found.near) == ("near", None, "济水市公共资源交易服务中心")


@given(st.text(max_size=30))
def test_the_comparison_form_is_stable(text: str) -> None:
    assert canonical(canonical(text)) == canonical(text) or len(canonical(text)) > 0
