"""Registries of any size: places, bodies and hosts that do not exist, as people would have written them."""

from __future__ import annotations

from pathlib import Path

_SITE = """\
# Invented, for measuring.
id: {name}
name: 第{number}县人民政府门户网站
host: {host}
family: trs
publishers:
  - id: {name}-gov
    name: 第{number}县人民政府
    aliases: [第{number}县政府办公室]
    kind: government
    region: "{region}"
  - id: {name}-ggzy
    name: 第{number}县公共资源交易中心
    kind: department
    owed_from: 2015
entries:
  - url: http://{host}/zwgk/xxgknb/
    publisher: {name}-gov
  - url: http://{host}/ggzy/xxgknb/
    publisher: {name}-ggzy
limits: {{delay: 1.5, jitter: 0.5}}
yields: {{min: 10}}
"""
_REGION = "110101"


def write_registry(folder: Path, sites: int) -> None:
    """One YAML file per site, each with two publishers and two columns."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(sites):
        name = f"xian-{number}"
        text = _SITE.format(name=name, number=number, host=f"www.xian{number}.gov.cn", region=_REGION)
        (folder / f"{name}.yaml").write_text(text, "utf-8")
