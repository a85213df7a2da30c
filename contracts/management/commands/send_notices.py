from typing import Any

from django.core.management.base import BaseCommand, CommandError

from contracts.models import Notice
from contracts.notices.deliveries import DeliveryReport, deliver, waiting_mails
from portal.installation.holding import HeldBackError


class Command(BaseCommand):
    help = "Hand over the e-mails of sent notices that still wait, as after an interruption. Repeatable."

    def handle(self, *args: Any, **options: Any) -> None:
        for notice in Notice.objects.filter(sent_at__isnull=False).order_by("sent_at"):
            if waiting_mails(notice).exists():
                sent = _delivered(notice)
                counts = f"{sent.accepted} accepted, {sent.refused} refused, {sent.waiting} waiting"
                self.stdout.write(f"{notice}: {counts}")


def _delivered(notice: Notice) -> DeliveryReport:
    try:
        return deliver(notice)
    except HeldBackError as error:
        raise CommandError(" ".join(error.messages)) from error
