"""Zip packages (DOCX, XLSX) opened with care: broken, locked and exploding ones are refused by name."""

from __future__ import annotations

import io
import zipfile
from types import TracebackType

from lxml import etree

from schemas.errors import ReadError

MAX_UNPACKED = 256 * 1024 * 1024
_MAX_MEMBERS = 5_000
_MAX_RATIO = 400  # XML shrinks to a hundredth at best; a bomb to a thousandth and less
_SMALL = 4 * 1024 * 1024


class Package:
    """An open zip package. Raises ReadError: `read.truncated`, `read.damaged`, `read.encrypted`, `read.limit.size`."""

    def __init__(self, data: bytes) -> None:
        try:
            self._archive = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, OSError, ValueError, EOFError, NotImplementedError) as error:
            if data.startswith(b"PK\x03\x04") and b"PK\x05\x06" not in data[-66_000:]:
                message = "the package has no directory at its end; the download broke off"
                raise ReadError("read.truncated", message, recoverable=True) from error
            raise ReadError("read.damaged", f"the package cannot be opened: {error}") from error
        members = self._archive.infolist()
        unpacked = sum(member.file_size for member in members)
        if len(members) > _MAX_MEMBERS or unpacked > MAX_UNPACKED:
            message = f"the package holds {len(members)} files of {unpacked} bytes unpacked"
            raise ReadError("read.limit.size", message)
        if unpacked > _SMALL and unpacked > _MAX_RATIO * max(len(data), 1):
            raise ReadError("read.limit.size", f"the package of {len(data)} bytes unpacks to {unpacked}")
        if any(member.flag_bits & 0x1 for member in members):
            raise ReadError("read.encrypted", "files in the package are encrypted")
        self.names = frozenset(member.filename for member in members)

    def __enter__(self) -> Package:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._archive.close()

    def read(self, name: str) -> bytes:
        """The bytes of a member."""
        try:
            return self._archive.read(name)
        except (zipfile.BadZipFile, OSError, ValueError, EOFError, NotImplementedError, RuntimeError) as error:
            raise ReadError("read.damaged", f"{name} in the package cannot be unpacked: {error}") from error
        except Exception as error:  # zlib.error is no subclass of anything useful
            raise ReadError("read.damaged", f"{name} in the package cannot be unpacked: {error}") from error

    def xml(self, name: str) -> etree._Element | None:
        """The root of an XML member, or None when there is no such member. Entities and outside files are refused."""
        if name not in self.names:
            return None
        parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
        try:
            return etree.fromstring(self.read(name), parser)
        except etree.XMLSyntaxError as error:
            if "depth" in str(error).lower():
                raise ReadError("read.limit.nesting", f"{name} nests too deep: {error}") from error
            raise ReadError("read.damaged", f"{name} is no well-formed XML: {error}") from error
