"""The registry of the replica sites is valid and names only what is there."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import yaml

from infra.replica.registry import replica_sites, write_registry
from infra.replica.sites import ALL, FIVE, Ask, build, crowd
from schemas.site import Site


def test_the_five_sites_are_valid_entries_of_sample_data() -> None:
    sites = replica_sites(8765)
    assert [site.id for site in sites] == list(FIVE)
    assert [site.host for site in sites] == [f"127.0.0.{n}:8765" for n in range(11, 16)]
    assert [site.publishers[0].name for site in sites] == [
        "固原市公共资源交易中心",
        "中卫市公共资源交易中心",
        "济宁市公共资源交易服务中心",
        "大庆市公共资源交易中心",
        "驻马店市公共资源交易中心",
    ]
    assert all(site.allow_private and site.sample and site.limits.delay <= 0.05 for site in sites)
    assert sites[2].publishers[0].aliases == ("济宁市公共资源交易中心",)
    assert all(site.publishers[0].owes(year) for site in sites for year in range(2015, 2025))


def test_every_entry_points_at_a_page_of_its_site() -> None:
    for site, entry in zip(build(ALL), replica_sites(8765, names=ALL), strict=True):
        for one in entry.entries:
            parts = urlsplit(one.url)
            answer = site.answer(Ask("GET", parts.path, dict(parse_qsl(parts.query))))
            assert answer.status == 200, one.url


def test_the_written_files_read_back_as_the_same_sites(tmp_path: Path) -> None:
    paths = write_registry(tmp_path / "sites", 9000, delay=0.05)
    assert [path.stem for path in paths] == list(FIVE)
    read = [Site.model_validate(yaml.safe_load(path.read_text("utf-8"))) for path in paths]
    assert read == replica_sites(9000, delay=0.05)
    assert "sample data" in paths[0].read_text("utf-8").splitlines()[0]


def test_a_crowd_of_small_portals_has_entries_too() -> None:
    sites = replica_sites(8765, names=crowd(3, years=(2021, 2022)))
    assert [site.host for site in sites] == ["127.0.1.1:8765", "127.0.1.2:8765", "127.0.1.3:8765"]
    assert [[year for year in range(2015, 2025) if site.publishers[0].owes(year)] for site in sites] == [
        [2021, 2022]
    ] * 3
