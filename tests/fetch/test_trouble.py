"""What went wrong is named by what stands in the answer; a proper page is never called a trouble."""

from __future__ import annotations

import pytest

from tasks.fetch.address import parse
from tasks.fetch.trouble import Case, name_trouble
from tests.fetch.servers import article, html

ASKED = "http://www.jiashi.gov.cn/zwgk/xxgknb/202401/t20240123_100001.html"
TEXT = "本年度主动公开政府信息若干条，收到的申请均已按时答复，没有行政复议和行政诉讼。" * 8
NAV = "<a href='/'>首页</a><a href='/zwgk/'>政务公开</a><a href='/hd/'>互动交流</a>"

CHALLENGES = {
    "加速乐, first step": (
        521,
        (
            "<script>document.cookie=('_')+('_')+('j')+('s')+('l')+('_clearance_s=-1')+';max-age=3600';"
            "location.href=location.pathname+location.search</script>"
        ),
    ),
    "加速乐, second step": (521, html("", "<script>var _0x1=['__jsl_clearance_s'];go({'bts':[]})</script>")),
    "瑞数 412": (412, html("", "<meta id='q' content='x'><script>$_ts=window['$_ts'];$_ts.cd='abc'</script>")),
    "瑞数 202": (202, html("<div></div>", "<script src='/a/b.js'></script><script>_$ab()</script>")),
    "C3VK": (
        200,
        (
            "<html><script>var d=new Date();document.cookie='C3VK=a1b2c3; path=/; max-age=300';"
            "window.location.reload();</script></html>"
        ),
    ),
    "阿里云": (200, html("", "<script>var arg1='0A1B';function setCookie(){};document.cookie='acw_sc__v2'</script>")),
    "云锁": (200, "<script>self.location='/?security_verify_data=' + stringToHex(width)</script>"),
    "unknown product": (200, "<script>document.cookie='k='+f(3);location.reload(true)</script>"),
}


def case(body: str | bytes, status: int = 200, **changes: object) -> Case:
    values: dict[str, object] = {
        "asked": parse(ASKED),
        "final": parse(ASKED),
        "status": status,
        "headers": {"content-type": "text/html; charset=utf-8"},
        "cookies": (),
        "body": body.encode() if isinstance(body, str) else body,
        "kind": "document",
    }
    return Case(**(values | changes))  # type: ignore[arg-type]


def code(body: str | bytes, status: int = 200, **changes: object) -> str | None:
    found = name_trouble(case(body, status, **changes))
    return found[0] if found else None


@pytest.mark.parametrize("name", CHALLENGES)
@pytest.mark.parametrize("kind", ["document", "page"])
def test_a_script_shell_is_a_challenge(name, kind):
    status, body = CHALLENGES[name]
    assert code(body, status, kind=kind) == "fetch.challenge"


def test_a_challenge_that_says_so_in_a_header_is_believed():
    assert code(html(TEXT), 403, headers={"cf-mitigated": "challenge"}) == "fetch.challenge"


def test_the_status_of_a_challenge_alone_is_none():
    assert code("", 412) == "fetch.forbidden"
    assert code(html("Web server is down"), 521) == "fetch.server_error"


def test_an_article_with_the_scripts_of_a_protected_site_is_an_article():
    scripts = "<script>document.cookie='visited=1';if(0)location.reload()</script><script src='/_guard/a.js'></script>"
    assert code(html(NAV + TEXT, scripts), cookies=("__jsluid_s", "FSSBBIl1UgzbN7N80S")) is None


@pytest.mark.parametrize(
    "body",
    [
        html("<p>请输入验证码后继续访问</p><input name=code><img src=/kaptcha.jpg>"),
        html("<div id=c></div>", "<title>人机验证</title><script src=https://static.geetest.com/gt.js></script>"),
        '{"code": 400, "msg": "验证码错误"}',
    ],
)
def test_a_page_that_asks_for_a_captcha_is_named_so(body):
    assert code(body) == "fetch.captcha"


def test_a_login_box_with_a_captcha_beside_an_article_is_no_captcha():
    box = "<form>请输入验证码<img src=/kaptcha.jpg></form><script src=https://static.geetest.com/gt.js></script>"
    assert code(html(NAV + TEXT * 3 + box)) is None


