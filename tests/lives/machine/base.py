"""What every part of the machine shares: the life that is played, and the clock."""

import sys
from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime, timedelta
from typing import ClassVar, TypeVar
from zlib import crc32

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize

from billing.models import Invoice
from contracts.models import Service
from tests.lives.machine.moments import days_ahead, moments
from tests.lives.machine.naive.clerk import Clerk
from tests.lives.machine.naive.terms import terms_of
from tests.lives.machine.orders import orders
from tests.lives.machine.player import Event, Player
from tests.lives.machine.smallest import played_again
from tests.lives.machine.watched import Watched, taken_back

T = TypeVar("T")
ONE_DAY = timedelta(days=1)
BEGINNINGS = [f"{year}-{month:02}" for year in (2024, 2025, 2026) for month in (1, 2, 5, 8, 10, 11, 12)]


def exists(machine: "Playing") -> bool:
    return machine.begun and machine.clerk.starts_on is not None


def billed(machine: "Playing") -> bool:
    return exists(machine) and machine.life.has_invoices


class Playing(RuleBasedStateMachine):
    """A life of a contract of one service. Made anew for each life; leaves nothing behind.

    `came_out` hears of each life in which everything held, `fails` of the others.
    """

    slug: ClassVar[str]
    service: ClassVar[Service]
    came_out: ClassVar[Callable[[Player], None]]
    fails: ClassVar[Callable[[Player], None]]

    life: Watched

    def __init__(self) -> None:
        super().__init__()
        self.terms = terms_of(self.slug)
        self.begun = False
        self.names = 0
        self._stack = ExitStack()
        self._stack.enter_context(taken_back())

    def teardown(self) -> None:
        """Look at the whole life, unless it failed before, and take it back."""
        outcome = None
        with self._stack:
            if self.begun and sys.exc_info()[0] is None:
                self._watching(self.life.end)
                outcome = self.life.outcome()
        if outcome:
            self._ensure_the_same(outcome)
            self.came_out(self.player)

    def _ensure_the_same(self, outcome: dict[str, object]) -> None:
        """Played twice, a life comes to the same; one in ten is tried."""
        if crc32(repr(self.player.events).encode()) % 10 == 0:
            again = self._watching(lambda: played_again(self.service, self.player))
            assert again == outcome, f"{again} the second time, {outcome} the first: {self.player.events}"

    def play(self, event: Event) -> bool:
        """Play an event; whether the portal took it."""
        return self._watching(lambda: self.life.play(event))

    def _watching(self, act: Callable[[], T]) -> T:
        try:
            return act()
        except Exception:
            self.fails(self.player)
            raise

    @property
    def player(self) -> Player:
        return self.life.player

    @property
    def clerk(self) -> Clerk:
        return self.player.clerk

    def moment(self, data: st.DataObject, least: int = 0, most: int = 400) -> datetime:
        """The moment of the next event, within so many days."""
        moment: datetime = data.draw(moments(self.player.now, least, most))
        return moment

    def invoices(self) -> list[Invoice]:
        """The invoices that stand, by their months."""
        return list(Invoice.objects.charging().filter(provider=self.service.provider).order_by("month"))

    # How it begins

    @initialize(data=st.data())
    def begin(self, data: st.DataObject) -> None:
        first = datetime.fromisoformat(f"{data.draw(st.sampled_from(BEGINNINGS))}-03T09:00:00+09:00")
        at = data.draw(moments(first, 0, 27))
        policy = self.terms.on(at.date())
        method = data.draw(st.sampled_from(policy["application"].get("payment_methods", ["transfer"])))
        self.life = Watched(self.slug, self.service, method, at)
        self.begun = True
        self.apply_at(data, at)
        if data.draw(st.integers(0, 9)) < 9:
            self.accept_at(data, self.moment(data, most=20))

    def apply_at(self, data: st.DataObject, at: datetime) -> None:
        wanted = data.draw(st.one_of(st.none(), days_ahead(at.date())))
        ordered = data.draw(orders(self.terms, at.date()))
        self.play(
            {
                "at": at.isoformat(),
                "do": "apply",
                "products": ordered,
                "wanted_on": wanted and wanted.isoformat(),
            }
        )

    def accept_at(self, data: st.DataObject, at: datetime) -> None:
        start = None
        if self.terms.on(at.date())["formation"]["service_start"]["rule"] == "activation_notice":
            start = data.draw(days_ahead(at.date())).isoformat()
        self.play({"at": at.isoformat(), "do": "accept", "start_on": start})
