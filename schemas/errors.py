"""Typed errors with a stable code. The sentence and the remedy of each code stand in `schemas/reasons/*.yaml`."""

from __future__ import annotations

from schemas.fetched import FetchEvidence


class NianbaoError(Exception):
    """Base of all errors a person may meet.

    `code` is a code of `schemas/reasons` (`fetch.challenge`), `message` says what happened, `where` names the
    url, file or cell, and `recoverable` says whether trying again can help.
    """

    recoverable = False

    def __init__(self, code: str, message: str, *, where: str | None = None, recoverable: bool | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.where = where
        if recoverable is not None:
            self.recoverable = recoverable

    def __str__(self) -> str:
        place = f" [{self.where}]" if self.where else ""
        return f"{self.code}: {self.message}{place}"

    def __reduce__(self) -> tuple[object, ...]:
        # Errors travel back from child processes; the default reduce would lose the keyword arguments.
        return (_rebuild, (type(self), self.code, self.message, self.where, self.recoverable))


def _rebuild(kind: type[NianbaoError], code: str, message: str, where: str | None, recoverable: bool) -> NianbaoError:
    return kind(code, message, where=where, recoverable=recoverable)


class DiscoverError(NianbaoError):
    """A site could not be looked through: `discover.*`. Never used for 'looked, and the year is not there'."""


class FetchTrouble(NianbaoError):
    """A url could not be had: `fetch.*`.

    `evidence` tells how it was asked for; `content` holds bytes that are kept aside for a person to look at
    (an HTML page where a PDF was promised).
    """

    evidence: FetchEvidence | None = None
    content: bytes | None = None

    def __reduce__(self) -> tuple[object, ...]:
        return (*super().__reduce__(), {"evidence": self.evidence, "content": self.content})


class ReadError(NianbaoError):
    """A document could not be turned into blocks: `read.*`."""


class ParseError(NianbaoError):
    """Blocks could not be understood as a report: `parse.*`."""


class LoadError(NianbaoError):
    """The warehouse refused: `load.*`."""


class SettingsError(NianbaoError):
    """What a person wrote (registry, settings, parameters) is wrong: `settings.*`."""
