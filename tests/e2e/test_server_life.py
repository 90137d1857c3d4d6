"""The local Prefect server from start to stop, with a kill between."""

from __future__ import annotations

import os
import signal
import socket
from pathlib import Path

import psutil
import pytest

from flows import server
from schemas.errors import NianbaoError


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_a_server_is_started_found_again_replaced_when_killed_and_stopped(tmp_path: Path) -> None:
    port = free_port()
    told: list[str] = []
    first = server.start(tmp_path, port=port, tell=told.append)
    assert first.pid is not None
    try:
        assert first.started
        assert server.answers(first.api_url)
        again = server.ensure(tmp_path, environ={})
        assert (again.pid, again.started, again.ours) == (first.pid, False, True)

        os.kill(first.pid, signal.SIGKILL)
        psutil.wait_procs([psutil.Process(first.pid)], timeout=10)
        assert server.current(tmp_path, environ={}, usual_port=free_port()) is None, "a dead pid is stale"

        second = server.start(tmp_path, port=port, tell=told.append)
        assert second.started
        assert second.pid != first.pid
        assert "is gone; starting a new one" in told[-1]
    finally:
        server.stop(tmp_path)
    assert not server.answers(first.api_url)
    assert server.stop(tmp_path) is None


def test_a_port_that_is_taken_is_told_with_the_log(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(NianbaoError) as caught:
            server.start(tmp_path, port=taken.getsockname()[1])
    assert caught.value.code == "server.start_failed"
    assert Path(str(caught.value.where)).read_text("utf-8").strip()
    assert server.current(tmp_path, environ={}, usual_port=free_port()) is None


def test_nobody_is_told_of_it_and_the_ui_asks_the_right_port(prefect: server.Server) -> None:
    assert prefect.pid is not None
    environment = psutil.Process(prefect.pid).environ()
    assert environment["PREFECT_SERVER_UI_API_URL"] == prefect.api_url
    assert environment["PREFECT_SERVER_ANALYTICS_ENABLED"] == "false"
    assert environment["DO_NOT_TRACK"] == "1"
    outside = [
        connection
        for process in [psutil.Process(prefect.pid), *psutil.Process(prefect.pid).children(recursive=True)]
        for connection in process.net_connections(kind="inet")
        if connection.raddr and not connection.raddr.ip.startswith("127.")
    ]
    assert outside == []
