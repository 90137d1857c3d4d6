"""The end of a client: whoever waits is sent home at once, and the host is not asked any more."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from schemas.errors import FetchTrouble
from schemas.site import Limits
from tasks.fetch import SystemClock
from tests.fetch.servers import Reply, article, serve

PATHS = [f"/{number}" for number in range(1, 5)]


def test_who_waits_for_a_turn_is_sent_home_and_nobody_is_asked(make_client, records):
    with serve({path: Reply(article()) for path in PATHS}) as server, ThreadPoolExecutor(3) as threads:
        client = make_client(clock=SystemClock())
        client.fetch(server.url("/1"), site=server.site())
        asked, evidence = len(server.seen), len(records)
        patient = server.site(limits=Limits(delay=300))
        waiting = [threads.submit(client.fetch, server.url(path), site=patient) for path in PATHS[1:]]
        client.end()
        codes = [waiter.exception(timeout=30).code for waiter in waiting]
        assert codes == ["fetch.ended"] * 3
        with pytest.raises(FetchTrouble, match="ended"):
            client.fetch(server.url("/1"), site=server.site())
    assert len(server.seen) == asked
    assert len(records) == evidence, "who was not asked leaves no evidence"


def test_an_answer_that_does_not_end_is_left_and_told(make_client, records):
    asked, enough = threading.Event(), threading.Event()

    def hang(_):
        asked.set()
        enough.wait(30)
        return Reply(article())

    with serve({"/1": hang}) as server, ThreadPoolExecutor(1) as threads:
        client = make_client(clock=SystemClock(), read_timeout=60, total_timeout=60)
        waiting = threads.submit(client.fetch, server.url("/1"), site=server.site())
        assert asked.wait(30)
        client.end()
        trouble = waiting.exception(timeout=10)
        enough.set()
    assert isinstance(trouble, FetchTrouble)
    assert (trouble.code, trouble.recoverable) == ("fetch.ended", True)
    assert records[-1].trouble == "fetch.ended", "it was asked, and that is evidence"
