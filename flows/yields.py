"""What a site's reports held against what the registry expects of it: the share of statutory cells with a figure."""

from __future__ import annotations

from collections.abc import Iterable

from flows.plan import Unit
from flows.summary import SiteProblem
from flows.work.decide import Understood
from schemas.report import FactState


def thin_reports(unit: Unit, understood: Iterable[Understood]) -> tuple[SiteProblem, ...]:
    """A problem for each site of the unit whose reports, as read in this run, are emptier than expected."""
    read = [
        (found.owed.publisher, found.examined.judgement.report.facts)
        for found in understood
        if found.examined is not None and found.examined.judgement.report is not None
    ]
    problems = []
    for site in unit.sites:
        own = {publisher.id for publisher in site.publishers}
        states = [fact.state for publisher, facts in read if publisher in own for fact in facts]
        expected = site.yields.fill_rate
        if expected is None or not states:
            continue
        share = sum(state is not FactState.BLANK for state in states) / len(states)
        if share < expected:
            said = f"{share:.0%} of {len(states)} cells are filled, and the registry expects {expected:.0%}"
            problems.append(SiteProblem(site.id, "harvest.fill_low", said))
    return tuple(problems)
