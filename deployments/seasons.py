"""The publishing season, as cron schedules in China's time.

Reports come out from January on and are due on 31 January (departments) and 31 March (governments) by 条例 (2019)
art. 49; the season that is watched daily is 10 January to 10 April.
"""

from __future__ import annotations

from prefect.client.schemas.actions import DeploymentScheduleCreate
from prefect.client.schemas.schedules import CronSchedule

TIMEZONE = "Asia/Shanghai"
DAILY = ("10-31 1", "* 2-3", "1-10 4")
"""Days and months of the season, as cron writes them."""
WEEKLY = ("1-9 1", "11-30 4", "* 5-12")
"""The rest of the year."""
MONDAY = "1"


def seasonal(hour: int, minute: int, *, active: bool = True) -> list[DeploymentScheduleCreate]:
    """Daily in the season, on Mondays else, at this time in China."""
    at = f"{minute} {hour}"
    season = [(f"season-{number}", f"{at} {days} *") for number, days in enumerate(DAILY, start=1)]
    rest = [(f"weekly-{number}", f"{at} {days} {MONDAY}") for number, days in enumerate(WEEKLY, start=1)]
    return [_schedule(slug, cron, active=active) for slug, cron in (*season, *rest)]


def monthly(day: int, hour: int, minute: int, *, active: bool = True) -> list[DeploymentScheduleCreate]:
    """On a day of each month, at this time in China."""
    return [_schedule("monthly", f"{minute} {hour} {day} * *", active=active)]


def _schedule(slug: str, cron: str, *, active: bool) -> DeploymentScheduleCreate:
    # day_or off: a Monday within the days, not the days and every Monday.
    schedule = CronSchedule(cron=cron, timezone=TIMEZONE, day_or=False)
    return DeploymentScheduleCreate(schedule=schedule, slug=slug, active=active)
