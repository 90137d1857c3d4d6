"""Sub-columns: years, unit types and agencies that a column is divided into. Which links lead down, and which of them.

Rules, all by structure: a folder's address lies below its column's (or its label is a bare year, which on an
annual-report column can only be a division of it); it is no article and no file; the neighbours in the navigation
bar lie beside or above and are never entered. A folder's year is not trusted: all years are walked.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from tasks.discover import controls, rows
from tasks.discover.html import Document
from tasks.discover.links import Link, host_of, is_article, is_attachment, is_pager_label, join, key
from tasks.discover.text import collapse, fold
from tasks.discover.titles import classify

# 2023年, 2023年度, 2023年年报, 2022年度报告, also 2012-2017年政府信息公开年报
YEAR_LABEL = re.compile(
    r"^[(\[【]?(?:(?:19|20)\d{2}年?度?[-~至—–]?){1,2}(?:政府信息公开|信息公开|工作|政府)*(?:年度报告|年报|报告)?[)\]】]?$"
)
_REPORT_LABEL = re.compile(
    r"信息公开(?:工作)?(?:的)?(?:年度(?:工作)?报告|年报)|公开年报|^年报$|^年度报告$|公开年度报告"
    r"|(?:政府|部门|单位|机构|乡镇|镇街|街道|[市县区]直)(?:年报|年度报告)$"
)
_REPORT_SLUG = re.compile(
    r"(?:xxgk?|gk|zfxxgk|xxga|txxgk)n(?:d)?b(?:g)?(?:[^a-z]|$)|/nb(?:_|/|\d)|ndbg|annualreport", re.IGNORECASE
)
_OTHER_LABEL = re.compile(
    r"指南|制度|规定|条例|依申请|申请|目录$|机构|领导|职责|职能|法规|规范性文件|政策|解读|预算|决算|财政|财务|人事|招聘|采购"
    r"|统计|规划|计划|处罚|许可|收费|应急|重点领域|公示|公告|通知|新闻|动态|网站.*报表|法治|建议|提案|首页|登录|注册|邮箱|无障碍|长者"
)
_BODY_LABEL = re.compile(
    r"(?:局|委|委员会|办|办公室|中心|政府|厅|院|处|镇|乡|街道|办事处|署|站|队|社|校|会|馆|部|公司|部门|单位|园区|开发区)$"
)
_MORE = re.compile(r"^\W*(?:查看)?(?:更多|more)\W*$", re.IGNORECASE)
_MORE_WORDS = re.compile(r"\W*(?:查看)?(?:更多|more)\W*$", re.IGNORECASE)
_PROGRAMS = frozenset({"action", "asp", "aspx", "do", "jsp", "php"})
_BOX = 4  # levels above a 更多 that its box may be
_HEADING = 24  # letters; more than that beside a 更多 is no heading
_PAGER_NAME = re.compile(r"(?:^|[_-])(?:index|list|page)?[_-]?\d{1,3}$", re.IGNORECASE)


def folders(document: Document) -> tuple[str, ...]:
    """Addresses of the sub-columns of this page, in its order. Report-labelled ones alone when there are any."""
    pages = {key(url) for url in (*controls.numbered(document).values(), controls.next_link(document)) if url}
    choices = [(url, label) for url, label in _choices(document) if key(url) not in pages]
    more = _more_of_reports(document)
    below = [(url, label) for url, label in choices if url in more or _leads_down(document, url, label)]
    labelled = [url for url, label in below if is_report_label(label, url) or YEAR_LABEL.match(fold(label))]
    labelled += [url for url, _ in below if url in more and labelled]
    at_home = "/" in _roots(urlsplit(document.url).path)  # everything lies below a home page
    chosen = labelled or [url for url, label in below if url in more or not (at_home or _is_other(fold(label)))]
    return tuple({key(url): url for url in reversed(chosen)}.values())[::-1]


def is_report_label(label: str, url: str = "") -> bool:
    """True for the label or the address of an annual-report column (政府信息公开年报, …/xxgknb_30082/)."""
    folded = fold(label)
    if re.search(r"网站|法治|财政|预决?算", folded):
        return False
    return _REPORT_LABEL.search(folded) is not None or (
        bool(url) and _REPORT_SLUG.search(urlsplit(url).path) is not None
    )


def _is_other(label: str) -> bool:
    """True for divisions that hold no reports; an agency may be named after what it does (财政局, 规划局)."""
    return _OTHER_LABEL.search(label) is not None and _BODY_LABEL.search(label) is None


def _choices(document: Document) -> list[tuple[str, str]]:
    group = rows.main_list(document)
    dated = {key(row.url) for row in group.rows if row.date} if group else set()
    found = [(link.url, _heading(link)) for link in document.links if not _is_entry(link, dated)]
    for option in document.soup.find_all("option"):
        value = option.get("value")
        url = join(document.base, value) if isinstance(value, str) and ("/" in value or "." in value) else None
        if url:
            found.append((url, collapse(option.get_text())))
    return found


def _heading(link: Link) -> str:
    """The link's words; of a 更多 those of the heading that it stands beside, which say what there is more of."""
    if not _MORE.match(fold(link.title)):
        return link.title
    element = link.element
    for _ in range(2):
        if element.parent is None:
            break
        element = element.parent
        words = _MORE_WORDS.sub("", collapse(element.get_text(" "))).strip()
        if words:
            return words if len(words) <= _HEADING else link.title
    return link.title


