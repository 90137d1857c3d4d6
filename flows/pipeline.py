"""One document to one verdict: read → parse → judge. Nothing a document holds can raise out of here.

Imports no Prefect and no database: `nianbao parse` is this module alone.
"""

from __future__ import annotations

import hashlib
import logging
import traceback
from collections.abc import Sequence
from dataclasses import dataclass, replace

from flows.code import code_version
from schemas.blocks import Attachment
from schemas.errors import NianbaoError
from schemas.report import Judgement, Outcome, Reason, Report
from tasks.parse import Hint, parse
from tasks.read import Kind, join, read, sniff
from tasks.validate import judge

log = logging.getLogger("nianbao.pipeline")

_JUDGES = ("tasks/read", "tasks/parse", "tasks/validate", "schemas", "flows/pipeline.py")
"""What decides how a document is understood: a change in any of it means that documents are read again."""
_NO_JUDGES = ("schemas/reasons", "schemas/tables")


@dataclass(frozen=True, slots=True)
class Examined:
    """A document's verdict, and what a harvest needs beside it. `media_type` is what the bytes are."""

    judgement: Judgement
    sha256: str | None
    media_type: str | None
    trace: str | None = None  # of an unexpected error, for the log

    @property
    def facts(self) -> int:
        return len(self.judgement.report.facts) if self.judgement.report else 0


@dataclass(frozen=True, slots=True)
class Links:
    """What a page leads to: files that may be the report, and the further pages of a split article.

    `sound` is off when looking was cut short (by a limit or a fault of the program): another time may show more.
    """

    attachments: tuple[Attachment, ...] = ()
    more: tuple[str, ...] = ()
    sound: bool = True


def understand(
    data: bytes,
    *,
    name: str | None = None,
    declared: str | None = None,
    url: str | None = None,
    hint: Hint | None = None,
    kind: str | None = None,
) -> Judgement:
    """The verdict on one document. Never raises: a bad document is quarantined with its reason.

    `name` is the file's name, `declared` the media type that the server said; both only break ties of sniffing. `hint`
    is what is known of the report before reading, `kind` whether a government or a department owes it.
    """
    return examine(data, name=name, declared=declared, url=url, hint=hint, kind=kind).judgement


def examine(
    data: bytes,
    *,
    name: str | None = None,
    declared: str | None = None,
    url: str | None = None,
    hint: Hint | None = None,
    kind: str | None = None,
    more: Sequence[bytes] = (),
) -> Examined:
    """`understand`, with hash and media type of the bytes.

    `more` are the further pages of an article that its site splits. Without them a page that says it has some is
    quarantined: half a report must not pass for the whole.
    """
    found = Examined(_quarantined(Reason("pipeline.crash", "not examined")), hashlib.sha256(data).hexdigest(), None)
    report: Report | None = None
    try:
        found = replace(found, media_type=sniff(data).value)
        blocks = read(data, name=name, declared=declared, url=url)
        if more:
            blocks = join([blocks, *(read(page, declared=declared, url=url) for page in more)])
        found = replace(found, media_type=blocks.media_type)
        report = parse(blocks, hint=hint)
        if blocks.more:
            reason = Reason("pipeline.pages_missing", f"The article goes on at {', '.join(blocks.more[:3])}.")
            return replace(found, judgement=_quarantined(reason, report))
        return replace(found, judgement=judge(report, kind=kind))
    except NianbaoError as error:
        return replace(found, judgement=_quarantined(Reason(error.code, error.message), report))
    except Exception as error:  # noqa: BLE001 - a poisoned document must not take the others with it
        reason = Reason("pipeline.crash", f"{type(error).__name__}: {error}")
        return replace(found, judgement=_quarantined(reason, report), trace=traceback.format_exc())


def look_into(data: bytes, *, declared: str | None = None, url: str | None = None) -> Links:
    """What a page leads to, without understanding it. Raises nothing: a document that is no page leads nowhere."""
    if sniff(data) is not Kind.HTML:
        return Links()
    try:
        blocks = read(data, declared=declared, url=url)
    except NianbaoError as error:
        return Links(tuple(getattr(error, "attachments", ())))
    except Exception:
        log.exception("%s: looking into it failed", url)
        return Links(sound=False)
    return Links(blocks.attachments, blocks.more)


def reconcile(first: Report, second: Report, *, kind: str | None = None) -> Judgement:
    """The verdict on a report of which there are two independent readings (page and file). Never raises."""
    try:
        return judge(first, second=second, kind=kind)
    except Exception as error:
        log.exception("comparing two readings failed")
        return _quarantined(Reason("pipeline.crash", f"{type(error).__name__}: {error}"), first)


def parser_version() -> str:
    """Release and a digest of the code and data that decide how documents are understood, `0.1.0+3f9a…`.

    A document read under the same version need not be read again; no one has to remember to count a number up.
    """
    return code_version(_JUDGES, _NO_JUDGES)


def quarantined(data: bytes | None, reason: Reason, trace: str | None = None) -> Examined:
    """The verdict on a document that could not even be begun, or whose reading was ended from outside."""
    sha256 = hashlib.sha256(data).hexdigest() if data is not None else None
    media_type = sniff(data).value if data is not None else None
    return Examined(_quarantined(reason), sha256, media_type, trace=trace)


def _quarantined(reason: Reason, report: Report | None = None) -> Judgement:
    return Judgement(Outcome.QUARANTINED, reason, report)
