"""manage.py send_mails: send what is due, where no worker does."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from portal.installation.holding import HeldBackError
from portal.outbox.models import Mail
from portal.outbox.worker import send_all_due


class Command(BaseCommand):
    help = "Send the e-mails of the outbox that are due, without a worker. Repeatable; sends nobody twice."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            send_all_due()
        except HeldBackError as error:
            raise CommandError(" ".join(error.messages)) from error
        counts = {"waiting": Mail.objects.waiting().count(), "look_at": Mail.objects.to_look_at().count()}
        self.stdout.write(_("E-mails that wait: %(waiting)s; to be looked at: %(look_at)s") % counts)