def _more_of_reports(document: Document) -> set[str]:
    """Where a 更多 leads that has a box to itself with a few reports in it: to the rest, wherever that stands."""
    rest = {id(link.element): link for link in document.links if _MORE.match(fold(link.title))}
    reports = {id(link.element) for link in document.links if rest and _is_report(link)}
    found = set()
    for link in rest.values():
        for box in list(link.element.parents)[:_BOX]:
            anchors = [id(anchor) for anchor in box.find_all("a")]
            if box.name in ("body", "html") or sum(anchor in rest for anchor in anchors) > 1:
                break
            inside = sum(anchor in reports for anchor in anchors)
            if inside:
                if 3 * inside >= len(anchors) - 1:  # else it is the box of something larger
                    found.add(link.url)
                break
    own = host_of(document.url)
    return {url for url in found if host_of(url) == own and key(url) != key(document.url) and not is_article(url)}


def _is_report(link: Link) -> bool:
    verdict = classify(link.title)
    return verdict.is_report and verdict.year is not None


def _is_entry(link: Link, dated: set[str]) -> bool:
    """An entry of the list carries a date, or a title that names its body; a folder has neither."""
    return link.date is not None or key(link.url) in dated or classify(link.title).publisher is not None


def _leads_down(document: Document, url: str, label: str) -> bool:
    here = document.url
    if host_of(url) != host_of(here) or key(url) == key(here) or is_attachment(url) or is_article(url):
        return False
    if not label or is_pager_label(label):
        return False
    path, own = urlsplit(url).path, urlsplit(here).path
    stem = path.rsplit("/", 1)[1].rsplit(".", 1)[0]
    if YEAR_LABEL.match(fold(label)) and "page" not in stem and not _is_own_page(own, path):
        return True
    if path == own:  # the same list with another query: a division only when it is called a year
        return YEAR_LABEL.match(fold(label)) is not None
    return (
        any(path.startswith(root) and len(path) > len(root) for root in _roots(own))
        and not _PAGER_NAME.search(stem)
        and not _is_own_page(own, path)
    )


def _is_own_page(own: str, path: str) -> bool:
    """`index_2.html` or another name of the same folder's front page."""
    if folder_of(own) != folder_of(path):
        return False
    mine, other = (re.sub(r"(?:[_-]\d{1,3})?\.\w+$", "", p.rsplit("/", 1)[1]) for p in (own, path))
    return mine == other or other in ("", "index", "list", "default")


def folder_of(path: str) -> str:
    return path.rsplit("/", 1)[0] + "/"


def _roots(own: str) -> tuple[str, ...]:
    """Below `/zwgk/nb/index.html` is `/zwgk/nb/`; below `/zwgk/nb.htm` (VSB) is `/zwgk/nb/` as well. Lists that a
    program makes (`List.aspx?id=`) divide by their query and not by folders.
    """
    name = own.rsplit("/", 1)[1]
    stem, _, ending = name.rpartition(".")
    stem = stem or name
    if ending in _PROGRAMS and not stem.lower().startswith(("index", "default")):
        return (f"{folder_of(own)}{stem}/",)
    front = not name or re.match(r"^(?:index|list|default|main|common_list|\d+|.*_list)(?:_\d+)?$", stem)
    return (folder_of(own),) if front else (f"{folder_of(own)}{stem}/",)
