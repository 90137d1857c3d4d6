"""Which family made a page: marks in a fixed order, the first that is there wins.

Marks are grammar of the systems (addresses, script functions, their own tags), not class names a site may choose.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from schemas.discovery import Page
from tasks.discover import rows
from tasks.discover.html import Document
from tasks.discover.pagers import script_call

Test = Callable[[Document], bool]


def _text(pattern: str) -> Test:
    compiled = re.compile(pattern, re.IGNORECASE)
    return lambda document: compiled.search(document.text) is not None


def _url(pattern: str) -> Test:
    compiled = re.compile(pattern, re.IGNORECASE)
    return lambda document: compiled.search(document.url) is not None


def _links(pattern: str, least: int = 1) -> Test:
    """At least so many different links follow the grammar; one alone may point to another system."""
    compiled = re.compile(pattern, re.IGNORECASE)
    return lambda document: len({link.url for link in document.links if compiled.search(link.url)}) >= least


def _any(*tests: Test) -> Test:
    return lambda document: any(test(document) for test in tests)


def _listed(document: Document) -> bool:
    return rows.main_list(document) is not None


def _epoint_rest(document: Document) -> bool:
    marked = _text(
        r"EWB-FRONT|webBuilderCommon\.js|siteInfo\.projectName|getgovinfolist|frontAppCustomAction|getFullTextData"
    )(document)
    return _url("govInfoPub")(document) or (marked and not _listed(document))


def _call_from_one(document: Document) -> bool:
    call = script_call(document.text)
    return call is not None and call.leading_word and "shtml" in call.words and len(call.numbers) >= 2


def _call_from_zero(document: Document) -> bool:
    call = script_call(document.text)
    return call is not None and "page" in call.name.lower() and not call.leading_word


def _numbered(document: Document) -> bool:
    """Articles `/<channel>/<id>.htm` beside pages `index_2.htm` of the same channel."""
    return bool(_text(r"\bindex_\d+\.html?\b")(document) and _links(r"/\w+/\d{1,7}\.html?(?:\?|$)", 2)(document))


# (family, what its pages carry). The order matters: some systems carry marks of others that they grew from.
TABLE: tuple[tuple[str, Test], ...] = (
    ("truecms", _text(r"messageController/getMessage\.do")),
    ("hanweb_jpage", _text(r"<datastore>|dataproxy\.jsp")),
    ("jpaas", _text(r"jpaas-publish-server|unitbuild\.js")),
    ("hanweb_xxgk", _any(_url(r"/module/xxgk/|vc_xxgkarea="), _text(r"/module/xxgk/(?:tree|search|xxgkAnnualReport)"))),
    ("hanweb_jpage", _any(_url(r"/col/col\d+/"), _links(r"/art/\d{4}/\d{1,2}/\d{1,2}/art_\d+_\d+\.", 2))),
    ("epoint_rest", _epoint_rest),
    ("epoint_webforms", _any(
        _url(r"/TPFront/|MoreInfo\w*\.aspx"), _text(r"MoreInfo\.aspx\?CategoryNum=|MoreInfoList\w*[_$]"),
        _links(r"/TPFront/InfoDetail/|InfoDetail/?\?InfoID="),
    )),
    ("epoint_static", _any(
        _text(r"inteligentsearch|WebbuilderMIS|webBuilderCommon\.js|class=[\"'][^\"']*\bewb-"),
        _url(r"/(?:\d{3}/\d{6}/(?:\d{9}/)*|\d{6}/\d{9}/)(?:\w+\.html)?$"),
        _links(r"/\d{6}/(?:\d{9}/)*\d{8}/[0-9a-f-]{36}\.html", 1),
    )),
    ("ucap", _any(
        _text(r"<UCAP(?:TITLE|CONTENT)|<PUBLISHTIME>|_isAgg=true|_isJson|/(?:common/)?search(?:List)?/[0-9a-f]{32}"),
        _links(r"/c\d+/\d{6}/(?:[0-9a-f]{32}|c\d+_\d+)\.shtml"),
        _links(r"/\d{6}/c\d+_\d+\.shtml"),
        _call_from_one,
    )),
    ("trs", _any(_links(r"/t\d{8}_\d+\.s?html?"), _text(r"class=[\"'][^\"']*\bTRS_"), _call_from_zero)),
    ("lonsun", _any(
        _text(r"/site/label/8888|labelName=publicInfoList|publicInfoList_newest"),
        _url(r"/public/column/\d+"),
        _links(r"/public/(?:content/)?\d+/?\d*\.html", 2),
    )),
    ("gkmlpt", _any(_url(r"/gkmlpt\b"), _text(r"window\._CONFIG[\s\S]{0,4000}\bSID\b"))),
    ("vsb", _any(
        _text(r"_vsl\b|vsb_content|_showDynClickBatch|\bp_(?:pages|next|last)\b|/system/_content/|/system/resource/js/vsb"),
        _links(r"/info/\d+/\d+\.htm", 2),
    )),
    ("webplus", _any(_text(r"wp_news_w\d|wp_articlecontent|/_js/_portletPlugs/"), _links(r"/c\d+a\d+/page\.htm"))),
    ("jeecms", _any(_links(r"/\d+\.jhtml"), _url(r"\.jhtml"), _text(r"clientlanguage|index_\d+\.jhtml"), _numbered)),
    ("siteserver", _any(_url(r"/channels/\d+"), _links(r"/contents/\d+/\d+\.html"), _text(r"<stl:|\bstl:"))),
    ("aspnet", _any(_text(r"__VIEWSTATE|AspNetPager"), _url(r"\.aspx\b"))),
    ("legacy", _any(
        _links(r"/html/\w+/articles/\d{4,6}/\d+\.html"), _url(r"/html/\w+/articles/|\.action\?"),
        _text(r"\.action\?messagekey=|/plus/seek/"),
    )),
)  # fmt: skip


def sniff(page: Page) -> str:
    """Name of the family that the page bears the marks of; `generic` when it bears none."""
    document = Document(page)
    return next((family for family, test in TABLE if test(document)), "generic")
