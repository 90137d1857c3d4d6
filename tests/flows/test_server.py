"""Which Prefect server a run uses, and what is recognised as dead. No Prefect is started here (see tests/e2e)."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import psutil
import pytest

from flows import server
from schemas.errors import NianbaoError


class _Healthy(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/api/health" else 404)
        self.end_headers()
        self.wfile.write(b"true")

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def somebody_elses() -> Iterator[str]:
    """A server that answers like a healthy Prefect API."""
    http = HTTPServer(("127.0.0.1", 0), _Healthy)
    thread = threading.Thread(target=http.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{http.server_port}/api"
    http.shutdown()
    http.server_close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def remember(data: Path, pid: int, created: float, api_url: str) -> None:
    folder = server.home(data)
    folder.mkdir(parents=True)
    entry = {"pid": pid, "created": created, "api_url": api_url, "log": str(folder / "server.log")}
    (folder / "server.json").write_text(json.dumps(entry))


def test_a_configured_server_that_answers_is_used(tmp_path: Path, somebody_elses: str) -> None:
    found = server.ensure(tmp_path, environ={"PREFECT_API_URL": somebody_elses})
    assert (found.api_url, found.ours, found.started) == (somebody_elses, False, False)
    assert found.ui_url == somebody_elses.removesuffix("/api")


def test_a_configured_server_that_is_down_is_an_error_and_nothing_is_started(tmp_path: Path) -> None:
    down = f"http://127.0.0.1:{free_port()}/api"
    with pytest.raises(NianbaoError) as caught:
        server.ensure(tmp_path, environ={"PREFECT_API_URL": down})
    assert caught.value.code == "server.unreachable"
    assert caught.value.where == down
    assert not server.home(tmp_path).exists()


def test_a_server_at_the_usual_port_is_used_when_there_is_none_of_ours(tmp_path: Path, somebody_elses: str) -> None:
    port = int(somebody_elses.removesuffix("/api").rsplit(":", 1)[1])
    found = server.current(tmp_path, environ={}, usual_port=port)
    assert found is not None
    assert not found.ours


def test_no_server_at_all_is_not_an_error(tmp_path: Path) -> None:
    assert server.current(tmp_path, environ={}, usual_port=free_port()) is None


def test_a_pid_that_was_given_to_another_program_is_not_taken_for_our_server(
    tmp_path: Path, somebody_elses: str
) -> None:
    remember(tmp_path, os.getpid(), psutil.Process().create_time() - 1000, somebody_elses)
    assert server.current(tmp_path, environ={}, usual_port=free_port()) is None
    assert server.stop(tmp_path) is None, "it must never end a program that is not ours"


def test_a_dead_pid_is_recognised_as_stale(tmp_path: Path, somebody_elses: str) -> None:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    created = psutil.Process(child.pid).create_time()
    child.kill()
    child.wait()
    remember(tmp_path, child.pid, created, somebody_elses)
    assert server.current(tmp_path, environ={}, usual_port=free_port()) is None
    assert server.stop(tmp_path) is None


def test_our_own_server_is_ended_by_stop(tmp_path: Path, somebody_elses: str) -> None:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    remember(tmp_path, child.pid, psutil.Process(child.pid).create_time(), somebody_elses)
    found = server.current(tmp_path, environ={}, usual_port=free_port())
    assert found is not None
    assert (found.ours, found.pid) == (True, child.pid)
    assert server.stop(tmp_path) == child.pid
    assert not psutil.pid_exists(child.pid)
    assert server.stop(tmp_path) is None


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"pid": 1}'])
def test_a_damaged_memory_counts_as_none(tmp_path: Path, damage: str) -> None:
    remember(tmp_path, 1, 0.0, "http://127.0.0.1:9/api")
    (server.home(tmp_path) / "server.json").write_text(damage)
    assert server.current(tmp_path, environ={}, usual_port=free_port()) is None


def test_a_data_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(NianbaoError) as caught:
        server.start(tmp_path / "file")
    assert caught.value.code == "settings.data_folder"


def test_clients_reach_a_local_server_past_a_proxy_and_report_to_nobody_else(tmp_path: Path) -> None:
    found = server.Server("http://127.0.0.1:4299/api", "http://127.0.0.1:4299", ours=True)
    environment = server.client_environment(found, tmp_path, environ={"NO_PROXY": "intranet"})
    assert environment["PREFECT_API_URL"] == found.api_url
    assert environment["NO_PROXY"] == "intranet,127.0.0.1,localhost"
    assert environment["DO_NOT_TRACK"] == "1"
    assert environment["PREFECT_SERVER_EPHEMERAL_ENABLED"] == "false"
    assert Path(environment["PREFECT_HOME"]).is_relative_to(tmp_path)
