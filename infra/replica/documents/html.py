"""A report as a web page: its body in the markup of a content system, with or without the page around it."""

from __future__ import annotations

from functools import cache
from html import escape
from pathlib import Path

import yaml

from infra.replica.documents.grids import Table
from infra.replica.documents.markup import div_table, html_table, paragraph
from infra.replica.documents.outline import outline
from infra.replica.documents.quirks import PLAIN, HtmlQuirks, Quirks
from infra.replica.model import ReportTruth

_FOLDER = Path(__file__).parent
_WRONG = {"utf-8": "gb2312", "gb18030": "utf-8", "utf-16": "utf-8"}
_NAMES = {"utf-8": "utf-8", "gb18030": "gb2312", "utf-16": "utf-16"}
_LEAKED = (
    '<div class="bshare">分享到：<a href="#">微信</a> <a href="#">微博</a> 【字体：<a>大</a> <a>中</a> <a>小</a>】 '
    '<a href="javascript:window.print()">打印</a> <a href="javascript:window.close()">关闭</a></div>'
)


@cache
def containers() -> dict[str, dict[str, str]]:
    """Opening and closing markup of each body container."""
    found: dict[str, dict[str, str]] = yaml.safe_load((_FOLDER / "containers.yaml").read_text("utf-8"))
    return found


def pieces(truth: ReportTruth, quirks: Quirks = PLAIN) -> list[str]:
    """The body of the report as its paragraphs and tables, each as markup."""
    look = quirks.html
    parts: list[str] = []
    for number, item in enumerate(outline(truth, quirks)):
        if isinstance(item, Table):
            parts.append(div_table(item, look) if look.tables == "div" else html_table(item, look))
        elif item.kind != "title" or look.title_in_body:
            parts.append(paragraph(item, look, number))
    if look.chrome_inside:
        parts.insert(0, _LEAKED)
        parts.append(f"{_LEAKED}-->")
    return parts


def fragment(truth: ReportTruth, quirks: Quirks = PLAIN) -> str:
    """The body of the report without its container."""
    return "\n".join(pieces(truth, quirks))


def body(inner: str, look: HtmlQuirks) -> str:
    """The body inside the container of its content system."""
    boxes = containers()
    box = boxes[look.container]
    found = f"{box['open']}\n{inner}\n{box['close']}"
    if look.nested_container:
        found = f"{boxes['outer']['open']}\n{found}\n{boxes['outer']['close']}"
    return found


def charset_meta(look: HtmlQuirks) -> str:
    """The declaration of the encoding: the right one, none, or a wrong one."""
    if look.declared == "none":
        return ""
    name = _WRONG[look.charset] if look.declared == "wrong" else _NAMES[look.charset]
    return f'<meta http-equiv="Content-Type" content="text/html; charset={name}"/>'


def metas(title: str, published: str, source: str) -> str:
    """The metas that 国办发〔2017〕47号 asks of article pages."""
    pairs = {"ArticleTitle": title, "PubDate": published, "ContentSource": source}
    return "\n".join(f'<meta name="{name}" content="{escape(value)}"/>' for name, value in pairs.items())


def index_table(truth: ReportTruth) -> str:
    """The table of keys that disclosure pages show above the text."""
    rows = (
        ("索 引 号", f"{truth.publisher.id.upper()}/{truth.year + 1}-{truth.published_on:%m%d}1"),
        ("发布机构", truth.publisher.name),
        ("发文时间", truth.published_on.isoformat()),
        ("名　　称", truth.title),
        ("公开方式", "主动公开"),
    )
    cells = "".join(f"<tr><td><b>{name}</b></td><td>{escape(value)}</td></tr>" for name, value in rows)
    return f'<table class="xxgk_suoyin">{cells}</table>'


def page(truth: ReportTruth, quirks: Quirks = PLAIN) -> str:
    """A whole page as text: head with metas, navigation if wanted, the body, footer."""
    look = quirks.html
    published = f"{truth.published_on.isoformat()} 10:20"
    top = bottom = ""
    if look.chrome:
        top = (
            '<div class="header"><a href="/">首页</a><a href="/zwgk/">政务公开</a><a href="/zwfw/">政务服务</a>'
            '<a href="/hdjl/">互动交流</a><span>无障碍</span><span>长者版</span></div>'
            '<div class="dqwz">当前位置：<a href="/">首页</a> &gt; <a href="./">政府信息公开年报</a></div>'
        )
        bottom = '<div class="footer">主办单位信息 <script>var _pv=1;</script><a href="/wzdt/">网站地图</a></div>'
    if look.header_table:
        top += index_table(truth)
    heading = f"<h1>{escape(truth.title)}</h1>" if not look.title_in_body else ""
    inner = body(fragment(truth, quirks), look)
    return (
        f"<!DOCTYPE html>\n<html><head>{charset_meta(look)}<title>{escape(truth.title)}</title>\n"
        f"{metas(truth.title, published, truth.publisher.name)}\n</head>\n"
        f"<body>{top}{heading}\n{inner}\n{bottom}</body></html>\n"
    )


def render(truth: ReportTruth, quirks: Quirks = PLAIN) -> bytes:
    """The page in the encoding of the quirks."""
    return page(truth, quirks).encode(quirks.html.charset)
