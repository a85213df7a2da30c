"""Dates that pages show are dates that hold: the last moment is in time, and a second later is late."""

from datetime import date, datetime, time, timedelta

from django.core.exceptions import ValidationError
from django.db import connection, transaction

from contracts.lifecycle.deadlines import UpcomingDeadline, next_deadlines
from contracts.rules.calendar.period import JAPAN
from portal.lives.events.requests import Request
from tests.lives.machine.checks import FailedError
from tests.lives.machine.not_yet import HOURS_ON_SCREEN, NOT_YET
from tests.lives.machine.player import Player

ENDS_BY = {"cancel_by": "cancellation"}
"""Deadlines by what they are shown as, with the kind of request that they are for."""


def ensure_all_hold(player: Player) -> None:
    """Of the contract's page, for the moment of the last event."""
    if player.clerk.starts_on is None:
        return
    if any(asked.state == "submitted" for asked in player.clerk.requests.values()):
        return
    company = player.clerk.policy(player.now.date())["calendars"]["company"]
    if "hours" in company and HOURS_ON_SCREEN in NOT_YET:
        return
    for shown in next_deadlines(player.stage.contract, player.now.date()):
        if shown.kind in ENDS_BY:
            _ensure_holds(player, shown)


def _ensure_holds(player: Player, shown: UpcomingDeadline) -> None:
    last = _last_moment(player, shown)
    if last < player.now:
        return
    wanted = shown.decision.wanted_ends_on  # type: ignore[union-attr]
    if (ends_on := _asked_at(player, shown, last)) != wanted:
        raise FailedError("dates", f"“{shown.label}”: asked at {last}, the contract ends on {ends_on}")
    late = last + timedelta(seconds=1)
    if _asked_at(player, shown, late) == wanted:
        raise FailedError("dates", f"“{shown.label}”: asked a second late, at {late}, it still ends then")


def _last_moment(player: Player, shown: UpcomingDeadline) -> datetime:
    """The last second of the day, or what the page itself names."""
    return datetime.combine(shown.on, time(23, 59, 59), JAPAN)


def _asked_at(player: Player, shown: UpcomingDeadline, at: datetime) -> date | str | None:
    """On what day the contract would end if the customer asked at a moment; taken back at once."""
    wanted = shown.decision.wanted_ends_on  # type: ignore[union-attr]
    asked = Request.model_validate(
        {"at": at.isoformat(), "name": "?", "kind": ENDS_BY[shown.kind], "wanted_on": wanted.isoformat()}
    )
    point = transaction.savepoint()
    try:
        with player.stage.at(at):
            asked.play(player.stage)
            ends_on: date | None = player.stage.request("?").decided.ends_on
            return ends_on
    except ValidationError as refusal:
        return " ".join(refusal.messages)
    finally:
        player.stage.requests.pop("?", None)
        connection.needs_rollback = False
        transaction.savepoint_rollback(point)
