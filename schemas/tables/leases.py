"""Whose turn it is at each host, for processes that share a warehouse."""

from __future__ import annotations

from typing import Any, ClassVar

from sqlmodel import Field

from schemas.tables.base import Table, text


def seconds(description: str) -> Any:
    """A time as seconds since 1970 by the database's own clock: leases are compared, never shown."""
    return Field(default=0.0, description=description)


class HostLease(Table, table=True):
    """A line at a host (see `limits` in the registry). The process that holds it alone may ask there.

    Times are seconds since 1970 by the database's clock, so that the clocks of the workers need not agree.
    """

    __tablename__: ClassVar[Any] = "host_lease"

    line: str = text("host or registrable domain whose requests wait in one line", key=True)
    holder: str | None = text("process that has it; empty: nobody", default=None)
    until: float = seconds("when it falls to the next one, unless its holder gives a sign of life")
    asked_at: float = seconds("when the last request was answered; 0: never")
    delay: float = Field(default=0.0, description="seconds that the holder leaves between two requests")
    held_until: float = seconds("nobody asks before (Retry-After, or backing off)")
    day: str = text("day in China that `asked` counts", default="")
    asked: int = Field(default=0, description="requests on that day")
    wanted_by: str | None = text("process that waits for it", default=None)
    wanted_until: float = seconds("until when it waits without a further word")
