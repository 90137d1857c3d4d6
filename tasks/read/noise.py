"""Lines that belong to the page and not to the report: page numbers, navigation, share buttons, leaked comments."""

from __future__ import annotations

import re

_PAGE_NUMBER = re.compile(
    r"""(?: [-—–－―─·]{1,3}\s*\d{1,4}\s*[-—–－―─·]{1,3}   # - 5 -, — 12 —
      | 第\s*[\d一二三四五六七八九十]{1,4}\s*页(?:\s*[/，,]?\s*共\s*[\d一二三四五六七八九十]{1,4}\s*页)?
      | [Pp]age\s*\d{1,4}(?:\s*(?:of|/)\s*\d{1,4})?
      )\Z""",
    re.VERBOSE,
)
_COMMENT = re.compile(
    r"<!--\s*\[if\b.*?\]\s*-->|<!--\s*\[if\b.*?<!\[endif\]\s*-->|<!--\s*(?:<!)?\[endif\]\s*-->"
    r"|<!\[(?:if|endif)[^\]]{0,60}\]>|<!--\s*(?:Start|End)Fragment\s*-->|<!--.{0,40}?-->",
    re.DOTALL | re.IGNORECASE,
)
# Words of page furniture; a line that consists of them (and of separators) says nothing about the report.
_FURNITURE = re.compile(
    r"""当前位置|您(?:现在|当前)?(?:所在)?的?位置|所在位置|首页|微信|微博|QQ空间|QQ好友|新浪|人人网|全真版|文字版|文件下载|附件下载|相关链接
      |无障碍(?:浏览|阅读)?|长者(?:版|模式|助手)|适老版?|关怀版|简体|繁體|繁体|[Ee]nglish|设为首页|加入收藏|网站地图|联系我们|关于我们
      |打印(?:本页|此页|文章)?|关闭(?:窗口|本页|此页)?|收藏|分享到?|扫一扫.{0,12}|(?:【?\s*)?字[体号](?:大小)?(?:[:：])?|纠错|返回顶部|回到顶部
      |上一[篇页条]|下一[篇页条]|浏览(?:次数|量)|点击(?:数|次数|量|率)|阅读(?:次数|量)|保护视力色?|视力保护色?|播放语音|语音(?:朗读|播报)|点击收听.{0,10}
      |责任编辑|网站声明|版权所有|主办单位?|承办单位?|技术支持|网站标识码|[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼]ICP备|公网安备
    """,
    re.VERBOSE,
)
_HEADER = re.compile(
    r"来源|发布机构|发文机关|发布时间|发布日期|发文时间|发文日期|成文日期|生成日期|公开日期|时间|日期|作者|投稿"
)
_UNBOUNDED = ("扫一扫", "点击收听", "当前位置", "所在位置")  # words of furniture that others may stand behind
_LEFTOVER = re.compile(r"[\s\d:：|｜>》/\\＞›»·.。,，\-—_【】\[\]()（）大中小年月日次TA+]+|-->|<!--")


# What no line of furniture holds but behind a word of _UNBOUNDED; found at once in prose. Generous: marks of the
# patterns themselves count as theirs.
_FOREIGN = re.compile(rf"[^\s\d{re.escape(''.join(sorted({*_FURNITURE.pattern, *_LEFTOVER.pattern})))}]")


def is_page_number(line: str) -> bool:
    """Whether a line (without blanks at its ends) is a page number with its dashes or words. A bare number is not."""
    return bool(_PAGE_NUMBER.match(line))


def without_comments(text: str) -> str:
    """Text without HTML comments that an editor escaped, so that they show (Word's `<!--[if supportLists]-->`)."""
    if "<!" in text:
        text = _COMMENT.sub("", text)
    if text.rstrip().endswith("-->") and "<!--" not in text:
        text = text.rstrip()[:-3]
    return text


def is_furniture(line: str) -> bool:
    """Whether a line is only page furniture (share buttons, font size, page position).

    A line that also carries a date or a source (来源：… 时间：…) is not: the publication date may stand there.
    """
    if len(line) > 200 or (_FOREIGN.search(line) and not any(word in line for word in _UNBOUNDED)):
        return False
    if _HEADER.search(line):
        return False
    rest, count = _FURNITURE.subn("", line)
    if not count:
        return False
    rest = _LEFTOVER.sub("", rest)
    if "当前位置" in line or "所在位置" in line:  # breadcrumbs: the rest are column names
        return len(line) < 120 and "。" not in line
    return not rest


def is_header_line(line: str) -> bool:
    """Whether a line is a page header with source or date: 来源：… 时间：2022-01-29 …"""
    return len(line) < 200 and bool(_HEADER.search(line))
