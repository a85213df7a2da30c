"""Making a life that fails as small as it gets, by leaving out one event after the other."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from contracts.models import Service
from tests.lives.machine import written
from tests.lives.machine.checks import FailedError
from tests.lives.machine.player import Event, Player
from tests.lives.machine.watched import Watched, taken_back


@dataclass(frozen=True)
class Failure:
    """A life that fails, with why."""

    why: Exception
    player: Player

    @property
    def kind(self) -> tuple[str, str]:
        """What failures of the same kind share."""
        return type(self.why).__name__, self.why.what if isinstance(self.why, FailedError) else ""

    @property
    def text(self) -> str:
        return f"{type(self.why).__name__}: {self.why}\n{written.example(self.player, self.why)}"


def smallest(service: Service, found: Player) -> Failure | None:
    """The smallest life that fails as this one does; None where it does not when it is played again."""
    failure = _failure(service, found, found.events)
    if failure is None:
        return None
    kept, place = list(failure.player.events), len(failure.player.events) - 1
    while place >= 0:
        without = [*kept[:place], *kept[place + 1 :]]
        again = _failure(service, found, without) if without else None
        if again and again.kind == failure.kind:
            failure, kept = again, list(again.player.events)
        place = min(place, len(kept)) - 1
    return failure


def _failure(service: Service, life: Player, events: Sequence[Event]) -> Failure | None:
    """What fails when these events are played; the life ends there."""
    with taken_back():
        watched = Watched(life.slug, service, life.method, datetime.fromisoformat(events[0]["at"]))
        try:
            for event in events:
                watched.play(event)
            watched.look()
        except Exception as failure:  # whatever it is, it is what the machine is to find
            return Failure(failure, watched.player)
    return None
