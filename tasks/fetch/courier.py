"""Runs one errand: waits its turn, asks robots.txt first, follows redirects by hand, names troubles, tries again."""

from __future__ import annotations

import random
from collections.abc import Callable

from schemas.errors import FetchTrouble
from schemas.fetched import FetchEvidence
from schemas.settings import FetchSettings
from schemas.site import Site
from tasks.fetch import backoff
from tasks.fetch.address import Address, join
from tasks.fetch.breaker import Breaker
from tasks.fetch.decode import header_text
from tasks.fetch.ending import ENDED, Ending
from tasks.fetch.failures import fail
from tasks.fetch.gate import HostGate, Pace, Turn
from tasks.fetch.memory import Cookies, ListMemory
from tasks.fetch.policy import Policies, may_follow
from tasks.fetch.request import prepare
from tasks.fetch.robots import RobotsBook, Rules
from tasks.fetch.trail import Arrival, Errand, Trail
from tasks.fetch.trouble import Case, leads_home, name_trouble
from tasks.fetch.wire import Answer, Call, Wire

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_KEPT_ASIDE = 65_536  # of a page that is a trouble, for a person to look at; of a wrong type all is kept
_NOT_SENT = "no connection, nothing sent"
# When robots.txt leads astray it counts as not there (RFC 9309 §2.3.1.2 and §2.3.1.3).
_ROBOTS_ABSENT = frozenset(
    {"fetch.moved", "fetch.off_site_redirect", "fetch.redirect_loop", "fetch.bad_url", "fetch.undecodable"}
)
# These say that the host cannot be reached or refuses, which is more telling than "robots.txt unreachable".
_ROBOTS_AS_IS = frozenset(
    {"fetch.dns", "fetch.tls", "fetch.private_address", "fetch.no_contact", "fetch.challenge", "fetch.captcha"}
    | {"fetch.rate_limited", "fetch.forbidden", "fetch.host_stopped", "fetch.outside_window", "fetch.daily_cap"}
    | {"fetch.maintenance", ENDED}
)