@pytest.mark.parametrize("status", [401, 403, 405, 418, 444, 451])
def test_a_refusing_status_is_forbidden(status):
    assert code(html("no"), status) == "fetch.forbidden"


@pytest.mark.parametrize("text", ["您的请求已被拦截，事件编号 8a7b", "Access Denied", "网站防火墙提示您：拒绝访问"])
def test_a_block_page_under_status_200_is_forbidden(text):
    assert code(html(f"<h3>{text}</h3>")) == "fetch.forbidden"


def test_being_sent_to_a_login_is_forbidden():
    assert code(html(TEXT), final=parse("http://www.jiashi.gov.cn/sso/login?to=x")) == "fetch.forbidden"


def test_asked_too_often_is_recognised_by_status_and_by_words():
    assert code("", 429) == "fetch.rate_limited"
    assert code(html("<p>您的访问过于频繁，请稍后再试</p>")) == "fetch.rate_limited"


@pytest.mark.parametrize("status", [200, 503])
@pytest.mark.parametrize("text", ["系统升级中，请稍后访问", "网站正在维护", "本站升级维护，给您带来不便敬请谅解"])
def test_maintenance_is_recognised_whatever_the_status(status, text):
    assert code(html(f"<h1>{text}</h1>"), status) == "fetch.maintenance"


def test_a_short_list_with_a_notice_about_maintenance_is_a_list():
    rows = "<li><a href='./1.html'>关于网站升级维护的公告</a></li><li><a href='./2.html'>2023年年度报告</a></li>"
    assert code(html(f"<ul>{rows}</ul>"), kind="page") is None


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (404, "fetch.not_found"),
        (410, "fetch.gone"),
        (400, "fetch.bad_request"),
        (414, "fetch.bad_request"),
        (500, "fetch.server_error"),
        (502, "fetch.server_error"),
        (504, "fetch.server_error"),
        (206, "fetch.bad_answer"),
        (304, "fetch.bad_answer"),
    ],
)
def test_plain_statuses_have_plain_names(status, expected):
    assert code(html("<p>error</p>"), status) == expected


@pytest.mark.parametrize("kind", ["document", "page"])
@pytest.mark.parametrize(
    "body",
    [
        html("<p>您访问的页面不存在或已被删除</p>"),
        html(NAV * 30 + "<p>返回</p>" + TEXT, "<title>404-甲市人民政府</title>"),
        html(NAV * 30 + TEXT, "<title>您访问的页面不存在</title>"),
        html("<h1>系统错误</h1>", "<title>出错了</title>"),
        html("<div>参数错误</div>"),
    ],
)
def test_an_error_page_under_status_200_is_a_soft_404(body, kind):
    assert code(body, kind=kind) == "fetch.soft_404"


def test_being_sent_home_is_a_soft_404():
    home = html(NAV * 40 + TEXT, "<title>甲市人民政府</title>")
    for path in ("/", "/index.html", "/index.shtml", "/home.jsp"):
        assert code(home, final=parse(f"http://www.jiashi.gov.cn{path}")) == "fetch.soft_404", path
        assert code(home, final=parse(f"http://www.jiashi.gov.cn{path}"), kind="page") == "fetch.soft_404", path


def test_asking_for_the_home_page_is_no_soft_404():
    home = html(NAV * 40 + TEXT, "<title>甲市人民政府</title>")
    asked, final = parse("http://www.jiashi.gov.cn/"), parse("http://www.jiashi.gov.cn/index.html")
    assert code(home, asked=asked, final=final, kind="page") is None


def test_being_sent_from_the_article_to_the_list_above_it_is_a_soft_404():
    listing = html(NAV * 40, "<title>政府信息公开年报</title>")
    for path in ("/zwgk/xxgknb/202401/", "/zwgk/xxgknb/", "/zwgk/xxgknb/index.html", "/zwgk/list_1.html"):
        assert code(listing, final=parse(f"http://www.jiashi.gov.cn{path}")) == "fetch.soft_404", path


