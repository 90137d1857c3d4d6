"""The edge: one message to one receiver through Apprise, with retries while the receiver is not there."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from schemas.alert_routes import AlertRoutes
from schemas.alerts import Delivery, DeliveryState, Message, MessageKind
from schemas.report import Severity
from tasks.alert.failures import failure_of, unsure
from tasks.alert.hush import hushed
from tasks.alert.reach import reach
from tasks.alert.secrets import Secrets
from tasks.alert.services import service_of

if TYPE_CHECKING:
    from tasks.alert.plugins import Door


class AppriseSender:
    """Sends messages to the receivers of a routes file. Waits `backoff`, twice that, … between attempts.

    Between two messages to one receiver it keeps the pause that the service wants.
    """

    def __init__(
        self,
        routes: AlertRoutes,
        secrets: Secrets,
        *,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._routes = routes
        self._secrets = secrets
        self._sleep = sleep
        self._clock = clock
        self._last: dict[str, float] = {}

    def __call__(self, message: Message) -> Delivery:
        """Deliver, or tell why not. Only what was surely not delivered is tried again here."""
        settings = self._routes.delivery
        for attempt in range(settings.attempts):
            if attempt:
                self._sleep(settings.backoff * 2 ** (attempt - 1) * random.uniform(1, 1.5))
            delivery = self._attempt(message)
            if delivery.state is not DeliveryState.UNREACHABLE:
                break
        return delivery

    def _attempt(self, message: Message) -> Delivery:
        from tasks.alert.plugins import Unusable, door  # Apprise takes half a second to import

        receiver = self._routes.receivers.get(message.receiver)
        if receiver is None:
            return _no("alert.unknown_receiver", f"the routes file has no receiver {message.receiver}")
        with hushed():
            try:
                way = door(receiver, message.target, self._secrets, self._routes.delivery)
            except Unusable as problem:
                return _no("alert.address_missing", str(problem))
        if way.plain and not receiver.allow_private:
            return _no("alert.private_address", "plain http is for receivers in your own network")
        trouble = reach(
            way.host,
            way.port,
            allow_private=receiver.allow_private,
            timeout=self._routes.delivery.timeout,
            url=way.url,
        )
        if trouble is not None:
            return trouble
        self._keep_pause(message.receiver, service_of(receiver).pause)
        delivery = self._in_time(way, message)
        self._last[message.receiver] = self._clock()
        return replace(delivery, message=self._secrets.strike(delivery.message))

    def _keep_pause(self, receiver: str, pause: float) -> None:
        if receiver in self._last:
            left = self._last[receiver] + pause - self._clock()
            if left > 0:
                self._sleep(left)

    def _in_time(self, way: Door, message: Message) -> Delivery:
        """Send in a thread that is left behind when it takes too long: a receiver may trickle for ever."""
        done: list[Delivery] = []
        thread = threading.Thread(target=lambda: done.append(_sent(way, message)), name="alert", daemon=True)
        thread.start()
        deadline = self._routes.delivery.deadline
        thread.join(deadline)
        return done[0] if done else unsure(f"no answer within {deadline:g} seconds")


def _sent(way: Door, message: Message) -> Delivery:
    from apprise import Apprise, NotifyType

    kinds = {Severity.ERROR: NotifyType.FAILURE, Severity.WARNING: NotifyType.WARNING, Severity.INFO: NotifyType.INFO}
    kind = NotifyType.SUCCESS if message.kind is MessageKind.RECOVERED else kinds[message.severity]
    with hushed() as said:
        service = Apprise(asset=way.plugin.asset)
        service.add(way.plugin)
        try:
            taken = service.notify(body=message.body, title=message.title, notify_type=kind, body_format=way.format)
        except Exception as error:  # noqa: BLE001 - a fault inside a library must not end the run
            return unsure(f"{type(error).__name__}: {error}")
    outcome: Delivery | None = getattr(way.plugin, "outcome", None)
    if outcome is not None:
        return outcome
    return Delivery(DeliveryState.SENT) if taken else failure_of(said)


def _no(code: str, message: str) -> Delivery:
    return Delivery(DeliveryState.REFUSED, code, message)
