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
    while failure and (smaller := _smaller(service, failure)):
        failure = smaller
    return failure


def _smaller(service: Service, failure: Failure) -> Failure | None:
    """A life that fails in the same way without one of the events, or some; None where all are needed."""
    found = None
    place = len(failure.player.events) - 1
    while place >= 0:
        events = (found or failure).player.events
        without = [*events[:place], *events[place + 1 :]]
        again = _failure(service, failure.player, without) if without else None
        if again and again.kind == failure.kind:
            found = again
        place = min(place, len((found or failure).player.events)) - 1
    return found


def played_again(service: Service, life: Player) -> dict[str, object]:
    """What a life that came out comes to when it is played once more."""
    with taken_back():
        watched = Watched(life.slug, service, life.method, datetime.fromisoformat(life.events[0]["at"]))
        for event in life.events:
            watched.play(event)
        return watched.outcome()


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