class Courier:
    """Carries out errands for a client. Safe to use from many threads."""

    def __init__(
        self,
        settings: FetchSettings,
        policies: Policies,
        gate: HostGate,
        wire: Wire,
        clock: Ending,
        record: Callable[[FetchEvidence], None] | None,
    ) -> None:
        self._settings = settings
        self._policies = policies
        self._gate = gate
        self._wire = wire
        self._clock = clock
        self._record = record
        self._robots = RobotsBook(settings, clock)
        self._lists = ListMemory()
        self._cookies = Cookies()
        self.breaker = Breaker(
            clock,
            refusals=settings.stop_after_refusals,
            failures=settings.stop_after_failures,
            pause=settings.stop_pause,
        )

    def run(self, errand: Errand) -> Arrival:
        """The errand's last answer. Raises FetchTrouble with its evidence once no retry can help."""
        attempt = 0
        while True:
            attempt += 1
            trail = Trail(errand, attempt, self._clock.now(), errand.start)
            try:
                answer, not_modified = self._attempt(errand, trail)
            except FetchTrouble as trouble:
                if trouble.where == trail.queue:  # raised by the gate, which knows lines and no addresses
                    trouble.where = trail.final.url
                trouble.evidence = trail.evidence(trouble.code)
                if trouble.code == ENDED and trail.peer is None:
                    raise  # nobody was asked
                self._tell(trouble.evidence)
                if trouble.code == ENDED:
                    raise  # the host has no part in it
                if not self._rest(trouble, trail):
                    if not trail.robots_failed:  # that was counted when robots.txt was asked for
                        self.breaker.failed(trail.final.host, trouble.code)
                    raise
            else:
                evidence = trail.evidence()
                self._tell(evidence)
                return Arrival(trail.final, answer, evidence, not_modified)

    def _tell(self, evidence: FetchEvidence) -> None:
        if self._record is not None:
            self._record(evidence)

    def _rest(self, trouble: FetchTrouble, trail: Trail) -> bool:
        """Leave the host alone for as long as it takes; False when there is no use in trying again."""
        if trail.retry_after is not None and trail.queue is not None:
            self._gate.hold(trail.queue, trail.retry_after)
        if (
            trail.attempt > self._settings.retries
            or trail.robots_failed
            or trouble.code not in backoff.RETRIED
            or not trouble.recoverable
            or self.breaker.is_stopped(trail.final.host)
        ):
            return False
        if trail.retry_after is not None:
            return trail.retry_after <= self._settings.max_wait
        pause = backoff.pause(self._settings, trail.attempt, random.random())
        if trail.status is None:
            # No answer at all, or no turn: our own affair, others may go on asking the neighbours in the line.
            if trouble.code == "fetch.rate_limited":
                return False
            self._clock.sleep(pause)
        elif trail.queue is not None:
            self._gate.hold(trail.queue, pause)
        return True

    def _attempt(self, errand: Errand, trail: Trail) -> tuple[Answer, bool]:
        here, method = errand.start, errand.method
        visits: dict[tuple[str, str], list[int]] = {}
        jumped = False
        while True:
            visits.setdefault((method, here.url), []).append(trail.cookies)
            answer, conditional = self._ask(errand, here, method, trail)
            if answer.status == 304 and conditional:
                self.breaker.answered(here.host)
                return answer, True
            if answer.status in _REDIRECTS:
                target = self._redirect_target(errand, here, answer, trail)
                if answer.status == 303 or (answer.status in (301, 302) and method == "POST"):
                    method = "GET"
            else:
                case = Case(
                    errand.start,
                    here,
                    answer.status,
                    answer.headers,
                    answer.cookies,
                    answer.body,
                    errand.kind,
                    errand.expect,
                )
                found = None if jumped or errand.kind == "robots" else self._jump(errand, here, case)
                if found is None:
                    self._judge(errand, here, case)
                    return answer, False
                jumped, target = True, found
                trail.redirected("sent on by the page itself")
            self._check_loop(visits, method, here, target, trail)
            here = target

    def _ask(self, errand: Errand, here: Address, method: str, trail: Trail) -> tuple[Answer, bool]:
        """One request to one address, when its turn comes; the answer, and whether the request was conditional."""
        policy = self._policies.policy(here, errand.site)
        trail.step(here, policy.queue)
        self.breaker.check(here.host, here.url)
        rules = self._permission(errand, here, trail)
        limits = policy.limits
        pace = Pace(max(limits.delay, rules.delay), limits.jitter, limits.window, limits.daily_cap)
        jar = self._cookies.of(here.host)
        with self._gate.turn(policy.queue, pace) as turn:
            trail.waited += turn.waited
            trail.delay = pace.delay
            self.breaker.check(here.host, here.url)
            self._clock.check(here.url)
            request, conditional = prepare(errand, here, method, jar, self._settings.user_agent)
            call = Call(request, jar, policy.tls, policy.allow_private, errand.limit, cut=errand.kind == "robots")
            begun = self._clock.monotonic()

            def answered(status: int, headers: dict[str, str], turn: Turn = turn) -> None:
                turn.answered()
                trail.status, trail.headers = status, headers

            try:
                answer = self._wire.exchange(call, answered)
            except FetchTrouble:
                if not self._wire.sent:
                    trail.notes.append(_NOT_SENT)
                raise
            finally:
                trail.elapsed += self._clock.monotonic() - begun
                trail.peer = self._wire.peer
        trail.answered(answer)
        if answer.status in (429, 503):
            trail.retry_after = backoff.retry_after(
                answer.headers.get("retry-after"), self._clock.now(), self._settings.retry_after_cap
            )
        return answer, conditional

    def _permission(self, errand: Errand, here: Address, trail: Trail) -> Rules:
        """What robots.txt of the address says. Raises when it says no, or cannot be had."""
        if errand.kind == "robots":
            return Rules("not-asked")
        rules = self._robots.rules(here.origin, lambda: self._robots_file(here, errand.site))
        trail.robots = rules.decision(here.url, self._settings.product)
        if rules.trouble is not None:
            trail.robots_failed = True
            if self._as_is(rules.trouble):
                first = rules.trouble
                raise fail(first.code, first.message, here.url, recoverable=first.recoverable)
            raise fail("fetch.robots_unreachable", f"robots.txt: {rules.trouble.message}", here.url)
        if trail.robots == "disallowed":
            raise fail("fetch.robots_disallowed", "robots.txt disallows this address", here.url)
        return rules

    def _as_is(self, trouble: FetchTrouble) -> bool:
        evidence = trouble.evidence
        return trouble.code in _ROBOTS_AS_IS or (
            trouble.code in ("fetch.network", "fetch.timeout") and evidence is not None and _NOT_SENT in evidence.notes
        )

    def _robots_file(self, here: Address, site: Site | None) -> bytes | None:
        errand = Errand(here.at("/robots.txt"), "robots", self._settings.max_robots_bytes, site)
        try:
            arrival = self.run(errand)
        except FetchTrouble as trouble:
            if trouble.code in _ROBOTS_ABSENT:
                return None
            raise
        return arrival.answer.body if arrival.answer.status == 200 else None

    def _redirect_target(self, errand: Errand, here: Address, answer: Answer, trail: Trail) -> Address:
        location = answer.headers.get("location", "").strip()
        if not location:
            raise fail("fetch.bad_answer", f"status {answer.status} without an address to go to", here.url)
        target = join(here, header_text(location))
        self._check_target(errand, here, target, permanent=answer.status in (301, 308))
        if leads_home(errand.start, target) and errand.kind != "robots":
            raise fail("fetch.soft_404", f"redirected to the home page {target.url}", here.url)
        trail.redirected("https to http" if (here.scheme, target.scheme) == ("https", "http") else None)
        return target

    def _check_target(self, errand: Errand, here: Address, target: Address, *, permanent: bool) -> None:
        if may_follow(errand.site, errand.start, target):
            return
        code = "fetch.moved" if permanent else "fetch.off_site_redirect"
        raise fail(code, f"{here.url} leads to {target.url}, which is not on the site", here.url)

    def _jump(self, errand: Errand, here: Address, case: Case) -> Address | None:
        """Where a page without content sends its reader by a static meta refresh or location, on the same site."""
        if case.status != 200 or case.page is None or case.page.jump is None:
            return None
        try:
            target = join(here, case.page.jump)
        except FetchTrouble:
            return None
        if target.url == here.url:
            return None
        self._check_target(errand, here, target, permanent=True)
        return target

    def _check_loop(
        self, visits: dict[tuple[str, str], list[int]], method: str, here: Address, target: Address, trail: Trail
    ) -> None:
        """A second visit makes sense only with a cookie set since the first; a third never does."""
        been = visits.get((method, target.url), [])
        new_cookies = bool(been) and trail.cookies > been[-1]
        if len(trail.redirects) <= self._settings.max_redirects and (not been or (len(been) == 1 and new_cookies)):
            return
        if new_cookies:
            # The plain cookie is in the jar and was sent; what is missing only a script could have added.
            self.breaker.answered(here.host, "fetch.challenge")
            raise fail(
                "fetch.challenge", f"redirects to itself and sets cookies, again and again: {target.url}", here.url
            )
        raise fail("fetch.redirect_loop", f"{len(trail.redirects)} redirects, last to {target.url}", here.url)

    def _judge(self, errand: Errand, here: Address, case: Case) -> None:
        """Raise the trouble that the last answer is; remember lists, and notice a list in an article's place."""
        if errand.kind == "robots" and 400 <= case.status < 500 and case.status != 429:
            self.breaker.answered(here.host)
            return
        named = name_trouble(case)
        if named is not None:
            code, message = named
            self.breaker.answered(here.host, code)
            trouble = fail(code, message, here.url)
            trouble.content = case.body if code == "fetch.wrong_type" else case.body[:_KEPT_ASIDE]
            raise trouble
        self.breaker.answered(here.host)
        if case.page is None or errand.kind == "robots":
            return
        if errand.is_list:
            self._lists.remember(here, case.page)
        elif errand.kind == "document":
            list_url = self._lists.same_as(here, case.page)
            if list_url is not None:
                trouble = fail("fetch.soft_404", f"the list {list_url} came instead", here.url, recoverable=True)
                trouble.content = case.body[:_KEPT_ASIDE]
                raise trouble
