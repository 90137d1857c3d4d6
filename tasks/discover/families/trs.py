"""TRS WCM / HyCloud (拓尔思): static columns with createPageHTML pagers."""

from __future__ import annotations

from tasks.discover import pagers
from tasks.discover.families.base import HtmlFamily
from tasks.discover.html import Document


class Trs(HtmlFamily):
    """`createPageHTML(total, current, "index", "html")`: on TRS itself `index_1.html` is page 2, elsewhere page 1.

    Both are asked for and judged by their overlap with page 1. Year and unit-type folders are walked by the base.
    """

    name = "trs"

    def announced(self, document: Document) -> pagers.Announced:
        told = pagers.announced(document)
        call = pagers.script_call(document.text)
        if call is None:
            return told
        records = call.numbers[2] if call.leading_word and len(call.numbers) > 2 else told.records
        return pagers.Announced(max(call.numbers[0], 1), records, told.current)

    def patterns(self, document: Document) -> tuple[pagers.Pattern, ...]:
        call = pagers.script_call(document.text)
        words = [word for word in call.words if word.replace("-", "").replace("_", "").isalnum()] if call else []
        if call and call.leading_word and len(words) > 2:
            words = words[1:]  # the first is the pager's DOM id
        name, extension = (words[-2], words[-1].lstrip(".")) if len(words) >= 2 else (None, None)
        return pagers.patterns(document.url, name, extension)
