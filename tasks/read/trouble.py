"""What can go wrong in reading, beside a plain `ReadError`: a page without a report that names where one may be."""

from __future__ import annotations

from collections.abc import Sequence

from schemas.blocks import Attachment
from schemas.errors import ReadError


class NoBody(ReadError):
    """The page was read and holds no report: `read.empty_body`, `.error_page`, `.script_only` or `.needs_ocr`.

    `attachments` are the files, frames and pictures it links to; the report may be one of them.
    """

    def __init__(
        self, code: str, message: str, *, where: str | None = None, attachments: Sequence[Attachment] = ()
    ) -> None:
        super().__init__(code, message, where=where)
        self.attachments = tuple(attachments)

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild, (type(self), self.code, self.message, self.where, self.attachments))


def _rebuild(
    kind: type[NoBody], code: str, message: str, where: str | None, attachments: tuple[Attachment, ...]
) -> NoBody:
    return kind(code, message, where=where, attachments=attachments)
