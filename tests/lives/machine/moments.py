"""When things happen: the clock only moves forward, and likes the edges of days and months."""

from datetime import date, datetime, time, timedelta

from hypothesis import strategies as st

from contracts.rules.calendar.period import JAPAN
from tests.lives.machine.naive.days import last_of, later_month, month_end, month_of

ONE_DAY = timedelta(days=1)
TIMES = (time(10), time(16, 59), time(17, 0, 1), time(23, 59, 59), time(0))
_STEPS = st.one_of(
    st.integers(0, 5), st.sampled_from(["month end", "first of next", "tenth of next"]), st.integers(6, 40)
)


@st.composite
def moments(draw: st.DrawFn, after: datetime, least: int = 0, most: int = 400) -> datetime:
    """A moment later than another one, at least so many days later."""
    step = draw(_STEPS)
    day = after.date() + max(least, min(most, _days(step, after.date()))) * ONE_DAY
    moment = datetime.combine(day, draw(st.sampled_from(TIMES)), JAPAN)
    return moment if moment > after else max(after, moment) + timedelta(minutes=1)


def _days(step: int | str, day: date) -> int:
    match step:
        case int():
            return step
        case "month end":
            return (month_end(day) - day).days
        case "first of next":
            return (month_end(day) - day).days + 1
        case _:
            return (month_end(day) - day).days + 10


def days_ahead(day: date) -> st.SearchStrategy[date]:
    """A day from a day on: the ends and firsts of the next months, or any."""
    edges = [last_of(later_month(month_of(day), ahead)) for ahead in range(4)]
    edges += [edge + ONE_DAY for edge in edges]
    return st.one_of(st.sampled_from(edges), st.integers(0, 75).map(lambda ahead: day + ahead * ONE_DAY))
