"""The decision table: marks in their order, the first that is there wins."""

from __future__ import annotations

import pytest

from schemas.discovery import Page, PageRequest
from tasks.discover.families.catalogue import AUTO, FAMILIES
from tasks.discover.sniff import TABLE, sniff
from tests.discover.fakesite import BASE, page

HEX = "0123456789abcdef" * 2


def links(*hrefs: str) -> str:
    return (
        "<ul>"
        + "".join(f"<li><a href='{href}'>甲局2021年政府信息公开工作年度报告</a>2022-01-28</li>" for href in hrefs)
        + "</ul>"
    )


CASES = [
    ("hanweb_jpage", "/x/", "<script type='text/xml'><datastore></datastore></script>"),
    ("hanweb_jpage", "/col/col12/index.html", links("/art/2022/1/2/art_1_2.html")),
    ("jpaas", "/col/col12/index.html", "<script src='/jpaas-publish-server/unitbuild.js'></script>"),
    ("hanweb_xxgk", "/x/", "<iframe src='/module/xxgk/tree.jsp?area=1'></iframe>"),
    ("truecms", "/x/", "<script>proxyUrl:'/a/messageController/getMessage.do'</script>"),
    ("epoint_rest", "/dynamic/zwgk/govInfoPub.html?deptcode=1&categorynum=2", "<div id='app'></div>"),
    ("epoint_rest", "/x/", "<script src='/js/webBuilderCommon.js'></script><div></div>"),
    (
        "epoint_static",
        "/x/",
        "<script src='/js/webBuilderCommon.js'></script>"
        + links("/g/003/003001/20220128/0123abcd-0000-1111-2222-333344445555.html"),
    ),
    ("epoint_webforms", "/TPFront/003/MoreInfo.aspx?CategoryNum=003", links("/TPFront/InfoDetail/?InfoID=1")),
    ("ucap", "/x/c1/list.shtml", links(f"/x/c112746/202201/{HEX}.shtml")),
    ("ucap", "/x/", links("/daqing/sbj2017/202303/c05_175613.shtml")),
    ("ucap", "/x/", '<script>createPageHTML("pg",3,1,"list","shtml",44)</script>'),
    ("trs", "/x/", links("./202201/t20220128_1.html")),
    ("trs", "/x/", '<script>createPageHTML(3,0,"index","html")</script>'),
    ("lonsun", "/public/column/6596?type=4", "<div></div>"),
    ("gkmlpt", "/gkmlpt/index", "<div></div>"),
    ("vsb", "/x.htm", links("info/1010/1234.htm", "info/1010/1235.htm")),
    ("webplus", "/x/list.htm", links("/c12a345/page.htm")),
    ("jeecms", "/x/", links("/notice/73305.jhtml")),
    ("siteserver", "/channels/205.html", links("/contents/205/1.html")),
    ("aspnet", "/x/", "<input type='hidden' name='__VIEWSTATE' value='a'/>"),
    ("legacy", "/x/", links("/html/site_gov/articles/202201/149003.html")),
    ("generic", "/x/", links("/what/ever.php?a=1")),
]


@pytest.mark.parametrize(("family", "path", "body"), CASES)
def test_each_family_is_known_by_its_grammar(family: str, path: str, body: str) -> None:
    url = BASE + path
    assert sniff(Page(PageRequest(url), url, 200, page(body))) == family


def test_class_names_decide_nothing_but_vendor_prefixes() -> None:
    url = f"{BASE}/x/"
    body = (
        "<ul class='newsList zfxxgk_list overview_right'><li><a"
        " href='/a/b.php'>甲局2021年政府信息公开工作年度报告</a></li></ul>"
    )
    assert sniff(Page(PageRequest(url), url, 200, page(body))) == "generic"


def test_every_family_of_the_table_exists() -> None:
    assert {family for family, _ in TABLE} <= set(FAMILIES)
    assert AUTO not in FAMILIES
    assert all(name == made().name for name, made in FAMILIES.items())
