"""What kind of file an address promises, what came instead, and what the file is called."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import parse_qsl, unquote, urlsplit

from tasks.fetch.decode import header_text

FILES = frozenset({"pdf", "doc", "docx", "wps", "rtf", "xls", "xlsx", "et", "ofd", "zip", "rar", "jpg", "jpeg", "png"})
# Word and Excel save web pages under their own names, and some CMS export them so.
_OFFICE_AS_HTML = frozenset({"doc", "xls", "wps", "et"})
_OFFICE_NAMESPACE = b"urn:schemas-microsoft-com:"
_PAGES = frozenset({"html", "htm", "shtml", "jhtml", "xhtml"})
_NAME_KEYS = frozenset({"filename", "file", "showname", "attachname", "name"})
_TYPES = {"application/pdf": "pdf", "application/msword": "doc", "application/vnd.ms-excel": "xls"}
_DISPOSITION = re.compile(r"""filename(\*?)\s*=\s*(?:"([^"]*)"|([^;]*))""", re.IGNORECASE)


def file_name(url: str, headers: Mapping[str, str]) -> str | None:
    """The file's name from Content-Disposition, a query parameter such as filename=, or the end of the path."""
    found = _from_disposition(headers.get("content-disposition", ""))
    if found:
        return found
    parts = urlsplit(url)
    last = unquote(parts.path.rpartition("/")[2])
    if _extension(last) not in _PAGES:
        for key, value in parse_qsl(parts.query):
            if key.lower() in _NAME_KEYS and _extension(value) in FILES:
                return value.rpartition("/")[2]
    return last or None


def promised(url: str, headers: Mapping[str, str], expect: str | None) -> str | None:
    """The kind of file that was promised (`pdf`, `docx` …) by the caller, the address or the server; None for pages."""
    for source in (expect, _extension(file_name(url, {}) or ""), _extension(file_name(url, headers) or "")):
        if source and source.lower() in FILES:
            return source.lower()
    return _TYPES.get(headers.get("content-type", "").partition(";")[0].strip().lower())


def is_office_html(kind: str, data: bytes) -> bool:
    """Whether a web page is a Word or Excel document saved as one, and so does keep the promise."""
    return kind in _OFFICE_AS_HTML and _OFFICE_NAMESPACE in data[:4096]


def _extension(name: str) -> str:
    return name.rpartition(".")[2].lower() if "." in name else ""


def _from_disposition(header: str) -> str | None:
    """RFC 6266, and what servers send instead: raw UTF-8 or GBK bytes, or percent-encoding without the star."""
    found: dict[str, str] = {}
    for star, quoted, bare in _DISPOSITION.findall(header):
        found[star] = (quoted or bare).strip()
    if found.get("*"):
        charset, _, value = found["*"].partition("''")
        if value:
            return _base(unquote(value, encoding=charset or "utf-8", errors="replace"))
    plain = found.get("")
    if not plain:
        return None
    if "%" in plain:
        plain = unquote(plain)
    return _base(header_text(plain))


def _base(name: str) -> str | None:
    return name.replace("\\", "/").rpartition("/")[2] or None
