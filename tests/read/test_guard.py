"""Poisoned documents in bounded child processes: each has its reason, and the pool goes on."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from schemas.blocks import Blocks
from schemas.errors import ReadError
from tasks.read import GuardedPool, Limits, NoBody, read


def sleep(seconds: float) -> float:
    time.sleep(seconds)
    return seconds


def hoard(mebibytes: int) -> int:
    return len(bytearray(mebibytes << 20))


def crash() -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


def dig(depth: int) -> int:
    return dig(depth + 1)


def stumble() -> None:
    raise ValueError("a bug of ours")


@pytest.fixture(scope="module")
def pool() -> Iterator[GuardedPool]:
    with GuardedPool(2, Limits(seconds=3, mebibytes=1024)) as found:
        yield found


def test_a_document_is_read_in_a_child(pool: GuardedPool) -> None:
    blocks = pool.run(
        read, "标题\n正文说明了全年的工作情况，共公开政府信息若干条，没有其他需要报告的事项。".encode(), name="a.txt"
    )
    assert isinstance(blocks, Blocks)
    assert blocks.items[0].place.line == 1


def test_what_is_too_slow_is_given_up_while_others_go_on(pool: GuardedPool) -> None:
    with ThreadPoolExecutor(2) as threads:
        slow = threads.submit(pool.run, sleep, 600.0)
        assert [pool.run(sleep, 0.01) for _ in range(3)] == [0.01] * 3
        with pytest.raises(ReadError) as trouble:
            slow.result()
    assert trouble.value.code == "read.limit.time"


def test_what_asks_for_too_much_memory_gets_none(pool: GuardedPool) -> None:
    with pytest.raises(ReadError) as trouble:
        pool.run(hoard, 4096)
    assert trouble.value.code == "read.limit.memory"


def test_a_crash_takes_down_its_child_alone(pool: GuardedPool) -> None:
    with pytest.raises(ReadError) as trouble:
        pool.run(crash)
    assert trouble.value.code == "read.limit.crash"
    assert pool.run(hoard, 1) == 1 << 20


def test_endless_nesting_is_a_limit_too(pool: GuardedPool) -> None:
    with pytest.raises(ReadError) as trouble:
        pool.run(dig, 0)
    assert trouble.value.code == "read.limit.nesting"


def test_errors_of_the_function_come_through_whole(pool: GuardedPool) -> None:
    with pytest.raises(ValueError, match="a bug of ours"):
        pool.run(stumble)
    page = b"<html><body><h1>x</h1><a href='a.pdf'>a</a></body></html>"
    with pytest.raises(NoBody) as trouble:
        pool.run(read, page, url="http://a.cn/b.html")
    assert trouble.value.code == "read.empty_body"
    assert trouble.value.where == "http://a.cn/b.html"
    assert [found.url for found in trouble.value.attachments] == ["http://a.cn/a.pdf"]


def test_limits_below_what_a_child_needs_are_refused() -> None:
    with pytest.raises(ValueError, match="256 MiB"):
        Limits(mebibytes=16)


class Untravelled(Exception):
    """An exception that pickles but cannot be built again, as some libraries' are."""

    def __init__(self, what: str, where: int) -> None:
        super().__init__(what)
        self.where = where


def raise_untravelled() -> None:
    raise Untravelled("odd", 7)


def test_an_exception_that_cannot_travel_is_a_crash_of_its_own_document_only() -> None:
    with GuardedPool(1, Limits(seconds=30)) as own:
        with pytest.raises(ReadError, match="Untravelled: odd") as told:
            own.run(raise_untravelled)
        assert told.value.code == "read.limit.crash"
        assert own.run(sleep, 0) == 0


def test_whoever_waits_when_the_pool_is_closed_is_told() -> None:
    own = GuardedPool(1, Limits(seconds=300))
    with ThreadPoolExecutor(3) as threads:
        waiting = [threads.submit(own.run, sleep, 200) for _ in range(3)]
        time.sleep(1)
        own.close()
        codes = {getattr(future.exception(timeout=60), "code", None) for future in waiting}
    assert codes == {"read.limit.crash"}
    with pytest.raises(ReadError, match="ended before"):
        own.run(sleep, 0)


def test_a_pool_that_broke_is_replaced_and_its_documents_are_tried_again() -> None:
    with GuardedPool(1, Limits(seconds=60)) as own, ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(own.run, sleep, 3)
        time.sleep(1)
        own._pool.stop()
        own._pool.join()
        assert waiting.result(timeout=90) == 3
        assert own.run(sleep, 0) == 0


def test_a_pool_that_stands_still_is_not_waited_for_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    with GuardedPool(1, Limits(seconds=1), grace=1) as own:
        monkeypatch.setattr(own, "_schedule", lambda *_: Future())
        with pytest.raises(ReadError, match="broke twice") as told:
            own.run(sleep, 0)
        assert told.value.code == "read.limit.crash"
