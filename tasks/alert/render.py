"""Alerts → words: a title and a body in clear English, with the Chinese names, the reasons and what to do. Pure.

Long news are shortened in steps until they fit the service: fewer names, then fewer remedies, then fewer groups.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from schemas.alert_routes import RANK
from schemas.alerts import AlertKind, AlertRow, ReportNews, Resolution, RunNews
from schemas.reasons import reason_code
from tasks.alert.markup import Markup
from tasks.alert.observe import CHINA, LATE
from tasks.alert.services import Service

PRODUCT = "nianbao"
"""In every title: a robot's keyword (自定义关键词) can be this word."""

LAW = "条例 art. 49"


@dataclass(frozen=True, slots=True)
class Rundown:
    """What a digest speaks of. `unseen` are open alerts that the run did not look at, or could not."""

    opened: Sequence[AlertRow]
    repeated: Sequence[AlertRow]
    unseen: Sequence[AlertRow]
    closed: Sequence[AlertRow]
    changes: Sequence[ReportNews] = ()


@dataclass(frozen=True, slots=True)
class _Room:
    """How much is told: names in each group, groups in each section, remedies or not."""

    names: int
    groups: int
    remedies: bool


_ROOMS = (
    _Room(200, 100, True),
    _Room(50, 100, True),
    _Room(20, 50, True),
    _Room(10, 50, True),
    _Room(5, 30, True),
    _Room(3, 20, True),
    _Room(3, 20, False),
    _Room(1, 10, False),
    _Room(1, 4, False),
    _Room(0, 2, False),
)

_Write = Callable[[_Room], list[list[str]]]
_Note = Callable[[AlertRow], str]


def immediate(news: RunNews, alerts: Sequence[AlertRow], service: Service) -> tuple[str, str]:
    """A message about alerts of one reason code that cannot wait: title and body."""
    title = f"[{PRODUCT}] {alerts[0].severity}: {_title_of(alerts[0].code)} · {_whose(alerts)}"
    markup = service.markup
    return _fitted(title, service, lambda room: [_group(alerts, markup, room, _first), [_foot(news, markup)]])


def recovered(news: RunNews, alerts: Sequence[AlertRow], service: Service) -> tuple[str, str]:
    """A message that alerts of one reason code, which were told at once, are closed: title and body."""
    title = f"[{PRODUCT}] recovered: {_title_of(alerts[0].code)} · {_whose(alerts)}"
    markup = service.markup
    return _fitted(title, service, lambda room: [_group(alerts, markup, _brief(room), _lasted), [_foot(news, markup)]])


def digest(news: RunNews, rundown: Rundown, service: Service) -> tuple[str, str]:
    """The one message about a run: title and body."""
    told = [
        (len(rundown.opened), "new"),
        (len(rundown.repeated), "still failing"),
        (len(rundown.closed), "closed"),
    ]
    counts = ", ".join(f"{number} {word}" for number, word in told if number) or "nothing to report"
    markup = service.markup
    late = [row for row in (*rundown.opened, *rundown.repeated) if row.code == LATE]
    fresh = [row for row in rundown.opened if row.code != LATE]
    still = [row for row in rundown.repeated if row.code != LATE]
    gone = [row for row in rundown.closed if row.resolution is Resolution.RECOVERED]
    other = [row for row in rundown.closed if row.resolution is not Resolution.RECOVERED]
    moved = _moves(rundown.changes)

    def write(room: _Room) -> list[list[str]]:
        brief = _brief(room)
        return [
            [_opening(news, markup), _foot(news, markup)],
            _section("New", fresh, markup, room, _first),
            _section("Still failing", still, markup, brief, _again),
            _late_section(late, news, markup, room),
            _section("Recovered", gone, markup, brief, _lasted),
            _section("Closed: something else is the matter now", other, markup, brief, _replaced),
            [markup.heading(f"Also open, not seen by this run: {len(rundown.unseen)}")] if rundown.unseen else [],
            [markup.heading("Moved in the ledger"), "; ".join(moved)] if moved else [],
        ]

    return _fitted(f"[{PRODUCT}] {news.name}: {counts}", service, write)


def _brief(room: _Room) -> _Room:
    return replace(room, remedies=False)


def _fitted(title: str, service: Service, write: _Write) -> tuple[str, str]:
    heading = service.cut(service.markup.tame(title), service.longest_title)
    for room in _ROOMS:
        body = service.markup.lay_out(write(room))
        if service.fits(body):
            return heading, body
    return heading, service.cut(body, service.longest_body)


def _opening(news: RunNews, markup: Markup) -> str:
    counts = ", ".join(f"{number} {outcome}" for outcome, number in sorted(news.counts.items()) if number)
    sentence = markup.tame(news.sentence or f"The run ended {news.outcome}.")
    return f"{sentence} ({counts})" if counts and counts not in sentence else sentence


