"""A site as a dictionary of answers: what `get` needs to be tested without a network. It counts what was asked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping

from schemas.discovery import Page, PageRequest
from schemas.errors import FetchTrouble
from schemas.site import Entry, PublisherEntry, Site

Answer = str | Callable[[PageRequest], str | None]

BASE = "http://www.example.gov.cn"
CENTRE = PublisherEntry(id="centre", name="甲市公共资源交易中心", aliases=("甲市公共资源交易服务中心",))


class FakeSite:
    """Answers by path (with query when the path alone is not listed); what is missing raises FetchTrouble."""

    def __init__(self, pages: Mapping[str, Answer], base: str = BASE) -> None:
        self.pages = dict(pages)
        self.base = base
        self.asked: Counter[str] = Counter()
        self.requests: list[PageRequest] = []

    def __call__(self, request: PageRequest) -> Page:
        path = request.url.removeprefix(self.base)
        self.asked[path] += 1
        self.requests.append(request)
        answer = self.pages.get(path, self.pages.get(path.split("?")[0]))
        text = answer(request) if callable(answer) else answer
        if text is None:
            raise FetchTrouble("fetch.gone", "404 Not Found", where=request.url)
        return Page(request, request.url, 200, text)


def site(*entries: Entry | str, family: str = "auto", publishers: tuple[PublisherEntry, ...] = (CENTRE,)) -> Site:
    """A registry entry for the fake host; entries given as paths belong to the first publisher."""
    made = tuple(
        entry if isinstance(entry, Entry) else Entry(url=BASE + entry, publisher=publishers[0].id) for entry in entries
    )
    return Site(
        id="example", name="甲市", host="www.example.gov.cn", family=family, publishers=publishers, entries=made
    )


def page(body: str, head: str = "") -> str:
    """A page with the navigation and footer that every government site has."""
    return f"""<!DOCTYPE html><html><head><meta charset="utf-8">
<title>政府信息公开年报-甲市人民政府</title>{head}</head><body>
<div class="top"><a href="/">首页</a><a href="/zwgk/">政务公开</a>
<a href="/zwfw/">政务服务</a><a href="/hdjl/">互动交流</a></div>
<div class="place">位置：<a href="/">首页</a> &gt; <a href="/zwgk/">政务公开</a> &gt; 政府信息公开年报</div>
{body}
<div class="foot">主办：甲市人民政府办公室 <a href="/wzdt/">网站地图</a>
<a href="/lxwm/">联系我们</a> 备案号 123456号-1</div>
</body></html>"""


def years(first: int, last: int) -> range:
    return range(first, last + 1)
