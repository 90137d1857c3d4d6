"""Where the command line speaks: results on stdout, everything else on stderr."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

    from schemas.errors import NianbaoError


def out() -> Console:
    """The console for results. Wide enough for a table when stdout is a file."""
    from rich.console import Console

    return Console(width=None if sys.stdout.isatty() else 160, highlight=False, soft_wrap=False)


def err() -> Console:
    """The console for messages and progress."""
    from rich.console import Console

    return Console(stderr=True, highlight=False)


def say(sentence: str) -> None:
    """One line on stderr, as plain text."""
    print(sentence, file=sys.stderr, flush=True)


def explain(error: NianbaoError) -> None:
    """An error as its code, what happened, and what to do about it."""
    from schemas.reasons import reason_code

    say(f"error {error}")
    reason = reason_code(error.code)
    if reason is not None:
        say(f"  {reason.sentence}")
        say(f"  What to do: {reason.remedy}")
