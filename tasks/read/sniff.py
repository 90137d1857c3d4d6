"""What a file is, told from its content alone: names and declared types are wrong too often to be asked."""

from __future__ import annotations

import io
import re
import zipfile
from enum import StrEnum

from tasks.read.decode import narrowed

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_IMAGES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a", b"BM", b"II*\x00", b"MM\x00*")
_HTML = re.compile(
    rb"<(?:!doctype\s+html|html|head|body|title|meta|table|div|p|span|h[1-6]|script|br|center|font|td|tr|ul|article"
    rb"|section|ucapcontent)[\s>/]",
    re.IGNORECASE,
)
_TAG = re.compile(rb"</?[a-z][^<>]{0,200}>", re.IGNORECASE)
_PIPE_ROW = re.compile(rb"^[ \t]*\|.*\|[ \t]*\r?$", re.MULTILINE)
_BREAK = re.compile(rb"<br\s*/?>", re.IGNORECASE)  # the only way to a line break in a cell of a Markdown table
_ENOUGH_PIPE_ROWS = 3
_PDF_WITHIN = 1024  # readers accept a PDF header that starts within the first kilobyte
_SPACE = b" \t\r\n\x0b\x0c\x00"


class Kind(StrEnum):
    """A file format. The value is its media type."""

    HTML = "text/html"
    TEXT = "text/plain"
    JSON = "application/json"
    PDF = "application/pdf"
    DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    XLS = "application/vnd.ms-excel"
    DOC = "application/msword"  # and WPS: the same container, or an older one that only a converter reads
    ODT = "application/vnd.oasis.opendocument.text"
    ODS = "application/vnd.oasis.opendocument.spreadsheet"
    RTF = "application/rtf"
    MHTML = "multipart/related"
    IMAGE = "image/*"
    OFD = "application/ofd"
    ZIP = "application/zip"
    RAR = "application/vnd.rar"
    GZIP = "application/gzip"
    OLE = "application/x-ole-storage"
    EMPTY = "application/x-empty"
    UNKNOWN = "application/octet-stream"


def sniff(data: bytes) -> Kind:
    """The format of `data`; `Kind.UNKNOWN` when no reader could make sense of it."""
    head = data[:4096]
    if not head.strip(_SPACE) and not data.strip(_SPACE):
        return Kind.EMPTY
    if b"%PDF-" in head[:_PDF_WITHIN]:
        return Kind.PDF
    if head.startswith(b"PK\x03\x04"):
        return _zip_kind(data)
    if head.startswith(_OLE):
        return _ole_kind(data)
    if head.startswith(b"\x1f\x8b"):
        return Kind.GZIP
    if head.startswith(b"Rar!\x1a\x07"):
        return Kind.RAR
    if head.startswith(_IMAGES) or (head.startswith(b"RIFF") and head[8:12] == b"WEBP"):
        return Kind.IMAGE
    if head.lstrip(_SPACE).startswith(b"{\\rtf"):
        return Kind.RTF
    if head[:2] in {b"\x09\x08", b"\x09\x04"}:  # BIFF8 or BIFF4 stream outside of a container
        return Kind.XLS
    if head.startswith((b"\xdb\xa5", b"\x31\xbe\x00\x00")):  # Word 2, Write
        return Kind.DOC
    return _text_kind(data)


def _text_kind(data: bytes) -> Kind:
    head = narrowed(data, 65536)
    start = head.lstrip(b"\xef\xbb\xbf" + _SPACE)
    if re.match(rb"(?:MIME-Version|From|Content-Type|Message-ID):", start, re.IGNORECASE) and b"multipart/" in start:
        return Kind.MHTML
    if start.startswith((b"{", b"[")) and data.rstrip(_SPACE).endswith((b"}", b"]")):
        return Kind.JSON
    if head.count(b"|") >= 2 * _ENOUGH_PIPE_ROWS and len(_PIPE_ROW.findall(head)) >= _ENOUGH_PIPE_ROWS:
        head = _BREAK.sub(b"", head)
    found = _HTML.search(head[:4096])
    if found and (found.start() < 1024 or len(_TAG.findall(head)) > 10):
        return Kind.HTML
    if len(_TAG.findall(head)) > 20:
        return Kind.HTML
    control = sum(head.count(bytes([code])) for code in (*range(9), *range(14, 27), *range(28, 32)))
    return Kind.TEXT if control * 50 < len(head) else Kind.UNKNOWN


def _zip_kind(data: bytes) -> Kind:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = set(archive.namelist())
            if "mimetype" in names and archive.getinfo("mimetype").file_size < 200:
                declared = archive.read("mimetype").decode("ascii", errors="replace").strip()
                # Relatives go the same way: -template, -web, -master.
                for kind in (Kind.ODT, Kind.ODS):
                    if declared.startswith(kind.value):
                        return kind
    except (zipfile.BadZipFile, RuntimeError, OSError, ValueError, NotImplementedError, EOFError):
        # A broken directory (truncated download): the member names in the local headers still tell the family.
        names = {part.decode("ascii", errors="replace") for part in re.findall(rb"[\w\[\]/.-]{6,80}", data[:65536])}
    if any(name.startswith("word/") for name in names):
        return Kind.DOCX
    if any(name.startswith("xl/") for name in names):
        return Kind.XLSX
    return Kind.OFD if "OFD.xml" in names else Kind.ZIP


def _ole_kind(data: bytes) -> Kind:
    """Which program's stream the container's directory names (names are UTF-16)."""

    def holds(name: str) -> bool:
        return name.encode("utf-16-le") + b"\x00\x00" in data

    if holds("WordDocument") or holds("WpsDocument"):
        return Kind.DOC
    return Kind.XLS if holds("Workbook") or holds("Book") else Kind.OLE
