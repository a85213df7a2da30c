"""manage.py take_bounce: a report that an e-mail could not be delivered, from the mail server's pipe."""

import os
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.outbox.bounces import StillSendingError, take_bounce


class Command(BaseCommand):
    help = (
        "Take a report (RFC 3464) that an e-mail could not be delivered from standard input, and mark the"
        " e-mail as come back. Exits 75 where the database is away, or the e-mail is still being sent: the"
        " mail server then tries again."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--to", default="", help="the address that the report was sent to")

    def handle(self, *args: Any, **options: Any) -> None:
        raw = sys.stdin.buffer.read()
        try:
            mail = take_bounce(raw, timezone.now(), options["to"])
        except (OperationalError, StillSendingError) as error:
            raise CommandError(str(error), returncode=os.EX_TEMPFAIL) from error
        if mail is None:
            self.stdout.write(_("The report tells of no e-mail that came back now. Nothing was changed."))
        else:
            self.stdout.write(_("The e-mail to %(address)s came back.") % {"address": mail.address})
