"""The one entrance: sniff, send to the reader of that format, refuse by name what holds no report."""

from __future__ import annotations

import gzip
import io
import json
import re
import zlib
from collections.abc import Iterator
from urllib.parse import urlsplit

from schemas.blocks import Attachment, Blocks, Grid, Paragraph
from schemas.errors import ReadError
from tasks.read.decode import decode
from tasks.read.html import links_of, read_html
from tasks.read.mail import html_of
from tasks.read.sniff import Kind, sniff
from tasks.read.text import read_text
from tasks.read.trouble import NoBody

MAX_BYTES = 80 * 1024 * 1024
MAX_UNPACKED = 160 * 1024 * 1024
_BINARY = re.compile(r"\.?(pdf|docx?|wps|xlsx?|rtf|ofd)$|application/(?:pdf|msword|vnd|rtf)", re.IGNORECASE)
_LEAST_TEXT = 30
_LONGEST_TITLE = 60
_MAX_DEPTH = 3  # wrappers inside wrappers: gzip around JSON around HTML


def read(
    data: bytes,
    *,
    name: str | None = None,
    declared: str | None = None,
    url: str | None = None,
    reader: str | None = None,
) -> Blocks:
    """A document as paragraphs and grids, whatever its format.

    `name`, `declared` (Content-Type header) and `url` are hints for messages, encodings and relative links; the format
    is told from the content. `reader` asks for a certain reader of a PDF ("fast", "pdfplumber"). Raises ReadError with
    a code of `schemas/reasons/read.yaml`; a page without a report raises its subclass `NoBody`, which has its links.
    """
    where = url or name
    try:
        if len(data) > MAX_BYTES:
            raise ReadError("read.limit.size", f"the document has {len(data)} bytes; the limit is {MAX_BYTES}")
        blocks = _read(data, name, declared, url, reader, 0)
        _refuse_empty(blocks)
    except ReadError as error:
        error.where = error.where or where
        raise
    return blocks


def attachments(data: bytes, *, declared: str | None = None, url: str | None = None) -> tuple[Attachment, ...]:
    """The files that a page links to, embeds or shows; nothing for documents that are no pages."""
    return links_of(data, declared=declared, url=url) if sniff(data) is Kind.HTML else ()


def _read(
    data: bytes, name: str | None, declared: str | None, url: str | None, reader: str | None, depth: int
) -> Blocks:
    if depth > _MAX_DEPTH:
        raise ReadError("read.limit.nesting", "the document is wrapped more often than any server wraps one")
    kind = sniff(data)
    if kind is Kind.HTML:
        return read_html(data, declared=declared, url=url, promised=_promised(name, declared, url))
    if kind is Kind.PDF:
        return _read_pdf(data, reader)
    if kind is Kind.TEXT:
        return read_text(data, declared)
    if kind is Kind.JSON:
        return _read_json(data, declared, url, name)
    if kind is Kind.GZIP:
        return _read(_unzipped(data), name, declared, url, reader, depth + 1)
    if kind is Kind.MHTML:
        inner, charset = html_of(data)
        return read_html(inner, declared=charset, url=url)
    return _read_office(data, kind)


def _read_pdf(data: bytes, reader: str | None) -> Blocks:
    from tasks.read.pdf import read_pdf
    from tasks.read.scan import page_reader

    return read_pdf(data, reader=reader, ocr=page_reader())


def _read_office(data: bytes, kind: Kind) -> Blocks:
    # Each reader is imported when its format comes: most runs read pages and PDFs alone.
    if kind is Kind.DOCX:
        from tasks.read.docx import read_docx

        return read_docx(data)
    if kind in {Kind.XLSX, Kind.XLS}:
        from tasks.read.spreadsheet import read_xls, read_xlsx

        return read_xlsx(data) if kind is Kind.XLSX else read_xls(data)
    if kind in {Kind.DOC, Kind.RTF, Kind.ODT, Kind.ODS}:
        from tasks.read.legacy import read_legacy

        return read_legacy(data, kind)
    if kind is Kind.IMAGE:
        from tasks.read.scan import read_image

        return read_image(data)
    if kind is Kind.EMPTY:
        raise ReadError("read.empty_file", "the document has no content at all")
    if kind is Kind.OLE and b"E\x00n\x00c\x00r\x00y\x00p\x00t\x00e\x00d\x00P\x00a\x00c\x00k" in data:
        raise ReadError("read.encrypted", "the Office document is locked with a password")
    raise ReadError("read.unsupported", f"no reader for {kind.value}")


def _promised(name: str | None, declared: str | None, url: str | None) -> str | None:
    """The binary format that the name, the address or the server promised, if any."""
    path = urlsplit(url).path if url else None
    return next((hint for hint in (name, path, declared) if hint and _BINARY.search(hint)), None)


def _unzipped(data: bytes) -> bytes:
    """A gzip body that a server sent without saying so; bounded, because a kilobyte may hold a gigabyte."""
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as stream:
            inner = stream.read(MAX_UNPACKED + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise ReadError("read.truncated", f"the gzip body cannot be unpacked: {error}", recoverable=True) from error
    if len(inner) > MAX_UNPACKED:
        raise ReadError("read.limit.size", f"the gzip body unpacks to more than {MAX_UNPACKED} bytes")
    return inner


def _read_json(data: bytes, declared: str | None, url: str | None, name: str | None) -> Blocks:
    """A page wrapped in JSON by an interface: its longest text with markup is the page; else it is plain text."""
    text = decode(data, declared).text
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        return read_text(data, declared)
    strings = sorted(_strings(content), key=len, reverse=True)
    page = next((value for value in strings if "<" in value and re.search(r"</?[a-zA-Z]", value)), None)
    if page is not None:
        return read_html(page.encode("utf-8", "replace"), declared="utf-8", url=url)
    if strings and len(strings[0]) >= _LEAST_TEXT:
        return read_text(strings[0].encode("utf-8", "replace"), "utf-8", Kind.JSON.value)
    raise NoBody("read.empty_body", f"the JSON document {name or url or ''} holds no text of a report")


def _strings(content: object) -> Iterator[str]:
    stack = [content]
    while stack:
        item = stack.pop()
        if isinstance(item, str):
            yield item
        elif isinstance(item, dict):
            stack.extend(item.values())
        elif isinstance(item, list):
            stack.extend(item)


def _refuse_empty(blocks: Blocks) -> None:
    """A document that says nothing beyond its title is not a report with blanks; pages are judged by their reader."""
    if blocks.media_type == Kind.HTML.value:
        return
    if any(isinstance(item, Grid) for item in blocks.items):
        return
    words = [item.text for item in blocks.items if isinstance(item, Paragraph)]
    title = words[0] if words else ""
    beyond = words[1:] if len(title) < _LONGEST_TITLE else words
    if sum(len(re.sub(r"\W+", "", text)) for text in beyond) < _LEAST_TEXT:
        raise NoBody("read.empty_body", f"the document holds a title and nothing else: {title or 'not even that'}")
