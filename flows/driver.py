"""Drives the steps of all units: which step is submitted when, and what a failed one means for its unit alone.

A unit's steps follow one another; units go side by side, as many as the parameters allow. Steps of units that are
under way go first, so that reports are loaded early and little is held in memory (`flows.ready`).
"""

from __future__ import annotations

import queue
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from prefect import get_run_logger
from prefect.futures import PrefectFuture
from prefect.utilities.annotations import quote

from flows.assign import assign
from flows.plan import Owed, Unit
from flows.progress import Progress, Step
from flows.ready import Ready, line_of
from flows.steps import NothingNew, discover_step, fetch_step, load_step, understand_step
from flows.summary import ReportLine, RunSummary, SiteProblem, order
from flows.work.hands import Hands, Order
from flows.work.settle import broken_off, listed, reason_of, settle
from flows.yields import thin_reports
from schemas.discovery import Discovery

STEPS_OF_A_UNIT = 3  # fetch, understand, load; and one look for each of its sites


@dataclass(slots=True)
class _Work:
    """A unit under way."""

    unit: Unit
    looks: dict[str, Discovery] = field(default_factory=dict)
    looking: int = 0  # sites not looked through yet
    problems: list[SiteProblem] = field(default_factory=list)
    lines: tuple[ReportLine, ...] = ()
    left: int = 0  # steps to come


Submit = Callable[[], "PrefectFuture[Any]"]
Answered = Callable[[Any], None]


class Driver:
    """One run's way through all its units."""

    def __init__(
        self, order_: Order, units: Iterable[Unit], hands: Hands, tell: Callable[[Step], None] = lambda _: None
    ) -> None:
        self._order, self._hands, self._tell = order_, hands, tell
        self._works = [_Work(unit, looking=len(unit.sites)) for unit in units]
        for work in self._works:
            work.left = len(work.unit.sites) + (0 if hands.dry else STEPS_OF_A_UNIT)
        self._progress = Progress(sum(work.left for work in self._works))
        self._ready: Ready[tuple[_Work, str, Submit, Answered]] = Ready(work.unit for work in self._works)

    def run(self) -> RunSummary:
        """Work through everything. A unit that breaks off does not touch the others."""
        for work in self._works:
            for site in work.unit.sites:
                self._plan_look(work, site.id)
        done: queue.SimpleQueue[PrefectFuture[Any]] = queue.SimpleQueue()
        under_way: dict[PrefectFuture[Any], tuple[str | None, _Work, str, Answered]] = {}
        while self._ready or under_way:
            while self._ready and len(under_way) < self._order.parameters.workers:
                line, (work, name, submit, answered) = self._ready.take()
                future = submit()
                under_way[future] = (line, work, name, answered)
                future.add_done_callback(done.put)
            future = done.get()
            line, work, name, answered = under_way.pop(future)
            self._ready.done(line)
            answered(future.result(raise_on_failure=False))
            self._advance(work, name)
        return self.summary()

    def end(self) -> None:
        """Let nobody wait any more; the steps under way come to their end."""
        self._hands.end()

    def summary(self) -> RunSummary:
        """What became of every report so far."""
        lines = order(line for work in self._works for line in work.lines)
        problems = tuple(problem for work in self._works for problem in work.problems)
        return RunSummary(lines, problems, dry=self._hands.dry)

    def _plan_look(self, work: _Work, name: str) -> None:
        site = next(site for site in work.unit.sites if site.id == name)

        def answered(found: Discovery | BaseException) -> None:
            work.looking -= 1
            if isinstance(found, BaseException):
                self._note(work, site.id, found)
            else:
                work.looks[site.id] = found
                told = (*found.problems, *found.warnings)
                work.problems += [SiteProblem(site.id, code, message) for code, message in told]
            if work.looking == 0:
                self._looked(work)

        step: Any = discover_step
        asked = quote(self._order), quote(site), quote(work.unit.years)
        self._ready.begin(
            line_of(site),
            (work, f"looked through {site.name}", lambda: step.submit(*asked), answered),
        )

    def _looked(self, work: _Work) -> None:
        links = [link for found in work.looks.values() for link in found.candidates]
        if self._hands.dry:
            work.lines = listed(work.unit, work.looks, assign(work.unit, links))
        elif links:
            self._plan(work, fetch_step, "fetch", quote(dict(work.looks)), lambda found: self._fetched(work, found))
        else:
            work.lines = settle(work.unit, work.looks, (), self._hands)

    def _fetched(self, work: _Work, gathered: Any) -> None:
        if isinstance(gathered, NothingNew):
            self._loaded(work, gathered.lines)
            return
        self._plan(work, understand_step, "understand", quote(gathered), lambda found: self._understood(work, found))

    def _understood(self, work: _Work, understood: Any) -> None:
        work.problems += thin_reports(work.unit, understood)
        self._plan(work, load_step, "load", quote(understood), lambda lines: self._loaded(work, lines))

    def _loaded(self, work: _Work, lines: tuple[ReportLine, ...]) -> None:
        found = {Owed(line.publisher, line.year) for line in lines}
        work.lines = (*lines, *settle(work.unit, work.looks, found, self._hands))

    def _plan(self, work: _Work, step: Any, verb: str, data: Any, answered: Answered) -> None:
        unit = work.unit

        def checked(found: Any) -> None:
            if isinstance(found, BaseException):
                self._note(work, unit.name, found)
                work.lines = broken_off(unit, found, self._hands)
            else:
                answered(found)

        said = {"fetch": "fetched from", "understand": "read what came from", "load": "loaded"}[verb]

        def submit() -> PrefectFuture[Any]:
            return step.submit(quote(self._order), quote(unit), data)  # type: ignore[no-any-return]

        line = line_of(unit.sites[0]) if verb == "fetch" else None
        self._ready.go_on(line, (work, f"{said} {unit.sites[0].name}", submit, checked))

    def _note(self, work: _Work, site: str, error: BaseException) -> None:
        reason = reason_of(error)
        get_run_logger().error("%s: %s: %s", site, reason.code, reason.message)
        work.problems.append(SiteProblem(site, reason.code, reason.message))

    def _advance(self, work: _Work, sentence: str) -> None:
        steps = work.left if work.lines else 1  # a unit that is done early takes its other steps with it
        work.left -= steps
        if work.lines:
            work.looks = {}  # thousands of links that nobody needs any more
            self._hands.forget(work.unit.sites)
        self._tell(self._progress.advance(sentence, steps))