def _foot(news: RunNews, markup: Markup) -> str:
    when = f"{news.at.astimezone(CHINA):%Y-%m-%d %H:%M} Beijing time"
    name = markup.tame(news.name)
    return f"{markup.anchor(name, news.ui_url) if news.ui_url else name} · {when}"


def _section(heading: str, rows: Sequence[AlertRow], markup: Markup, room: _Room, note: _Note) -> list[str]:
    if not rows:
        return []
    lines = [markup.heading(f"{heading}: {len(rows)}")]
    groups: dict[tuple[int, str], list[AlertRow]] = {}
    for row in rows:
        groups.setdefault((-RANK[row.severity], row.code), []).append(row)
    ordered = [groups[key] for key in sorted(groups)]
    for group in ordered[: room.groups]:
        lines += _group(group, markup, room, note)
    left = sum(len(group) for group in ordered[room.groups :])
    if left:
        lines.append(markup.item.format(text=f"and {left} more of {len(ordered) - room.groups} other kinds"))
    return lines


def _group(rows: Sequence[AlertRow], markup: Markup, room: _Room, note: _Note) -> list[str]:
    """One reason with those it befell: what it is, who, and what to do."""
    code = rows[0].code
    number = f" ({len(rows)})" if len(rows) > 1 else ""
    what = f"{rows[0].severity}: {markup.own(_title_of(code))} {markup.code.format(text=markup.tame(code))}{number}"
    lines = [markup.item.format(text=what)]
    for row in sorted(rows, key=lambda row: row.key)[: room.names]:
        name = markup.tame(row.name)
        named = markup.anchor(name, row.url) if row.url else name
        said = note(row)
        lines.append(markup.under.format(text=f"{named} — {markup.tame(said)}" if said else named))
    if len(rows) > room.names:
        lines.append(markup.under.format(text=f"and {len(rows) - room.names} more"))
    return lines + _remedy(code, markup, room)


def _late_section(rows: Sequence[AlertRow], news: RunNews, markup: Markup, room: _Room) -> list[str]:
    """Who is late, by deadline: `due 2026-01-31, 30 days ago (2, 1 new): 甲 2025, 乙 2025`."""
    if not rows:
        return []
    lines = [markup.heading(f"Late against the law ({LAW}): {len(rows)} {markup.code.format(text=LATE)}")]
    deadlines: dict[date, list[AlertRow]] = {}
    for row in sorted(rows, key=lambda row: row.key):
        deadlines.setdefault(row.deadline or date.max, []).append(row)
    for deadline, group in sorted(deadlines.items(), reverse=True):
        days = (news.at.astimezone(CHINA).date() - deadline).days
        fresh = sum(row.opened_run == news.run_id for row in group)
        new = f", {fresh} new" if fresh and fresh < len(group) else ", all new" if fresh else ""
        names = ", ".join(markup.tame(row.name) for row in group[: room.names])
        more = f" and {len(group) - room.names} more" if len(group) > room.names else ""
        text = (
            f"due {deadline.isoformat()}, {days} day{'' if days == 1 else 's'} ago ({len(group)}{new}): {names}{more}"
        )
        lines.append(markup.item.format(text=text))
    return lines + _remedy(LATE, markup, room)


def _remedy(code: str, markup: Markup, room: _Room) -> list[str]:
    entry = reason_code(code)
    return [markup.under.format(text=f"What to do: {markup.own(entry.remedy)}")] if room.remedies and entry else []


def _first(row: AlertRow) -> str:
    again = f" (again: opened {row.episode} times)" if row.episode > 1 else ""
    return f"{row.message}{again}"


def _again(row: AlertRow) -> str:
    return f"seen by {row.times} runs since {_day(row)}: {row.message}"


def _lasted(row: AlertRow) -> str:
    return f"was open since {_day(row)}, seen by {row.times} run{'' if row.times == 1 else 's'}"


def _replaced(row: AlertRow) -> str:
    return f"now {row.resolved_by}" if row.resolved_by else "closed"


def _day(row: AlertRow) -> date:
    return row.opened_at.astimezone(CHINA).date()


def _title_of(code: str) -> str:
    entry = reason_code(code)
    return entry.title if entry else code


def _whose(alerts: Sequence[AlertRow]) -> str:
    first = alerts[0].name
    if len(alerts) == 1:
        return first
    things = {AlertKind.SITE: "sites", AlertKind.REPORT: "reports"}.get(alerts[0].kind, "alerts")
    return f"{first} and {len(alerts) - 1} more {things}"


def _moves(changes: Iterable[ReportNews]) -> list[str]:
    """Changes of state with their numbers, the most frequent first: `expected → loaded 12`."""
    moved = Counter(
        (change.before.value if change.before else "new", change.after.value)
        for change in changes
        if change.before is not change.after
    )
    return [
        f"{old} → {new} {number}" for (old, new), number in sorted(moved.items(), key=lambda one: (-one[1], one[0]))
    ]
