"""A life that is watched: played event by event, looked at after each, and taken back in the end."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, time, timedelta
from zlib import crc32

from django.db import connection, transaction
from django.utils.translation import override

from billing.models import Invoice
from contracts.models import Service
from contracts.rules.calendar.period import JAPAN
from portal.installation.holding import rehearsing
from portal.kept_files import kept_in
from portal.storage import MemoryStorage
from tests.lives.machine import checks, dates
from tests.lives.machine.naive.days import last_of, later_month, month_of
from tests.lives.machine.naive.terms import terms_of
from tests.lives.machine.player import Event, Player


@contextmanager
def taken_back() -> Iterator[None]:
    """Nothing that is done within stays, neither rows nor files, and nothing goes out."""
    with ExitStack() as stack:
        for held in (override("ja"), rehearsing(), kept_in(MemoryStorage()), transaction.atomic()):
            stack.enter_context(held)
        try:
            yield
        finally:
            connection.needs_rollback = False
            transaction.set_rollback(True)


class Watched:
    """One life, within `taken_back`: what does not hold is raised, and `player` has the life up to there."""

    def __init__(self, slug: str, service: Service, method: str, moment: datetime) -> None:
        self.player = Player(service, slug, method, moment, terms_of(slug))
        self.has_invoices = False

    def play(self, event: Event) -> bool:
        """Play an event, and check what must hold whatever happened; whether the portal took it."""
        player = self.player
        taken = player.play({key: value for key, value in event.items() if value is not None})
        if not taken:
            checks.may_refuse(player)
        else:
            with player.stage.at(player.now):
                checks.after_each(player)
                if event["do"] == "bill":
                    checks.after_run(player, event["month"])
                    invoices = Invoice.objects.filter(provider=player.stage.service.provider)
                    self.has_invoices = invoices.exists()
        return taken

    def end(self) -> None:
        """Bill the last month, or the first unbilled one after it, with all that was skipped; then look."""
        clerk = self.player.clerk
        if clerk.billed_from is None:
            return
        last = month_of(max(self.player.now.date(), clerk.billed_from))
        while last in checks.billed(self.player):
            last = later_month(last, 1)
        at = datetime.combine(last_of(last) + timedelta(days=1), time(9), JAPAN)
        self.play({"at": at.isoformat(), "do": "bill", "month": last})
        self.look()

    def outcome(self) -> dict[str, object]:
        """What the life comes to: the same whenever it is played."""
        with self.player.stage.at(self.player.now):
            return checks.outcome(self.player)

    def look(self) -> None:
        """What is looked at once a life is over."""
        with self.player.stage.at(self.player.now):
            checks.quantities(self.player)
            checks.minimum_terms(self.player)
            checks.outages(self.player)
            if crc32(repr(self.player.events).encode()) % 4 == 0:  # each takes as long as some events
                dates.ensure_all_hold(self.player)
