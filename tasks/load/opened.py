"""What every part of the warehouse's door shares: the address, the engine and the clock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self

from tasks.load.engine import make_engine, warehouse_url


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Opened:
    """An address, the engine behind it, and the clock that dates what is written."""

    def __init__(self, url: str, *, clock: Callable[[], datetime] = _utc_now) -> None:
        self._url = warehouse_url(url)
        self._clock = clock
        self.engine = make_engine(self._url)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._url.render_as_string(hide_password=True)!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        return (type(self), (self._url.render_as_string(hide_password=False),))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give back all connections."""
        self.engine.dispose()
