"""`nianbao alerts`: what is the matter, who could not be told, and what a person does about it."""

from __future__ import annotations

import socket
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from flows.telling import tell
from schemas.alerts import AlertState, RunNews, RunOutcome
from tasks.load import Warehouse
from tasks.load.alerts import AlertStore
from tests.alert.receivers import http_receiver
from tests.flows.cli import in_process

KEY = "run/harvest/alert.run_failed"


def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder with a migrated warehouse, and a routes file with one receiver on a machine without proxies."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    routes = {
        "receivers": {"desk": {"service": "webhook", "address_env": "DESK", "allow_private": True}},
        "routes": [{"to": ["desk"], "severity": "info"}],
        "delivery": {"attempts": 1},
    }
    (tmp_path / "alerts.yaml").write_text(yaml.safe_dump(routes), "utf-8")
    monkeypatch.setenv("NIANBAO_ALERTS", str(tmp_path / "alerts.yaml"))
    with Warehouse(str(tmp_path / "warehouse.sqlite")) as warehouse:
        warehouse.migrate()
    return tmp_path


def crashes(data: Path, run: str = "run-1") -> str:
    """A harvest that crashed is told of. Gives the words that its run closes with."""
    with Warehouse(str(data / "warehouse.sqlite")) as warehouse:
        news = RunNews(run, "harvest", "harvest 2020", datetime.now(UTC), RunOutcome.CRASHED, "KeyError: 'x'")
        return tell(news, warehouse)


def test_alerts_are_listed_shown_and_dismissed_in_a_persons_name(data: Path) -> None:
    with http_receiver((204, b"")) as desk, pytest.MonkeyPatch.context() as patch:
        patch.setenv("DESK", desk.url())
        assert "message" in crashes(data)
    listed = in_process("alerts", "list", "--data", str(data))
    assert listed.code == 0, listed
    assert KEY in listed.out
    assert "1 open alerts listed; 0 messages wait" in listed.err

    shown = in_process("alerts", "show", "run/harvest", "--data", str(data))
    assert "KeyError: 'x'" in shown.out
    assert "What to do: " in shown.out

    gone = in_process("alerts", "dismiss", "run/harvest", "--by", "李雷", "--why", "known", "--data", str(data))
    assert gone.code == 0, gone
    assert KEY not in in_process("alerts", "list", "--data", str(data)).out
    closed = in_process("alerts", "list", "--state", "closed", "--data", str(data))
    assert "closed (dismissed)" in closed.out
    with Warehouse(str(data / "warehouse.sqlite")) as warehouse:
        (row,) = AlertStore(warehouse.engine).alerts(AlertState.CLOSED)
    assert row.resolved_by == "李雷: known"


def test_what_could_not_be_delivered_is_said_kept_and_delivered_later(data: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DESK", f"http://127.0.0.1:{closed_port()}/")
        said = crashes(data)
        assert "kept for later: not delivered" in said
        assert "desk could not be told" in said
        listed = in_process("alerts", "list", "--data", str(data))
        assert "desk could not be told: 2 messages wait (alert.unreachable" in listed.err
        assert in_process("alerts", "deliver", "--data", str(data)).code == 1, "still not there"
    with http_receiver((204, b"")) as desk, pytest.MonkeyPatch.context() as patch:
        patch.setenv("DESK", desk.url())
        done = in_process("alerts", "deliver", "--data", str(data))
        assert done.code == 0, done
        assert "2 messages sent, 0 still wait." in done.err
        assert [seen.json["title"] for seen in desk.seen]
        assert "delivered late" in desk.seen[0].json["message"], "the one that was tried in vain"
        assert "0 messages sent" in in_process("alerts", "deliver", "--data", str(data)).err


def test_messages_for_who_is_gone_for_good_are_given_up(data: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DESK", f"http://127.0.0.1:{closed_port()}/")
        crashes(data)
    assert "2 messages for desk are given up" in in_process("alerts", "withdraw", "desk", "--data", str(data)).err
    assert "0 messages wait" in in_process("alerts", "list", "--data", str(data)).err


def test_a_route_is_tried_out_and_leaves_nothing_behind(data: Path) -> None:
    with http_receiver((204, b""), (403, b"no")) as desk, pytest.MonkeyPatch.context() as patch:
        patch.setenv("DESK", desk.url())
        taken = in_process("alerts", "test", "desk")
        assert (taken.code, taken.err.strip()) == (0, "desk: took it"), taken
        assert desk.seen[0].json["title"] == "nianbao: a test"
        refused = in_process("alerts", "test")
        assert refused.code == 1
        assert "desk: refused: alert.refused" in refused.err
    assert in_process("alerts", "test", "nobody").code == 2
    assert "0 messages wait" in in_process("alerts", "list", "--data", str(data)).err


def test_a_key_must_tell_which_alert_and_a_file_who_is_told(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert in_process("alerts", "show", "run/nothing", "--data", str(data)).code == 2
    monkeypatch.delenv("NIANBAO_ALERTS")
    missing = in_process("alerts", "deliver", "--data", str(data))
    assert missing.code == 2
    assert "settings.alerts" in missing.err
