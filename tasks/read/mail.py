"""MHTML (a page saved by Word or a browser in one file): the HTML inside it."""

from __future__ import annotations

import email
import email.policy

from schemas.errors import ReadError


def html_of(data: bytes) -> tuple[bytes, str | None]:
    """The first HTML part and its declared charset. Raises ReadError (`read.damaged`) when there is none."""
    message = email.message_from_bytes(data, policy=email.policy.default)
    for part in message.walk():
        if part.get_content_type() == "text/html":
            content = part.get_payload(decode=True)
            if isinstance(content, bytes) and content.strip():
                return content, part.get_content_charset()
    raise ReadError("read.damaged", "the MHTML file holds no HTML part")
