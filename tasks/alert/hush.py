"""Keeps libraries from writing secrets to the log while a message is sent, and hears why it failed.

Apprise and urllib3 log whole addresses, tokens included: at debug level always, and some as warnings.
"""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Iterator

_SPEAKERS = (
    "apprise",
    "urllib3",
    "urllib3.connection",
    "urllib3.connectionpool",
    "urllib3.poolmanager",
    "urllib3.response",
    "urllib3.util.retry",
    "requests",
    "charset_normalizer",
)
_WHY = ("Socket Exception", "Response Details")
"""How Apprise begins the debug lines that tell the cause of a failure."""

_lock = threading.Lock()
_listening = 0
_level = logging.NOTSET
_usual = logging.WARNING


class _Ear(logging.Filter):
    """Swallows what one thread says; lets through what others say, as if nobody listened."""

    def __init__(self) -> None:
        super().__init__()
        self._thread = threading.get_ident()
        self.heard: list[str] = []

    def filter(self, record: logging.LogRecord) -> bool:
        if record.thread != self._thread:
            return record.name != "apprise" or record.levelno >= _usual
        said = record.getMessage()
        if record.levelno >= logging.WARNING or said.startswith(_WHY):
            self.heard.append(said)
        return False


@contextlib.contextmanager
def hushed() -> Iterator[list[str]]:
    """Nothing that this thread logs through these libraries gets out; what tells of a failure is in the list."""
    ear = _Ear()
    _listen()
    for name in _SPEAKERS:
        logging.getLogger(name).addFilter(ear)
    try:
        yield ear.heard
    finally:
        for name in _SPEAKERS:
            logging.getLogger(name).removeFilter(ear)
        _leave()


def _listen() -> None:
    """Make Apprise say its debug lines; whoever else uses it meanwhile is held to the usual level."""
    global _listening, _level, _usual  # noqa: PLW0603
    apprise = logging.getLogger("apprise")
    with _lock:
        if _listening == 0:
            _level, _usual = apprise.level, apprise.getEffectiveLevel()
            apprise.setLevel(logging.DEBUG)
        _listening += 1


def _leave() -> None:
    global _listening  # noqa: PLW0603
    with _lock:
        _listening -= 1
        if _listening == 0:
            logging.getLogger("apprise").setLevel(_level)