def test_an_article_that_moved_within_the_site_is_an_article():
    assert code(article(), final=parse("http://www.jiashi.gov.cn/art/2024/1/23/art_1_2.html")) is None


def test_nothing_at_all_is_no_document():
    assert code("") == "fetch.soft_404"
    assert code("  \n") == "fetch.soft_404"
    assert code(html("<p>发布时间:</p>")) == "fetch.soft_404"


def test_a_page_that_only_holds_the_file_is_a_document():
    for body in ("<iframe src='/a.pdf'></iframe>", "<img src='/scan.jpg'>", "<a href='/P02024.pdf'>附件</a>"):
        assert code(html(body)) is None


def test_a_frame_for_scripts_needs_a_browser():
    shell = html('<div id="app"></div><script src="/js/app.4f2.js"></script>', "<title>政务公开</title>")
    assert code(shell) == "fetch.needs_browser"
    assert code(shell, kind="page") == "fetch.needs_browser"
    assert code(html("<script src=/main.js></script>")) == "fetch.needs_browser"


def test_a_list_whose_data_stands_in_a_script_is_left_to_its_family():
    config = "window._CONFIG = {'SID': '765001', 'TREE': [{'id': 1530, 'name': '年报'}]}"
    assert code(html(f'<div id="app"></div><script>{config}</script>'), kind="page") is None


def test_a_page_that_says_where_the_site_moved_is_moved():
    assert code(html("<p>本站已迁移至新网址 www.jiashi2.gov.cn，请更新收藏</p>")) == "fetch.moved"


@pytest.mark.parametrize(
    "changes",
    [
        {
            "asked": parse("http://www.jiashi.gov.cn/P020240123.pdf"),
            "final": parse("http://www.jiashi.gov.cn/P020240123.pdf"),
        },
        {"asked": parse("http://www.jiashi.gov.cn/downfile.jsp?classid=0&filename=0a1b.pdf")},
        {"headers": {"content-type": "application/pdf"}},
        {"headers": {"content-disposition": "attachment; filename=report.docx"}},
        {"expect": "pdf"},
    ],
)
def test_a_web_page_where_a_file_was_promised_is_the_wrong_type(changes):
    assert code(article("信息中心"), **changes) == "fetch.wrong_type"


def test_a_short_page_in_the_place_of_a_file_is_the_wrong_type_and_no_empty_page():
    file = parse("http://www.jiashi.gov.cn/P020240123.pdf")
    assert code(html("<p>请登录后查看</p>"), asked=file, final=file) == "fetch.wrong_type"
    assert code(html("<p>您访问的页面不存在</p>"), asked=file, final=file) == "fetch.soft_404"


def test_a_viewer_page_for_a_file_is_a_page():
    viewer = parse("http://www.jiashi.gov.cn/pdfjs/web/viewer.html?file=%2Fa.pdf")
    assert code(html("<div id=viewer></div>" + TEXT), asked=viewer, final=viewer) is None


def test_word_saved_as_a_web_page_keeps_the_promise_of_a_doc():
    url = parse("http://www.jiashi.gov.cn/a.doc")
    word = f"<html xmlns:o='urn:schemas-microsoft-com:office:office'><body>{TEXT}</body></html>"
    assert code(word, asked=url, final=url) is None


def test_a_pdf_is_a_pdf_whatever_words_stand_in_it():
    url = parse("http://www.jiashi.gov.cn/a.pdf")
    assert code(b"%PDF-1.4 404 Not Found \xe9\xaa\x8c", asked=url, final=url) is None


@pytest.mark.timeout(60)
def test_naming_takes_no_longer_for_hostile_markup():
    """Unclosed elements and endless blanks made earlier versions of such checks quadratic."""
    for piece in (
        "<script ",
        "<a href=",
        "<!--",
        "< ",
        "<meta http-equiv=refresh content=' ",
        "<style>",
        "&#",
        "<title",
    ):
        name_trouble(case("<html>" + piece * (1_000_000 // len(piece))))
    name_trouble(case("<html><meta http-equiv=refresh content='0;" + " " * 1_000_000 + ">"))
    name_trouble(case("<html><script>" + " \n" * 500_000))
