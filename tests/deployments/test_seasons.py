"""When things run: daily in the season, on Mondays else, in China's time."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import get_type_hints
from zoneinfo import ZoneInfo

import pytest
from prefect import runtime
from prefect.server.schemas.schedules import CronSchedule

from deployments.automations import OURS
from deployments.catalogue import CATALOGUE, deployments
from deployments.seasons import seasonal
from flows.harvest import by_night

CHINA = ZoneInfo("Asia/Shanghai")


def dates(year: int) -> list[datetime]:
    """All starts of a year, as China's clocks show them."""
    start, end = datetime(year, 1, 1, tzinfo=CHINA), datetime(year + 1, 1, 1, tzinfo=CHINA) - timedelta(seconds=1)
    found: list[datetime] = []
    for one in seasonal(2, 30):
        schedule = CronSchedule.model_validate(one.schedule.model_dump())
        found += asyncio.run(schedule.get_dates(n=1000, start=start.astimezone(UTC), end=end.astimezone(UTC)))
    return sorted(date.astimezone(CHINA) for date in found)


@pytest.mark.parametrize("year", [2026, 2027, 2028])
def test_daily_from_10_january_to_10_april_and_on_mondays_else(year: int) -> None:
    found = dates(year)
    assert len(found) == len(set(found))
    assert {(date.hour, date.minute) for date in found} == {(2, 30)}
    season = [date for date in found if (1, 10) <= (date.month, date.day) <= (4, 10)]
    first, last = datetime(year, 1, 10, tzinfo=CHINA), datetime(year, 4, 10, tzinfo=CHINA)
    assert len(season) == (last - first).days + 1
    rest = [date for date in found if date not in season]
    assert {date.weekday() for date in rest} == {0}
    assert 35 <= len(rest) <= 40


def test_there_is_one_deployment_for_each_flow_and_none_for_a_site() -> None:
    found = deployments()
    assert sorted(one.full_name for one in found) == [
        f"{name}/nianbao" for name in ("backfill", "harvest", "publish", "recover", "reparse", "watch")
    ]
    scheduled = {one.flow_name for one in found if one.schedules}
    assert scheduled == {"harvest", "publish", "watch"}
    assert all(not one.schedules for one in deployments(schedules=False))


def test_the_defaults_of_a_deployment_are_parameters_of_its_flow() -> None:
    for entry in CATALOGUE:
        if entry.helps:
            assert entry.defaults == ()
            continue
        model = get_type_hints(entry.flow.fn)["parameters"]
        assert {name for name, _ in entry.defaults} <= set(model.model_fields)


def test_what_looks_after_killed_runs_is_not_set_off_by_its_own_end() -> None:
    tags = {one.flow_name: set(one.tags) for one in deployments()}
    assert OURS not in tags.pop("recover")
    assert all(OURS in found for found in tags.values())


@pytest.mark.parametrize(
    ("due", "deployment", "added"),
    [
        ("2027-01-14T18:30:00+00:00", "yes", " · night"),  # 02:30 in China
        ("2027-01-14T06:00:00+00:00", "yes", ""),
        ("2027-01-14T18:30:00+00:00", None, ""),  # by hand
    ],
)
def test_the_name_of_a_nightly_run_says_so(
    due: str, deployment: str | None, added: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runtime.flow_run, "scheduled_start_time", datetime.fromisoformat(due), raising=False)
    monkeypatch.setattr(runtime.deployment, "id", deployment, raising=False)
    assert by_night() == added
