"""Whatever the bytes are, a reader gives blocks with true offsets or a listed reason, and nothing else."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas.errors import ReadError
from schemas.reasons import reason_codes
from tasks.read import read
from tests.read.drawing import pdf, table
from tests.read.looking import offsets_hold
from tests.read.test_docx import docx, p, tbl, tc
from tests.read.test_html import article, page
from tests.read.test_pdf import FORM, PROSE, WIDTHS
from tests.read.test_spreadsheet import xlsx

QUICK = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


def _draw(canvas: object) -> None:
    from reportlab.pdfgen.canvas import Canvas

    assert isinstance(canvas, Canvas)
    table(canvas, 70, 100, WIDTHS, FORM)
    for number, line in enumerate(PROSE):
        canvas.drawString(70, 500 - 22 * number, line)


SOUND: dict[str, Callable[[], bytes]] = {
    "html": lambda: page(f"<div id='zoom'>{article()}</div>"),
    "pdf": lambda: pdf(_draw),
    "docx": lambda: docx(p("一、总体情况") + tbl(tc("规章") + tc("1"), tc("许可") + tc("2"))),
    "xlsx": lambda: xlsx(["规章", 1, 2], ["许可", 3, 4]),
    "text": lambda: "标题\n规章\t1\t2\n许可\t3\t4\n".encode() * 3,
}


def survives(data: bytes) -> bool:
    """Reads; True when blocks came out. Anything but a listed ReadError is a failure of the reader."""
    try:
        blocks = read(data, name="document")
    except ReadError as error:
        code = error.code
    else:
        assert offsets_hold(blocks)
        return True
    assert code in reason_codes()
    return False


@pytest.mark.parametrize("kind", SOUND)
def test_the_sound_document_is_read(kind: str) -> None:
    assert survives(SOUND[kind]())


@QUICK
@given(st.binary(max_size=400))
def test_any_bytes(data: bytes) -> None:
    survives(data)


@QUICK
@given(
    st.sampled_from(
        [b"%PDF-1.7\n", b"PK\x03\x04", b"{\\rtf1 ", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"\x1f\x8b", b"<html>"]
    ),
    st.binary(max_size=300),
)
def test_any_bytes_behind_a_known_mark(mark: bytes, data: bytes) -> None:
    survives(mark + data)


@pytest.mark.parametrize("kind", SOUND)
def test_damaged_documents(kind: str) -> None:
    rng = random.Random(20220129)
    sound = SOUND[kind]()
    for _ in range(60):
        data = bytearray(sound)
        for _ in range(rng.randint(1, 8)):
            at = rng.randrange(len(data))
            action = rng.randrange(4)
            if action == 0:
                data[at] = rng.randrange(256)
            elif action == 1:
                del data[at : at + rng.randint(1, 60)]
            elif action == 2:
                data[at:at] = data[at : at + rng.randint(1, 200)]
            else:
                data = data[: max(at, 12)]
            if len(data) < 12:
                break
        survives(bytes(data))


_TAGS = st.sampled_from(
    ["table", "tr", "td", "th", "tbody", "div", "span", "p", "br", "ul", "li", "pre", "h1", "iframe", "caption"]
)
_SPANS = ["", " rowspan=3", " colspan='2'", " rowspan=-1", " colspan=99999999999", " rowspan=0"]
_ATTRIBUTES = st.sampled_from([*_SPANS, " class=tr", " style='display:none'"])
_PIECES = st.one_of(
    st.tuples(_TAGS, _ATTRIBUTES).map(lambda found: f"<{found[0]}{found[1]}>"),
    _TAGS.map(lambda tag: f"</{tag}>"),
    st.sampled_from(
        ["一、总体情况", "12", "0", " ", "\n", "&nbsp;", "<!--", "-->", "<![endif]>", "&lt;!--[if x]--&gt;", "件"]
    ),
)


@QUICK
@given(st.lists(_PIECES, max_size=60))
def test_any_soup_of_tags(pieces: list[str]) -> None:
    survives(page("".join(pieces) + article()))


@QUICK
@given(st.text(max_size=200))
def test_any_json(text: str) -> None:
    import json

    survives(json.dumps({"a": [text, {"b": f"<p>{text}</p>"}]}).encode())


def test_deep_json_is_no_trouble() -> None:
    survives(b"[" * 100_000 + b"]" * 100_000)
