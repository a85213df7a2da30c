from typing import Any

from django.core.management.base import BaseCommand, CommandError

from contracts.models import Notice
from contracts.notices.deliveries import mails_of, waiting_mails
from portal.installation.holding import HeldBackError
from portal.outbox.models import Mail
from portal.outbox.worker import send_these


class Command(BaseCommand):
    help = "Hand over the e-mails of sent notices that still wait, without a worker. Repeatable."

    def handle(self, *args: Any, **options: Any) -> None:
        for notice in Notice.objects.filter(sent_at__isnull=False).order_by("sent_at"):
            if waiting_mails(notice).exists():
                self._send(notice)

    def _send(self, notice: Notice) -> None:
        try:
            send_these(waiting_mails(notice))
        except HeldBackError as error:
            raise CommandError(" ".join(error.messages)) from error
        states = (Mail.State.TAKEN, Mail.State.REFUSED, Mail.State.WAITING)
        counts = ", ".join(f"{mails_of(notice).in_state(state).count()} {state}" for state in states)
        self.stdout.write(f"{notice}: {counts}")
