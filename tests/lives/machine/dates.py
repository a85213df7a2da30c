"""Dates that pages show are dates that hold: the last moment is in time, and a second later is late."""

from datetime import date, datetime, timedelta
from typing import cast

from django.core.exceptions import ValidationError
from django.db import connection, transaction

from contracts.lifecycle.deadlines import UpcomingDeadline, next_deadlines
from portal.lives.events.requests import Request
from tests.lives.machine.checks import FailedError
from tests.lives.machine.player import Player

ENDS_BY = {"cancel_by": "cancellation"}
"""Deadlines by what they are shown as, with the kind of request that they are for."""


def ensure_all_hold(player: Player) -> None:
    """Of the contract's page, for the moment of the last event."""
    if player.clerk.starts_on is None:
        return
    if any(asked.state == "submitted" for asked in player.clerk.requests.values()):
        return
    for shown in next_deadlines(player.stage.contract, player.now):
        if shown.kind in ENDS_BY:
            _ensure_holds(player, shown)


def _ensure_holds(player: Player, shown: UpcomingDeadline) -> None:
    last = cast(datetime, shown.until)
    wanted = shown.decision.wanted_ends_on  # type: ignore[union-attr]
    if (ends_on := _asked_at(player, shown, last)) != wanted:
        raise FailedError("dates", f"“{shown.label}”: asked at {last}, the contract ends on {ends_on}")
    late = last + timedelta(seconds=1)
    if _asked_at(player, shown, late) == wanted:
        raise FailedError("dates", f"“{shown.label}”: asked a second late, at {late}, it still ends then")


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
