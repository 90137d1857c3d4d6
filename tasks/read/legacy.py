"""DOC, WPS, RTF and OpenDocument through LibreOffice, when it is there: converted, then read as DOCX or XLSX."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from schemas.blocks import Blocks
from schemas.errors import ReadError
from tasks.read.docx import read_docx
from tasks.read.sniff import Kind
from tasks.read.spreadsheet import read_xlsx

TIMEOUT = 120.0  # seconds; a cold start of the converter takes up to twenty
_SUFFIX = {Kind.DOC: ".doc", Kind.RTF: ".rtf", Kind.ODT: ".odt", Kind.ODS: ".ods", Kind.XLS: ".xls"}
# Filters by name: for text of a web page (ODT's sister) LibreOffice finds none by the ending alone.
_FILTERS = {"docx": "docx:MS Word 2007 XML", "xlsx": "xlsx:Calc MS Excel 2007 XML"}
_PROGRAMS = ("soffice", "libreoffice")


def converter() -> str | None:
    """The LibreOffice program on this machine, or None."""
    return next((found for name in _PROGRAMS if (found := shutil.which(name))), None)


def read_legacy(data: bytes, kind: Kind, *, timeout: float = TIMEOUT) -> Blocks:
    """Converts and reads. Raises ReadError: `read.needs_converter`, `read.conversion_failed`, `read.limit.time`."""
    program = converter()
    if program is None:
        message = f"{kind.value} needs LibreOffice to be converted, and it is not installed"
        raise ReadError("read.needs_converter", message)
    target = "xlsx" if kind in {Kind.ODS, Kind.XLS} else "docx"
    converted = _convert(program, data, _SUFFIX[kind], target, timeout)
    found = read_xlsx(converted) if target == "xlsx" else read_docx(converted)
    return Blocks(
        kind.value,
        f"libreoffice+{found.reader}",
        found.items,
        found.text,
        found.title,
        notes=found.notes,
        pages=found.pages,
    )


def _convert(program: str, data: bytes, suffix: str, target: str, timeout: float) -> bytes:
    # A profile of its own: two conversions at a time would wait for, or break, each other's.
    with tempfile.TemporaryDirectory(prefix="nianbao-convert-") as folder:
        source = Path(folder) / f"document{suffix}"
        source.write_bytes(data)
        profile = (Path(folder) / "profile").as_uri()
        command = [
            program,
            f"-env:UserInstallation={profile}",
            "--headless",
            "--norestore",
            "--nolockcheck",
            "--convert-to",
            _FILTERS[target],
            "--outdir",
            folder,
            str(source),
        ]
        environment = {key: os.environ[key] for key in ("PATH", "LANG", "LC_ALL", "TMPDIR") if key in os.environ}
        environment["HOME"] = folder
        process = subprocess.Popen(  # noqa: S603 - the program's own path, arguments of ours, no shell
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=environment,
            start_new_session=True,
        )
        try:
            output, _ = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired as error:
            raise ReadError("read.limit.time", f"LibreOffice did not convert the document in {timeout:g} s") from error
        finally:
            _end(process)
        made = Path(folder) / f"document.{target}"
        if not made.is_file():
            said = " ".join(output.decode("utf-8", "replace").split())[:200]
            raise ReadError(
                "read.conversion_failed", f"LibreOffice made no {target} of the document: {said or 'silent'}"
            )
        return made.read_bytes()


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ends the converter and what it started (its launcher leaves a child behind), by their group."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return
    finally:
        process.wait()
