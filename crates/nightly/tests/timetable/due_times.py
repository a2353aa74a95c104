"""Due times by brute force, with Python's zoneinfo: python3 due_times.py > due_times.txt

Every minute of UTC is looked at. The wall-clock minutes that come up for the first time then are those
that are shown and those that were jumped over; if the expression names one of them, that minute is due.
"""

from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

MINUTE = timedelta(minutes=1)
DAYS = ["MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"]


def numbers(field, low, high):
    """What a field of numbers, lists, ranges and steps names."""
    named = set()
    for part in field.split(","):
        part, _, step = part.partition("/")
        first, _, last = part.partition("-")
        span = (low, high) if first == "*" else (int(first), int(last or first))
        named.update(range(span[0], span[1] + 1, int(step or 1)))
    return named


def named(expression, wall):
    minute, hour, day, month, weekday = expression.split()
    days = {DAYS.index(name) for name in weekday.split(",")} if weekday != "*" else set(range(7))
    return (
        wall.minute in numbers(minute, 0, 59)
        and wall.hour in numbers(hour, 0, 23)
        and wall.day in numbers(day, 1, 31)
        and wall.month in numbers(month, 1, 12)
        and wall.weekday() in days
    )


def due_times(expression, zone, begin, days):
    zone = ZoneInfo(zone)
    moment = begin.replace(tzinfo=timezone.utc)
    latest = (moment - MINUTE).astimezone(zone).replace(tzinfo=None)
    for _ in range(days * 24 * 60):
        wall = moment.astimezone(zone).replace(tzinfo=None)
        fresh = False
        while latest < wall:
            latest += MINUTE
            fresh = named(expression, latest) or fresh
        if fresh:
            yield moment
        moment += MINUTE


WEEKS = {
    "Europe/Zurich": ["2026-03-27", "2026-10-23"],
    "America/New_York": ["2026-03-06", "2026-10-30"],
    "Australia/Lord_Howe": ["2026-04-03", "2026-10-02"],
    "America/Santiago": ["2026-04-03", "2026-09-04"],
    "Africa/Casablanca": ["2026-02-13", "2026-03-20"],
    "Pacific/Apia": ["2011-12-28"],
    "Asia/Kolkata": ["2026-03-27"],
    "UTC": ["2026-12-30"],
}
EXPRESSIONS = [
    "0 2 * * *",
    "30 2 * * *",
    "15 0 * * *",
    "30 1,2 * * *",
    "0 2,3 * * *",
    "*/20 1-3 * * *",
    "45 1 * * SUN,MON",
    "0 */6 * * *",
    "10 * 29 * *",
]

for zone, begins in WEEKS.items():
    for begin in begins:
        for expression in EXPRESSIONS:
            times = due_times(expression, zone, datetime.fromisoformat(begin), 5)
            listed = " ".join(time.strftime("%Y-%m-%dT%H:%MZ") for time in times)
            print(f"{zone} | {expression} | {begin} | {listed}")
