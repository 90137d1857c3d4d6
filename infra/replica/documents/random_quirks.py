"""Random layouts for property tests: every switch of `Quirks`, drawn so that odd ones are common but not the rule."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Literal, TypeVar

from infra.replica.documents import Format
from infra.replica.documents.html import containers
from infra.replica.documents.quirks import HtmlQuirks, PdfQuirks, Quirks, TextQuirks

_Choice = TypeVar("_Choice")


def _usual(rng: random.Random, usual: _Choice, *others: _Choice, odd: float = 0.35) -> _Choice:
    """The usual choice, or with probability `odd` one of the others."""
    return rng.choice(others) if rng.random() < odd else usual


def _html(rng: random.Random) -> HtmlQuirks:
    boxes = sorted(set(containers()) - {"outer"})
    return HtmlQuirks(
        container=rng.choice(boxes),
        markup=rng.choice(("plain", "word", "ueditor", "breaks")),
        tables=_usual(rng, "table", "div", "misaligned", odd=0.25),
        charset=_usual(rng, "utf-8", "gb18030"),
        declared=_usual(rng, "right", "none", "wrong"),
        chrome=rng.random() < 0.8,
        chrome_inside=rng.random() < 0.2,
        title_in_body=rng.random() < 0.8,
        header_table=rng.random() < 0.3,
        comments=rng.random() < 0.3,
        nested_container=rng.random() < 0.2,
    )


def _pdf(rng: random.Random) -> PdfQuirks:
    paper: Literal["portrait", "landscape", "rotated"] = _usual(rng, "portrait", "landscape", "rotated", odd=0.2)
    fonts: tuple[Literal["embedded", "named"], ...] = ("embedded", "named")
    font = rng.choice(fonts)
    return PdfQuirks(
        font="embedded" if paper == "rotated" else font,
        ruling=_usual(rng, "full", "horizontal", "none", odd=0.25),
        strokes=rng.choice(("line", "bar")),
        paper=paper,
        columns=_usual(rng, 1, 2, odd=0.1),
        page_numbers=rng.choice(("none", "plain", "dashes")),
        rows_cut=rng.random() < 0.4,
        repeat_header=rng.random() < 0.2,
        vertical_group=rng.choice(("stacked", "wrapped")),
        sunken_point=rng.random() < 0.2,
        latin=rng.choice(("same", "times")),
        justified=rng.random() < 0.3,
        size=rng.choice((10.5, 12.0, 14.0, 15.0, 16.0)),
        cell_size=rng.choice((8.0, 9.0, 10.0)),
        first_page_fill=rng.choice((0.0, 0.0, 60.0, 180.0, 300.0)),
    )


def _text(rng: random.Random) -> TextQuirks:
    styles: tuple[Literal["tabs", "blanks", "lines", "pipes"], ...] = ("tabs", "blanks", "lines", "pipes")
    style = rng.choice(styles)
    return TextQuirks(
        style=style,
        rule_line=style == "tabs" and rng.random() < 0.3,
        shifted=style == "tabs" and rng.random() < 0.3,
        page_break=style == "tabs" and rng.random() < 0.3,
        bold_marks=rng.random() < 0.2,
        charset=_usual(rng, "utf-8", "gb18030", "utf-16", odd=0.2),
    )


def random_quirks(rng: random.Random, format: Format, *, hard: bool = True) -> Quirks:  # noqa: A002 - the natural word
    """A random layout for a format. Without `hard`, the cells keep their borders and their plain digits.

    Run-together texts are never drawn: they are ambiguous by nature and asked for by name.
    """
    made = Quirks(
        blank=_usual(rng, "", "/", "—", "-", "\u00a0", "\u3000", "无"),
        separators=rng.random() < 0.2,
        full_width_digits=hard and rng.random() < 0.1,
        unit_in_cells=hard and rng.random() < 0.1,
        spaced_labels=rng.random() < 0.2,
        list_marks=_usual(rng, "dot", "comma", "full", odd=0.2),
        separate_blocks=rng.random() < 0.2,
        split_table3=rng.random() < 0.2,
        total_row=hard and rng.random() < 0.1,
        drop_zero_rows=hard and rng.random() < 0.1,
        signature=rng.random() < 0.2,
        html=_html(rng) if format == "html" else HtmlQuirks(),
        pdf=_pdf(rng) if format == "pdf" else PdfQuirks(),
        text=_text(rng) if format == "text" else TextQuirks(),
    )
    return made if hard else _with_borders(made)


def _with_borders(quirks: Quirks) -> Quirks:
    return replace(quirks, pdf=replace(quirks.pdf, ruling="full"), html=replace(quirks.html, tables="table"))
