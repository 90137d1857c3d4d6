"""The registry: faults with their lines, and the starter registry sound."""

from __future__ import annotations

from pathlib import Path

import pytest

from schemas.errors import SettingsError
from schemas.reasons import reason_code
from tasks.discover.regions import full_name, regions
from tasks.discover.registry import load_registry, read_registry

SOUND = """\
# a comment
id: alpha
name: 甲市人民政府
host: www.alpha.gov.cn
publishers:
  - id: alpha-centre
    name: 甲市公共资源交易中心
    region: "640400"
    credit_code: 12370800664437539U
entries:
  - url: https://www.alpha.gov.cn/zwgk/xxgknb/
    publisher: alpha-centre
"""

STARTER = Path(__file__).resolve().parents[2] / "deployments" / "sites"


def faults(folder: Path, text: str, name: str = "alpha.yaml") -> list[tuple[int, str]]:
    (folder / name).write_text(text, "utf-8")
    return [(fault.line, f"{fault.message} {fault.remedy}") for fault in read_registry(folder).faults]


def test_a_sound_file_has_no_faults(tmp_path: Path) -> None:
    assert faults(tmp_path, SOUND) == []
    assert [site.id for site in load_registry(tmp_path)] == ["alpha"]


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("name: 甲市人民政府", "nam: 甲市人民政府", 3, "nam"),
        ("host: www.alpha.gov.cn", "host: http://www.alpha.gov.cn/", 4, "host"),
        ("host: www.alpha.gov.cn", "host: www.beta.gov.cn", 11, "not a host of this site"),
        ("host: www.alpha.gov.cn", "host: www.alpha.gov.cn\nfamily: tars", 5, "no family tars"),
        ('region: "640400"', 'region: "640499"', 8, "GB/T 2260"),
        ("12370800664437539U", "12370800664437539X", 9, "check digit"),
        ("    publisher: alpha-centre", "    publisher: beta-centre", 12, "beta-centre"),
        (
            "    publisher: alpha-centre",
            "    publisher: alpha-centre\n    publisher: alpha-centre",
            13,
            "written twice",
        ),
        ("entries:", "yields: {min: 5, max: 3}\nentries:", 10, "more than"),
        ("entries:", 'limits: {window: "25:00-07:00"}\nentries:', 10, "window"),
        ("entries:", "verified_on: 2999-01-01\nentries:", 10, "future"),
        (
            '    region: "640400"',
            '    region: "640400"\n    owed_from: 2015\n    owed_to: 2010',
            10,
            "before owed_from",
        ),
        (
            "https://www.alpha.gov.cn/zwgk/xxgknb/",
            "https://www.alpha.gov.cn/module/xxgk/xxgkAnnualReport.jsp",
            11,
            "area",
        ),
        (
            "entries:",
            "entries:\n  - url: https://www.alpha.gov.cn/zwgk/xxgknb/\n    publisher: alpha-centre",
            13,
            "stands twice",
        ),
        ("id: alpha\n", "id: [alpha\n", 3, "not YAML"),
        ("host: www.alpha.gov.cn", "host: www.alpha.gov.cn:99999", 4, "bare host"),
        ("host: www.alpha.gov.cn", "host: www.alpha.gov.cn\naliases: [http://alpha.cn/]", 5, "bare host"),
        ("https://www.alpha.gov.cn/zwgk/xxgknb/", "https://www.alpha.gov.cn:x/zwgk/", 11, "bare host"),
        ("    publisher: alpha-centre", "    family: tars", 12, "no family tars"),
        ("    publisher: alpha-centre", "    params: {max_pages: many}", 12, "no number"),
        ("entries:", 'limits: {window: "22:00-22:00"}\nentries:', 10, "window"),
        ('    region: "640400"', "    owed_from: 2999", 8, "future"),
    ],
)
def test_each_fault_is_told_with_its_line(tmp_path: Path, old: str, new: str, line: int, words: str) -> None:
    assert old in SOUND
    found = faults(tmp_path, SOUND.replace(old, new, 1))
    assert any(words in message for _, message in found), found
    assert line in {where for where, message in found if words in message}


def test_two_bodies_of_a_site_may_not_share_a_name(tmp_path: Path) -> None:
    more = "  - id: other\n    name: 乙局\n    aliases: [甲市公共资源交易中心]\nentries:"
    assert any("belongs to" in message for _, message in faults(tmp_path, SOUND.replace("entries:", more)))


def test_ids_are_unique_over_all_files(tmp_path: Path) -> None:
    (tmp_path / "zeta.yaml").write_text(SOUND, "utf-8")
    assert any("already in" in message for _, message in faults(tmp_path, SOUND))


def test_one_body_is_the_same_in_all_files(tmp_path: Path) -> None:
    (tmp_path / "zeta.yaml").write_text(
        SOUND.replace("id: alpha\n", "id: zeta\n").replace("交易中心", "交易所"), "utf-8"
    )
    assert any("differs from its entry" in message for _, message in faults(tmp_path, SOUND))


def test_a_faulty_file_does_not_hide_the_next_and_loading_refuses_both(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("id: 1", "utf-8")
    (tmp_path / "b.yaml").write_text("- text", "utf-8")
    files = {fault.file.name for fault in read_registry(tmp_path).faults}
    assert files == {"a.yaml", "b.yaml"}
    with pytest.raises(SettingsError) as raised:
        load_registry(tmp_path)
    assert raised.value.code == "settings.registry"
    assert reason_code("settings.registry") is not None


def test_no_registry_at_all_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SettingsError):
        read_registry(tmp_path)


def test_the_starter_registry_is_sound_honest_and_large_enough() -> None:
    registry = read_registry(STARTER)
    assert [str(fault) for fault in registry.faults] == []
    bodies = {body.id: body for site in registry.sites for body in site.publishers}
    assert len(bodies) >= 40
    assert all(body.region for body in bodies.values())
    assert all(site.verified_on is None for site in registry.sites)  # nobody has looked at them live
    five = {"guyuan-ggzy", "zhongwei-ggzy", "jining-ggzy", "daqing-ggzy", "zhumadian-ggzy"}
    assert five <= set(bodies)
    for file in STARTER.glob("*.yaml"):
        assert file.read_text("utf-8").startswith("#"), f"{file.name} says nothing about where its address is from"


def test_regions_name_their_sources_and_nest() -> None:
    assert full_name("640400") == "宁夏回族自治区固原市"
    assert full_name("110106") == "北京市丰台区"
    assert full_name("999999") is None
    assert regions()["110103"].until is not None  # 崇文区, abolished in 2010
    assert len(regions()) > 3000


def test_a_list_whose_items_are_all_wrong_is_not_called_empty(tmp_path: Path) -> None:
    told = faults(tmp_path, SOUND.replace("id: alpha-centre", "id: Alpha Centre"))
    assert [line for line, message in told if "at least one" in message] == []
    assert told
