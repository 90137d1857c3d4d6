"""Receivers that are down, slow, or where they should not be."""

from __future__ import annotations

import socket
import threading
from contextlib import closing
from typing import Any

import pytest

from schemas.alert_routes import AlertRoutes
from schemas.alerts import Delivery, DeliveryState
from tasks.alert import process
from tasks.alert.reach import reach
from tasks.alert.secrets import Secrets
from tasks.alert.sender import AppriseSender
from tasks.load.alerts import AlertStore
from tests.alert.makers import message, routes, run, site
from tests.alert.receivers import OK, http_receiver, silence, trickle
from tests.alert.test_services import PATHS, sender_to

SERVICES = ("slack", "wecom", "dingtalk", "feishu", "webhook")


def robot(service: str, **changes: Any) -> dict[str, Any]:
    return {"service": service, "address_env": "ADDRESS", "allow_private": True} | changes


def free_port() -> int:
    """A port that nobody listens on."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.parametrize("service", SERVICES)
def test_a_receiver_that_is_down_is_surely_not_told(service: str) -> None:
    address = f"http://127.0.0.1:{free_port()}{PATHS[service]}"
    delivery = sender_to(robot(service), {"ADDRESS": address})(message())
    assert delivery == Delivery(DeliveryState.UNREACHABLE, "alert.unreachable", "no connection: Connection refused")


@pytest.mark.parametrize("service", SERVICES)
def test_it_is_tried_again_with_growing_pauses_while_it_is_not_there(service: str) -> None:
    """Down at first, then an error of its own, then well: one message arrives."""
    port = free_port()
    waits: list[float] = []
    routes_ = AlertRoutes.model_validate(
        {
            "receivers": {"ops": robot(service)},
            "routes": [{"to": ["ops"]}],
            "delivery": {"attempts": 4, "backoff": 2, "timeout": 5},
        }
    )
    environ = {"ADDRESS": f"http://127.0.0.1:{port}{PATHS[service]}"}
    up = threading.Event()
    done = threading.Event()
    seen: list[Any] = []

    def serve() -> None:
        with http_receiver((503, b""), OK[service], port=port) as receiver:
            up.set()
            done.wait(20)
            seen.extend(receiver.seen)

    def sleep(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 1:
            thread.start()
            assert up.wait(20)

    thread = threading.Thread(target=serve, daemon=True)
    sender = AppriseSender(routes_, Secrets(routes_, environ), sleep=sleep, clock=lambda: 0.0)
    assert sender(message()) == Delivery(DeliveryState.SENT)
    done.set()
    thread.join()
    assert len(seen) == 2
    backoffs = [wait for wait in waits if wait not in (0.3, 1.1, 3.1)]  # the rest are the pauses of the services
    assert len(backoffs) == 2
    assert 2 <= backoffs[0] <= 3
    assert 4 <= backoffs[1] <= 6


def test_it_is_given_up_for_this_run_after_the_attempts_allowed() -> None:
    with http_receiver((500, b"")) as receiver:
        delivery = sender_to(robot("webhook"), {"ADDRESS": receiver.url("/x")}, attempts=3)(message())
    assert delivery.state is DeliveryState.UNREACHABLE
    assert len(receiver.seen) == 3


@pytest.mark.parametrize("how", [silence, trickle])
@pytest.mark.parametrize("service", SERVICES)
def test_a_receiver_that_does_not_come_to_an_answer_is_left_and_may_know(service: str, how: Any) -> None:
    with http_receiver(slowly=how) as receiver:
        environ = {"ADDRESS": receiver.url(PATHS[service])}
        delivery = sender_to(robot(service), environ, timeout=0.3, deadline=0.8, attempts=5)(message())
        assert (delivery.state, delivery.code) == (DeliveryState.UNSURE, "alert.no_answer")
        assert len(receiver.seen) == 1, "what may have arrived is not sent again in the same run"


def test_an_endless_name_or_an_unknown_one_is_not_reached() -> None:
    for host in ("no-such-host.invalid", "a" * 70 + ".invalid"):
        trouble = reach(host, 443, allow_private=False, timeout=1)
        assert trouble is not None
        assert trouble.state is DeliveryState.UNREACHABLE
        assert "name is not known" in trouble.message


PRIVATE = [
    "127.0.0.1", "10.1.2.3", "172.16.0.9", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0",
    "::1", "fe80::1", "fd00::1", "::ffff:10.0.0.1", "2002:0a00:0001::1", "64:ff9b::a00:1", "224.0.0.1",
]  # fmt: skip


@pytest.mark.parametrize("address", PRIVATE)
def test_a_private_address_is_refused_before_anything_is_sent(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the name says: what it leads to decides. Nobody is connected."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    found = [(family, socket.SOCK_STREAM, 6, "", (address, 443))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_options: found)
    monkeypatch.setattr(socket, "socket", _never)
    trouble = reach("hooks.example.org", 443, allow_private=False, timeout=1)
    assert trouble is not None
    assert (trouble.state, trouble.code) == (DeliveryState.REFUSED, "alert.private_address")


def _never(*_arguments: Any) -> None:
    raise AssertionError("connected to a private address")


def test_one_private_address_among_public_ones_is_enough_to_refuse(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443)) for address in ("93.184.215.14", "10.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_options: found)
    monkeypatch.setattr(socket, "socket", _never)
    trouble = reach("hooks.example.org", 443, allow_private=False, timeout=1)
    assert trouble is not None
    assert trouble.code == "alert.private_address"


def test_through_a_proxy_only_the_proxy_needs_to_know_the_way(monkeypatch: pytest.MonkeyPatch) -> None:
    with http_receiver(OK["webhook"]) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url())
        delivery = sender_to(robot("webhook"), {"ADDRESS": "http://hooks.intranet.invalid/x"})(message())
        assert delivery == Delivery(DeliveryState.SENT)
        assert proxy.seen[0].headers["Host"] == "hooks.intranet.invalid"
        monkeypatch.setenv("no_proxy", "intranet.invalid")
        delivery = sender_to(robot("webhook"), {"ADDRESS": "http://hooks.intranet.invalid/x"})(message())
    assert (delivery.state, len(proxy.seen)) == (DeliveryState.UNREACHABLE, 1)


@pytest.mark.parametrize("service", SERVICES)
def test_an_intranet_receiver_is_told_only_when_its_entry_allows_it(service: str) -> None:
    with http_receiver(OK[service]) as receiver:
        environ = {"ADDRESS": receiver.url(PATHS[service])}
        refusal = sender_to(robot(service, allow_private=False), environ)(message())
        assert (refusal.state, refusal.code) == (DeliveryState.REFUSED, "alert.private_address")
        assert receiver.connections == 0
        assert sender_to(robot(service), environ)(message()) == Delivery(DeliveryState.SENT)


def test_plain_http_is_never_spoken_to_a_receiver_that_is_not_our_own() -> None:
    environ = {"ADDRESS": "http://hooks.example.org/secret"}
    delivery = sender_to(robot("webhook", allow_private=False), environ)(message())
    assert (delivery.state, delivery.code) == (DeliveryState.REFUSED, "alert.private_address")
    assert "plain http" in delivery.message


@pytest.mark.parametrize(
    ("service", "value"),
    [
        ("slack", None),
        ("slack", "  "),
        ("slack", "https://hooks.slack.com/services/T1/B2"),
        ("slack", "T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7"),
        ("wecom", "https://qyapi.weixin.qq.com/cgi-bin/webhook/send"),
        ("wecom", "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=a%20b"),
        ("dingtalk", "https://oapi.dingtalk.com/robot/send?token=abc"),
        ("dingtalk", "https://oapi.dingtalk.com/robot/send?access_token=a-b!"),
        ("feishu", "https://open.feishu.cn/"),
        ("feishu", "ftp://open.feishu.cn/open-apis/bot/v2/hook/abcdef"),
        ("webhook", "https://"),
        ("webhook", "https://a.example:99999/"),
        ("webhook", "https://a.example/x\ny"),
    ],
)
def test_a_variable_that_is_missing_or_not_usable_is_named_and_its_value_is_not(
    service: str, value: str | None
) -> None:
    delivery = sender_to(robot(service), {} if value is None else {"ADDRESS": value})(message())
    assert (delivery.state, delivery.code) == (DeliveryState.REFUSED, "alert.address_missing")
    assert "ADDRESS" in delivery.message
    assert value is None or value.strip() == "" or value not in delivery.message


def test_messages_to_one_robot_keep_the_pause_that_the_service_wants() -> None:
    now = [100.0]
    waits: list[float] = []

    def sleep(seconds: float) -> None:
        waits.append(seconds)
        now[0] += seconds

    with http_receiver(OK["wecom"]) as receiver:
        told = AlertRoutes.model_validate({"receivers": {"ops": robot("wecom")}, "routes": [{"to": ["ops"]}]})
        secrets = Secrets(told, {"ADDRESS": receiver.url(PATHS["wecom"])})
        sender = AppriseSender(told, secrets, sleep=sleep, clock=lambda: now[0])
        for _ in range(3):
            sender(message())
    assert [round(wait, 3) for wait in waits] == [3.1, 3.1]


def test_a_slow_receiver_does_not_keep_the_others_from_their_messages(store: AlertStore) -> None:
    slow, quick = robot("webhook", address_env="SLOW"), robot("feishu", address_env="QUICK")
    with http_receiver(slowly=trickle) as bad, http_receiver(OK["feishu"]) as good:
        told = routes(
            {"to": ["a-slow", "b-quick"]},
            receivers={"a-slow": slow, "b-quick": quick},
            delivery={"timeout": 0.3, "deadline": 0.5},
        )
        environ = {"SLOW": bad.url("/x"), "QUICK": good.url(PATHS["feishu"])}
        news = run(1, sites=[site("lanshi", "fetch.challenge")])
        report = process(news, store=store, routes=told, now=news.at, environ=environ)
        assert (report.sent, report.kept) == (2, 2)
        assert [(one.receiver, one.code) for one in report.waiting] == [("a-slow", "alert.no_answer")]
        assert len(bad.seen) == 1
